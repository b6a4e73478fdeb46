"""RTP packets of H.264 pictures and Opus sound, made once for all viewers of a session. Pure.

The payloads, SSRC, sequence number and timestamp of a packet are the same for every viewer; only
the payload type and the encryption differ. The timestamp is server time: see ``rtp_timestamp``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

__all__ = [
    "CLOCK_RATES",
    "HEADER_BYTES",
    "MAX_PAYLOAD",
    "Kind",
    "MediaPackets",
    "Packetizer",
    "nal_units",
    "opus_payload",
    "opus_ticks",
    "rtp_header",
    "rtp_timestamp",
    "video_payloads",
]

Kind = Literal["video", "audio"]

CLOCK_RATES: dict[Kind, int] = {"video": 90_000, "audio": 48_000}
"""Ticks of an RTP timestamp per second (RFC 6184 section 8.2.1, RFC 7587 section 4.1)."""

MAX_PAYLOAD = 1200
"""Bytes of an RTP payload. With header, tag and RTX it fits the smallest MTU of IPv6 (1280)."""

HEADER_BYTES = 12
"""Bytes of an RTP header without extensions (RFC 3550 section 5.1)."""

_HEADER = struct.Struct("!BBHII")
_VERSION = 2 << 6
_PADDING, _MARKER = 0x20, 0x80

_TIMESTAMP_MASK, _HALF = 0xFFFFFFFF, 1 << 31
_SAME_TICKS = 48
"""Timestamps of sound that differ by up to 1 ms are those of sound without a gap."""

_STAP_A, _FU_A = 24, 28
_FU_START, _FU_END = 0x80, 0x40
_F_AND_NRI, _NRI, _TYPE = 0xE0, 0x60, 0x1F
_LENGTH = 4
_USELESS = frozenset((6, 9, 10, 11, 12))
"""NAL unit types that no decoder of a stream needs: SEI, delimiter, ends, filler."""


@dataclass(frozen=True, slots=True)
class MediaPackets:
    """Packets of a picture or of a piece of it, or of sound, as all viewers get them."""

    kind: Kind
    """Whether it is a picture or sound."""

    ssrc: int
    """Synchronization source of the stream, shared by all viewers (RFC 3550 section 3)."""

    first_sequence: int
    """Extended sequence number of the first packet: the roll-over counter times 2**16 added."""

    timestamp: int
    """RTP timestamp of the first packet, modulo 2**32."""

    shown_at: float
    """When the first packet is to be shown, server time, Unix seconds."""

    payloads: tuple[bytes, ...]
    """RTP payloads in order. The last packet of a picture carries the marker."""

    keyframe: bool
    """Whether a decoder can begin with the first of these packets. Sound: always."""

    complete: bool = True
    """Whether the last of these packets is the last of its picture."""

    ticks: int = 0
    """Ticks from one packet's timestamp to the next one's: those of a picture have the same."""

    padded: frozenset[int] = frozenset()
    """Places of the payloads that end in padding (RFC 3550 section 5.1)."""

    variant: int = 0
    """0: as all viewers get them; else the number of whoever gets others instead."""

    @property
    def next_sequence(self) -> int:
        """Extended sequence number of the packet after the last."""
        return self.first_sequence + len(self.payloads)

    @property
    def octets(self) -> int:
        """Bytes of all payloads."""
        return sum(map(len, self.payloads))

    def header(self, index: int, payload_type: int) -> bytes:
        """Return the RTP header of packet ``index`` of these."""
        return rtp_header(
            payload_type,
            self.first_sequence + index,
            (self.timestamp + index * self.ticks) & _TIMESTAMP_MASK,
            self.ssrc,
            marker=self.has_marker(index),
            padding=index in self.padded,
        )

    def has_marker(self, index: int) -> bool:
        """Return whether packet ``index`` of these is the last of a picture."""
        last = index == len(self.payloads) - 1
        return last and self.complete and self.kind == "video"

    def pieces(self, most: int) -> Iterator[MediaPackets]:
        """Yield them in pieces of at most ``most`` packets."""
        for begin in range(0, len(self.payloads), most):
            payloads = self.payloads[begin : begin + most]
            yield replace(
                self,
                first_sequence=self.first_sequence + begin,
                payloads=payloads,
                keyframe=self.keyframe and begin == 0,
                complete=self.complete and begin + most >= len(self.payloads),
            )


class Packetizer:
    """Numbers the packets of one stream."""

    def __init__(self, kind: Kind, ssrc: int, first_sequence: int) -> None:
        """``first_sequence`` is random, and below 2**15.

        A receiver that loses the packets before the first roll-over would start with a wrong
        counter and could never decrypt; the lower half keeps that roll-over far away.
        """
        self.kind: Kind = kind
        self.ssrc = ssrc
        self._next = first_sequence
        self._expected: int | None = None

    @property
    def next_sequence(self) -> int:
        """Extended sequence number of the next packet."""
        return self._next

    def packets(self, data: bytes, *, shown_at: float, keyframe: bool = True) -> MediaPackets:
        """Return the packets of a picture, to be shown at server time ``shown_at``, seconds.

        ``data`` are NAL units with lengths of 4 bytes before them. Raises ValueError where they
        are not.
        """
        payloads = video_payloads(data)
        return MediaPackets(
            kind=self.kind,
            ssrc=self.ssrc,
            first_sequence=self._numbered(len(payloads)),
            timestamp=rtp_timestamp(self.kind, shown_at),
            shown_at=shown_at,
            payloads=payloads,
            keyframe=keyframe,
        )

    def sounds(self, data: Sequence[bytes], *, shown_at: float) -> MediaPackets:
        """Return Opus packets that follow each other, to be sent together.

        All but the last are padded to the length of the longest, so that one system call sends
        them. Raises ValueError.
        """
        payloads = [opus_payload(each) for each in data]
        timestamp = self._continued(rtp_timestamp(self.kind, shown_at))
        self._expected = (timestamp + sum(map(opus_ticks, data))) & _TIMESTAMP_MASK
        longest = max(map(len, payloads))
        padded = set()
        for index, payload in enumerate(payloads[:-1]):
            missing = longest - len(payload)
            if 0 < missing < 256:
                payloads[index] = payload + bytes(missing - 1) + bytes((missing,))
                padded.add(index)
        return MediaPackets(
            kind=self.kind,
            ssrc=self.ssrc,
            first_sequence=self._numbered(len(payloads)),
            timestamp=timestamp,
            shown_at=shown_at,
            payloads=tuple(payloads),
            keyframe=True,
            ticks=opus_ticks(data[0]),
            padded=frozenset(padded),
        )

    def _numbered(self, count: int) -> int:
        first, self._next = self._next, self._next + count
        return first

    def _continued(self, timestamp: int) -> int:
        """Return ``timestamp``, or the end of the packet before if that is nearly the same.

        A difference of one tick, from rounding, would be audible: the receiver fills the gap.
        """
        if self._expected is None:
            return timestamp
        ahead = (self._expected - timestamp + _HALF) % (1 << 32) - _HALF
        return self._expected if abs(ahead) <= _SAME_TICKS else timestamp


def rtp_timestamp(kind: Kind, shown_at: float) -> int:
    """Return the RTP timestamp of what is shown at ``shown_at``, server time, Unix seconds.

    An RTP timestamp is server time in ticks, modulo 2**32. So no message has to say which
    timestamp is which position: the timeline of the session does (RFC 7273, ``mediaclk:direct=0``).
    """
    return int(CLOCK_RATES[kind] * shown_at) & _TIMESTAMP_MASK


def rtp_header(
    payload_type: int,
    sequence: int,
    timestamp: int,
    ssrc: int,
    *,
    marker: bool,
    padding: bool = False,
) -> bytes:
    """Return an RTP header (RFC 3550 section 5.1); of ``sequence`` the lower 16 bits count."""
    first = _VERSION | (_PADDING if padding else 0)
    second = payload_type | (_MARKER if marker else 0)
    return _HEADER.pack(first, second, sequence & 0xFFFF, timestamp, ssrc)


def opus_payload(data: bytes) -> bytes:
    """Return an Opus packet as RTP payload (RFC 7587 section 4.2). Raises ValueError."""
    if not 0 < len(data) <= MAX_PAYLOAD:
        raise ValueError(f"an Opus packet of {len(data)} bytes")
    return data


def opus_ticks(packet: bytes) -> int:
    """Return how long an Opus packet sounds, in ticks of 48 kHz (RFC 6716 section 3.1)."""
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        frame = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        frame = (480, 960)[config & 1]
    else:
        frame = (120, 240, 480, 960)[config & 3]
    if code == 3:
        return frame * (packet[1] & 0x3F if len(packet) > 1 else 0)
    return frame * (1 if code == 0 else 2)


def video_payloads(picture: bytes) -> tuple[bytes, ...]:
    """Return a picture as RTP payloads: packetization mode 1 of RFC 6184. Raises ValueError.

    Small NAL units that follow each other share a packet (STAP-A), large ones are cut into pieces
    of equal size (FU-A), so that one system call with ``UDP_SEGMENT`` sends them all.
    """
    payloads: list[bytes] = []
    small: list[bytes] = []
    for unit in nal_units(picture):
        if unit[0] & _TYPE in _USELESS:
            continue
        if small and _aggregate_size(small) + 2 + len(unit) > MAX_PAYLOAD:
            payloads.append(_aggregated(small))
            small = []
        if len(unit) > MAX_PAYLOAD:
            payloads += _fragments(unit)
        else:
            small.append(unit)
    if small:
        payloads.append(_aggregated(small))
    if not payloads:
        raise ValueError("a picture without NAL units")
    return tuple(payloads)


def nal_units(picture: bytes) -> Iterator[bytes]:
    """Yield the NAL units of ``picture``, which has 4 bytes of length before each.

    Raises ValueError where a length does not fit.
    """
    at = 0
    while at < len(picture):
        begin = at + _LENGTH
        at = begin + int.from_bytes(picture[at:begin])
        if at <= begin or at > len(picture):
            raise ValueError("a NAL unit has a wrong length")
        yield picture[begin:at]


def _aggregate_size(units: list[bytes]) -> int:
    return 1 + sum(2 + len(unit) for unit in units)


def _aggregated(units: list[bytes]) -> bytes:
    """Return one payload of ``units`` (RFC 6184 section 5.7.1, STAP-A); a single one as it is."""
    if len(units) == 1:
        return units[0]
    importance = max(unit[0] & _NRI for unit in units)
    sized = (struct.pack("!H", len(unit)) + unit for unit in units)
    return bytes((importance | _STAP_A,)) + b"".join(sized)


def _fragments(unit: bytes) -> Iterator[bytes]:
    """Yield a NAL unit in pieces of equal size, the last at most as long (RFC 6184 section 5.8)."""
    indicator, kind, body = unit[0] & _F_AND_NRI | _FU_A, unit[0] & _TYPE, unit[1:]
    count = -(-len(body) // (MAX_PAYLOAD - 2))
    size = -(-len(body) // count)
    for begin in range(0, len(body), size):
        piece = body[begin : begin + size]
        flags = _FU_START if begin == 0 else 0
        flags |= _FU_END if begin + size >= len(body) else 0
        yield bytes((indicator, kind | flags)) + piece
