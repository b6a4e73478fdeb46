"""Proves at start that aiortc and aioice are inside as ``aiortc_internals`` assumes.

Two ends in this process connect over loopback by ICE and DTLS; packets that one encrypts are opened
by the other's libsrtp, in both directions.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from aiortc.rtcdtlstransport import RTCCertificate

from streamer.webrtc.aiortc_internals import ViewerTransport
from streamer.webrtc.offer import Candidate, Fingerprint
from streamer.webrtc.packets import Packetizer
from streamer.webrtc.rtcp import source_description
from streamer.webrtc.sealing import Keys, Layout, sealer_of
from streamer.webrtc.udp_port import UdpPort

__all__ = ["find_fault"]

logger = logging.getLogger("seans.webrtc")

WITHIN_S = 3.0
"""How long the test may take, seconds; it takes a twentieth of one."""

_HOSTS = "127.0.0.1", ""
_PAYLOAD_TYPE, _SSRC = 96, 7
_CNAME = b"self-test"


async def find_fault(clock: Callable[[], float]) -> str | None:
    """Return what is not as assumed, in one line; None where all is well."""
    try:
        async with (
            asyncio.timeout(WITHIN_S),
            UdpPort(0, clock, _HOSTS) as here,
            UdpPort(0, clock, _HOSTS) as there,
        ):
            await _converse(here, there)
    except TimeoutError:
        return "two ends in this process did not connect in time"
    except Exception as error:
        # Whatever another version of aiortc raises means the same.
        logger.debug("the self-test failed", exc_info=True)
        return f"{type(error).__name__}: {error}"
    return None


class _End:
    """One end, which notes the RTCP that comes."""

    def __init__(self, port: UdpPort, role: str) -> None:
        self.certificate = RTCCertificate.generateCertificate()
        self.heard = asyncio.Event()
        self.port = port
        self.transport = ViewerTransport(
            port, self.certificate, role, lambda _: self.heard.set(), lambda: None
        )

    async def connect(self, other: _End, *, controlling: bool) -> Keys:
        fingerprint = other.certificate.getFingerprints()[0]
        return await self.transport.connect(
            other.transport.ufrag,
            other.transport.password,
            lite=controlling,
            fingerprints=[Fingerprint(fingerprint.algorithm, fingerprint.value)],
            candidates=[Candidate("1", 1, _HOSTS[0], other.port.port, "host")],
        )


async def _converse(here: UdpPort, there: UdpPort) -> None:
    server, client = _End(here, "server"), _End(there, "client")
    try:
        keys, _ = await asyncio.gather(
            server.connect(client, controlling=False), client.connect(server, controlling=True)
        )
        _check_rtp(keys, client)
        await _check_rtcp(server, client)
        await _check_rtcp(client, server)
    finally:
        await server.transport.close()
        await client.transport.close()


def _check_rtp(keys: Keys, receiver: _End) -> None:
    """Encrypt around a roll-over of the sequence number, and decrypt. Raises ValueError."""
    unit = b"\x65" + bytes(range(256)) * 30
    packetizer = Packetizer("video", _SSRC, (1 << 16) - 2)
    packets = packetizer.packets(len(unit).to_bytes(4) + unit, shown_at=0.0)
    sealer = sealer_of(keys)
    layout = Layout(packets, _PAYLOAD_TYPE, sealer.tag)
    sealer.seal(layout, packets.first_sequence)
    sealed = [
        bytes(run.data[begin : begin + run.size])
        for run in layout.runs
        for begin in range(0, len(run.data), run.size)
    ]
    opened = [receiver.transport.unprotect(packet) for packet in sealed]
    if [packet[12:] for packet in opened] != list(packets.payloads):
        raise ValueError("packets do not open to what was sealed")


async def _check_rtcp(sender: _End, receiver: _End) -> None:
    sealed = sender.transport.protect_rtcp(source_description(_SSRC, _CNAME))
    address = sender.transport.address
    if sealed is None or address is None:
        raise ValueError("there are no keys or no address after the handshake")
    receiver.heard.clear()
    sender.port.send(sealed, address)
    await receiver.heard.wait()
