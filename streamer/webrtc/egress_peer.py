"""A stream whose packets are made once for all viewers, and encrypted and sent by ``Egress``."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from aiortc.rtcdtlstransport import RTCCertificate

from streamer.webrtc.aiortc_internals import ViewerTransport
from streamer.webrtc.answer import Accepted, LocalTransport, write_answer
from streamer.webrtc.egress import Egress, EgressCounts
from streamer.webrtc.errors import BadOffer
from streamer.webrtc.local_addresses import LocalAddresses
from streamer.webrtc.offer import Fragment, Offer
from streamer.webrtc.peer import (
    CONNECT_WITHIN_S,
    SILENT_AFTER_S,
    ConnectionFailed,
    Peer,
    PeerStats,
    Request,
)
from streamer.webrtc.rtcp import parse_feedback
from streamer.webrtc.sealing import Keys, sealer_of
from streamer.webrtc.udp_port import UdpPort

__all__ = ["EgressPeer", "Sending"]

FIRST_REPORTS_S = (0.05, 0.5)
"""When sender reports follow the connection, seconds: lip-sync begins with the first."""

_FIRST_RTX = 1 << 15


@dataclass(slots=True)
class Sending:
    """What all streams share."""

    port: UdpPort
    """The UDP port."""

    addresses: LocalAddresses
    """Where viewers may reach it."""

    certificate: RTCCertificate
    """Our certificate, the same for all."""

    clock: Callable[[], float]
    """Server time, Unix seconds."""

    counts: EgressCounts = field(default_factory=EgressCounts)
    """Counters of what is sent."""

    profiles: dict[str, int] = field(default_factory=dict)
    """How many connections agreed on each SRTP profile."""

    bad_rtcp: int = 0
    """RTCP datagrams that made no sense."""


class EgressPeer(Peer):
    """One stream to one viewer."""

    def __init__(
        self,
        request: Request,
        on_end: Callable[[Peer, str], None],
        offer: Offer,
        accepted: Accepted,
        sending: Sending,
    ) -> None:
        super().__init__(request, on_end)
        self._offer = offer
        self._accepted = accepted
        self._sending = sending
        # We are the DTLS server where we may: Chromium as a server prefers SHA1_80 to AES-GCM.
        role = "client" if offer.setup == "passive" else "server"
        self._left = asyncio.Event()
        self._transport = ViewerTransport(
            sending.port, sending.certificate, role, self._rtcp_received, self._left.set
        )
        self._egress: Egress | None = None
        self._profile = ""
        self.answer = write_answer(offer, accepted, self._local(role), self._broadcast.ssrcs)
        self.etag = f'"{self._transport.ufrag}"'

    def stats(self) -> PeerStats:
        """Return its figures."""
        egress = self._egress
        if egress is None:
            return PeerStats(False, "", 0, 0, 0)
        reception = {
            stream.kind: found
            for stream in self._accepted.streams
            if (found := egress.reception(stream.kind))
        }
        return PeerStats(
            connected=True,
            profile=self._profile,
            packets=egress.packets_sent,
            octets=egress.octets_sent,
            dropped=egress.dropped,
            reception=reception,
        )

    async def trickle(self, fragment: Fragment) -> None:
        """Take more candidates of the viewer. Raises BadOffer for another ICE session."""
        if fragment.ufrag not in ("", self._offer.ufrag):
            raise BadOffer("ICE restarts are not supported: send a new offer")
        await self._transport.add_candidates(fragment.candidates)

    def look_after(self, now: float) -> None:
        """Follow the viewer's address, send reports, and end it where nothing is heard."""
        if self._egress is None:
            return
        if now - self._transport.endpoint.heard_at > SILENT_AFTER_S:
            self.end("nothing is heard of the viewer")
            return
        if not self._transport.consent.holds(now):
            self.end("the viewer's consent has expired")
            return
        self._follow_address(self._egress)
        self._egress.report()

    async def _serve(self) -> None:
        keys = await self._connect()
        self._egress = egress = self._make_egress(keys)
        self._follow_address(egress)
        self._broadcast.subscribe(egress)
        if self._accepted.data is not None and self._accepted.data.sctp_port is not None:
            port = self._accepted.data.sctp_port
            await self._transport.open_channels(port, self._channel_opened)
        for delay in FIRST_REPORTS_S:
            # A viewer may leave before they are due.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._left.wait(), delay)
                return
            egress.report()
        await self._left.wait()

    async def _connect(self) -> Keys:
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                return await self._transport.connect(
                    self._offer.ufrag,
                    self._offer.password,
                    lite=self._offer.ice_lite,
                    fingerprints=self._offer.fingerprints,
                    candidates=self._offer.candidates,
                )
        except TimeoutError as error:
            raise ConnectionFailed("no connection came about in time") from error

    async def _release(self) -> None:
        if self._egress is not None:
            self._broadcast.unsubscribe(self._egress)
        await self._farewell()
        await self._transport.close()

    def _make_egress(self, keys: Keys) -> Egress:
        broadcast, sending = self._broadcast, self._sending
        self._profile = keys.profile
        sending.profiles[keys.profile] = sending.profiles.get(keys.profile, 0) + 1
        return Egress(
            sealer_of(keys),
            [(stream, *broadcast.ssrcs[stream.kind]) for stream in self._accepted.streams],
            sending.port.send_run,
            protect_rtcp=self._transport.protect_rtcp,
            find=lambda ssrc, sequence: broadcast.find(ssrc, sequence, self._egress),
            refresh=self._refresh,
            layouts=broadcast.layouts,
            counts=sending.counts,
            clock=sending.clock,
            first_rtx=secrets.randbelow(_FIRST_RTX),
        )

    def _refresh(self) -> None:
        if self._egress is not None:
            self._broadcast.refresh(self._egress)

    def _follow_address(self, egress: Egress) -> None:
        """Take the pair that the viewer has nominated last: it changes with its network."""
        address = self._transport.address
        if address is not None and (egress.route is None or egress.route.address != address):
            egress.route = self._sending.port.route_to(address)

    def _rtcp_received(self, data: bytes) -> None:
        egress = self._egress
        try:
            feedback = parse_feedback(data, 0 if egress is None else egress.requests_left)
        except ValueError:
            self._sending.bad_rtcp += 1
            return
        if egress is not None:
            egress.feedback(feedback)

    def _local(self, role: str) -> LocalTransport:
        return LocalTransport(
            ufrag=self._transport.ufrag,
            password=self._transport.password,
            fingerprint=self._sending.certificate.getFingerprints()[0].value,
            setup="passive" if role == "server" else "active",
            candidates=self._sending.addresses.candidates(),
        )
