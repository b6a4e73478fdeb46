"""Movie fragments of one track (ISO/IEC 14496-12 section 8.8): written whole, and read back.

A fragment is a ``moof`` and an ``mdat``, with the decode time of its first sample in ``tfdt``, and
behind them a ``free`` box with the CRC-32 of both: players skip it, and a disk may change bytes.
There are no B-frames, so a sample is shown at its decode time.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

__all__ = ["Damaged", "TimedSample", "read_fragment", "write_fragment"]

_BOX = struct.Struct(">I4s")
_MFHD = struct.Struct(">I4sII")
_TFHD = struct.Struct(">I4sII")
_TFDT = struct.Struct(">I4sIQ")
_TRUN = struct.Struct(">I4sIIi")
_SAMPLE = struct.Struct(">III")
_CHECK = struct.Struct(">I4sI")

_DEFAULT_BASE_IS_MOOF = 0x020000
_VERSION_1 = 0x01000000
_TRUN_FIELDS = 0x000001 | 0x000100 | 0x000200 | 0x000400
"""Data offset; then duration, size and flags of each sample."""

_KEYFRAME, _OTHER = 0x02000000, 0x01010000
"""Sample flags: depends on no other; depends on others and is no sync sample."""

_HEADS = _BOX.size + _MFHD.size + _BOX.size + _TFHD.size + _TFDT.size + _TRUN.size
"""Length of a fragment before the list of its samples, bytes."""


class Damaged(Exception):
    """A file that is no whole fragment."""


@dataclass(frozen=True, slots=True)
class TimedSample:
    """One encoded frame or packet of sound."""

    time: int
    """When it is shown, ticks of its track's time scale from the film's beginning."""

    data: bytes
    """Its bytes."""

    keyframe: bool
    """Whether decoding can begin with it."""


def write_fragment(number: int, samples: Sequence[TimedSample], end: int) -> bytes:
    """Return the fragment of ``samples``: at least one, ascending; the last lasts to ``end``."""
    times = [*(sample.time for sample in samples), end]
    durations = [max(after - before, 0) for before, after in pairwise(times)]
    table = b"".join(
        _SAMPLE.pack(duration, len(sample.data), _KEYFRAME if sample.keyframe else _OTHER)
        for duration, sample in zip(durations, samples, strict=True)
    )
    moof = _HEADS + len(table)
    traf = moof - _BOX.size - _MFHD.size
    payload = b"".join(sample.data for sample in samples)
    content = b"".join(
        (
            _BOX.pack(moof, b"moof"),
            _MFHD.pack(_MFHD.size, b"mfhd", 0, number + 1),
            _BOX.pack(traf, b"traf"),
            _TFHD.pack(_TFHD.size, b"tfhd", _DEFAULT_BASE_IS_MOOF, 1),
            _TFDT.pack(_TFDT.size, b"tfdt", _VERSION_1, samples[0].time),
            _TRUN.pack(
                _TRUN.size + len(table), b"trun", _TRUN_FIELDS, len(samples), moof + _BOX.size
            ),
            table,
            _BOX.pack(_BOX.size + len(payload), b"mdat"),
            payload,
        )
    )
    return content + _check_of(content)


def _check_of(content: bytes) -> bytes:
    return _CHECK.pack(_CHECK.size, b"free", zlib.crc32(content))


def read_fragment(content: bytes) -> tuple[TimedSample, ...]:
    """Return the samples of what :func:`write_fragment` wrote.

    Raises Damaged: after a power cut a file may be shorter than it was written, or filled with 0,
    in part too. Files of before there was a checksum are taken as they are.
    """
    whole, check = content[: -_CHECK.size], content[-_CHECK.size :]
    if check == _check_of(whole):
        content = whole
    if len(content) < _HEADS + _SAMPLE.size + _BOX.size:
        raise Damaged("it is too short")
    moof, kind = _BOX.unpack_from(content)
    if kind != b"moof" or moof + _BOX.size > len(content):
        raise Damaged("it does not begin with a whole moof box")
    at = _HEADS - _TRUN.size - _TFDT.size
    _, tfdt, _, time = _TFDT.unpack_from(content, at)
    _, trun, _, count, offset = _TRUN.unpack_from(content, at + _TFDT.size)
    mdat, data = _BOX.unpack_from(content, moof)
    if (tfdt, trun, data) != (b"tfdt", b"trun", b"mdat") or moof + mdat != len(content):
        raise Damaged("its boxes are not those of a whole fragment")
    if _HEADS + count * _SAMPLE.size != moof or offset != moof + _BOX.size:
        raise Damaged("its table of samples is broken")
    rows = list(_SAMPLE.iter_unpack(content[_HEADS:moof]))
    times = accumulate((duration for duration, _, _ in rows), initial=time)
    ends = list(accumulate((size for _, size, _ in rows), initial=offset))
    if ends[-1] != len(content):
        raise Damaged("its samples are more or less than its bytes")
    return tuple(
        TimedSample(time, content[begin:end], flags == _KEYFRAME)
        for (_, _, flags), time, (begin, end) in zip(rows, times, pairwise(ends), strict=False)
    )
