"""The one thread that writes: all that waits goes into one commit (ADR 0002).

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

SCRUB_RETRY_S = 1.0
"""How long after a reader was in the way of a scrub it is tried again, seconds."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A job that waits for its turn."""

    job: Callable[[sqlite3.Connection], Any]
    """What to do inside the transaction."""

    future: asyncio.Future[Any]
    """Who waits for it."""

    deadline: float
    """Until when it may begin, in the time of the event loop, seconds."""

    scrub: Callable[[Any], bool]
    """Whether, by its result, it took something back that must not stay in the files."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a job."""

    future: asyncio.Future[Any]
    """Who waits for it."""

    result: Any = None
    """What it returned."""

    error: Exception | None = None
    """What it raised."""

    def resolve(self) -> None:
        """Wake the caller."""
        # The caller may have been cancelled during the commit.
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


def of_the_disk(error: Exception) -> bool:
    """Tell whether an error comes from the disk or the file, not from a single job."""
    # Exactly DatabaseError is a damaged file; its other subclasses, such as IntegrityError, are a
    # job's own.
    return (
        isinstance(error, sqlite3.OperationalError | sqlite3.InternalError)
        or type(error) is sqlite3.DatabaseError
    )


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error says that the file's content is no longer what was written."""
    # The low byte is the primary code; extended ones say more in the others.
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
        # A daemon, so that the process can end at any moment: the store survives a kill anyway.
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)

    def start(self) -> None:
        """Begin to carry out jobs."""
        self._thread.start()

    def submit(
        self,
        job: Callable[[sqlite3.Connection], T],
        *,
        within: float = float("inf"),
        scrub: Callable[[T], bool] = lambda _result: False,
    ) -> asyncio.Future[T]:
        """Queue ``job``; the future has its result once it is on disk.

        It has StoreUnavailable where the job could not begin ``within`` seconds; then that never
        happens. ``scrub`` tells by the result whether the job took something back, so that no old
        page of the files may keep it: then the write-ahead log is emptied, which costs more.
        Raises StoreUnavailable where too many wait already, or the writer was stopped.
        """
        future: asyncio.Future[T] = self._loop.create_future()
        with self._changed:
            if self._closing:
                raise StoreUnavailable("the store is closed")
            if len(self._waiting) >= self._bound:
                self.turned_away += 1
                raise StoreUnavailable("too much is waiting to be saved")
            self._waiting.append(Pending(job, future, self._loop.time() + within, scrub))
            self._changed.notify()
        return future

    def stop(self) -> None:
        """Carry out what was queued, then end; blocks until then, for a thread to call."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (batch := self._take()) is not None:
            if batch:
                self._resolve_all(self._commit(batch))
            if self._scrub_due:
                self._scrub()

    def _take(self) -> Sequence[Pending] | None:
        """Wait for jobs and take them all; none when a scrub is due, None at the end."""
        with self._changed:
            while not self._waiting:
                if self._closing:
                    return None
                if not self._changed.wait(SCRUB_RETRY_S if self._scrub_due else None):
                    # No job has come: time to try the scrub once more.
                    return ()
            batch, self._waiting = self._waiting, []
        return batch

    def _resolve_all(self, outcomes: Sequence[Outcome]) -> None:
        # In one call into the loop, so that callers are woken in the order of `seq`.
        def resolve_all() -> None:
            for outcome in outcomes:
                outcome.resolve()

        # A closed loop raises RuntimeError; then no caller is left.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(resolve_all)

    def _commit(self, batch: Sequence[Pending]) -> Sequence[Outcome]:
        """Do all jobs in one transaction; where that fails, all have failed."""
        # A caller that is cancelled later than this has its job carried out all the same.
        wanted = [pending for pending in batch if not pending.future.cancelled()]
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._run_job(pending) for pending in wanted]
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            # Refused jobs fail too: a refusal may rest on what another job of this commit did.
            self._roll_back(error)
            why = f"{StoreUnavailable.title}: {error}"
            return [Outcome(each.future, error=StoreUnavailable(why)) for each in wanted]
        if self._failing:
            self._failing = False
            logger.warning("The store can write again")
        self.commits += 1
        self.written += sum(outcome.error is None for outcome in outcomes)
        self._scrub_due |= any(
            outcome.error is None and pending.scrub(outcome.result)
            for pending, outcome in zip(wanted, outcomes, strict=True)
        )
        return outcomes

    def _run_job(self, pending: Pending) -> Outcome:
        # Judged here too and not by the caller's timer alone: a loop that stood as well, such as
        # that of a machine that slept, has cancelled nobody yet.
        if self._loop.time() >= pending.deadline:
            error = StoreUnavailable("nothing could be saved for too long")
            return Outcome(pending.future, error=error)
        self._connection.execute("SAVEPOINT job")
        try:
            result = pending.job(self._connection)
        except Exception as error:
            if of_the_disk(error):
                raise
            # ROLLBACK TO undoes the job but leaves its savepoint open.
            self._connection.execute("ROLLBACK TO job")
            self._connection.execute("RELEASE job")
            return Outcome(pending.future, error=error)
        self._connection.execute("RELEASE job")
        return Outcome(pending.future, result)

    def _roll_back(self, error: sqlite3.Error) -> None:
        self.damaged |= is_damage(error)
        # Logged once, not for each commit on a full disk.
        if not self._failing:
            self._failing = True
            logger.error("The store cannot write: %s", error)
        # SQLite rolls some errors back itself, such as a full disk.
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error:
                logger.exception("The store could not roll back")

    def _scrub(self) -> None:
        """Empty the write-ahead log: its old pages still hold text that was deleted (ADR 0002)."""
        # Only TRUNCATE empties the file; it is refused as busy while a reader uses the log.
        try:
            busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            logger.warning("The write-ahead log could not be emptied yet: %s", error)
            busy = True
        self._scrub_due = bool(busy)
