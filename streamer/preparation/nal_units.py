"""H.264's two ways to say where a NAL unit ends (ITU-T H.264 annex B, ISO/IEC 14496-15)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

__all__ = [
    "IDR",
    "PPS",
    "SPS",
    "annex_b_to_lengths",
    "joined",
    "lengths_to_annex_b",
    "nal_type",
    "parameter_sets",
    "split",
]

IDR, SPS, PPS = 5, 7, 8
"""Types of NAL units (table 7-1): slice of an IDR picture, and the two parameter sets."""

_SEI, _DELIMITER = 6, 9
_LENGTH = struct.Struct(">I")
_START = b"\0\0\1"


def nal_type(unit: bytes) -> int:
    """Return the type of a NAL unit, 0 where it is empty."""
    return unit[0] & 0x1F if unit else 0


def split(data: bytes, length_size: int) -> list[bytes]:
    """Return the NAL units of a sample; ``length_size`` 0: with start codes between them."""
    return list(_by_start_codes(data) if length_size == 0 else _by_lengths(data, length_size))


def joined(units: Sequence[bytes]) -> bytes:
    """Return NAL units, each behind its length in 4 bytes."""
    return b"".join(part for unit in units for part in (_LENGTH.pack(len(unit)), unit))


def annex_b_to_lengths(data: bytes) -> bytes:
    """Return a sample with lengths instead of start codes, without what a viewer does not need."""
    return joined([u for u in _by_start_codes(data) if nal_type(u) not in (_SEI, _DELIMITER)])


def lengths_to_annex_b(data: bytes) -> bytes:
    """Return a sample with start codes instead of lengths of 4 bytes, as decoders take it."""
    return b"".join(b"\0" + _START + unit for unit in _by_lengths(data, 4))


def parameter_sets(extradata: bytes) -> tuple[int, list[bytes]]:
    """Return how many bytes a length takes (0: start codes) and the parameter sets.

    ``extradata`` is an avcC record (ISO/IEC 14496-15 section 5.3.3.1) or in annex B's form. Raises
    ValueError where it is broken.
    """
    if extradata[:1] != b"\1":
        return 0, [u for u in _by_start_codes(extradata) if nal_type(u) in (SPS, PPS)]
    if len(extradata) < 7:
        raise ValueError("the avcC record is too short")
    at, sets = 5, list[bytes]()
    for mask in (0x1F, 0xFF):
        count, at = extradata[at : at + 1], at + 1
        for _ in range((count[0] if count else 0) & mask):
            size = int.from_bytes(extradata[at : at + 2], "big")
            sets.append(extradata[at + 2 : at + 2 + size])
            at += 2 + size
    if at > len(extradata):
        raise ValueError("the avcC record is cut off")
    return (extradata[4] & 3) + 1, sets


def _by_start_codes(data: bytes) -> Iterator[bytes]:
    at = data.find(_START)
    while at >= 0:
        after = data.find(_START, at + 3)
        # A fourth zero belongs to the next start code, others are padding.
        unit = data[at + 3 : None if after < 0 else after].rstrip(b"\0")
        if unit:
            yield unit
        at = after


def _by_lengths(data: bytes, size: int) -> Iterator[bytes]:
    at = 0
    while at + size <= len(data):
        length = int.from_bytes(data[at : at + size], "big")
        at += size
        if at + length > len(data):
            raise ValueError("a NAL unit is longer than its sample")
        if length:
            yield data[at : at + length]
        at += length
