"""All live streams: by session and person, their bounds, and their end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiortc.rtcdtlstransport import RTCCertificate

from sessions.background import log_failure
from sessions.core.errors import UnknownSession
from sessions.core.rates import Buckets, Limit
from streamer.webrtc.answer import accept
from streamer.webrtc.egress_peer import EgressPeer, Sending
from streamer.webrtc.errors import ServerFull, TooManyStreams, UnknownStream
from streamer.webrtc.ice_servers import IceServer
from streamer.webrtc.local_addresses import LocalAddresses
from streamer.webrtc.offer import parse_fragment, parse_offer
from streamer.webrtc.peer import Peer, Request
from streamer.webrtc.plain_peer import PlainPeer
from streamer.webrtc.self_test import find_fault
from streamer.webrtc.udp_port import UdpPort

__all__ = ["MAX_STREAMS", "STREAMS_OF_A_PERSON", "PeerCounts", "Peers"]

logger = logging.getLogger("seans.webrtc")

STREAMS_OF_A_PERSON = 4
"""Streams of one person in one session."""

STREAMS_OF_A_PERSON_IN_ALL = 16
"""Streams of one person in all sessions, as many as links."""

MAX_STREAMS = 1000
"""Streams in all: about what one core can send at 2 Mbit/s."""

OFFERS = Limit(rate=1.0, burst=30.0)
"""Offers of one person; each costs some milliseconds."""

RETRY_S = 5.0
"""When somebody with too many streams may ask again, seconds."""

STREAMS_A_PART, MAX_PARTS = 30, 10
"""Streams are looked after once a second: those of a part at once, the parts one after another."""

CERTIFICATE_LEFT_S = 24 * 3600.0
"""A certificate is replaced this long before it expires, seconds."""


@dataclass(slots=True)
class PeerCounts:
    """Counters since the start, for the metrics."""

    offered: int = 0
    """Offers answered."""

    refused: int = 0
    """Offers refused."""

    plain: int = 0
    """Streams that aiortc's own sender sends."""

    ended: dict[str, int] = field(default_factory=dict)
    """Streams that ended, by reason."""


