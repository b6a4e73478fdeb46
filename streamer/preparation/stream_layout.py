"""Reads how an H.264 stream is laid out (ITU-T H.264), and tells whether it can be cut together.

A live stream is made of pieces, repeats pictures and begins anywhere. That takes slices whose
numbers can be changed, and keyframes of our own encoder that stand among those of the film.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from av.codec.context import CodecContext
from av.video.frame import PictureType, VideoFrame

from streamer.preparation.nal_units import PPS, SPS, annex_b_to_lengths, nal_type, split
from streamer.preparation.plan import X264_OPTIONS

__all__ = [
    "NotLaidOut",
    "SliceBits",
    "StreamLayout",
    "encoded_keyframe",
    "is_like_ours",
    "stream_layout",
]

_HIGH_PROFILES = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135))
"""``profile_idc`` of parameter sets with fields for chroma (section 7.3.2.1.1)."""


@dataclass(frozen=True, slots=True)
class StreamLayout:
    """What of a stream's parameter sets tells where fields of its slices stand."""

    frame_num_bits: int
    """Bits of ``frame_num``."""

    order_bits: int
    """Bits of ``pic_order_cnt_lsb``, which follows it; 0 where slices have none."""

    columns: int
    """Macroblocks beside each other in a picture."""

    rows: int
    """Macroblocks below each other in a picture."""

    has_deblocking: bool
    """Whether slices say how they are deblocked."""

    has_redundant_count: bool
    """Whether slices carry ``redundant_pic_cnt``."""


def stream_layout(units: list[bytes]) -> StreamLayout | None:
    """Return the layout of a stream by its keyframe's NAL units; None where it is another kind.

    What is known: pictures, not fields, coded by CAVLC, shown in the order in which they are
    decoded, each referring to the reference before it alone.
    """
    sps, pps = _of_type(units, SPS), _of_type(units, PPS)
    if len(sps) != 1 or len(pps) != 1:
        return None
    try:
        return _layout(SliceBits(sps[0]), SliceBits(pps[0]))
    except (IndexError, NotLaidOut):
        return None


class NotLaidOut(Exception):
    """The stream is of another kind."""


class SliceBits:
    """Reads the fields of a NAL unit (section 7.2), and knows where it stands."""

    def __init__(self, unit: bytes) -> None:
        self._data = unit[1:].replace(b"\0\0\3", b"\0\0")
        self.at = 0

    def fixed(self, count: int) -> int:
        """Read ``count`` bits, u(n)."""
        value = 0
        for _ in range(count):
            value = value << 1 | self._data[self.at >> 3] >> (7 - (self.at & 7)) & 1
            self.at += 1
        return value

    def coded(self) -> int:
        """Read an Exp-Golomb code (section 9.1)."""
        zeros = 0
        while not self.fixed(1):
            zeros += 1
            if zeros > 32:
                raise NotLaidOut
        return (1 << zeros) - 1 + self.fixed(zeros)


def _layout(sps: SliceBits, pps: SliceBits) -> StreamLayout:
    """Read both parameter sets (sections 7.3.2.1.1 and 7.3.2.2). Raises NotLaidOut."""
    profile = sps.fixed(8)
    sps.fixed(16)
    sps.coded()
    _expect(profile not in _HIGH_PROFILES)
    frame_num_bits = sps.coded() + 4
    order_type = sps.coded()
    # Type 2: in decoding order, without a number of its own in each slice (section 8.2.1.3).
    _expect(order_type in (0, 2))
    order_bits = sps.coded() + 4 if order_type == 0 else 0
    _expect(sps.coded() == 1)
    sps.fixed(1)
    columns, rows = sps.coded() + 1, sps.coded() + 1
    _expect(sps.fixed(1) == 1)
    _expect(pps.coded() == 0)
    pps.coded()
    # CAVLC, no field of the picture order, one slice group.
    _expect(pps.fixed(1) == 0)
    _expect(pps.fixed(1) == 0 or order_bits == 0)
    _expect(pps.coded() == 0)
    _expect(pps.coded() == 0)
    pps.coded()
    _expect(pps.fixed(3) == 0)
    for _ in range(3):
        pps.coded()
    has_deblocking = pps.fixed(1) == 1
    pps.fixed(1)
    has_redundant_count = pps.fixed(1) == 1
    return StreamLayout(
        frame_num_bits, order_bits, columns, rows, has_deblocking, has_redundant_count
    )


def _expect(condition: bool) -> None:
    if not condition:
        raise NotLaidOut


def is_like_ours(parameter_sets: list[bytes]) -> bool:
    """Return whether keyframes of our encoder can stand in a stream of these parameter sets."""
    layout = stream_layout(parameter_sets)
    return layout is not None and _is_like_ours(layout, *_of_type(parameter_sets, PPS))


@lru_cache(maxsize=64)
def _is_like_ours(layout: StreamLayout, pps: bytes) -> bool:
    width, height = layout.columns * 16, layout.rows * 16
    ours = split(encoded_keyframe(VideoFrame(width, height, "yuv420p")), 4)
    return stream_layout(ours) == layout and _of_type(ours, PPS) == [pps]


def encoded_keyframe(frame: VideoFrame, parameters: str = "") -> bytes:
    """Return ``frame`` as a keyframe, with lengths before its NAL units.

    ``parameters`` are x264's, beside those of the rendition. Raises FFmpegError.
    """
    encoder = CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {**X264_OPTIONS, "x264-params": parameters}
    frame.pts, frame.time_base, frame.pict_type = 0, Fraction(1, 25), PictureType.I
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return annex_b_to_lengths(b"".join(map(bytes, packets)))


def _of_type(units: list[bytes], wanted: int) -> list[bytes]:
    return [unit for unit in units if nal_type(unit) == wanted]
