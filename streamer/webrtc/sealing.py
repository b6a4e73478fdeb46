"""SRTP: encrypts packets that are the same for all viewers with the key of one viewer.

AES-GCM (RFC 7714) is done here, by the ``cryptography`` package, straight into the buffer that is
sent. Any other profile goes through libsrtp, which is several times slower.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import pylibsrtp
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from streamer.webrtc.packets import HEADER_BYTES, MediaPackets

__all__ = [
    "GcmSealer",
    "Keys",
    "Layout",
    "LibsrtpSealer",
    "Run",
    "Sealer",
    "sealer_of",
    "segmented",
]

GCM_TAG = 16
SHA1_80_TAG = 10

_NONCE_BYTES = 12
_LABEL_KEY, _LABEL_SALT = 0, 2
"""Labels of what is derived from the master key (RFC 3711 section 4.3.2)."""

_IPPROTO_UDP, _UDP_SEGMENT = 17, 103

MAX_RUN_BYTES = 65_000
MAX_RUN = 64
"""Bounds of one UDP_SEGMENT send: a datagram's length, and UDP_MAX_SEGMENTS of older kernels."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What DTLS agreed on for what we send (RFC 5764 section 4.2)."""

    profile: str
    """Name of the protection profile, as OpenSSL gives it."""

    key: bytes
    """Master key, for AES-GCM the only one."""

    salt: bytes
    """Master salt."""


@dataclass(frozen=True, slots=True)
class Run:
    """Datagrams of equal size that follow each other in memory; the last may be shorter."""

    data: memoryview
    """All of them."""

    size: int
    """Bytes of each but the last."""

    count: int
    """How many they are."""

    control: list[tuple[int, int, bytes]]
    """What lets the kernel cut them: the control message of ``sendmsg`` (Linux 4.18)."""


