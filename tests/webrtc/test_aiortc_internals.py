"""What comes from the network reaches aioice only where it makes sense."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator

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
    """A port that loses one datagram of the DTLS handshake."""

    def __init__(self, lost: int | None) -> None:
        """Lose the datagram ``lost``, counted from 1."""
        super().__init__(0, time.time, ("127.0.0.1", ""))
        self._lost = lost
        self.count = 0

    def send(self, data: bytes | memoryview, address: Address) -> bool:
        if 20 <= data[0] < 64:
            self.count += 1
            if self.count == self._lost:
                return True
        return super().send(data, address)


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
        LossyPort(lost if loser == "server" else None) as server,
        LossyPort(lost if loser == "client" else None) as client,
    ):
        # OpenSSL by itself sends it again after a second.
        async with asyncio.timeout(0.9):
            await handshake({"server": server, "client": client})
        assert {"server": server, "client": client}[loser].count > lost
