"""What a pump is given: one film's live rendition, as one timeline plays it."""

from __future__ import annotations

from typing import Protocol

from streamer.preparation.segments import Segment

__all__ = ["LiveRendition"]


class LiveRendition(Protocol):
    """One film's live rendition, as one timeline plays it."""

    @property
    def duration(self) -> float:
        """Length, seconds of the film."""
        ...

    @property
    def progress(self) -> float:
        """Share of the segments that is made, 0 to 1."""
        ...

    @property
    def behind(self) -> bool:
        """Whether making is slower than this timeline, which is about to stall or does."""
        ...

    def number_at(self, position: float) -> int:
        """Return the number of the segment that holds ``position``, seconds of the film."""
        ...

    async def segment(self, number: int, *, within: float) -> Segment:
        """Return a segment; one that is not made yet is ordered, ``within`` seconds from now.

        Waits until it is made. Raises RenditionUnavailable.
        """
        ...

    def follow(self, position: float, rate: float) -> None:
        """Tell where the timeline stands now, at each change and at least twice a minute.

        What comes next is made ahead of it.
        """
        ...
