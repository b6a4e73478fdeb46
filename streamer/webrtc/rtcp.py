"""RTCP: the reports that a sender makes, and the feedback that it gets (RFC 3550, 4585). Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

__all__ = [
    "Feedback",
    "ReceptionReport",
    "ntp_middle",
    "ntp_time",
    "parse_feedback",
    "sender_report",
    "source_description",
]

_SENDER_REPORT, _RECEIVER_REPORT, _SDES = 200, 201, 202
_TRANSPORT_FEEDBACK, _PAYLOAD_FEEDBACK = 205, 206
_GENERIC_NACK = 1
_PICTURE_LOSS, _FULL_INTRA_REQUEST = 1, 4
_CNAME = 1

_NTP_TO_UNIX_S = 2_208_988_800
_MAX_NACKS = 1000

_COMMON = struct.Struct("!BBH")
_REPORT = struct.Struct("!IIIIII")
_SENDER = struct.Struct("!BBHIQIII")
_TWO_SSRCS = struct.Struct("!II")
_NACK = struct.Struct("!HH")


@dataclass(frozen=True, slots=True)
class ReceptionReport:
    """How one stream arrives (RFC 3550 section 6.4.1)."""

    ssrc: int
    """The stream that it is about."""

    fraction_lost: float
    """Share of packets lost since the report before, 0 to 1."""

    lost: int
    """Packets lost in all; duplicates make it smaller, even negative."""

    jitter: int
    """Variation of the packets' delay, ticks of the stream's clock."""

    last_report: int
    """Middle 32 bits of the NTP time of the last sender report; 0: none has arrived."""

    delay: float
    """Time between that report's arrival and this one, seconds."""


@dataclass(slots=True)
class Feedback:
    """What a viewer says in one RTCP datagram."""

    reports: list[ReceptionReport] = field(default_factory=list)
    """How the streams arrive."""

    lost: list[tuple[int, int]] = field(default_factory=list)
    """SSRC and sequence number (16 bits) of packets to send again (RFC 4585 section 6.2.1)."""

    keyframes: set[int] = field(default_factory=set)
    """SSRCs of which a keyframe is wanted: PLI, or FIR (RFC 5104 section 4.3.1)."""


def ntp_time(unix: float) -> int:
    """Return Unix seconds as a 64-bit NTP timestamp (RFC 3550 section 4)."""
    seconds = int(unix)
    return (seconds + _NTP_TO_UNIX_S) << 32 | int((unix - seconds) * (1 << 32))


def ntp_middle(ntp: int) -> int:
    """Return the middle 32 bits of a NTP timestamp."""
    return ntp >> 16 & 0xFFFFFFFF


def sender_report(ssrc: int, ntp: int, timestamp: int, packets: int, octets: int) -> bytes:
    """Return a sender report without reception reports (RFC 3550 section 6.4.1)."""
    words = _SENDER.size // 4 - 1
    counts = packets & 0xFFFFFFFF, octets & 0xFFFFFFFF
    return _SENDER.pack(2 << 6, _SENDER_REPORT, words, ssrc, ntp, timestamp, *counts)


def source_description(ssrc: int, cname: bytes) -> bytes:
    """Return a description of one source (RFC 3550 section 6.5).

    One packet may describe several, but aiortc as a viewer then drops the whole datagram.
    """
    item = struct.pack("!BB", _CNAME, len(cname)) + cname
    # A chunk ends with at least one zero byte, at a multiple of four.
    item += bytes(4 - len(item) % 4)
    chunk = struct.pack("!I", ssrc) + item
    return _COMMON.pack(2 << 6 | 1, _SDES, len(chunk) // 4) + chunk


def parse_feedback(data: bytes, most_lost: int = _MAX_NACKS) -> Feedback:
    """Return what a compound RTCP packet says. Raises ValueError where it is malformed.

    Of the packets that are lost, those beyond ``most_lost`` are not read.
    """
    feedback = Feedback()
    at = 0
    while at < len(data):
        if len(data) - at < _COMMON.size:
            raise ValueError("an RTCP packet ends in its header")
        first, kind, words = _COMMON.unpack_from(data, at)
        end = at + 4 * (words + 1)
        if first >> 6 != 2 or end > len(data):
            raise ValueError("an RTCP packet has a wrong version or length")
        _add(feedback, first & 0x1F, kind, data[at + _COMMON.size : end], most_lost)
        at = end
    return feedback


def _add(feedback: Feedback, count: int, kind: int, body: bytes, most_lost: int) -> None:
    if kind == _RECEIVER_REPORT:
        feedback.reports += _reports(body, 4, count)
    elif kind == _SENDER_REPORT:
        feedback.reports += _reports(body, 24, count)
    elif kind in (_TRANSPORT_FEEDBACK, _PAYLOAD_FEEDBACK):
        if len(body) < _TWO_SSRCS.size:
            raise ValueError("RTCP feedback without its SSRCs")
        ssrc = _TWO_SSRCS.unpack_from(body)[1]
        if kind == _TRANSPORT_FEEDBACK and count == _GENERIC_NACK:
            room = max(0, most_lost - len(feedback.lost))
            feedback.lost += [(ssrc, lost) for lost in islice(_nacks(body), room)]
        elif kind == _PAYLOAD_FEEDBACK and count == _PICTURE_LOSS:
            feedback.keyframes.add(ssrc)
        elif kind == _PAYLOAD_FEEDBACK and count == _FULL_INTRA_REQUEST:
            # FIR names its streams in its entries, of 8 bytes each.
            for at in range(_TWO_SSRCS.size, len(body) - 7, 8):
                feedback.keyframes.add(_TWO_SSRCS.unpack_from(body, at)[0])


def _reports(body: bytes, begin: int, count: int) -> Iterator[ReceptionReport]:
    if len(body) < begin + count * _REPORT.size:
        raise ValueError("an RTCP report is cut off")
    for number in range(count):
        at = begin + number * _REPORT.size
        ssrc, losses, _highest, jitter, last_report, delay = _REPORT.unpack_from(body, at)
        lost = losses & 0xFFFFFF
        yield ReceptionReport(
            ssrc=ssrc,
            fraction_lost=(losses >> 24) / 256,
            lost=lost - (1 << 24) if lost & 0x800000 else lost,
            jitter=jitter,
            last_report=last_report,
            delay=delay / 65536,
        )


def _nacks(body: bytes) -> Iterator[int]:
    """Yield the sequence numbers of a generic NACK: each entry names one and the 16 after it."""
    for at in range(_TWO_SSRCS.size, len(body) - 3, _NACK.size):
        first, mask = _NACK.unpack_from(body, at)
        yield first
        for bit in range(16):
            if mask >> bit & 1:
                yield (first + bit + 1) & 0xFFFF
