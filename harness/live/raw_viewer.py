"""A viewer without a browser: aiortc connects it, then its packets are counted, not decoded.

Any server of WebRTC can be joined, by an offer of the viewer's (WHEP) or of the server's (Janus).
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import pylibsrtp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket

__all__ = ["RawViewer", "Received"]

CONNECT_WITHIN_S = 20.0
OPENED_EACH = 100
"""One packet in so many is decrypted, to see that it can be."""

_READ_AT_ONCE = 64
_MAX_DATAGRAM = 2048
_RECEIVE_BUFFER = 1 << 20


@dataclass(slots=True)
class Received:
    """What came of one stream."""

    packets: int = 0
    """Packets, duplicates included."""

    octets: int = 0
    """Bytes of the datagrams."""

    first: int = -1
    """First sequence number, extended."""

    highest: int = -1
    """Highest sequence number, extended."""

    opened: int = 0
    """Packets that were decrypted."""

    broken: int = 0
    """Packets that could not be."""

    last_report: int = 0
    """Middle of the NTP time of the last sender report."""

    @property
    def lost(self) -> int:
        """Packets that did not come; reordering counts as none."""
        return max(0, self.highest - self.first + 1 - self.packets) if self.packets else 0

    def count(self, sequence: int, size: int) -> None:
        """Count a packet with ``sequence`` (16 bits)."""
        self.packets += 1
        self.octets += size
        if self.first < 0:
            self.first = self.highest = sequence
            return
        ahead = (sequence - self.highest + 0x8000 & 0xFFFF) - 0x8000
        if ahead > 0:
            self.highest += ahead


@dataclass(slots=True)
class RawViewer:
    """One viewer. Its socket is read here once it is connected; checks are left to aioice."""

    streams: dict[int, Received] = field(default_factory=dict)
    """By SSRC."""

    _peer: RTCPeerConnection | None = None
    _dtls: RTCDtlsTransport | None = None
    _protocol: Any = None
    _socket: socket.socket | None = None
    _reporting: asyncio.Task[None] | None = None

    async def offer(self) -> str:
        """Return an SDP offer that receives picture and sound."""
        self._peer = peer = _connection()
        peer.addTransceiver("video", "recvonly")
        peer.addTransceiver("audio", "recvonly")
        await peer.setLocalDescription(await peer.createOffer())
        return peer.localDescription.sdp

    async def accept(self, answer: str) -> None:
        """Connect as ``answer`` says. Raises TimeoutError."""
        assert self._peer is not None
        await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await self._connected()

    async def answer(self, offer: str, send: Callable[[str], Awaitable[object]]) -> None:
        """Answer a server's ``offer`` by ``send``, and connect. Raises TimeoutError."""
        self._peer = peer = _connection()
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        await send(peer.localDescription.sdp)
        await self._connected()

    async def close(self) -> None:
        """Leave."""
        if self._reporting is not None:
            self._reporting.cancel()
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
        if self._peer is not None:
            await self._peer.close()

    def figures(self) -> dict[str, Any]:
        """Return what came, by SSRC."""
        streams = {
            str(ssrc): {**asdict(received), "lost": received.lost}
            for ssrc, received in self.streams.items()
        }
        return {"streams": streams}

    async def _connected(self) -> None:
        assert self._peer is not None
        async with asyncio.timeout(CONNECT_WITHIN_S):
            while self._peer.connectionState != "connected":
                if self._peer.connectionState in ("failed", "closed"):
                    raise TimeoutError("the connection failed")
                await asyncio.sleep(0.01)
        self._take_over()
        self._reporting = asyncio.create_task(self._report())

    def _take_over(self) -> None:
        """Read the socket of the connected pair here, past asyncio's transport.

        asyncio reads one datagram in each turn of its loop, and aiortc decodes what it gets.
        """
        assert self._peer is not None
        loop = asyncio.get_running_loop()
        self._dtls = dtls = self._peer.getReceivers()[0].transport
        self._protocol = dtls.transport._connection._nominated[1].protocol
        transport = self._protocol.transport
        original = transport.get_extra_info("socket")
        loop._remove_reader(original.fileno())  # type: ignore[attr-defined]
        self._socket = sock = socket.socket(fileno=os.dup(original.fileno()))
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        loop.add_reader(sock.fileno(), self._readable, sock)

    def _readable(self, sock: socket.socket) -> None:
        receive, streams = sock.recv, self.streams
        for _ in range(_READ_AT_ONCE):
            try:
                data = receive(_MAX_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:
                return
            if 127 < data[0] < 192 and not 192 <= data[1] < 224:
                ssrc = int.from_bytes(data[8:12])
                received = streams.get(ssrc)
                if received is None:
                    received = streams[ssrc] = Received()
                received.count(data[2] << 8 | data[3], len(data))
                if received.packets % OPENED_EACH == 1:
                    self._open(received, data)
            else:
                self._other(data)

    def _other(self, data: bytes) -> None:
        """Leave checks and DTLS to aioice and aiortc; note the time of sender reports."""
        assert self._dtls is not None
        if data[0] < 128:
            self._protocol.datagram_received(data, self._from)
            return
        try:
            plain = self._dtls._rx_srtp.unprotect_rtcp(data)
        except pylibsrtp.Error:
            return
        if plain[1] == 200 and len(plain) >= 28:
            ssrc = int.from_bytes(plain[4:8])
            if received := self.streams.get(ssrc):
                received.last_report = int.from_bytes(plain[10:14])

    @property
    def _from(self) -> tuple[str, int]:
        assert self._dtls is not None
        address: tuple[str, int] = self._dtls.transport._connection._nominated[1].remote_addr
        return address

    def _open(self, received: Received, data: bytes) -> None:
        assert self._dtls is not None
        try:
            self._dtls._rx_srtp.unprotect(data)
            received.opened += 1
        except pylibsrtp.Error:
            received.broken += 1

    async def _report(self) -> None:
        """Send a receiver report each second, as browsers do."""
        assert self._dtls is not None
        await asyncio.sleep(random.random())
        while True:
            reports = [
                RtcpReceiverInfo(
                    ssrc=ssrc,
                    fraction_lost=0,
                    packets_lost=received.lost,
                    highest_sequence=received.highest & 0xFFFFFFFF,
                    jitter=0,
                    lsr=received.last_report,
                    dlsr=0,
                )
                for ssrc, received in self.streams.items()
            ]
            if reports:
                try:
                    await self._dtls._send_rtp(bytes(RtcpRrPacket(ssrc=1, reports=reports)))
                except ConnectionError:
                    return
            await asyncio.sleep(1.0)


def _connection() -> RTCPeerConnection:
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))
