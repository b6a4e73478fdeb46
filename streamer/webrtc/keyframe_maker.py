"""Makes a keyframe of any frame of the live rendition.

A latecomer can begin with the picture of the moment then, and a seek or a long pause needs no
pictures that are only decoded. What follows in the film is decoded after it as after the original:
the keyframe is coded by the parameter sets of the stream, and differs from the original picture by
no more than the loss of one more encoding, until the next keyframe of the rendition.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import lru_cache

from av.codec.context import CodecContext
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame

from streamer.preparation.nal_units import (
    IDR,
    PPS,
    SPS,
    annex_b_to_lengths,
    joined,
    lengths_to_annex_b,
    nal_type,
    split,
)
from streamer.preparation.plan import X264_OPTIONS
from streamer.preparation.segments import Sample
from streamer.webrtc.h264 import StreamLayout, stream_layout

__all__ = ["KeyframeMaker"]

logger = logging.getLogger("seans.webrtc")

THREADS = 1
"""Pictures that are made at once: each takes tens of milliseconds of one core."""

MAX_WAITING = 16
"""Pictures that may wait to be made; what is asked for beyond is not made."""

_QUALITY = "ipratio=2.2"
"""x264: a keyframe that is better than those of the rendition, since it is an encoding more."""


class KeyframeMaker:
    """Makes keyframes in a thread, so that the event loop goes on."""

    def __init__(self) -> None:
        self.made = 0
        """Keyframes made since the start."""
        self.failed = 0
        """Frames of which none could be made."""
        self._waiting = 0
        self._thread = ThreadPoolExecutor(THREADS, thread_name_prefix="keyframes")

    @property
    def is_busy(self) -> bool:
        """Whether any is being made."""
        return self._waiting > 0

    def close(self) -> None:
        """Make no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def keyframe(self, pictures: list[Sample]) -> bytes | None:
        """Return a keyframe that shows the last of ``pictures``; the first is a keyframe itself.

        None where the stream is not as the preparation's encoder makes it, or too much waits.
        """
        if self._waiting >= MAX_WAITING:
            return None
        self._waiting += 1
        try:
            made = await asyncio.get_running_loop().run_in_executor(
                self._thread, _keyframe, [sample.data for sample in pictures]
            )
        except (FFmpegError, ValueError) as error:
            logger.warning("no keyframe could be made: %s", error)
            made = None
        finally:
            self._waiting -= 1
        self.made += made is not None
        self.failed += made is None
        return made


def _keyframe(pictures: list[bytes]) -> bytes | None:
    """Return a keyframe of the last of ``pictures``. Raises FFmpegError, ValueError."""
    units = split(pictures[0], 4)
    layout = stream_layout(units)
    if layout is None or not _is_like_ours(layout, _of_type(units, PPS)[0]):
        return None
    frame = _last_picture(pictures)
    slices = _of_type(split(_encoded(frame, frame.width, frame.height), 4), IDR)
    return joined([*_of_type(units, SPS), *_of_type(units, PPS), *slices])


@lru_cache(maxsize=64)
def _is_like_ours(layout: StreamLayout, pps: bytes) -> bool:
    """Return whether slices of our encoder can stand in a stream of these parameter sets."""
    width, height = layout.columns * 16, layout.rows * 16
    ours = split(_encoded(VideoFrame(width, height, "yuv420p"), width, height), 4)
    return stream_layout(ours) == layout and _of_type(ours, PPS) == [pps]


def _of_type(units: list[bytes], wanted: int) -> list[bytes]:
    return [unit for unit in units if nal_type(unit) == wanted]


def _last_picture(pictures: list[bytes]) -> VideoFrame:
    """Return the last of ``pictures``, decoded. Raises ValueError where it does not come out."""
    decoder = CodecContext.create("h264", "r")
    decoder.thread_count = 1
    frame = None
    for picture in pictures:
        frame = next(iter(decoder.decode(Packet(lengths_to_annex_b(picture)))), frame)
    if frame is None or frame.is_corrupt:
        raise ValueError("a picture of the rendition cannot be decoded")
    return frame


def _encoded(frame: VideoFrame, width: int, height: int) -> bytes:
    """Return ``frame`` as a keyframe, with lengths before its NAL units."""
    encoder = CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {**X264_OPTIONS, "x264-params": _QUALITY}
    frame.pts, frame.time_base, frame.pict_type = 0, Fraction(1, 25), PictureType.I
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return annex_b_to_lengths(b"".join(map(bytes, packets)))
