"""Decoded sound by its place in samples, the same wherever decoding began.

Containers round timestamps: Matroska to 1 ms, which is 48 samples, and files made from one inherit
that. Two runs placed by their first timestamps would differ by some samples, a click. So samples
are counted from an offset on which all beginnings agree: the middle of what 1.5 s of timestamps
allow, moved to the grid of the codec's frames as the film began it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, cast

from streamer.preparation.source import Source

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream

__all__ = ["counted_frames"]

_SETTLING_S = Fraction(3, 2)
"""How much sound is compared before its offset is fixed, seconds."""

_HELD_BEFORE_S = 2
"""Sound from so long before the wanted sample on is compared, seconds."""

_MAX_JITTER = 50
"""Differences of more than one such part of a second are no rounding."""

_MAX_GRID_CORRECTION = 200
"""The grid moves an offset by less than one such part of a second."""

Timed = tuple[Fraction, "AudioFrame"]
"""A frame and its timestamp in samples."""


def counted_frames(source: Source, track: AudioStream, start: int) -> Iterator[Timed]:
    """Yield (first sample, frame) from before sample ``start`` of the track on, in its own rate.

    Frames follow one another without gap or overlap; only real holes of the film are left.
    """
    rate = track.rate
    if track.index not in source.sound_grids and start > 0:
        # The film's beginning tells the grid.
        next(counted_frames(source, track, 0), None)
    at: int | None = None
    for held in _settled(source, track, start):
        if at is None:
            at = _offset(source, track, held)
            # The very first frame may be cut (priming): the grid begins behind it.
            source.sound_grids.setdefault(track.index, at + held[0][1].samples)
        for said, frame in held:
            apart = said - at
            if apart > rate // _MAX_JITTER:
                at = round(said)
            # Else one that is told twice is left out.
            if apart > -rate // _MAX_JITTER:
                yield Fraction(at), frame
                at += frame.samples


def _settled(source: Source, track: AudioStream, start: int) -> Iterator[list[Timed]]:
    """Yield the first 1.5 s as one list, then each frame in a list of its own."""
    rate, held, settled = track.rate, list[Timed](), False
    begin = Fraction(start, rate) - _SETTLING_S
    for time, frame in source.decoded(track, begin, Fraction(0)):
        at = time * rate
        if settled:
            yield [(at, cast("AudioFrame", frame))]
        elif at >= start - _HELD_BEFORE_S * rate:
            held.append((at, cast("AudioFrame", frame)))
            if at - held[0][0] >= _SETTLING_S * rate:
                settled = True
                yield held
    if held and not settled:
        yield held


def _offset(source: Source, track: AudioStream, held: Sequence[Timed]) -> int:
    """Return the sample at which the first of ``held`` begins."""
    rate = track.rate
    counts = list(accumulate((frame.samples for _, frame in held), initial=0))
    offsets = [said - count for (said, _), count in zip(held, counts, strict=False)]
    jitter = max(offsets) - min(offsets)
    middle = (max(offsets) + min(offsets)) / 2 if jitter < rate // _MAX_JITTER else offsets[-1]
    sizes = {frame.samples for _, frame in held[1:-1]}
    grid = source.sound_grids.get(track.index)
    if grid is not None and len(sizes) <= 1:
        size = held[-1][1].samples
        off = (middle - grid + Fraction(size, 2)) % size - Fraction(size, 2)
        if abs(off) < Fraction(rate, _MAX_GRID_CORRECTION):
            middle -= off
    return round(middle)
