"""The live rendition of one film while it is played and made: who waits for what."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from weakref import WeakKeyDictionary

from streamer.preparation.errors import OF_ONE_SEGMENT, Reason, RenditionUnavailable
from streamer.preparation.films import FilmFile
from streamer.preparation.fragments import Damaged
from streamer.preparation.live_rendition import LiveRendition
from streamer.preparation.plan import RenditionPlan
from streamer.preparation.schedule import NO_DEADLINE, Place, Wanted, lead_of, most_urgent
from streamer.preparation.segments import Sample, Segment, TrackKind
from streamer.preparation.speed import is_behind
from streamer.preparation.track import Failure, Track, failed_again

__all__ = ["FilmRendition"]

logger = logging.getLogger("seans.preparation")

PLACE_HOLDS_S = 60.0
"""How long it is believed where a timeline stands, seconds after it was last told."""

MAX_SEGMENT_WAIT_S = 900.0
"""How long a caller waits for a segment at most, seconds."""

MAX_WAITING = 256
"""Callers that may wait for segments of one film."""

_READS_OF_ONE = 3
"""How often a segment is made again whose file is not whole."""


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
        continues: Callable[[], bool] = lambda: True,
    ) -> None:
        """Have ``wake`` called when something new is wanted; ``read`` runs what blocks.

        ``continues`` tells whether all of the film is to be made, not only what is wanted soon.
        """
        self.file = file
        self.plan = plan
        self.tracks = tracks
        self.failures = 0
        """How often something could not be made."""
        self._clock = clock
        self._wake = wake
        self._read = read
        self._continues = continues
        self._failure: Failure | None = None
        self._asked: dict[asyncio.Future[None], tuple[int, float]] = {}
        self._playing: WeakKeyDictionary[_Playing, Place] = WeakKeyDictionary()

    def play(self) -> LiveRendition:
        """Return the rendition for one more timeline."""
        return _Playing(self)

    @property
    def identity(self) -> str:
        """What tells its segments from those of another version."""
        return " ".join(track.folder.path.name for track in self.tracks.values())

    @property
    def progress(self) -> float:
        """Share of the segments that is made, 0 to 1."""
        made = sum(len(track.made) for track in self.tracks.values())
        return made / (self.plan.count * len(self.tracks))

    def length_of(self, number: int) -> float:
        """Return how long a segment is, seconds of the film."""
        return float(self.plan.edges[number + 1] - self.plan.edges[number])

    @property
    def behind(self) -> bool:
        """Whether making is too slow for one of the timelines."""
        return any(playing.behind for playing in self._playing)

    @property
    def waiting(self) -> int:
        """How many callers wait for a segment."""
        return len(self._asked)

    @property
    def failure(self) -> Reason | None:
        """Why the film cannot be made at the moment, None where it can."""
        return self._failure.code if self._failure is not None else None

    def wanted(self, kind: TrackKind, now: float) -> Wanted | None:
        """Return what is to be made next of a track; None where nothing is, or may be now."""
        track = self.tracks.get(kind)
        if track is None or len(track.made) == self.plan.count:
            return None
        if self._failure is not None and self._failure.holds(now):
            return None
        asked: dict[int, float] = {}
        for number, deadline in self._asked.values():
            asked[number] = min(deadline, asked.get(number, deadline))
        places = self._places(now).values()
        wanted = most_urgent(self.plan, track.passed_over(now), asked, places, now)
        for_nobody = wanted is not None and wanted.deadline == NO_DEADLINE
        return None if for_nobody and not self._continues() else wanted

    def take(self, kind: TrackKind, number: int, took: float, *, begins_run: bool) -> None:
        """Note that a segment was made in ``took`` seconds, and wake who waits for it."""
        self.tracks[kind].take(self.plan, number, took, begins_run=begins_run)
        self._failure = None
        for future, (wanted, _) in self._asked.items():
            if wanted == number and not future.done() and self._is_made(number):
                future.set_result(None)

    def fail(self, kind: TrackKind, number: int, code: Reason, detail: str) -> None:
        """Note that a segment, or all of the film, can't be made now, and tell who waits."""
        of_one, failures = code in OF_ONE_SEGMENT, self.tracks[kind].failures
        before = failures.get(number) if of_one else self._failure
        self.failures += 1
        failure = failed_again(before, code, self._clock())
        if of_one:
            failures[number] = failure
        else:
            self._failure = failure
        if before is None or before.code != code:
            logger.warning("segment %d of %s: %s (%s)", number, self.file.path, code, detail)
        for future, (wanted, _) in self._asked.items():
            if not future.done() and (wanted == number or not of_one):
                future.set_exception(RenditionUnavailable(code, detail))

    def close(self, code: Reason) -> None:
        """Tell all who wait, now and later, that nothing is made any more."""
        self._failure = Failure(code, 1, math.inf)
        for future in self._asked:
            if not future.done():
                future.set_exception(RenditionUnavailable(code))

    def judge(self) -> None:
        """Decide for each timeline whether making is too slow for it."""
        now = self._clock()
        places = self._places(now)
        for playing in list(self._playing):
            place = places.get(playing)
            playing.behind = place is not None and self._is_behind(place, playing.behind, now)

    def place(self, playing: _Playing, position: float, rate: float) -> None:
        """Note where a timeline stands."""
        self._playing[playing] = Place(position, rate, self._clock())
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

    def _places(self, now: float) -> dict[_Playing, Place]:
        told = self._playing.items()
        return {who: place for who, place in told if now - place.instant < PLACE_HOLDS_S}

    def _is_behind(self, place: Place, was_behind: bool, now: float) -> bool:
        position = min(place.at(now), float(self.plan.duration))
        remaining = float(self.plan.duration) - position
        return any(
            is_behind(
                track.speed,
                place.rate,
                lead_of(self.plan, track.made, position),
                remaining,
                was_behind=was_behind,
            )
            for track in self.tracks.values()
        )

    def _is_made(self, number: int) -> bool:
        return all(number in track.made for track in self.tracks.values())

    async def _wait_for(self, number: int, within: float) -> None:
        now = self._clock()
        failures = (track.failures.get(number) for track in self.tracks.values())
        for failure in (self._failure, *failures):
            if failure is not None and failure.holds(now):
                raise RenditionUnavailable(failure.code)
        if len(self._asked) >= MAX_WAITING:
            raise RenditionUnavailable("busy")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked[future] = number, now + within
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
        self.behind = False
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
