"""A place for one worker of a kind: there it is started, given orders, watched and replaced."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

from streamer.preparation.errors import Reason, RenditionUnavailable
from streamer.preparation.films import FilmFile
from streamer.preparation.messages import facts_from
from streamer.preparation.plan import SourceFacts
from streamer.preparation.rendition import FilmRendition
from streamer.preparation.schedule import goes_on
from streamer.preparation.segments import TrackKind
from streamer.preparation.worker_process import Answered, Ended, Worker, WorkerLimits

__all__ = ["Run", "Slot", "StartWorker"]

logger = logging.getLogger("seans.preparation")

MAX_DEATHS = 5
"""After so many workers that died at it in a row a segment is given up for now."""

MAX_FALSE_STARTS = 20
"""After so many workers that died in a row, whether they had begun or not, who waits is told."""

START_AGAIN_S = 5.0
"""After how long a start is tried again that the system refused, seconds."""

FIRST_RESTART_S = 0.25
"""How long it takes until the second worker that died in a row is replaced, seconds; then twice as
long each time, to START_AGAIN_S. The first is replaced at once."""

IDLE_S = 600.0
"""A worker that has had nothing to do for so long is ended, seconds: it holds 100 MB."""

_SURVEYS_OF_ONE = 3
"""How often a film is looked at whose survey its worker did not survive."""


StartWorker = Callable[[TrackKind, Answered, Ended], Awaitable[Worker]]
"""Starts a worker for a track, which calls back with its answers, and at its end."""


@dataclass(slots=True)
class Run:
    """Segments of a film that a worker makes, one after the other."""

    film: FilmRendition
    """The film."""

    current: int
    """The segment that is being made."""

    since: float = 0.0
    """When it was begun, seconds of the clock."""

    begins: bool = True
    """Whether it is the first of the run."""


class _Died(Exception):
    """The worker ended during a survey."""


class Slot:
    """One worker, warm or not yet started."""

    def __init__(
        self,
        kind: TrackKind,
        start_worker: StartWorker,
        limits: WorkerLimits,
        clock: Callable[[], float],
        changed: Callable[[], None],
        made: Callable[[TrackKind, float], None],
    ) -> None:
        """Have ``changed`` called when there may be something else to do.

        ``made`` is told of each segment, by its length in seconds of the film.
        """
        self.kind = kind
        self.run: Run | None = None
        """What the worker is at."""
        self.restarts = 0
        """How many workers were replaced."""
        self._start_worker = start_worker
        self._limits = limits
        self._clock = clock
        self._changed = changed
        self._made = made
        self._worker: Worker | None = None
        self._starting = asyncio.Lock()
        self._start_task: asyncio.Task[None] | None = None
        self._start_at = 0.0
        self._deaths = self._deaths_at_work = 0
        self._begun = False
        self._numbers = count(1)
        self._order = 0
        self._runs: dict[int, Run] = {}
        self._surveys = asyncio.Lock()
        self._surveyed: asyncio.Future[SourceFacts] | None = None
        self._heard_at = 0.0
        self._closed = False
        self._retiring = False

    @property
    def is_ready(self) -> bool:
        """Whether the worker runs and may be given a run."""
        return self._worker is not None and self._surveyed is None

    async def start(self) -> None:
        """Start the worker where it does not run. Raises RenditionUnavailable."""
        async with self._starting:
            if self._closed:
                raise RenditionUnavailable("closed")
            if self._worker is None:
                try:
                    self._worker = await self._start_worker(
                        self.kind, self._take_answer, self._take_end
                    )
                except OSError as error:
                    raise RenditionUnavailable("no_workers", str(error)) from error
                self._heard_at = self._clock()

    def start_soon(self) -> None:
        """Start the worker in the background, unless it is too early after it died."""
        if self._start_task is None and not self._closed and self._clock() >= self._start_at:
            self._start_task = asyncio.create_task(self._start_again())

    async def close(self) -> None:
        """End the worker for good."""
        self._closed = True
        if self._start_task is not None:
            self._start_task.cancel()
        async with self._starting:
            if self._worker is not None:
                await self._worker.close()

    def make(self, run: Run, order: Callable[[], dict[str, Any]]) -> None:
        """Begin a run by an order, unless the worker is at one that gets there by itself."""
        at = self.run
        if at is not None and at.film is run.film and goes_on(at.current, run.current):
            return
        self.run = run
        run.since = self._clock()
        self._send({"do": "make", "film": asdict(run.film.file), **order()})
        self._runs[self._order] = run

    def stop(self) -> None:
        """End the present run."""
        if self.run is not None:
            self._send({"do": "stop", "film": asdict(self.run.film.file)})
            self.run = None

    async def survey(self, file: FilmFile) -> SourceFacts:
        """Return the facts of a film. Raises RenditionUnavailable."""
        async with self._surveys:
            for _ in range(_SURVEYS_OF_ONE):
                try:
                    return await self._survey(file)
                except _Died:
                    continue
                finally:
                    self._surveyed = None
                    self._changed()
        raise RenditionUnavailable("no_workers", "it ended while it looked at the film")

    def watch(self) -> None:
        """End a worker that hangs, takes too long for one segment, or has nothing to do."""
        now, run = self._clock(), self.run
        if self._worker is None:
            return
        if run is None and self._surveyed is None:
            if now - self._heard_at > IDLE_S:
                self._retiring = True
                self._worker.kill()
        elif run is not None and now - run.since > self._limits.segment:
            self._fail(run, "too_costly", f"not made in {self._limits.segment:.0f} s")
            self._worker.kill()
        elif now - self._heard_at > self._limits.silence:
            logger.warning("a worker for %s said nothing for too long", self.kind)
            self._worker.kill()

    async def _start_again(self) -> None:
        try:
            await self.start()
        except RenditionUnavailable as error:
            logger.warning("a worker for %s could not be started: %s", self.kind, error)
            self._start_at = self._clock() + START_AGAIN_S
        finally:
            self._start_task = None
        self._changed()

    async def _survey(self, file: FilmFile) -> SourceFacts:
        await self.start()
        self.run = None
        self._surveyed = asyncio.get_running_loop().create_future()
        self._send({"do": "survey", "film": asdict(file)})
        try:
            async with asyncio.timeout(self._limits.segment):
                return await self._surveyed
        except TimeoutError as error:
            raise RenditionUnavailable("too_costly") from error

    def _send(self, order: dict[str, Any]) -> None:
        if self._worker is not None:
            self._order = next(self._numbers)
            self._heard_at, self._begun = self._clock(), False
            self._worker.send({"order": self._order, **order})

    def _take_answer(self, answer: dict[str, Any]) -> None:
        order = int(answer["order"])
        self._heard_at = self._clock()
        self._begun |= order == self._order
        if "made" in answer:
            self._take_made(order, int(answer["made"]))
            return
        if not answer.keys() & {"ended", "failed", "surveyed"}:
            return
        run = self._runs.pop(order, None)
        if order != self._order:
            # The last answer to an order that was taken back.
            return
        if self._surveyed is not None and not self._surveyed.done():
            if "surveyed" in answer:
                self._surveyed.set_result(facts_from(answer["surveyed"]))
            elif "failed" in answer:
                error = RenditionUnavailable(answer["failed"], answer["detail"])
                self._surveyed.set_exception(error)
            return
        if run is not None and "failed" in answer:
            self._fail(run, answer["failed"], answer["detail"])
        self.run = None
        self._changed()

    def _take_made(self, order: int, number: int) -> None:
        """Note a segment, also one of a run that was taken back: it lies there."""
        self._deaths = self._deaths_at_work = 0
        run = self._runs.get(order)
        if run is not None:
            now = self._clock()
            run.film.take(self.kind, number, now - run.since, begins_run=run.begins)
            run.current, run.since, run.begins = number + 1, now, False
            self._made(self.kind, run.film.length_of(number))
            self._changed()

    def _fail(self, run: Run, code: Reason, detail: str) -> None:
        self.run = None
        run.film.fail(self.kind, run.current, code, detail)

    def _take_end(self) -> None:
        run, self.run, self._worker = self.run, None, None
        self._runs.clear()
        if self._closed:
            return
        if self._retiring:
            self._retiring = False
        else:
            self._count_death(run)
        if self._surveyed is not None and not self._surveyed.done():
            self._surveyed.set_exception(_Died())
        self._changed()

    def _count_death(self, run: Run | None) -> None:
        """Replace a worker ever later, and give up what several have died at."""
        self.restarts += 1
        self._deaths += 1
        self._deaths_at_work += self._begun
        if self._deaths > 1:
            pause = FIRST_RESTART_S * 2.0 ** min(self._deaths - 2, 9)
            self._start_at = self._clock() + min(pause, START_AGAIN_S)
        given_up = self._deaths_at_work >= MAX_DEATHS or self._deaths >= MAX_FALSE_STARTS
        if given_up and run is not None:
            self._deaths_at_work = 0
            self._fail(run, "no_workers", f"{self._deaths} workers ended in a row")
