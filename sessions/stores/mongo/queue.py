"""The writes of one show, one after another: appends that wait go together, others alone.

So calls return in the order in which they took effect. A write whose time is over before its turn
is never carried out.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Any, TypeVar

from sessions.background import log_failure
from sessions.core.errors import Refused, StoreUnavailable
from sessions.core.records import Entry, Member, Session
from sessions.stores.base import AppendResult
from sessions.stores.mongo.appends import Append
from sessions.stores.mongo.driver import Database, NoAnswer, limit
from sessions.stores.mongo.log import ShowLog

__all__ = ["ShowQueue", "WriteCounts"]

logger = logging.getLogger("seans.stores")

T = TypeVar("T")

MAX_DOUBT_S = 30.0
"""For how long after no answer the outcome is looked for, where nothing else is written."""

DOUBT_PAUSE_S = 0.5
"""How long it waits between two looks, seconds."""


@dataclass(slots=True)
class WriteCounts:
    """What all queues of a store have done together."""

    waiting: int = 0
    """Writes that wait or are under way."""

    written: int = 0
    """Writes acknowledged."""

    refused: int = 0
    """Writes not taken because too many were waiting, or that took too long."""


@dataclass(slots=True, eq=False)
class Job:
    """A write that goes alone."""

    work: Callable[[ShowLog], Awaitable[Any]]
    """What to do."""

    future: asyncio.Future[Any]
    """Who waits for it."""

    deadline: float
    """Until when it may begin, in the time of the event loop, seconds."""


class ShowQueue:
    """A show's writes that wait, and the task that carries them out while there are any."""

    def __init__(self, database: Database, show_id: str, counts: WriteCounts, bound: int) -> None:
        """At most ``bound`` writes may wait, of all queues together."""
        self._loop = asyncio.get_running_loop()
        self._log = ShowLog(database, show_id, self._loop.time)
        self._counts = counts
        self._bound = bound
        self._waiting: deque[Append | Job] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._settling = False

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is looked for."""
        return self._task is None or self._task.done()

    async def append(
        self,
        entries: Sequence[Entry],
        within: float,
        *,
        session: Session | None = None,
        members: Sequence[Member] = (),
        message_id: str | None = None,
    ) -> Sequence[AppendResult]:
        """Append entries, whole or not at all, with what records follow from (see Append)."""
        future: asyncio.Future[Sequence[AppendResult]] = self._loop.create_future()
        deadline = self._loop.time() + within
        write = Append(entries, future, deadline, session, members, message_id)
        return await self._answer(write, future)

    async def run(self, work: Callable[[ShowLog], Awaitable[T]], within: float) -> T:
        """Carry out ``work`` in its turn; return what it returns."""
        future: asyncio.Future[T] = self._loop.create_future()
        write = Job(work, future, self._loop.time() + within)
        return await self._answer(write, future)

    async def close(self) -> None:
        """Write what was accepted."""
        self._closing = True
        if self._task is not None:
            if self._settling and not self._waiting:
                self._task.cancel()
            await asyncio.wait([self._task])

    async def _answer(self, write: Append | Job, future: asyncio.Future[T]) -> T:
        if self._counts.waiting >= self._bound:
            self._counts.refused += 1
            raise StoreUnavailable("too much is waiting to be saved")
        self._counts.waiting += 1
        timer = self._loop.call_at(write.deadline, self._give_up, future)
        self._waiting.append(write)
        if self.idle:
            # In a context of its own: a caller's limit must not hold for those who come later.
            self._task = self._loop.create_task(self._run(), context=Context())
            log_failure(self._task, logger, "writing to the database")
        try:
            return await future
        finally:
            timer.cancel()
            self._counts.waiting -= 1

    def _give_up(self, future: asyncio.Future[Any]) -> None:
        """Answer a caller that has waited for too long."""
        if not future.done():
            self._counts.refused += 1
            future.set_exception(StoreUnavailable("nothing could be saved for too long"))

    async def _run(self) -> None:
        batch: Sequence[Append | Job] = ()
        try:
            while True:
                while self._waiting:
                    batch = self._take()
                    await self._write(batch)
                if not self._log.doubtful:
                    return
                self._settling = True
                await self._settle()
                self._settling = False
                if not self._waiting:
                    return
        except BaseException as error:
            # Nobody may wait for a task that has ended.
            for write in (*batch, *self._waiting):
                if not write.future.done():
                    write.future.set_exception(StoreUnavailable(f"writing failed: {error!r}"))
            self._waiting.clear()
            raise

    def _take(self) -> Sequence[Append | Job]:
        """Return the job that is next, or all appends up to the next one."""
        batch = [self._waiting.popleft()]
        while (
            self._waiting and isinstance(batch[0], Append) and isinstance(self._waiting[0], Append)
        ):
            batch.append(self._waiting.popleft())
        return batch

    async def _write(self, batch: Sequence[Append | Job]) -> None:
        appends = [write for write in batch if isinstance(write, Append)]
        if appends:
            self._counts.written += await self._log.write(appends)
        for write in batch:
            if isinstance(write, Job) and not write.future.done():
                await self._do(write)

    async def _do(self, job: Job) -> None:
        left = job.deadline - self._loop.time()
        if left <= 0:
            self._give_up(job.future)
            return
        try:
            with limit(left):
                result = await job.work(self._log)
        except NoAnswer as error:
            self._log.doubt()
            refusal = StoreUnavailable(f"{StoreUnavailable.title}: {error}")
            self._refuse(job.future, refusal)
        except Refused as error:
            self._refuse(job.future, error)
        else:
            self._counts.written += 1
            if not job.future.done():
                job.future.set_result(result)

    def _refuse(self, future: asyncio.Future[Any], error: Refused) -> None:
        if not future.done():
            future.set_exception(error)

    async def _settle(self) -> None:
        """Look for the outcome of what had no answer, until there is something to write."""
        until = self._loop.time() + MAX_DOUBT_S
        while not (self._waiting or self._closing) and self._loop.time() < until:
            try:
                with limit(DOUBT_PAUSE_S * 4):
                    await self._log.load()
            except NoAnswer:
                await asyncio.sleep(DOUBT_PAUSE_S)
            except Refused:
                return
            else:
                return
