"""A WebRTC viewer that counts packets instead of decoding them, so that hundreds fit on one core.

ICE with host candidates over UDP and IPv4 (RFC 8445), DTLS by :mod:`harness.webrtc.dtls`, receiver
reports each second and consent each five (RFC 7675), as browsers send them. A sample of the
packets is opened, so that what is counted is known to be the stream.
"""

from __future__ import annotations

import secrets
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from aioice import stun
from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtp import RtcpPacket, RtcpRrPacket, RtcpSrPacket
from pylibsrtp import Error as SrtpError

from harness.webrtc import ice
from harness.webrtc.counting import Stream
from harness.webrtc.dtls import Handshake, SrtpSessions
from harness.webrtc.receiving import SLOT, Datagrams
from harness.webrtc.sdp import LocalPeer, RemotePeer, answer_to, offer

__all__ = ["Viewer"]

State = Literal["new", "checking", "handshaking", "connected", "silent", "closed"]
Address = tuple[str, int]

_CERTIFICATE = RTCCertificate.generateCertificate()
_SAMPLE_EACH = 97
_RECEIVE_BUFFER = 1 << 21
_RCVBUFFORCE = 33
_CHECK_EACH_S = 0.05
_CONSENT_EACH_S = 5.0
_REPORT_EACH_S = 1.0
_HEADER = struct.Struct("!BBHII")


