"""ICE, DTLS and SCTP of one viewer, by aiortc and aioice, over the shared UDP port.

Everything that is used of these packages and is not public stands here, in ``shared_protocol.py``
and in ``bounded_sctp.py``. ``self_test.py`` proves at start that it is as assumed; where it is not,
``plain_peer.py`` serves with public names alone.

Used of aioice: ``Connection`` gathers candidates of sockets of its own, so ``gather_candidates`` is
replaced, and so are ``get_event`` and ``query_consent``; ``build_request`` is called, and
``_nominated``, ``_queue`` and ``_remote_candidates`` are read. Of aiortc: ``RTCDtlsTransport``
exports no keys and lets nobody choose role and profiles, so ``_ssl``, ``_set_role``,
``_srtp_profiles``, ``_rx_srtp`` and ``_tx_srtp`` are used; ``RTCIceTransport._send`` is replaced
until DTLS is done.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import string
from collections.abc import Callable, Sequence
from typing import Any, cast

import pylibsrtp
from aioice.ice import Connection, ConnectionClosed, ConnectionEvent
from aioice.stun import Class, parse_message
from aiortc import RTCDataChannel, RTCIceCandidate
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)
from aiortc.rtcicetransport import RTCIceGatherer, RTCIceParameters, RTCIceTransport
from aiortc.rtcsctptransport import RTCSctpCapabilities

from streamer.webrtc.answer import MAX_MESSAGE
from streamer.webrtc.bounded_sctp import BoundedSctp
from streamer.webrtc.consent import Consent
from streamer.webrtc.dtls_flight import DtlsFlight
from streamer.webrtc.offer import MAX_CANDIDATES, Candidate, Fingerprint
from streamer.webrtc.peer import ConnectionFailed
from streamer.webrtc.sealing import Keys
from streamer.webrtc.shared_protocol import SharedProtocol
from streamer.webrtc.udp_port import Address, Endpoint, UdpPort, family_of

__all__ = ["ViewerTransport"]

logger = logging.getLogger("seans.webrtc")

PROFILES = (SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80, SRTP_AEAD_AES_256_GCM)
"""SRTP profiles in our order, which counts where we are the DTLS server: the cheapest first."""

MAX_REMOTE_CANDIDATES = 2 * MAX_CANDIDATES
"""Addresses, named or found, that are checked for one viewer."""

MAX_QUEUED = 256
"""Datagrams that may wait for DTLS."""

_LETTERS = string.ascii_letters + string.digits


class ViewerTransport:
    """The connection to one viewer: a ``Receiver`` at the UDP port."""

    def __init__(
        self,
        port: UdpPort,
        certificate: RTCCertificate,
        role: str,
        on_rtcp: Callable[[bytes], None],
        on_closed: Callable[[], None],
    ) -> None:
        """Take ``role`` (server, client) in DTLS.

        ``on_rtcp`` gets decrypted RTCP; ``on_closed`` is called when the viewer ends DTLS.
        """
        self.ufrag, self.password = _random(16), _random(32)
        self._role = role
        self._on_rtcp = on_rtcp
        self._gatherer = RTCIceGatherer(
            iceServers=[], local_username=self.ufrag, local_password=self.password
        )
        self._connection: Connection = self._gatherer._connection
        self._protocols = {
            family: SharedProtocol(self._connection, port, family) for family in port.families
        }
        self._connection.gather_candidates = self._gather  # type: ignore[method-assign]
        self._next_event = self._connection.get_event
        self._connection.get_event = self._event  # type: ignore[method-assign]
        self._connection.query_consent = _no_consent  # type: ignore[method-assign]
        self.consent = Consent(self._ask_consent)
        self._end_asking: Callable[[], None] = lambda: None
        self._ice = RTCIceTransport(self._gatherer)
        self._dtls = RTCDtlsTransport(self._ice, [certificate])
        self._dtls._set_role(role)
        self._dtls._srtp_profiles = list(PROFILES)
        self._dtls.on("statechange", self._dtls_changed)
        self._flight = DtlsFlight(self._send, asyncio.get_running_loop().call_later)
        self._on_closed = on_closed
        self._sctp: BoundedSctp | None = None
        self._port = port
        self.endpoint: Endpoint = port.register(self.ufrag, self.password, self)

    async def connect(
        self,
        ufrag: str,
        password: str,
        *,
        lite: bool,
        fingerprints: Sequence[Fingerprint],
        candidates: Sequence[Candidate],
    ) -> Keys:
        """Connect ICE, then DTLS; return the keys for what we send. Raises ConnectionFailed."""
        await self._gatherer.gather()
        self._connection.ice_controlling = lite
        await self.add_candidates(candidates)
        await self._ice.start(
            RTCIceParameters(usernameFragment=ufrag, password=password, iceLite=lite)
        )
        if self._ice.state != "completed":
            raise ConnectionFailed("ICE found no way")
        digests = [RTCDtlsFingerprint(f.algorithm, f.value) for f in fingerprints]
        await self._handshake(RTCDtlsParameters(fingerprints=digests))
        if self._dtls.state != "connected":
            raise ConnectionFailed("DTLS failed")
        return self._keys()

    async def add_candidates(self, candidates: Sequence[Candidate]) -> None:
        """Check more places where the viewer may be; those beyond a bound are ignored."""
        for candidate in candidates:
            if len(self._connection._remote_candidates) >= MAX_REMOTE_CANDIDATES:
                return
            await self._ice.addRemoteCandidate(
                RTCIceCandidate(
                    component=1,
                    foundation=candidate.foundation,
                    ip=candidate.host,
                    port=candidate.port,
                    priority=candidate.priority,
                    protocol="udp",
                    type=candidate.kind,
                )
            )

    async def open_channels(
        self, remote_port: int, on_channel: Callable[[RTCDataChannel], None]
    ) -> None:
        """Accept data channels; ``on_channel`` is called for each that the viewer opens."""
        self._sctp = BoundedSctp(self._dtls, self._on_closed)
        self._sctp.on("datachannel", on_channel)
        await self._sctp.start(RTCSctpCapabilities(maxMessageSize=MAX_MESSAGE), remote_port)

    @property
    def address(self) -> Address | None:
        """Where the viewer is now; it changes when the viewer nominates another pair."""
        pair = self._connection._nominated.get(1)
        return None if pair is None else pair.remote_addr

    def protect_rtcp(self, data: bytes) -> bytes | None:
        """Return RTCP encrypted; None where there are no keys any more."""
        try:
            return self._dtls._tx_srtp.protect_rtcp(data)
        except (pylibsrtp.Error, AttributeError):
            return None

    def unprotect(self, packet: bytes) -> bytes:
        """Return a packet decrypted; for the self-test. Raises ``pylibsrtp.Error``."""
        return self._dtls._rx_srtp.unprotect(packet)

    def stun_received(self, data: bytes, address: Address) -> None:
        """Let aioice answer a connectivity check, or take the answer to one of ours."""
        protocol = self._protocols.get(family_of(address[0]))
        known = len(self._connection._remote_candidates)
        if protocol is None or (known >= MAX_REMOTE_CANDIDATES and not self._knows(address)):
            return
        protocol.datagram_received(data, address)

    def data_received(self, data: bytes) -> None:
        """Decrypt RTCP at once, without the queue and task behind it; pass on DTLS."""
        if data[0] < 128:
            self._flight.received()
            if self._connection._queue.qsize() < MAX_QUEUED:
                self._connection.data_received(data, 1)
        elif len(data) > 1 and 64 <= data[1] & 0x7F < 96 and self._dtls._rx_srtp:
            try:
                plain = self._dtls._rx_srtp.unprotect_rtcp(data)
            except (pylibsrtp.Error, ValueError):
                return
            self._on_rtcp(plain)

    async def close(self) -> None:
        """End it all, whatever state it is in."""
        self._end_asking()
        self._flight.end()
        self._port.unregister(self.endpoint)
        if self._sctp is not None:
            await self._sctp.stop()
        await self._dtls.stop()
        await self._ice.stop()
        self._dtls.remove_all_listeners()
        # OpenSSL's buffers are large, and the garbage collector does not see their size.
        self._dtls._ssl = None
        self._dtls._rx_srtp = self._dtls._tx_srtp = cast(Any, None)

    async def _handshake(self, remote: RTCDtlsParameters) -> None:
        send = self._ice._send

        async def send_noted(data: bytes) -> None:
            await send(data)
            self._flight.sent(data)

        self._ice._send = send_noted
        try:
            await self._dtls.start(remote)
        finally:
            self._ice._send = send
        self._flight.handshake_done()

    def _send(self, datagram: bytes) -> None:
        if (address := self.address) is not None:
            self._port.send(datagram, address)

    async def _gather(self) -> None:
        self._connection._local_candidates_start = True
        self._connection._protocols += self._protocols.values()
        self._connection._local_candidates += [
            protocol.local_candidate for protocol in self._protocols.values()
        ]
        self._connection._local_candidates_end = True

    async def _event(self) -> ConnectionEvent:
        # Once closed, aioice answers None at once, and aiortc's monitor asks again for ever: where
        # a stream ends before that task's first turn, the event loop would hang.
        return await self._next_event() or ConnectionClosed()

    @property
    def _remote_password(self) -> bytes:
        return (self._connection.remote_password or "").encode()

    def _ask_consent(self) -> None:
        pair = self._connection._nominated.get(1)
        if pair is None:
            return
        request = self._connection.build_request(pair, nominate=False)
        request.add_message_integrity(self._remote_password)
        self._end_asking()
        self._end_asking = self._port.expect_answer(request.transaction_id, self._consented)
        self._port.send(bytes(request), pair.remote_addr)

    def _consented(self, data: bytes, address: Address) -> None:
        try:
            message = parse_message(data)
        except ValueError:
            return
        is_answer = message.message_class is Class.RESPONSE and address == self.address
        if is_answer and message.check_message_integrity(self._remote_password):
            self.consent.given()

    def _dtls_changed(self) -> None:
        if self._dtls.state == "closed":
            self._on_closed()

    def _knows(self, address: Address) -> bool:
        return any(
            (candidate._network_host, candidate.port) == address
            for candidate in self._connection._remote_candidates
        )

    def _keys(self) -> Keys:
        ssl = self._dtls._ssl
        if ssl is None:
            raise ConnectionFailed("the stream was closed meanwhile")
        name = ssl.get_selected_srtp_profile()
        profile = next(profile for profile in PROFILES if profile.openssl_profile == name)
        return _exported(ssl.export_keying_material, profile, self._role)


async def _no_consent() -> None:
    """Stand in for aioice's check: a task and timers of each viewer cost more than the check."""


def _exported(
    export: Callable[[bytes, int], bytes], profile: SRTPProtectionProfile, role: str
) -> Keys:
    """Return the keys that ``role`` encrypts with (RFC 5764 section 4.2)."""
    size = profile.key_length + profile.salt_length
    exported = export(b"EXTRACTOR-dtls_srtp", 2 * size)
    ours = profile.get_key_and_salt(exported, 1 if role == "server" else 0)
    key, salt = ours[: profile.key_length], ours[profile.key_length :]
    return Keys(profile.openssl_profile.decode(), key, salt)


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
