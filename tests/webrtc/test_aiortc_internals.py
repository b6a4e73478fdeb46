"""What comes from the network reaches aioice only where it makes sense."""

from __future__ import annotations

import struct
import time
from collections.abc import AsyncIterator

import pytest
from aiortc.rtcdtlstransport import RTCCertificate

from streamer.webrtc.aiortc_internals import ViewerTransport
from streamer.webrtc.udp_port import UdpPort

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
