"""Looks at a film for its plan: rate, upright size, sound, and whether it can be copied."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import av
from av.video.frame import VideoFrame

from streamer.preparation.copying import is_copyable, keyframe_times
from streamer.preparation.errors import Unmakeable
from streamer.preparation.plan import SourceFacts
from streamer.preparation.source import Source

__all__ = ["survey"]


def survey(source: Source) -> SourceFacts:
    """Return the facts of an opened film. Raises Unmakeable where its picture can't be decoded."""
    frame = _first_frame(source)
    wide = Fraction(frame.width) * (source.video.sample_aspect_ratio or 1)
    high = Fraction(frame.height)
    if frame.rotation % 180:
        wide, high = high, wide
    facts = SourceFacts(
        duration=source.duration,
        rate=source.rate,
        width=round(wide),
        height=round(high),
        sound=source.sound is not None,
        bit_rate=source.container.bit_rate or 0,
        keyframes=(
            keyframe_times(source) if is_copyable(source) and frame.rotation % 360 == 0 else ()
        ),
    )
    if min(facts.width, facts.height) < 1:
        raise Unmakeable("no_picture")
    return facts


def _first_frame(source: Source) -> VideoFrame:
    try:
        for _, frame in source.decoded(source.video, Fraction(0), Fraction(0)):
            return cast("VideoFrame", frame)
    except av.FFmpegError as error:
        raise Unmakeable("no_picture", str(error)) from error
    raise Unmakeable("no_picture")
