"""A DTLS handshake without a socket: datagrams in, datagrams out, SRTP sessions at its end.

The certificate, the ciphers and the SRTP profiles are aiortc's (RFC 5764).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    SRTPProtectionProfile,
)
from OpenSSL import SSL
from pylibsrtp import Policy, Session

__all__ = ["ALL_PROFILES", "Handshake", "SrtpSessions"]

ALL_PROFILES = (SRTP_AEAD_AES_128_GCM, SRTP_AEAD_AES_256_GCM, SRTP_AES128_CM_SHA1_80)
"""What Chromium offers. A peer that answers the handshake chooses by its own order."""

_LABEL = b"EXTRACTOR-dtls_srtp"
_RECORD_HEADER = 13
_DATAGRAM = 1200
_READ = 1 << 16


@dataclass(frozen=True, slots=True)
class SrtpSessions:
    """What a finished handshake gives."""

    profile: str
    """Name of the protection profile."""

    sending: Session
    """Protects what this side sends."""

    receiving: Session
    """Opens what the other side sends."""


class Handshake:
    """One side of a handshake; the caller carries the datagrams."""

    def __init__(
        self,
        certificate: RTCCertificate,
        *,
        is_client: bool,
        profiles: Sequence[SRTPProtectionProfile] = ALL_PROFILES,
    ) -> None:
        self._profiles = profiles
        self._is_client = is_client
        context = certificate._create_ssl_context(list(profiles))
        self._ssl = SSL.Connection(context)
        if is_client:
            self._ssl.set_connect_state()
        else:
            self._ssl.set_accept_state()
        self.finished = False
        """Whether keys can be taken."""

    def begin(self) -> list[bytes]:
        """Return the first flight of a client; a server has none."""
        return self._proceed()

    def receive(self, datagram: bytes) -> list[bytes]:
        """Take a datagram and return the answers. Raises :class:`SSL.Error` where it failed."""
        self._ssl.bio_write(datagram)
        return self._proceed()

    def wait(self) -> float | None:
        """Return after how many seconds :meth:`repeat` is due, None where nothing is awaited."""
        left = self._ssl.DTLSv1_get_timeout()
        return None if left is None else float(left)

    def repeat(self) -> list[bytes]:
        """Return the last flight again where its answer is overdue (RFC 6347 section 4.2.4)."""
        self._ssl.DTLSv1_handle_timeout()
        return self._written()

    def close(self) -> list[bytes]:
        """Return the alert ``close_notify``."""
        try:
            self._ssl.shutdown()
        except SSL.Error:
            return []
        return self._written()

    def sessions(self) -> SrtpSessions:
        """Return the SRTP sessions of a finished handshake (RFC 5764 section 4.2)."""
        chosen = self._ssl.get_selected_srtp_profile()
        [profile] = [one for one in self._profiles if one.openssl_profile == chosen]
        length = 2 * (profile.key_length + profile.salt_length)
        material = self._ssl.export_keying_material(_LABEL, length)
        client, server = (profile.get_key_and_salt(material, side) for side in (0, 1))
        mine, theirs = (client, server) if self._is_client else (server, client)
        kind = profile.libsrtp_profile
        sending = Policy(key=mine, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=kind)
        receiving = Policy(key=theirs, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=kind)
        receiving.allow_repeat_tx = True
        return SrtpSessions(chosen.decode(), Session(sending), Session(receiving))

    def _proceed(self) -> list[bytes]:
        if not self.finished:
            try:
                self._ssl.do_handshake()
                self.finished = True
            except SSL.WantReadError:
                pass
        else:
            # A flight repeated by the other side is answered by OpenSSL while it is read.
            with suppress(SSL.Error):
                self._ssl.recv(_DATAGRAM)
        return self._written()

    def _written(self) -> list[bytes]:
        """Return what OpenSSL wrote, cut between records: its memory does not keep datagrams."""
        try:
            rest = self._ssl.bio_read(_READ)
        except SSL.Error:
            return []
        datagrams: list[bytes] = [b""]
        while rest:
            size = _RECORD_HEADER + int.from_bytes(rest[11:13], "big")
            if datagrams[-1] and len(datagrams[-1]) + size > _DATAGRAM:
                datagrams.append(b"")
            datagrams[-1] += rest[:size]
            rest = rest[size:]
        return datagrams