def segmented(data: memoryview, size: int) -> Run:
    """Return ``data`` as datagrams of ``size`` bytes."""
    control = [(_IPPROTO_UDP, _UDP_SEGMENT, struct.pack("=H", size))]
    return Run(data, size, -(-len(data) // size), control)


class Layout:
    """A buffer for the encrypted packets of ``packets``: headers in place, room for the rest.

    One serves all viewers with the same payload type and tag, one after the other: each encrypts
    into it and sends it before the next one does.
    """

    __slots__ = ("octets", "packets", "parts", "runs", "ssrc")

    def __init__(self, packets: MediaPackets, payload_type: int, tag: int) -> None:
        headers = [packets.header(index, payload_type) for index in range(len(packets.payloads))]
        sizes = [HEADER_BYTES + len(payload) + tag for payload in packets.payloads]
        view = memoryview(bytearray(sum(sizes)))
        bodies: list[memoryview] = []
        at = 0
        for header, size in zip(headers, sizes, strict=True):
            view[at : at + HEADER_BYTES] = header
            bodies.append(view[at + HEADER_BYTES : at + size])
            at += size
        self.packets = packets
        self.ssrc = packets.ssrc
        self.octets = packets.octets
        self.parts = list(zip(packets.payloads, headers, bodies, strict=True))
        """Of each packet: payload, header, and where the encrypted payload goes."""
        self.runs = _runs(view, sizes)


class Sealer(Protocol):
    """Encrypts with the key of one viewer."""

    tag: int
    """Bytes that it adds to a packet."""

    def seal(self, layout: Layout, first_index: int) -> None:
        """Encrypt the packets of ``layout`` in place.

        ``first_index`` is the SRTP index of the first: roll-over counter and sequence number, as
        this viewer counts them (RFC 3711 section 3.3.1). Raises ValueError where that is refused.
        """
        ...

    def seal_one(self, header: bytes, payload: bytes, ssrc: int, index: int) -> bytes:
        """Return one encrypted packet. Raises ValueError."""
        ...


class GcmSealer:
    """AES-GCM by ``cryptography`` (RFC 7714)."""

    tag = GCM_TAG

    def __init__(self, keys: Keys, make_cipher: Callable[[bytes], Any] = AESGCM) -> None:
        cipher = make_cipher(_derived(keys, _LABEL_KEY, len(keys.key)))
        self._encrypt = cipher.encrypt
        # Since cryptography 47; before, each packet is encrypted into bytes of its own.
        self._encrypt_into: Callable[..., int] | None = getattr(cipher, "encrypt_into", None)
        self._salt = int.from_bytes(_derived(keys, _LABEL_SALT, _NONCE_BYTES))

    def seal(self, layout: Layout, first_index: int) -> None:
        """Encrypt the packets of ``layout`` in place."""
        # The nonce is two zero bytes, SSRC, roll-over counter and sequence number, XOR the salt
        # (section 8.1). An index never comes back with other data, so no nonce does.
        nonce = self._salt ^ layout.ssrc << 48
        index = first_index
        encrypt_into, size = self._encrypt_into, _NONCE_BYTES
        if encrypt_into is None:
            for payload, header, body in layout.parts:
                body[:] = self._encrypt((nonce ^ index).to_bytes(size), payload, header)
                index += 1
            return
        for payload, header, body in layout.parts:
            encrypt_into((nonce ^ index).to_bytes(size), payload, header, body)
            index += 1

    def seal_one(self, header: bytes, payload: bytes, ssrc: int, index: int) -> bytes:
        """Return one encrypted packet."""
        nonce = self._salt ^ ssrc << 48 ^ index
        sealed: bytes = self._encrypt(nonce.to_bytes(_NONCE_BYTES), payload, header)
        return header + sealed


class LibsrtpSealer:
    """Any profile of libsrtp; it counts the roll-overs itself, from the order of the packets."""

    def __init__(self, keys: Keys) -> None:
        policy = pylibsrtp.Policy(
            key=keys.key + keys.salt,
            ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND,
            srtp_profile=_LIBSRTP_PROFILES[keys.profile],
        )
        # A retransmission without RTX has the sequence number of the lost packet.
        policy.allow_repeat_tx = True
        policy.window_size = 8192
        self._session = pylibsrtp.Session(policy)
        self.tag = SHA1_80_TAG if "SHA1_80" in keys.profile else GCM_TAG

    def seal(self, layout: Layout, first_index: int) -> None:
        """Encrypt the packets of ``layout`` in place."""
        for payload, header, body in layout.parts:
            body[:] = self._protect(header + payload)[HEADER_BYTES:]

    def seal_one(self, header: bytes, payload: bytes, ssrc: int, index: int) -> bytes:
        """Return one encrypted packet."""
        return self._protect(header + payload)

    def _protect(self, packet: bytes) -> bytes:
        try:
            return self._session.protect(packet)
        except pylibsrtp.Error as error:
            raise ValueError(str(error)) from error


_LIBSRTP_PROFILES = {
    "SRTP_AEAD_AES_128_GCM": pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "SRTP_AEAD_AES_256_GCM": pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    "SRTP_AES128_CM_SHA1_80": pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}


def sealer_of(keys: Keys) -> Sealer:
    """Return what encrypts with ``keys``. Raises KeyError for an unknown profile."""
    return GcmSealer(keys) if keys.profile.endswith("_GCM") else LibsrtpSealer(keys)


def _derived(keys: Keys, label: int, size: int) -> bytes:
    """Derive a session key or salt from the master key (RFC 3711 section 4.3, RFC 7714 section 11).

    The key stream of AES in counter mode, from the master salt with the label in its eighth byte.
    The salt is 14 bytes, that of AES-GCM 12 and two zeros; a key derivation rate of 0 is assumed.
    """
    salt = bytearray(keys.salt.ljust(14, b"\0"))
    salt[7] ^= label
    counter = bytes(salt) + bytes(2)
    return Cipher(AES(keys.key), CTR(counter)).encryptor().update(bytes(size))


def _runs(view: memoryview, sizes: list[int]) -> list[Run]:
    """Group packets so that one UDP_SEGMENT send takes each group."""
    runs: list[Run] = []
    begin = at = count = 0
    for index, size in enumerate(sizes):
        at += size
        count += 1
        follows = sizes[index + 1] if index + 1 < len(sizes) else None
        full = count == MAX_RUN or (follows or 0) + at - begin > MAX_RUN_BYTES
        if follows is None or full or size < sizes[index - count + 1] or follows > size:
            runs.append(segmented(view[begin:at], sizes[index - count + 1]))
            begin, count = at, 0
    return runs
