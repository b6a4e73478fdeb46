"""Workers that do what a test says, for a maker whose clock a test sets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sessions.stores.base import JobStore
from streamer.preparation.films import FilmFile, PreparableFilm
from streamer.preparation.fragments import TimedSample
from streamer.preparation.live_rendition import LiveRendition
from streamer.preparation.maker import Maker
from streamer.preparation.messages import facts_json
from streamer.preparation.plan import SourceFacts
from streamer.preparation.segments import TICKS, Segment, SegmentFolder, TrackKind
from streamer.preparation.worker_process import Answered, Ended, Worker

__all__ = ["FakeWorker", "Stage", "settle"]

FACTS = SourceFacts(
    duration=Fraction(200),
    rate=Fraction(25),
    width=640,
    height=360,
    sound=True,
    bit_rate=1_000_000,
)
"""A film of a hundred segments of two seconds."""


async def settle() -> None:
    """Let everything that is ready run."""
    for _ in range(20):
        await asyncio.sleep(0)


class FakeWorker:
    """A worker that keeps its orders; the test answers them."""

    def __init__(self, kind: TrackKind, answered: Answered, ended: Ended) -> None:
        self.kind = kind
        self.orders: list[dict[str, Any]] = []
        self.killed = False
        self.survives_surveys = True
        self._answered = answered
        self._ended = ended

    def send(self, order: dict[str, Any]) -> None:
        self.orders.append(order)
        if order["do"] == "survey":
            loop = asyncio.get_running_loop()
            if self.survives_surveys:
                loop.call_soon(self.answer, {"surveyed": facts_json(FACTS)})
            else:
                loop.call_soon(self.die)

    def kill(self) -> None:
        self.killed = True

    async def close(self) -> None:
        self.killed = True

    @property
    def order(self) -> dict[str, Any]:
        """Return the order that it is at."""
        return self.orders[-1]

    @property
    def first(self) -> int | None:
        """Return the segment from which on it is to make segments, None: it is to stop."""
        return self.order.get("first") if self.orders else None

    def answer(self, words: dict[str, Any]) -> None:
        self._answered({"order": self.order["order"], **words})

    def make(self, number: int) -> None:
        """Publish a segment and say so."""
        folder = SegmentFolder(Path(self.order["folder"]), self.kind)
        ticks = TICKS[self.kind]
        sample = TimedSample(2 * number * ticks, f"{self.kind} {number}".encode(), keyframe=True)
        unfinished = Path(self.order["folder"]).parents[1] / "unfinished" / "1"
        folder.publish(number, [sample], (2 * number + 2) * ticks, unfinished)
        self.answer({"made": number})

    def die(self) -> None:
        self._ended()


class Stage:
    """A maker with fake workers and a clock that stands until it is moved."""

    def __init__(self, data: Path, store: JobStore) -> None:
        self.now = 1000.0
        self.data = data
        self.store = store
        self.films: dict[UUID, PreparableFilm] = {}
        self.started: list[FakeWorker] = []
        self.refuses_to_start = False
        self.survives_surveys = True
        self.asking: list[asyncio.Task[Segment]] = []
        self.maker = self.another_maker()

    def another_maker(self) -> Maker:
        return Maker(
            self.data, self.films.get, self.store, lambda: self.now, start=self._start_worker
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Stage]:
        async with self.maker:
            yield self
            await settle()
        await asyncio.gather(*self.asking, return_exceptions=True)

    async def _start_worker(self, kind: TrackKind, answered: Answered, ended: Ended) -> Worker:
        if self.refuses_to_start:
            raise OSError("too many processes")
        worker = FakeWorker(kind, answered, ended)
        worker.survives_surveys = self.survives_surveys
        self.started.append(worker)
        return worker

    def worker(self, kind: TrackKind = "video") -> FakeWorker:
        """Return the present worker for a track."""
        return [worker for worker in self.started if worker.kind == kind][-1]

    def add(self, name: str = "film.mkv") -> UUID:
        film_id = uuid4()
        self.films[film_id] = PreparableFilm(FilmFile(name, 1, 1), name, 200.0)
        return film_id

    async def rendition(self, film_id: UUID | None = None) -> LiveRendition:
        found = await self.maker.live_rendition(film_id or self.add())
        await settle()
        return found

    async def advance(self, seconds: float) -> None:
        """Move the clock, and do what is done once a second."""
        self.now += seconds
        self.maker.look_after()
        await settle()

    async def ask(
        self, rendition: LiveRendition, number: int, within: float = 1.0
    ) -> asyncio.Task[Segment]:
        """Begin to wait for a segment."""
        task = asyncio.create_task(rendition.segment(number, within=within))
        self.asking.append(task)
        await settle()
        return task

    async def until(self, it_is_so: Callable[[], bool]) -> None:
        """Wait for what a thread brings about."""
        async with asyncio.timeout(30):
            while not it_is_so():  # noqa: ASYNC110 - there is no event
                await asyncio.sleep(0.005)

    async def make(self, number: int) -> None:
        """Have both workers make a segment."""
        for kind in ("video", "sound"):
            self.worker(kind).make(number)
        await settle()
