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

from av.codec.context import CodecContext
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame

from streamer.preparation.nal_units import (
    IDR,
    PPS,
    SPS,
    joined,
    lengths_to_annex_b,
    nal_type,
    split,
)
from streamer.preparation.segments import Sample
from streamer.preparation.stream_layout import encoded_keyframe, is_like_ours

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
    sets = [unit for unit in units if nal_type(unit) in (SPS, PPS)]
    if not is_like_ours(sets):
        return None
    made = split(encoded_keyframe(_last_picture(pictures), _QUALITY), 4)
    return joined([*sets, *(unit for unit in made if nal_type(unit) == IDR)])


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
