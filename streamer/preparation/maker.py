"""Makes live renditions: plans them, and gives the workers what is wanted most.

No process runs before somebody asks for a rendition, or a job is left from before.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import UUID

from sessions.background import log_failure
from sessions.stores.base import JobStore
from streamer.preparation.counts import MakerCounts
from streamer.preparation.errors import RenditionUnavailable
from streamer.preparation.films import FilmLookUp, PreparableFilm
from streamer.preparation.job_keeper import JobKeeper
from streamer.preparation.live_rendition import LiveRendition
from streamer.preparation.messages import plan_json
from streamer.preparation.plan import plan_rendition
from streamer.preparation.rendition import FilmRendition
from streamer.preparation.schedule import Wanted, goes_on, may_wait
from streamer.preparation.segments import TRACK_KINDS, SegmentFolder, TrackKind
from streamer.preparation.slot import Run, Slot, StartWorker
from streamer.preparation.track import Track
from streamer.preparation.worker_process import DEFAULT_LIMITS, WorkerLimits, start_worker

__all__ = ["Maker"]

logger = logging.getLogger("seans.preparation")

T = TypeVar("T")

READER_THREADS = 2
"""How many files of segments are read at once."""

TEND_S = 1.0
"""How often workers are looked after, seconds."""

JOBS_S = 3.0
"""How often leases are renewed, and free jobs looked for, seconds."""

MAX_FREE_JOBS = 100
"""Free jobs that are looked through for one whose film is there."""

RESUME_S = 60.0
"""How long a free job is left alone after it was tried, seconds."""


class Maker:
    """All live renditions, and the workers that make them."""

    def __init__(
        self,
        data: Path,
        find: FilmLookUp,
        store: JobStore,
        clock: Callable[[], float],
        limits: WorkerLimits = DEFAULT_LIMITS,
        start: StartWorker | None = None,
    ) -> None:
        """Keep renditions in the folder ``data`` and jobs in ``store``.

        ``clock`` is the server's time, Unix seconds. ``start`` starts a worker.
        """
        self._folder = data / "renditions"
        self._unfinished = self._folder / "unfinished"
        self._find = find
        self._clock = clock
        self._jobs = JobKeeper(store, clock)
        self._films: dict[UUID, FilmRendition] = {}
        self._planning: dict[UUID, asyncio.Lock] = {}
        begin = start or partial(start_worker, limits=limits, unfinished=self._unfinished)
        self._slots = [
            Slot(kind, begin, limits, clock, self._evaluate, self._count_made)
            for kind in TRACK_KINDS
        ]
        self._threads = ThreadPoolExecutor(READER_THREADS, thread_name_prefix="segment-reader")
        self._counts = MakerCounts()
        self._tasks: set[asyncio.Task[None]] = set()
        self._resume_at: dict[UUID, float] = {}
        self._closed = False

    async def __aenter__(self) -> Self:
        await self._blocking(self._clear_unfinished)
        self._begin(self._look_after())
        self._begin(self._keep_jobs())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for film in self._films.values():
            film.close("closed")
        await asyncio.gather(*(slot.close() for slot in self._slots))
        await self._jobs.give_back_all(self._progress())
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def counts(self) -> MakerCounts:
        """What was done so far, and what is done now."""
        films = self._films.values()
        return replace(
            self._counts,
            waiting=sum(film.waiting for film in films),
            failures=sum(film.failures for film in films),
            restarts=sum(slot.restarts for slot in self._slots),
            behind=sum(film.behind for film in films),
        )

    def progress(self, film_id: UUID) -> float | None:
        """Return which share of a film's rendition is made; None where none is planned."""
        film = self._films.get(film_id)
        return None if film is None else film.progress

    def behind(self, film_id: UUID) -> bool:
        """Tell whether a film is made too slowly for somebody who watches it now."""
        film = self._films.get(film_id)
        return film is not None and film.behind

    async def warm(self) -> None:
        """Start the workers, so that the first segment need not wait for it."""
        await asyncio.gather(*(slot.start() for slot in self._slots))

    def prepare(self, film_id: UUID) -> None:
        """Begin to make a film's rendition, ahead of whoever will watch it."""
        self._begin(self._prepared(film_id))

    async def _prepared(self, film_id: UUID) -> None:
        # What cannot be planned now is said to who asks for the stream.
        with contextlib.suppress(RenditionUnavailable):
            await self._film_rendition(film_id)

    async def live_rendition(self, film_id: UUID) -> LiveRendition:
        """Return a film's live rendition, planned where it is not. Raises RenditionUnavailable."""
        return (await self._film_rendition(film_id)).play()

    async def _film_rendition(self, film_id: UUID) -> FilmRendition:
        if self._find(film_id) is None:
            raise RenditionUnavailable("unknown_film")
        async with self._planning.setdefault(film_id, asyncio.Lock()):
            film = self._find(film_id)
            if film is None:
                raise RenditionUnavailable("unknown_film")
            known = self._films.get(film_id)
            if known is not None and known.file == film.file:
                return known
            rendition = await self._planned(film_id, film)
            if known is not None:
                known.close("film_gone")
            self._films[film_id] = rendition
            self._evaluate()
            if rendition.progress < 1.0:
                # In the background: the store may be slow, and somebody waits for a picture.
                self._begin(self._take_job(film_id, rendition))
            return rendition

    async def _planned(self, film_id: UUID, film: PreparableFilm) -> FilmRendition:
        # The other worker starts meanwhile.
        for slot in self._slots:
            slot.start_soon()
        facts = await self._surveyor().survey(film.file)
        plan = plan_rendition(facts, film.length(facts.duration))
        tracks: dict[TrackKind, Track] = {}
        for kind in TRACK_KINDS if plan.sound else TRACK_KINDS[:1]:
            name = f"{kind}-{plan.identity(kind, film.content)}"
            folder = SegmentFolder(self._folder / str(film_id) / name, kind)
            try:
                made = await self._blocking(folder.made)
            except OSError as error:
                raise RenditionUnavailable("write_failed", str(error)) from error
            tracks[kind] = Track(kind, folder, {n for n in made if n < plan.count})
        return FilmRendition(
            film.file,
            plan,
            tracks,
            self._clock,
            wake=self._evaluate,
            read=self._blocking,
            continues=lambda: self._jobs.holds(film_id),
        )

    def _surveyor(self) -> Slot:
        """Return an idle worker, best the one for pictures, which needs the film anyway."""
        idle = [slot for slot in self._slots if slot.run is None]
        return idle[0] if idle else self._slots[-1]

    async def _blocking(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _clear_unfinished(self) -> None:
        """Take away what workers of an earlier server were writing when they were killed."""
        try:
            self._unfinished.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left in self._unfinished.iterdir():
                left.unlink(missing_ok=True)
        except OSError as error:
            # The worker's own write says so again to who waits for it.
            logger.warning("%s cannot be used: %s", self._unfinished, error)

    def _evaluate(self) -> None:
        """Give each worker what is wanted most now."""
        if self._closed:
            return
        now = self._clock()
        picture: Wanted | None = None
        for slot in self._slots:
            best = self._most_wanted(slot, now)
            if slot.kind == "video":
                picture = min(filter(None, (picture, best and best[0])), default=None)
            elif best is not None and may_wait(best[0], picture, now, runs=slot.run is not None):
                best = None
            if best is None:
                slot.stop()
            elif slot.is_ready:
                wanted, film = best
                order = partial(self._order, film, slot.kind, wanted.number)
                slot.make(Run(film, wanted.number), order)
            else:
                slot.start_soon()

    def _most_wanted(self, slot: Slot, now: float) -> tuple[Wanted, FilmRendition] | None:
        """Return what is wanted most of a slot's track, but what another worker is about to do."""
        others = [
            other.run for other in self._slots if other is not slot and other.kind == slot.kind
        ]
        found = [
            (wanted, film)
            for film in self._films.values()
            if (wanted := film.wanted(slot.kind, now)) is not None
            and not any(
                run is not None and run.film is film and goes_on(run.current, wanted.number)
                for run in others
            )
        ]
        return min(found, key=lambda each: each[0], default=None)

    def _order(self, film: FilmRendition, kind: TrackKind, number: int) -> dict[str, Any]:
        return {
            "kind": kind,
            "plan": plan_json(film.plan),
            "folder": str(film.tracks[kind].folder.path),
            "first": number,
        }

    def _count_made(self, kind: TrackKind, length: float) -> None:
        counts = self._counts
        if kind == "sound":
            self._counts = replace(counts, sound_segments=counts.sound_segments + 1)
        else:
            self._counts = replace(
                counts,
                video_segments=counts.video_segments + 1,
                video_seconds=counts.video_seconds + length,
            )

    def _progress(self) -> dict[UUID, float]:
        return {film_id: film.progress for film_id, film in self._films.items()}

    def look_after(self) -> None:
        """End workers that hang, see who is behind, and give orders anew; once a second."""
        for slot in self._slots:
            slot.watch()
        for film in self._films.values():
            film.judge()
        self._evaluate()

    async def keep_jobs(self) -> None:
        """Renew leases; where there is nothing else to do, go on with a job that nobody has."""
        await self._jobs.renew(self._progress())
        if any(slot.run is not None for slot in self._slots):
            return
        for film_id in await self._jobs.free(MAX_FREE_JOBS):
            if self._clock() >= self._resume_at.get(film_id, 0.0):
                self._resume_at[film_id] = self._clock() + RESUME_S
                # A film that cannot be planned now is tried again later.
                with contextlib.suppress(RenditionUnavailable):
                    await self._take_job(film_id, await self._film_rendition(film_id))
                return

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(TEND_S)
            self.look_after()

    async def _keep_jobs(self) -> None:
        while True:
            await asyncio.sleep(JOBS_S)
            await self.keep_jobs()

    async def _take_job(self, film_id: UUID, rendition: FilmRendition) -> None:
        await self._jobs.take(film_id, rendition.identity)
        self._evaluate()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        log_failure(task, logger, "making renditions")
