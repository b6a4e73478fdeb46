"""One port for all: who gets which datagram, and what happens where sending fails."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from harness.rooms import until
from streamer.webrtc import udp_port
from streamer.webrtc.sealing import Run, segmented
from streamer.webrtc.udp_port import Address, CannotBind, Endpoint, UdpPort
from tests.webrtc.test_stun import PASSWORD, check

LOOPBACK = "127.0.0.1", "::1"
MEDIA = b"\x80\xc9media"


class Viewer:
    """Notes what it gets."""

    def __init__(self) -> None:
        self.checks: list[Address] = []
        self.data: list[bytes] = []

    def stun_received(self, data: bytes, address: Address) -> None:
        self.checks.append(address)

    def data_received(self, data: bytes) -> None:
        self.data.append(data)


class Client:
    """A socket at the other end."""

    def __init__(self, port: UdpPort, family: socket.AddressFamily = socket.AF_INET) -> None:
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.host = LOOPBACK[family == socket.AF_INET6]
        self.socket.bind((self.host, 0))
        self.socket.settimeout(1.0)
        self.to = self.host, port.port

    @property
    def address(self) -> Address:
        host, number, *_ = self.socket.getsockname()
        return host, number

    def send(self, data: bytes) -> None:
        self.socket.sendto(data, self.to)

    def received(self) -> bytes:
        return self.socket.recv(2048)


@pytest.fixture
async def port() -> AsyncIterator[UdpPort]:
    async with UdpPort(0, lambda: 100.0, LOOPBACK) as opened:
        yield opened


@pytest.fixture
async def make_client(port: UdpPort) -> AsyncIterator[Callable[..., Client]]:
    made: list[Client] = []

    def make(*arguments: socket.AddressFamily) -> Client:
        made.append(Client(port, *arguments))
        return made[-1]

    yield make
    for client in made:
        client.socket.close()


def run_of(count: int, size: int) -> Run:
    return segmented(memoryview(bytes(count * size)), size)


async def counted(port: UdpPort, name: str, count: int = 1) -> None:
    await until(lambda: getattr(port.counts, name) == count)


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
async def test_a_viewer_is_found_by_its_ufrag_and_then_by_its_address(
    port: UdpPort, make_client: Callable[..., Client], family: socket.AddressFamily
) -> None:
    viewer, client = Viewer(), make_client(family)
    port.register("ours", PASSWORD, viewer)

    client.send(check())
    client.send(MEDIA)

    await until(lambda: viewer.data == [MEDIA])
    assert viewer.checks == [client.address]
    assert port.routes == 1


async def test_datagrams_of_strangers_are_dropped(
    port: UdpPort, make_client: Callable[..., Client]
) -> None:
    viewer, client = Viewer(), make_client()
    port.register("ours", PASSWORD, viewer)

    client.send(MEDIA)
    client.send(check("others:theirs"))
    client.send(check(password="q" * 22))
    client.send(b"\1\1" + bytes(18))

    await counted(port, "unknown", 4)
    assert not viewer.checks
    assert not viewer.data


async def test_an_address_cannot_be_taken_without_the_password(
    port: UdpPort, make_client: Callable[..., Client]
) -> None:
    first, second, client = Viewer(), Viewer(), make_client()
    port.register("ours", PASSWORD, first)
    port.register("second", "s" * 22, second)
    client.send(check())

    client.send(check("second:theirs"))
    client.send(MEDIA)

    await until(lambda: first.data == [MEDIA])
    assert not second.checks


async def test_a_socket_used_again_belongs_to_the_new_stream(
    port: UdpPort, make_client: Callable[..., Client]
) -> None:
    first, second, client = Viewer(), Viewer(), make_client()
    old = port.register("ours", PASSWORD, first)
    port.register("second", PASSWORD, second)
    client.send(check())
    client.send(check("second:theirs"))
    await until(lambda: len(second.checks) == 1)

    port.unregister(old)
    client.send(MEDIA)

    await until(lambda: second.data == [MEDIA])
    assert not first.data


async def test_who_is_unregistered_gets_nothing_more(
    port: UdpPort, make_client: Callable[..., Client]
) -> None:
    viewer, client = Viewer(), make_client()
    endpoint = port.register("ours", PASSWORD, viewer)
    client.send(check())
    await until(lambda: len(viewer.checks) == 1)

    port.unregister(endpoint)
    port.unregister(endpoint)
    client.send(MEDIA)

    await counted(port, "unknown")
    assert (port.endpoints, port.routes) == (0, 0)


async def test_a_viewer_has_so_many_addresses_at_most(
    port: UdpPort, make_client: Callable[..., Client]
) -> None:
    viewer = Viewer()
    port.register("ours", PASSWORD, viewer)

    for _ in range(udp_port.MAX_ADDRESSES + 3):
        make_client().send(check())

    await until(lambda: len(viewer.checks) == udp_port.MAX_ADDRESSES + 3)
    assert port.routes == udp_port.MAX_ADDRESSES


async def test_a_flood_of_one_viewer_is_cut_until_the_next_second(
    port: UdpPort, make_client: Callable[..., Client]
) -> None:
    viewer, client = Viewer(), make_client()
    endpoint: Endpoint = port.register("ours", PASSWORD, viewer)
    client.send(check())
    await until(lambda: len(viewer.checks) == 1)
    endpoint.allowance = 2

    for _ in range(5):
        client.send(MEDIA)

    await counted(port, "excess", 3)
    assert len(viewer.data) == 2

    port.renew_allowances()
    client.send(MEDIA)
    await until(lambda: len(viewer.data) == 3)


async def test_an_answer_goes_to_whoever_asked(
    port: UdpPort, make_client: Callable[..., Client]
) -> None:
    client, answers = make_client(), list[Address]()
    forget = port.expect_answer(b"t" * 12, lambda _, address: answers.append(address))
    answer = b"\1\1\0\0\x21\x12\xa4\x42" + b"t" * 12

    client.send(answer)
    await until(lambda: answers == [client.address])
    forget()
    client.send(answer)

    await counted(port, "unknown")
    assert len(answers) == 1


async def test_an_empty_datagram_is_nothing(
    port: UdpPort, make_client: Callable[..., Client]
) -> None:
    client = make_client()

    client.send(b"")
    client.send(MEDIA)

    await counted(port, "unknown")


async def test_a_run_arrives_as_its_datagrams(
    port: UdpPort, make_client: Callable[..., Client]
) -> None:
    client = make_client()

    assert port.check_segmentation()
    assert port.send_run(segmented(memoryview(b"aaaabbbbcc"), 4), port.route_to(client.address))

    assert [client.received() for _ in range(3)] == [b"aaaa", b"bbbb", b"cc"]
    assert (port.counts.sent, port.counts.plain) == (3, 0)


async def test_without_segmentation_datagrams_are_sent_one_by_one(
    port: UdpPort, make_client: Callable[..., Client]
) -> None:
    client = make_client()
    port.can_segment = False

    assert port.send_run(segmented(memoryview(b"aaaabbbbcc"), 4), port.route_to(client.address))

    assert [client.received() for _ in range(3)] == [b"aaaa", b"bbbb", b"cc"]
    assert port.counts.plain == 3


class Refusing(socket.socket):
    """A socket whose sends fail as the test says."""

    segments: int | None = None
    plain: int | None = None

    def sendmsg(self, *_: object) -> int:
        if self.segments is not None:
            raise OSError(self.segments, "no")
        return 0

    def sendto(self, data: bytes, *_: object) -> int:  # type: ignore[override]
        if self.plain is not None:
            raise OSError(self.plain, "no")
        return len(data)


@pytest.fixture
async def refusing() -> AsyncIterator[tuple[UdpPort, Refusing]]:
    made: list[Refusing] = []

    def make(family: socket.AddressFamily) -> Refusing:
        made.append(Refusing(family, socket.SOCK_DGRAM))
        return made[-1]

    async with UdpPort(0, lambda: 100.0, ("127.0.0.1", ""), make) as opened:
        yield opened, made[0]


async def test_what_does_not_fit_is_dropped_and_counted(
    refusing: tuple[UdpPort, Refusing],
) -> None:
    port, sock = refusing
    sock.segments = sock.plain = errno.EAGAIN

    assert not port.send_run(run_of(5, 100), port.route_to(("127.0.0.1", 9)))
    assert not port.send(b"x", ("127.0.0.1", 9))

    assert port.counts.dropped == 6
    assert port.counts.sent == 0


@pytest.mark.parametrize("error", [errno.EINVAL, errno.EIO, errno.EMSGSIZE])
async def test_what_the_system_cannot_cut_is_sent_one_by_one(
    refusing: tuple[UdpPort, Refusing], error: int
) -> None:
    port, sock = refusing
    sock.segments = error

    assert port.send_run(run_of(5, 100), port.route_to(("127.0.0.1", 9)))

    assert port.counts.plain == 5


async def test_a_send_that_fails_for_good_is_counted(
    refusing: tuple[UdpPort, Refusing],
) -> None:
    port, sock = refusing
    sock.segments = sock.plain = errno.ENETUNREACH

    assert not port.send_run(run_of(5, 100), port.route_to(("127.0.0.1", 9)))
    assert not port.send(b"x", ("::1", 9))

    assert port.counts.failed == 6


async def test_a_port_that_is_taken_is_told() -> None:
    async with UdpPort(0, lambda: 0.0, ("127.0.0.1", "")) as first:
        with pytest.raises(CannotBind, match=f"UDP port {first.port}"):
            async with UdpPort(first.port, lambda: 0.0, ("127.0.0.1", "")):
                pass


async def test_both_families_share_the_port() -> None:
    async with UdpPort(0, lambda: 0.0, LOOPBACK) as opened:
        assert set(opened.families) == {socket.AF_INET, socket.AF_INET6}
        assert opened.port > 0


async def test_reading_a_flood_leaves_turns_to_others(
    port: UdpPort, make_client: Callable[..., Client]
) -> None:
    client = make_client()
    for _ in range(3 * udp_port.DATAGRAMS_A_TURN):
        client.send(MEDIA)

    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert 0 < port.counts.unknown <= 2 * udp_port.DATAGRAMS_A_TURN
