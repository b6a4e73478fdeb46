"""Makes live renditions: plans them, and gives the workers what is wanted most.

Nothing runs before somebody asks for a rendition.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Self, TypeVar
from uuid import UUID

from streamer.preparation.errors import RenditionUnavailable
from streamer.preparation.messages import FilmFile, plan_json
from streamer.preparation.plan import RenditionPlan, SourceFacts, plan_rendition
from streamer.preparation.rendition import FilmRendition, LiveRendition, Track
from streamer.preparation.segments import TRACK_KINDS, SegmentFolder, TrackKind
from streamer.preparation.slot import Run, Slot
from streamer.preparation.worker_process import DEFAULT_LIMITS, WorkerLimits

__all__ = ["FilmLookUp", "Maker", "PreparableFilm"]

logger = logging.getLogger("seans.preparation")

T = TypeVar("T")

READER_THREADS = 2
"""How many files of segments are read at once."""

TEND_S = 1.0
"""How often workers are looked after, seconds."""


@dataclass(frozen=True, slots=True)
class PreparableFilm:
    """A film of the library, as far as making a rendition needs it."""

    file: FilmFile
    """Its file."""

    content: str
    """What tells its content from others."""

    duration: float | None
    """Length by which timelines go, seconds; None where the library cannot tell."""


FilmLookUp = Callable[[UUID], PreparableFilm | None]
"""Returns a film by its id; None where there is none."""


class Maker:
    """All live renditions, and the workers that make them."""

    def __init__(
        self,
        data: Path,
        find: FilmLookUp,
        clock: Callable[[], float],
        limits: WorkerLimits = DEFAULT_LIMITS,
    ) -> None:
        """Keep renditions in the folder ``data``; ``clock`` gives seconds and never goes back."""
        self._folder = data / "renditions"
        self._unfinished = self._folder / "unfinished"
        self._find = find
        self._clock = clock
        self._films: dict[UUID, FilmRendition] = {}
        self._planning: dict[UUID, asyncio.Lock] = {}
        self._slots = [Slot(kind, limits, clock, self._evaluate) for kind in TRACK_KINDS]
        self._threads = ThreadPoolExecutor(READER_THREADS, thread_name_prefix="segment-reader")
        self._tending: asyncio.Task[None] | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        await self._blocking(self._clear_unfinished)
        self._tending = asyncio.create_task(self._tend())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closed = True
        if self._tending is not None:
            self._tending.cancel()
        for film in self._films.values():
            film.fail("closed", "")
        await asyncio.gather(*(slot.close() for slot in self._slots))
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def warm(self) -> None:
        """Start the workers, so that the first segment need not wait for it."""
        await asyncio.gather(*(slot.start() for slot in self._slots))

    async def live_rendition(self, film_id: UUID) -> LiveRendition:
        """Return a film's live rendition, planned where it is not. Raises RenditionUnavailable."""
        lock = self._planning.setdefault(film_id, asyncio.Lock())
        async with lock:
            film = self._find(film_id)
            if film is None:
                raise RenditionUnavailable("unknown_film")
            known = self._films.get(film_id)
            if known is None or known.file != film.file:
                known = self._films[film_id] = await self._planned(film_id, film)
            return known.play()

    async def _planned(self, film_id: UUID, film: PreparableFilm) -> FilmRendition:
        await self.warm()
        facts = await self._slots[0].survey(film.file)
        plan = plan_rendition(facts, _length(film, facts))
        kinds = TRACK_KINDS if plan.sound else TRACK_KINDS[:1]
        tracks = {kind: await self._track(film_id, film, plan, kind) for kind in kinds}
        return FilmRendition(film.file, plan, tracks, self._clock, self._evaluate, self._blocking)

    async def _track(
        self, film_id: UUID, film: PreparableFilm, plan: RenditionPlan, kind: TrackKind
    ) -> Track:
        name = f"{kind}-{plan.identity(kind, film.content)}"
        folder = SegmentFolder(self._folder / str(film_id) / name, kind)
        made = await self._blocking(folder.made)
        return Track(kind, folder, {number for number in made if number < plan.count})

    async def _blocking(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _clear_unfinished(self) -> None:
        """Take away what workers of an earlier server were writing when they were killed."""
        self._unfinished.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._unfinished.iterdir():
            left.unlink(missing_ok=True)

    def _evaluate(self) -> None:
        """Give each worker what is wanted most now."""
        if self._closed:
            return
        now = self._clock()
        for slot in self._slots:
            if not slot.takes_orders:
                continue
            wanted = [
                (urgent, order, film)
                for order, film in enumerate(self._films.values())
                if (urgent := film.wanted(slot.kind, now)) is not None
            ]
            if not wanted:
                slot.stop()
                continue
            urgent, _, film = min(wanted, key=lambda each: each[:2])
            slot.make(Run(film, urgent.number), self._order(film, slot.kind, urgent.number))

    def _order(self, film: FilmRendition, kind: TrackKind, number: int) -> dict[str, object]:
        return {
            "do": "make",
            "kind": kind,
            "plan": plan_json(film.plan),
            "folder": str(film.tracks[kind].folder.path),
            "unfinished": str(self._unfinished),
            "first": number,
        }

    async def _tend(self) -> None:
        while True:
            await asyncio.sleep(TEND_S)
            self._evaluate()


def _length(film: PreparableFilm, facts: SourceFacts) -> Fraction:
    """Return the length of the rendition: that of the timelines, where the library knows it."""
    if film.duration is None:
        return facts.duration
    return Fraction(film.duration).limit_denominator(1_000_000)
