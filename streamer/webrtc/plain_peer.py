"""A stream sent by aiortc's own sender, with its public names alone.

It serves where the self-test at start has found that aiortc's insides are not as ``Egress`` needs
them. It costs six times the CPU, has a UDP port of its own for each viewer, and its timestamps say
nothing about server time, so such viewers are not kept in sync.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import av
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpCodecCapability,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp

from streamer.webrtc.errors import BadOffer
from streamer.webrtc.offer import Fragment, Offer
from streamer.webrtc.packets import CLOCK_RATES, Kind, MediaPackets
from streamer.webrtc.peer import CONNECT_WITHIN_S, ConnectionFailed, Peer, PeerStats, Request

__all__ = ["PlainPeer", "PlainTrack", "annex_b"]

MAX_WAITING = 256
"""Pictures or sounds that may wait for aiortc's sender; the oldest are dropped."""

_MONITORED_AFTER_S = 0.05

_START = b"\0\0\0\1"
_STAP_A, _FU_A, _TYPE, _F_AND_NRI, _FU_START = 24, 28, 0x1F, 0xE0, 0x80


class PlainPeer(Peer):
    """One stream to one viewer."""

    def __init__(self, request: Request, on_end: Callable[[Peer, str], None], offer: Offer) -> None:
        super().__init__(request, on_end)
        self._offer = offer
        self._connection = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._changed = asyncio.Event()
        self._connection.on("connectionstatechange", self._changed.set)
        self._connection.on("datachannel", self._channel_opened)
        self._tracks: dict[Kind, PlainTrack] = {
            "video": PlainTrack("video"),
            "audio": PlainTrack("audio"),
        }

    async def negotiate(self, sdp: str) -> None:
        """Make the answer to ``sdp``. Raises BadOffer."""
        try:
            for kind, track in self._tracks.items():
                transceiver = self._connection.addTransceiver(track, "sendonly")
                transceiver.setCodecPreferences(_codecs(kind))
            await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except Exception as error:
            # aiortc says by any exception, assertions too, that it cannot use an offer.
            await self._connection.close()
            raise BadOffer from error
        self.answer = self._connection.localDescription.sdp
        self.etag = f'"{self.id}"'

    def send(self, packets: MediaPackets) -> None:
        """Give ``packets`` to aiortc's sender."""
        self._tracks[packets.kind].put(packets)

    def stats(self) -> PeerStats:
        """Return its figures."""
        connected = self._connection.connectionState == "connected"
        dropped = sum(track.dropped for track in self._tracks.values())
        return PeerStats(connected, "", 0, 0, dropped)

    async def trickle(self, fragment: Fragment) -> None:
        """Take more candidates of the viewer. Raises BadOffer for another ICE session."""
        if fragment.ufrag not in ("", self._offer.ufrag):
            raise BadOffer("ICE restarts are not supported: send a new offer")
        for found in fragment.candidates:
            line = f"{found.foundation} 1 udp {found.priority} {found.host} {found.port}"
            candidate = candidate_from_sdp(f"{line} typ {found.kind}")
            candidate.sdpMid = self._offer.bundled[0]
            await self._connection.addIceCandidate(candidate)

    def look_after(self, now: float) -> None:
        """Do nothing: aiortc sends reports and finds out about vanished viewers by itself."""

    async def _serve(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                while await self._next_state() not in ("connected", "closed", "failed"):
                    pass
        except TimeoutError as error:
            raise ConnectionFailed("no connection came about in time") from error
        if self._connection.connectionState != "connected":
            raise ConnectionFailed("ICE or DTLS failed")
        self._broadcast.subscribe(self)
        while await self._next_state() not in ("closed", "failed"):
            pass

    async def _next_state(self) -> str:
        await self._changed.wait()
        self._changed.clear()
        return self._connection.connectionState

    async def _release(self) -> None:
        self._broadcast.unsubscribe(self)
        await self._farewell()
        # Where a connection is closed before the first turn of aiortc's monitor of it, that monitor
        # asks aioice without end.
        await asyncio.sleep(_MONITORED_AFTER_S)
        await self._connection.close()


def _codecs(kind: Kind) -> list[RTCRtpCodecCapability]:
    """Return what is sent, of what aiortc could encode."""
    names = {"video": ("video/h264", "video/rtx"), "audio": ("audio/opus",)}[kind]
    offered = RTCRtpSender.getCapabilities(kind).codecs
    return [codec for codec in offered if codec.mimeType.lower() in names]


class PlainTrack(MediaStreamTrack):
    """What aiortc's sender reads: encoded pictures or sounds."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind = kind
        self.dropped = 0
        self._rate = CLOCK_RATES[kind]
        self._packets: asyncio.Queue[av.Packet[Any]] = asyncio.Queue(MAX_WAITING)
        self._payloads: list[bytes] = []

    def put(self, packets: MediaPackets) -> None:
        """Add what was packetised, as it was before."""
        if self.kind == "audio":
            for index, payload in enumerate(packets.payloads):
                padded = index in packets.padded
                sound = payload[: -payload[-1]] if padded else payload
                self._put(sound, packets.timestamp + index * packets.ticks)
            return
        self._payloads += packets.payloads
        if packets.complete:
            payloads, self._payloads = self._payloads, []
            self._put(annex_b(payloads), packets.timestamp)

    def _put(self, data: bytes, timestamp: int) -> None:
        packet = av.Packet(data)
        packet.pts, packet.time_base = timestamp, Fraction(1, self._rate)
        if self._packets.full():
            self._packets.get_nowait()
            self.dropped += 1
        self._packets.put_nowait(packet)

    async def recv(self) -> av.Packet[Any]:
        """Return what is to be sent next."""
        if self.readyState != "live":
            raise MediaStreamError
        return await self._packets.get()


def annex_b(payloads: Iterable[bytes]) -> bytes:
    """Return the picture of RTP payloads as a byte stream (RFC 6184 section 5, H.264 annex B)."""
    stream = bytearray()
    for payload in payloads:
        kind = payload[0] & _TYPE
        if kind == _STAP_A:
            at = 1
            while at + 2 <= len(payload):
                size = int.from_bytes(payload[at : at + 2])
                stream += _START + payload[at + 2 : at + 2 + size]
                at += 2 + size
        elif kind == _FU_A:
            if payload[1] & _FU_START:
                stream += _START + bytes((payload[0] & _F_AND_NRI | payload[1] & _TYPE,))
            stream += payload[2:]
        else:
            stream += _START + payload
    return bytes(stream)