class Peers:
    """All streams of this server."""

    def __init__(self, sending: Sending, fault: str | None = None) -> None:
        self.sending = sending
        self.fault = fault
        """Why aiortc's own sender has to serve; None where it has not."""
        self.counts = PeerCounts()
        self._peers: dict[str, Peer] = {}
        self._ending: set[Peer] = set()
        self._offers = Buckets(OFFERS, sending.clock)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        clock: Callable[[], float],
        *,
        port: int = 0,
        announced: Sequence[str] = (),
        ice_servers: Sequence[IceServer] = (),
        hosts: tuple[str, str] = ("0.0.0.0", "::"),  # noqa: S104 - viewers come from anywhere
    ) -> AsyncIterator[Peers]:
        """Open the UDP port and look after the streams, until the block ends; then end them all.

        ``clock`` is server time; ``announced`` are addresses by which the port is reached from
        elsewhere. Raises CannotBind.
        """
        async with UdpPort(port, clock, hosts) as udp_port:
            if not udp_port.check_segmentation():
                logger.warning("this system has no UDP_SEGMENT: each datagram is sent by itself")
            stun = [(server.host, server.port) for server in ice_servers if not server.relays]
            addresses = LocalAddresses(udp_port, clock, announced=announced, stun_servers=stun)
            if fault := await find_fault(clock):
                logger.warning("live streams are sent by aiortc's own sender: %s", fault)
            certificate = RTCCertificate.generateCertificate()
            peers = cls(Sending(udp_port, addresses, certificate, clock), fault)
            tasks = [
                asyncio.create_task(peers._look_after_all()),
                asyncio.create_task(addresses.keep_mapping()),
            ]
            for task in tasks:
                log_failure(task, logger, "the care of the live streams")
            try:
                yield peers
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await peers.close()

    def __len__(self) -> int:
        """Return how many streams there are."""
        return len(self._peers)

    async def offer(self, request: Request, sdp: str) -> Peer:
        """Answer ``sdp``; once the stream is connected, it is subscribed to the broadcast.

        Raises BadOffer (422), NoCommonCodec (406), TooManyStreams or RateLimited (429), ServerFull
        (503), and UnknownSession (404) where it ended meanwhile; then nothing is left of it.
        """
        try:
            peer = await self._opened(request, sdp)
        except BaseException:
            self.counts.refused += 1
            raise
        peer.start()
        self.counts.offered += 1
        return peer

    async def _opened(self, request: Request, sdp: str) -> Peer:
        self._offers.take(request.user_id)
        self._check_bounds(request)
        offer = parse_offer(sdp)
        accepted = accept(offer)
        if self.fault is None:
            self._renew_certificate()
            egress_peer = EgressPeer(request, self._ended, offer, accepted, self.sending)
            self._peers[egress_peer.id] = egress_peer
            return egress_peer
        peer = PlainPeer(request, self._ended, offer)
        # It counts while it is made: others may be offered meanwhile.
        self._peers[peer.id] = peer
        try:
            await peer.negotiate(sdp)
        except BaseException:
            self._peers.pop(peer.id, None)
            raise
        if peer.ending:
            raise UnknownSession
        self.counts.plain += 1
        return peer

    def _check_bounds(self, request: Request) -> None:
        own = [peer for peer in self._peers.values() if peer.user_id == request.user_id]
        here = [peer for peer in own if peer.session_id == request.session_id]
        if len(here) >= STREAMS_OF_A_PERSON or len(own) >= STREAMS_OF_A_PERSON_IN_ALL:
            raise TooManyStreams(RETRY_S)
        if len(self._peers) >= MAX_STREAMS:
            raise ServerFull

    def find(self, session_id: str, peer_id: str, user_id: str) -> Peer:
        """Return a person's own stream. Raises UnknownStream (404)."""
        peer = self._peers.get(peer_id)
        if peer is None or (peer.session_id, peer.user_id) != (session_id, user_id):
            raise UnknownStream
        return peer

    async def trickle(self, peer: Peer, fragment: str) -> None:
        """Add the candidates of an SDP fragment (RFC 8840). Raises BadOffer (422)."""
        await peer.trickle(parse_fragment(fragment))

    def of_session(self, session_id: str) -> list[Peer]:
        """Return the streams of a session."""
        return [peer for peer in self._peers.values() if peer.session_id == session_id]

    def end_of_user(self, session_id: str, user_id: str, reason: str) -> None:
        """End all streams of a person in a session, at once."""
        for peer in self.of_session(session_id):
            if peer.user_id == user_id:
                peer.end(reason)

    def end_of_session(self, session_id: str, reason: str) -> None:
        """End all streams of a session."""
        for peer in self.of_session(session_id):
            peer.end(reason)

    def look_after(self, now: float, *, part: int = 0, parts: int = 1) -> None:
        """Do what is due for every ``parts``-th stream; ``now`` is server time, Unix seconds."""
        if part == 0:
            self.sending.port.renew_allowances()
        for peer in list(self._peers.values())[part::parts]:
            if now >= peer.until:
                peer.end("the passport has expired")
                continue
            try:
                peer.look_after(now)
            except Exception:
                # The other streams are looked after all the same.
                logger.exception("a live stream could not be looked after")
                peer.end("an error of this server")

    async def close(self) -> None:
        """End all streams, and wait until they are closed."""
        for peer in list(self._peers.values()):
            peer.end("the server stops")
        await asyncio.gather(*(peer.closed() for peer in self._ending))

    def _ended(self, peer: Peer, reason: str) -> None:
        self._peers.pop(peer.id, None)
        self.counts.ended[reason] = self.counts.ended.get(reason, 0) + 1
        self._ending.add(peer)
        closed = asyncio.create_task(peer.closed())
        closed.add_done_callback(lambda _: self._ending.discard(peer))

    async def _look_after_all(self) -> None:
        while True:
            parts = min(MAX_PARTS, 1 + len(self._peers) // STREAMS_A_PART)
            for part in range(parts):
                await asyncio.sleep(1.0 / parts)
                self.look_after(self.sending.clock(), part=part, parts=parts)

    def _renew_certificate(self) -> None:
        expires = self.sending.certificate.expires.timestamp()
        if expires - self.sending.clock() < CERTIFICATE_LEFT_S:
            self.sending.certificate = RTCCertificate.generateCertificate()
