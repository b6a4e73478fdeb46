"""What comes from the network reaches aioice only where it makes sense."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator, Callable

import pytest
from aiortc.rtcdtlstransport import RTCCertificate

from streamer.webrtc.aiortc_internals import ViewerTransport
from streamer.webrtc.offer import Candidate, Fingerprint
from streamer.webrtc.udp_port import Address, UdpPort

VIEWER = "127.0.0.1", 9


@pytest.fixture
async def transport() -> AsyncIterator[ViewerTransport]:
    async with UdpPort(0, time.time, ("127.0.0.1", "")) as port:
        certificate = RTCCertificate.generateCertificate()
        transport = ViewerTransport(port, certificate, "server", lambda _: None, lambda: None)
        yield transport
        await transport.close()


@pytest.mark.parametrize(
    "attributes",
    [b"\0\x24\0\3abc\0", b"\0\6\0\1\xff\0\0\0", b"\0\x20\0\2\0\0\0\0", b"\0\6\0\x09ab"],
    ids=["priority of 3 bytes", "no UTF-8", "short address", "cut off"],
)
@pytest.mark.parametrize("kind", [0x0001, 0x0101])
async def test_stun_that_makes_no_sense_is_dropped(
    transport: ViewerTransport, kind: int, attributes: bytes
) -> None:
    header = struct.pack("!HHI12s", kind, len(attributes), 0x2112A442, b"t" * 12)

    transport.stun_received(header + attributes, VIEWER)

    assert transport._connection._queue.empty()


class LossyPort(UdpPort):
    """A port that loses one datagram of the connection."""

    def __init__(self, lost: int | None, *, is_of_kind: Callable[[bytes], bool]) -> None:
        """Lose the datagram ``lost`` of a kind, counted from 1."""
        super().__init__(0, time.time, ("127.0.0.1", ""))
        self._lost = lost
        self._is_of_kind = is_of_kind
        self.count = 0

    def send(self, data: bytes | memoryview, address: Address) -> bool:
        if self._is_of_kind(bytes(data)):
            self.count += 1
            if self.count == self._lost:
                return True
        return super().send(data, address)


def is_dtls(data: bytes) -> bool:
    """Tell DTLS from others (RFC 7983)."""
    return 20 <= data[0] < 64


def is_check(data: bytes) -> bool:
    """Tell whether it is a STUN request."""
    return data[:2] == b"\0\1"


async def handshake(ports: dict[str, LossyPort]) -> None:
    """Connect a server and a client, both ours."""
    certificates = {role: RTCCertificate.generateCertificate() for role in ports}
    ends = {
        role: ViewerTransport(port, certificates[role], role, lambda _: None, lambda: None)
        for role, port in ports.items()
    }

    async def connect(role: str, other: str) -> None:
        digest = certificates[other].getFingerprints()[0]
        await ends[role].connect(
            ends[other].ufrag,
            ends[other].password,
            lite=role == "client",
            fingerprints=[Fingerprint(digest.algorithm, digest.value)],
            candidates=[Candidate("1", 1, "127.0.0.1", ports[other].port, "host")],
        )

    try:
        await asyncio.gather(connect("server", "client"), connect("client", "server"))
    finally:
        for end in ends.values():
            await end.close()


@pytest.mark.parametrize("loser", ["server", "client"])
@pytest.mark.parametrize("lost", [1, 2])
async def test_a_lost_datagram_of_the_handshake_costs_less_than_a_second(
    loser: str, lost: int
) -> None:
    async with (
        LossyPort(lost if loser == "server" else None, is_of_kind=is_dtls) as server,
        LossyPort(lost if loser == "client" else None, is_of_kind=is_dtls) as client,
    ):
        # OpenSSL by itself sends it again after a second.
        async with asyncio.timeout(0.9):
            await handshake({"server": server, "client": client})
        assert {"server": server, "client": client}[loser].count > lost


async def test_a_lost_check_is_sent_again_when_the_viewer_asks_again() -> None:
    async with (
        LossyPort(1, is_of_kind=is_check) as server,
        LossyPort(None, is_of_kind=is_check) as client,
    ):
        # aioice by itself sends it again after half a second.
        async with asyncio.timeout(0.45):
            await handshake({"server": server, "client": client})
        assert server.count > 1
