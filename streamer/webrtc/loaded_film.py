"""The segments of a film that are in memory, and which of their frames stands where. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from streamer.preparation.segments import Sample, Segment

__all__ = ["FramePlace", "LoadedFilm"]

ROUNDING_S = 1e-5
"""Positions of timelines are rounded: a frame begins by so much earlier, seconds."""


class FramePlace(NamedTuple):
    """Which frame of a film: number ``frame`` of a segment."""

    segment: int
    frame: int


class LoadedFilm:
    """Segments by number, and what is found in them."""

    def __init__(self, number_at: Callable[[float], int], duration: float) -> None:
        """``number_at`` names the segment of a position; the film is ``duration`` seconds long."""
        self.duration = duration
        self._number_at = number_at
        self._segments: dict[int, Segment] = {}
        self._positions: dict[int, list[float]] = {}

    def add(self, segment: Segment) -> None:
        """Take a segment."""
        self._segments[segment.number] = segment
        self._positions[segment.number] = [sample.position for sample in segment.video]

    def keep(self, numbers: Collection[int]) -> None:
        """Forget all other segments."""
        for number in [each for each in self._segments if each not in numbers]:
            del self._segments[number], self._positions[number]

    def __contains__(self, number: int) -> bool:
        return number in self._segments

    @property
    def has_sound(self) -> bool:
        """Whether any of the segments has sound."""
        return any(segment.sound for segment in self._segments.values())

    def number_at(self, position: float) -> int:
        """Return the number of the segment that holds ``position``, seconds."""
        return self._number_at(max(0.0, position + ROUNDING_S))

    def frame_at(self, position: float) -> FramePlace | None:
        """Return the frame that stands at ``position``, seconds; None: it is not in memory."""
        number = self.number_at(position)
        positions = self._positions.get(number)
        if not positions:
            return None
        # Where the first frame of a segment begins late, it stands in for what is before it.
        return FramePlace(number, max(0, bisect_right(positions, position + ROUNDING_S) - 1))

    def sample(self, place: FramePlace) -> Sample:
        """Return a frame that is in memory."""
        return self._segments[place.segment].video[place.frame]

    def segment(self, number: int) -> Segment | None:
        """Return a segment, if it is in memory."""
        return self._segments.get(number)

    def next_position(self, place: FramePlace) -> float:
        """Return where the frame after ``place`` begins, seconds; the film's end where none is."""
        positions = self._positions[place.segment]
        if place.frame + 1 < len(positions):
            return positions[place.frame + 1]
        following = self._positions.get(place.segment + 1)
        return following[0] if following else self._segments[place.segment].end

    def way_to(self, place: FramePlace, before: FramePlace | None) -> Iterator[FramePlace]:
        """Yield the frames to decode after ``before``, up to ``place``, so that it is shown."""
        first = 0
        if before is not None and before.segment == place.segment and before.frame <= place.frame:
            first = before.frame + 1
        for index in range(first, place.frame + 1):
            yield FramePlace(place.segment, index)

    def sound_from(self, position: float) -> tuple[float, bytes] | None:
        """Return the first packet of sound at or after ``position`` (s) and where it begins.

        None: it is not in memory, or there is none nearby.
        """
        number = self.number_at(position)
        for segment in (self._segments.get(number), self._segments.get(number + 1)):
            if segment is None:
                return None
            index = bisect_left(segment.sound, position - ROUNDING_S, key=lambda s: s.position)
            if index < len(segment.sound):
                return segment.sound[index].position, segment.sound[index].data
        return None
