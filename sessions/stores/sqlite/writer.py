"""The one thread that writes: all that waits goes into one commit.

Each job runs under a savepoint of its own, so that one refusal harms no other. Futures are
resolved only after the commit, in the order in which the jobs were given.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sessions.core.errors import StoreUnavailable

__all__ = ["Writer", "is_damage", "of_the_disk"]

logger = logging.getLogger("seans.stores")

T = TypeVar("T")

SCRUB_AGAIN = 1.0
"""How long after a reader was in the way of a scrub it is tried again, seconds."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A job that waits for its turn."""

    job: Callable[[sqlite3.Connection], Any]
    """What to do inside the transaction."""

    future: asyncio.Future[Any]
    """Who waits for it."""

    scrub: bool
    """Whether it takes something back that must not stay in the files."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job came to."""

    future: asyncio.Future[Any]
    """Who waits for it."""

    result: Any = None
    """What it returned."""

    error: Exception | None = None
    """What it raised."""

    def tell(self) -> None:
        """Wake who waits; one who no longer does is left alone."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


def of_the_disk(error: Exception) -> bool:
    """Tell whether an error is the disk's or the file's, and not of a single job's doing."""
    return (
        isinstance(error, sqlite3.OperationalError | sqlite3.InternalError)
        or type(error) is sqlite3.DatabaseError
    )


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error says that what the file holds is no longer what was written."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Writer:
    """A queue of jobs and the thread that carries them out on one connection."""

    def __init__(
        self, connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop, bound: int
    ) -> None:
        self.commits = 0
        """Transactions so far."""
        self.written = 0
        """Jobs carried out so far."""
        self.turned_away = 0
        """Jobs not taken so far because too many were waiting."""
        self.damaged = False
        """Whether a write has met damage in the file; no later success takes it back."""
        self._connection = connection
        self._loop = loop
        self._bound = bound
        self._waiting: list[Pending] = []
        self._changed = threading.Condition()
        self._closing = False
        self._scrub_due = False
        self._failing = False
        # A daemon: to be killed at any moment is what the store is made for.
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)

    def start(self) -> None:
        """Begin to carry out jobs."""
        self._thread.start()

    def submit(
        self, job: Callable[[sqlite3.Connection], T], *, scrub: bool = False
    ) -> asyncio.Future[T]:
        """Queue ``job``; the future has its result once it is on disk.

        Raises StoreUnavailable where too many wait already, or the writer was stopped.
        """
        future: asyncio.Future[T] = self._loop.create_future()
        with self._changed:
            if self._closing:
                raise StoreUnavailable("the store is closed")
            if len(self._waiting) >= self._bound:
                self.turned_away += 1
                raise StoreUnavailable("too much is waiting to be saved")
            self._waiting.append(Pending(job, future, scrub))
            self._changed.notify()
        return future

    async def stop(self) -> None:
        """Carry out what was queued, then end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while (batch := self._take()) is not None:
            if batch:
                self._tell(self._carry_out(batch))
            if self._scrub_due:
                self._scrub()

    def _take(self) -> Sequence[Pending] | None:
        """Wait for jobs and take them all; none when a scrub is due, None at the end."""
        with self._changed:
            while not self._waiting:
                if self._closing:
                    return None
                if not self._changed.wait(SCRUB_AGAIN if self._scrub_due else None):
                    return ()
            batch, self._waiting = self._waiting, []
        return batch

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        def tell_all() -> None:
            for outcome in outcomes:
                outcome.tell()

        # A loop that was closed has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(tell_all)

    def _carry_out(self, batch: Sequence[Pending]) -> Sequence[Outcome]:
        """Do all jobs in one transaction; where that fails, all have failed."""
        wanted = [pending for pending in batch if not pending.future.cancelled()]
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._do(pending) for pending in wanted]
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back(error)
            why = f"{StoreUnavailable.title}: {error}"
            return [Outcome(each.future, error=StoreUnavailable(why)) for each in wanted]
        if self._failing:
            self._failing = False
            logger.warning("The store can write again")
        self.commits += 1
        self.written += sum(outcome.error is None for outcome in outcomes)
        self._scrub_due |= any(pending.scrub for pending in wanted)
        return outcomes

    def _do(self, pending: Pending) -> Outcome:
        self._connection.execute("SAVEPOINT job")
        try:
            result = pending.job(self._connection)
        except Exception as error:
            if of_the_disk(error):
                raise
            self._connection.execute("ROLLBACK TO job")
            self._connection.execute("RELEASE job")
            return Outcome(pending.future, error=error)
        self._connection.execute("RELEASE job")
        return Outcome(pending.future, result)

    def _roll_back(self, error: sqlite3.Error) -> None:
        self.damaged |= is_damage(error)
        if not self._failing:
            self._failing = True
            logger.error("The store cannot write: %s", error)
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error:
                logger.exception("The store could not roll back")

    def _scrub(self) -> None:
        """Empty the write-ahead log, in which old pages stand with what was taken back."""
        try:
            busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            logger.warning("The write-ahead log could not be emptied yet: %s", error)
            busy = True
        self._scrub_due = bool(busy)
