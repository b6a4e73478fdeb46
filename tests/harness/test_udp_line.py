"""The line for datagrams delays, loses and breaks as told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from harness.skew.line import Lines
from harness.webrtc.udp_line import UdpLine, UdpProfile, Way, reached_by, without_candidates

SLACK = 0.15


class Peer(asyncio.DatagramProtocol):
    """A socket that keeps what comes; as a server it sends everything back."""

    def __init__(self, *, echoes: bool = False) -> None:
        self.echoes = echoes
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.sources: set[object] = set()
        self.transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.sources.add(addr)
        self.heard.put_nowait(data)
        if self.echoes:
            self.transport.sendto(data, addr)  # type: ignore[arg-type]

    async def echo(self, data: bytes) -> bytes:
        self.transport.sendto(data)
        async with asyncio.timeout(5):
            return await self.heard.get()


@asynccontextmanager
async def echoing() -> AsyncIterator[tuple[Peer, int]]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: Peer(echoes=True), ("127.0.0.1", 0)
    )
    yield server, transport.get_extra_info("sockname")[1]
    transport.close()


@asynccontextmanager
async def client(line: UdpLine) -> AsyncIterator[Peer]:
    loop = asyncio.get_running_loop()
    transport, peer = await loop.create_datagram_endpoint(Peer, remote_addr=line.address)
    yield peer
    transport.close()


def arrivals(way: Way, count: int = 2000, each: float = 0.01) -> list[tuple[float, float]]:
    """When each of so many datagrams was sent, and arrived."""
    sent = [1000.0 + number * each for number in range(count)]
    return [(at, due) for at in sent if (due := way.arrival(at)) is not None]


def test_delays_stay_within_their_bounds_and_use_them() -> None:
    delays = [due - at for at, due in arrivals(Way(UdpProfile.round_trip(0.2, 0.08), Random(1)))]

    assert min(delays) == pytest.approx(0.06, abs=0.01)
    assert max(delays) == pytest.approx(0.14, abs=0.01)
    assert sum(delays) / len(delays) == pytest.approx(0.1, abs=0.01)


def test_no_datagram_overtakes_another() -> None:
    dues = [due for _, due in arrivals(Way(UdpProfile(0.0, 0.5), Random(1)), each=0.001)]

    assert dues == sorted(dues)


def test_the_share_that_is_lost_is_the_share_asked_for() -> None:
    way = Way(UdpProfile(loss=0.02), Random(1))
    arrivals(way, 20_000)

    assert way.lost / 20_000 == pytest.approx(0.02, abs=0.004)
    assert way.carried == 20_000 - way.lost


def test_the_same_seed_loses_the_same_datagrams() -> None:
    one, other = (arrivals(Way(UdpProfile(0.0, 0.1, 0.3), Random(7))) for _ in range(2))

    assert one == other


async def test_datagrams_go_there_and_back_with_the_delay() -> None:
    async with (
        echoing() as (_, port),
        UdpLine.to("127.0.0.1", port, UdpProfile.round_trip(0.2)) as line,
        client(line) as peer,
    ):
        begun = time.monotonic()
        assert await peer.echo(b"ping") == b"ping"

        assert 0.2 <= time.monotonic() - begun < 0.2 + SLACK


async def test_the_server_sees_each_peer_by_an_address_of_its_own() -> None:
    async with (
        echoing() as (server, port),
        UdpLine.to("127.0.0.1", port) as line,
        client(line) as one,
        client(line) as other,
    ):
        await asyncio.gather(one.echo(b"one"), other.echo(b"other"))

        assert len(server.sources) == 2


async def test_a_line_that_is_cut_loses_all_until_it_is_restored() -> None:
    async with echoing() as (_, port), UdpLine.to("127.0.0.1", port) as line, client(line) as peer:
        await peer.echo(b"before")
        line.cut()
        await asyncio.sleep(0)
        peer.transport.sendto(b"lost")
        while not line.to_server.lost:  # noqa: ASYNC110 -- the line has no event for a loss
            await asyncio.sleep(0.001)
        line.restore()
        await asyncio.sleep(0)

        assert await peer.echo(b"after") == b"after"


async def test_nobody_at_the_target_is_a_loss() -> None:
    async with echoing() as (_, port):
        pass
    async with UdpLine.to("127.0.0.1", port) as line, client(line) as peer:
        peer.transport.sendto(b"one")
        peer.transport.sendto(b"two")
        while line.to_server.carried < 2:  # noqa: ASYNC110 -- as above
            await asyncio.sleep(0.001)

        assert peer.heard.empty()


async def test_a_line_lives_in_the_thread_of_the_lines() -> None:
    async with echoing() as (_, port):
        with (
            Lines.opened() as lines,
            lines.running(UdpLine.to("127.0.0.1", port, UdpProfile(0.05, 0.05))) as line,
        ):
            async with client(line) as peer:
                assert await peer.echo(b"ping") == b"ping"


ANSWER = """v=0
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=ice-pwd:one
a=candidate:1 1 udp 2130706431 192.0.2.1 4000 typ host
a=candidate:2 1 udp 2130706175 2001:db8::1 4000 typ host
a=end-of-candidates
m=video 9 UDP/TLS/RTP/SAVPF 102
a=ice-pwd:one
a=candidate:1 1 udp 2130706431 192.0.2.1 4000 typ host
""".replace("\n", "\r\n")


def test_an_answer_by_the_line_names_the_line_alone() -> None:
    changed = reached_by(ANSWER, ("127.0.0.1", 5000)).split("\r\n")

    assert [line for line in changed if "candidate:" in line] == [
        "a=candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host"
    ] * 2
    assert [line for line in changed if "candidate:" not in line] == [
        line for line in ANSWER.split("\r\n") if "candidate:" not in line
    ]


def test_an_offer_without_candidates_keeps_the_rest() -> None:
    assert without_candidates(ANSWER).count("\r\n") == ANSWER.count("\r\n") - 3
