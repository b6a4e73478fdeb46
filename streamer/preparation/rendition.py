"""The live rendition of one film while it is played and made."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol
from weakref import WeakKeyDictionary

from streamer.preparation.errors import Reason, RenditionUnavailable
from streamer.preparation.fragments import Damaged
from streamer.preparation.messages import FilmFile
from streamer.preparation.plan import RenditionPlan
from streamer.preparation.schedule import Place, Wanted, most_urgent
from streamer.preparation.segments import Sample, Segment, SegmentFolder, TrackKind

__all__ = ["FilmRendition", "LiveRendition", "Track"]

PLACE_HOLDS_S = 60.0
"""How long it is believed where a timeline stands, seconds after it was last told."""

RETRY_S = 5.0
"""How long a rendition that failed is left alone, seconds."""

MAX_SEGMENT_WAIT_S = 900.0
"""How long a caller waits for a segment at most, seconds."""

_READS_OF_ONE = 3
"""How often a segment is made again whose file is not whole."""


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


@dataclass(slots=True)
class Track:
    """One track of a rendition and what is made of it."""

    kind: TrackKind
    """Which track it is."""

    folder: SegmentFolder
    """Where its segments lie."""

    made: set[int] = field(default_factory=set)
    """The numbers of those that are made."""


class FilmRendition:
    """What all timelines of one film share: plan, tracks, and who waits for which segment."""

    def __init__(
        self,
        file: FilmFile,
        plan: RenditionPlan,
        tracks: Mapping[TrackKind, Track],
        clock: Callable[[], float],
        wake: Callable[[], None],
        read: Callable[[Callable[[], tuple[Sample, ...]]], Awaitable[tuple[Sample, ...]]],
    ) -> None:
        """Have ``wake`` called when something new is wanted; ``read`` runs what blocks."""
        self.file = file
        self.plan = plan
        self.tracks = tracks
        self.failure: Reason | None = None
        """Why it cannot be made, until ``retry_at``."""
        self.retry_at = 0.0
        """When making it may be tried again, seconds of the clock."""
        self._clock = clock
        self._wake = wake
        self._read = read
        self._asked: dict[asyncio.Future[None], tuple[int, float]] = {}
        self._places: WeakKeyDictionary[_Playing, Place] = WeakKeyDictionary()

    def play(self) -> LiveRendition:
        """Return the rendition for one more timeline."""
        return _Playing(self)

    @property
    def progress(self) -> float:
        """Share of the segments that is made, 0 to 1."""
        made = sum(len(track.made) for track in self.tracks.values())
        return made / (self.plan.count * len(self.tracks))

    def wanted(self, kind: TrackKind, now: float) -> Wanted | None:
        """Return what is to be made next of a track; None where nothing is, or may be now."""
        track = self.tracks.get(kind)
        if track is None or (self.failure is not None and now < self.retry_at):
            return None
        asked: dict[int, float] = {}
        for number, deadline in self._asked.values():
            asked[number] = min(deadline, asked.get(number, deadline))
        places = [p for p in self._places.values() if now - p.instant < PLACE_HOLDS_S]
        return most_urgent(self.plan, track.made, asked, places, now)

    def take(self, kind: TrackKind, number: int) -> None:
        """Note that a segment is made, and wake who waits for it."""
        self.failure = None
        self.tracks[kind].made.add(number)
        for future, (wanted, _) in self._asked.items():
            if wanted == number and not future.done() and self._is_made(number):
                future.set_result(None)

    def fail(self, code: Reason, detail: str) -> None:
        """Note that nothing can be made now, and tell all who wait."""
        self.failure, self.retry_at = code, self._clock() + RETRY_S
        for future in self._asked:
            if not future.done():
                future.set_exception(RenditionUnavailable(code, detail))

    def _is_made(self, number: int) -> bool:
        return all(number in track.made for track in self.tracks.values())

    def place(self, playing: _Playing, position: float, rate: float) -> None:
        """Note where a timeline stands."""
        self._places[playing] = Place(position, rate, self._clock())
        self._wake()

    async def segment(self, number: int, within: float) -> Segment:
        """Return a segment, made first where it is not."""
        for _ in range(_READS_OF_ONE):
            if not self._is_made(number):
                await self._wait_for(number, within)
            try:
                return await self._whole(number)
            except (OSError, Damaged):
                # Somebody has emptied the folder, or the machine lost its power while writing.
                for track in self.tracks.values():
                    track.made.discard(number)
        raise RenditionUnavailable("write_failed", f"segment {number} cannot be read back")

    async def _wait_for(self, number: int, within: float) -> None:
        if self.failure is not None and self._clock() < self.retry_at:
            raise RenditionUnavailable(self.failure)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked[future] = number, self._clock() + within
        self._wake()
        try:
            async with asyncio.timeout(MAX_SEGMENT_WAIT_S):
                await future
        except TimeoutError as error:
            raise RenditionUnavailable("too_costly") from error
        finally:
            del self._asked[future]

    async def _whole(self, number: int) -> Segment:
        tracks = {
            kind: await self._read(partial(track.folder.read, number))
            for kind, track in self.tracks.items()
        }
        edges = self.plan.edges
        return Segment(
            number=number,
            start=float(edges[number]),
            end=float(edges[number + 1]),
            video=tracks.get("video", ()),
            sound=tracks.get("sound", ()),
        )


class _Playing:
    """A rendition as one timeline plays it."""

    def __init__(self, rendition: FilmRendition) -> None:
        self._rendition = rendition

    @property
    def duration(self) -> float:
        return float(self._rendition.plan.duration)

    @property
    def progress(self) -> float:
        return self._rendition.progress

    def number_at(self, position: float) -> int:
        return self._rendition.plan.number_at(position)

    async def segment(self, number: int, *, within: float) -> Segment:
        if not 0 <= number < self._rendition.plan.count:
            raise ValueError(f"there is no segment {number}")
        return await self._rendition.segment(number, within)

    def follow(self, position: float, rate: float) -> None:
        self._rendition.place(self, position, rate)