@dataclass(eq=False, slots=True)
class Viewer:
    """One viewer with one socket; :class:`harness.webrtc.audience.Audience` drives it."""

    clock: Callable[[], float]
    """Seconds, monotonic."""

    hosts: tuple[str, ...] = field(default_factory=ice.own_addresses)
    """Own addresses to be reached by."""

    finish_dtls: bool = True
    """Whether the handshake is finished; it is left half done to see what that costs a server."""

    state: State = "new"
    """How far it has come."""

    streams: dict[int, Stream] = field(default_factory=dict)
    """What came, by SSRC."""

    opened: int = 0
    """Packets of the sample that were opened."""

    sealed_wrong: int = 0
    """Packets of the sample that could not be opened."""

    goodbyes: int = 0
    """DTLS alerts after the handshake: the other side has closed."""

    first_media: float | None = None
    """When the first packet of media came, s."""

    profile: str = ""
    """The SRTP profile agreed on."""

    _socket: socket.socket = field(init=False)
    _controlling: bool = True
    _local: LocalPeer = field(init=False)
    _remote: RemotePeer = field(init=False)
    _chosen: Address | None = None
    _dtls: Handshake = field(init=False)
    _srtp: SrtpSessions | None = None
    _tie_breaker: int = field(default_factory=lambda: secrets.randbits(64))
    _ssrc: int = field(default_factory=lambda: secrets.randbits(32))
    _next_check: float = 0.0
    _next_report: float = 0.0
    _seen: int = 0

    def __post_init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _RECEIVE_BUFFER)
        except PermissionError:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        self._socket.bind(("0.0.0.0", 0))  # noqa: S104 -- reached by loopback and by own address
        port: int = self._socket.getsockname()[1]
        self._local = LocalPeer(
            secrets.token_hex(4),
            secrets.token_hex(12),
            _CERTIFICATE.getFingerprints()[0].value,
            tuple((host, port) for host in self.hosts),
        )

    def fileno(self) -> int:
        """Return the descriptor of its socket."""
        return self._socket.fileno()

    def offer(self) -> str:
        """Return an offer to receive; :meth:`accept` takes its answer."""
        return offer(self._local)

    def accept(self, answer: str) -> None:
        """Begin with what the answer says."""
        self._remote = RemotePeer.read(answer)
        self._begin(controlling=True, is_client=self._remote.setup == "passive")

    def answer(self, offered: str) -> str:
        """Return the answer to an offer, and begin."""
        self._remote = RemotePeer.read(offered)
        self._begin(controlling=False, is_client=True)
        return answer_to(offered, self._local)

    def close(self) -> None:
        """Leave: say so by DTLS, as browsers do, where there is a connection."""
        if self.state == "connected":
            self._send_all(self._dtls.close())
        self.vanish()

    def vanish(self) -> None:
        """Leave without a word."""
        if self.state != "closed":
            self.state = "closed"
            self._socket.close()

    def stop_answering(self) -> None:
        """Be silent from now on, as a machine whose network is gone; the socket stays."""
        self.state = "silent"

    def _begin(self, *, controlling: bool, is_client: bool) -> None:
        self._controlling = controlling
        self._dtls = Handshake(_CERTIFICATE, is_client=is_client)
        self.state = "checking"
        self._next_check = self.clock()

    def send_rtcp(self, packet: bytes) -> None:
        """Send RTCP, or what pretends to be it, sealed as it should be."""
        assert self._srtp is not None
        self._send(self._srtp.sending.protect_rtcp(packet))

    def send_raw(self, datagram: bytes) -> None:
        """Send any datagram from this viewer's address."""
        self._send(datagram)

    @property
    def server_address(self) -> Address:
        """Where the other side is."""
        return self._chosen or self._remote.addresses[0]

    @property
    def server_ufrag(self) -> str:
        """What a check of ours calls the other side."""
        return self._remote.ufrag

    # -- time ---------------------------------------------------------------------------------

    def tick(self, now: float) -> float:
        """Send what is due at ``now`` and return when to be called again, s."""
        match self.state:
            case "checking":
                for address in self._remote.addresses:
                    self._check(address)
                self._next_check = now + _CHECK_EACH_S
                return self._next_check
            case "handshaking":
                wait = self._dtls.wait()
                if wait is not None and wait <= 0:
                    self._send_all(self._dtls.repeat())
                return now + _CHECK_EACH_S
            case "connected":
                if now >= self._next_check:
                    assert self._chosen is not None
                    self._check(self._chosen)
                    self._next_check = now + _CONSENT_EACH_S
                if now >= self._next_report:
                    self._report(now)
                    self._next_report = now + _REPORT_EACH_S
                return min(self._next_check, self._next_report)
            case _:
                return now + _REPORT_EACH_S

    def _report(self, now: float) -> None:
        blocks = [stream.receiver_report(now) for stream in self.streams.values()]
        if blocks and self._srtp is not None:
            self._send(self._srtp.sending.protect_rtcp(bytes(RtcpRrPacket(self._ssrc, blocks))))

    # -- datagrams ----------------------------------------------------------------------------

    def read(self, room: Datagrams, now: float) -> None:
        """Take all that has come."""
        while self.state in ("checking", "handshaking"):
            try:
                data, address = self._socket.recvfrom(SLOT)
            except (BlockingIOError, ConnectionRefusedError):
                return
            self._control(data, address, now)
        while self.state == "connected":
            count = room.receive(self._socket.fileno())
            self._media(room, count, now)
            if count < 64:
                return

    def _media(self, room: Datagrams, count: int, now: float) -> None:
        streams, unpack, buffer = self.streams, _HEADER.unpack_from, room.buffer
        for number in range(count):
            first, second, sequence, _, ssrc = unpack(buffer, number * SLOT)
            if not 127 < first < 192 or 191 < second < 224:
                self._control(room.content(number), self._chosen or ("", 0), now)
                continue
            stream = streams.get(ssrc)
            if stream is None:
                stream = streams[ssrc] = Stream(ssrc, second & 127, sequence, sequence)
                if self.first_media is None:
                    self.first_media = now
            stream.count(sequence, room.length(number))
            self._seen += 1
            if self._seen % _SAMPLE_EACH == 1:
                self._open(room.content(number))

    def _open(self, packet: bytes) -> None:
        assert self._srtp is not None
        try:
            self._srtp.receiving.unprotect(packet)
            self.opened += 1
        except SrtpError:
            self.sealed_wrong += 1

    def _control(self, data: bytes, address: Address, now: float) -> None:
        """Take what is not media, told apart by its first byte (RFC 7983)."""
        if data[0] < 4:
            self._stun(data, address)
        elif 19 < data[0] < 64:
            self._dtls_datagram(data)
        elif self._srtp is not None and 127 < data[0] < 192:
            # What was meant for one who vanished may come to who has its port now.
            with suppress(SrtpError):
                self._reported(self._srtp.receiving.unprotect_rtcp(data), now)

    def _reported(self, data: bytes, now: float) -> None:
        for packet in RtcpPacket.parse(data):
            if isinstance(packet, RtcpSrPacket) and packet.ssrc in self.streams:
                middle = (packet.sender_info.ntp_timestamp >> 16) & 0xFFFFFFFF
                self.streams[packet.ssrc].report = (middle, now)

    def _dtls_datagram(self, data: bytes) -> None:
        if self.state == "connected":
            self.goodbyes += data[0] == 21  # alert (RFC 8446 section 5.1)
        if not self.finish_dtls or self.state == "checking":
            return
        self._send_all(self._dtls.receive(data))
        if self._dtls.finished and self.state == "handshaking":
            self._srtp = self._dtls.sessions()
            self.profile = self._srtp.profile
            assert self._chosen is not None
            self._socket.connect(self._chosen)
            self.state = "connected"

    # -- ICE ----------------------------------------------------------------------------------

    def _check(self, address: Address) -> None:
        check = ice.request(
            from_=self._local.ufrag,
            to=self._remote.ufrag,
            password=self._remote.password,
            tie_breaker=self._tie_breaker,
            controlling=self._controlling,
        )
        self._send(check, address)

    def _stun(self, data: bytes, address: Address) -> None:
        message = stun.parse_message(data)
        if message.message_class == stun.Class.REQUEST:
            self._send(ice.answer(message, address, self._local.password), address)
            if not self._controlling and "USE-CANDIDATE" in message.attributes:
                self._choose(address)
        elif message.message_class == stun.Class.RESPONSE and self._controlling:
            self._choose(address)

    def _choose(self, address: Address) -> None:
        """Take the first pair that works; every check here nominates (RFC 8445 section 8.1.1)."""
        if self.state == "checking":
            self._chosen = address
            self.state = "handshaking"
            self._send_all(self._dtls.begin())

    def _send_all(self, datagrams: list[bytes]) -> None:
        for datagram in datagrams:
            self._send(datagram)

    def _send(self, datagram: bytes, address: Address | None = None) -> None:
        to = address or self._chosen
        assert to is not None
        # Else it is lost, as on a network, and what must arrive is repeated.
        with suppress(BlockingIOError, ConnectionRefusedError):
            self._socket.sendto(datagram, to)
