"""A place for one worker of a kind: there it is started, given orders, and replaced."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

from streamer.preparation.errors import Reason, RenditionUnavailable
from streamer.preparation.messages import FilmFile, facts_from
from streamer.preparation.plan import SourceFacts
from streamer.preparation.rendition import FilmRendition
from streamer.preparation.schedule import goes_on
from streamer.preparation.segments import TrackKind
from streamer.preparation.worker_process import WorkerLimits, WorkerProcess

__all__ = ["Run", "Slot"]

logger = logging.getLogger("seans.preparation")


@dataclass(slots=True)
class Run:
    """Segments of a film that a worker makes, one after the other."""

    film: FilmRendition
    """The film."""

    current: int
    """The segment that is being made."""


class Slot:
    """One worker, warm or not yet started."""

    def __init__(
        self,
        kind: TrackKind,
        limits: WorkerLimits,
        clock: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        """Have ``changed`` called when the worker made something, ended a run, or died."""
        self.kind = kind
        self.run: Run | None = None
        """What the worker is at."""
        self._limits = limits
        self._clock = clock
        self._changed = changed
        self._worker: WorkerProcess | None = None
        self._starting = asyncio.Lock()
        self._numbers = count(1)
        self._order = 0
        self._runs: dict[int, Run] = {}
        self._surveying: asyncio.Future[SourceFacts] | None = None
        self._closed = False

    @property
    def takes_orders(self) -> bool:
        """Whether the worker runs and surveys no film."""
        return self._worker is not None and self._surveying is None

    async def start(self) -> None:
        """Start the worker where it does not run. Raises RenditionUnavailable."""
        async with self._starting:
            if self._worker is not None or self._closed:
                return
            worker = WorkerProcess(self._limits, self._take_answer, self._take_end)
            try:
                await worker.start()
            except OSError as error:
                raise RenditionUnavailable("no_workers", str(error)) from error
            self._worker = worker

    async def close(self) -> None:
        """End the worker for good."""
        self._closed = True
        if self._worker is not None:
            await self._worker.close()

    def make(self, run: Run, order: dict[str, Any]) -> None:
        """Begin a run, unless the worker is at one that gets there by itself."""
        present = self.run
        if (
            present is not None
            and present.film is run.film
            and goes_on(present.current, run.current)
        ):
            return
        self.run = run
        self._send({**order, "film": asdict(run.film.file)})
        self._runs[self._order] = run

    def stop(self) -> None:
        """End the present run."""
        if self.run is not None:
            film, self.run = self.run.film, None
            self._send({"do": "stop", "film": asdict(film.file)})

    async def survey(self, file: FilmFile) -> SourceFacts:
        """Return the facts of a film. Raises RenditionUnavailable."""
        await self.start()
        self.run = None
        self._surveying = asyncio.get_running_loop().create_future()
        self._send({"do": "survey", "film": asdict(file)})
        try:
            async with asyncio.timeout(self._limits.segment):
                return await self._surveying
        except TimeoutError as error:
            raise RenditionUnavailable("too_costly") from error
        finally:
            self._surveying = None
            self._changed()

    def _send(self, order: dict[str, Any]) -> None:
        if self._worker is not None:
            self._order = next(self._numbers)
            self._worker.send({"order": self._order, **order})

    def _take_answer(self, answer: dict[str, Any]) -> None:
        order = int(answer["order"])
        if "made" in answer:
            self._take_made(order, int(answer["made"]))
            return
        run = self._runs.pop(order, None) if answer.keys() & {"ended", "failed"} else None
        if order != self._order:
            # The last answer to an order that was taken back.
            return
        if "surveyed" in answer and self._surveying is not None:
            self._surveying.set_result(facts_from(answer["surveyed"]))
        elif "failed" in answer:
            self._fail(run, answer["failed"], answer["detail"])
        elif "ended" in answer:
            self.run = None
            self._changed()

    def _take_made(self, order: int, number: int) -> None:
        run = self._runs.get(order)
        if run is not None:
            run.current = number + 1
            run.film.take(self.kind, number)
            self._changed()

    def _fail(self, run: Run | None, code: Reason, detail: str) -> None:
        if self._surveying is not None:
            self._surveying.set_exception(RenditionUnavailable(code, detail))
        elif run is not None:
            self.run = None
            run.film.fail(code, detail)
            self._changed()

    def _take_end(self) -> None:
        self._worker = self.run = None
        self._runs.clear()
        if self._surveying is not None and not self._surveying.done():
            self._surveying.set_exception(RenditionUnavailable("no_workers"))
        self._changed()
