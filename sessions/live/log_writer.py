"""Appends to a show's log, and reads the log's tail again if the outcome of an append is unknown.

A writer only appends. State changes when an entry arrives in the LiveLog, whoever wrote it. A
store in another process may lose the answer to an append that it carried out, or a second process
may have written first. Then the tail of the log shows what happened.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from typing import Protocol

from sessions.core.errors import IdTaken, StaleRevision, StoreUnavailable
from sessions.core.records import Entry, Session
from sessions.live.log import LiveLog
from sessions.stores.base import AppendResult, LogStore, MemberStore
from sessions.stores.personal import ViewStore

__all__ = ["DOUBT_S", "LogWriter", "ShowLogStore"]

logger = logging.getLogger("seans.live")

PAGE_ENTRIES = 200
"""How many entries of the tail are read at a time."""

DOUBT_S = 30.0
"""For how long after an unknown outcome each tick reads the tail, seconds."""


class ShowLogStore(LogStore, MemberStore, ViewStore, Protocol):
    """What an open show writes: its log, its members, and what they have watched."""


class LogWriter:
    """Appends the entries of one show, and waits until they arrive."""

    def __init__(
        self, store: ShowLogStore, show_id: str, log: LiveLog, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._show_id = show_id
        self._log = log
        self._clock = clock
        self._doubtful_until = 0.0
        self._reading = asyncio.Lock()
        self._tails_read = 0

    async def append(self, entry: Entry, session: Session | None = None) -> AppendResult:
        """Append ``entry``, and store ``session`` if it is given. Raises what stores raise.

        If it raises StaleRevision, the tail was read, and its entries have arrived.
        """
        return await self.settle(entry, self._store.append(entry, session))

    async def settle(self, entry: Entry, call: Awaitable[AppendResult]) -> AppendResult:
        """Wait for ``call``, which appends ``entry``, and pass the entry to the log."""
        with self._log.watch(entry.id) as awaited:
            try:
                appended = await call
            except (StaleRevision, IdTaken, StoreUnavailable) as error:
                if isinstance(error, StoreUnavailable):
                    # The store may have appended it, or may do so later: its answer is missing.
                    self.doubt()
                elif entry.kind == "message":
                    # A client reused an id: the outcome is known.
                    raise
                await self.read_tail()
                if awaited.entry is None or not _same(awaited.entry, entry):
                    raise
                return AppendResult(awaited.entry, new=True)
            # Also if it is not new: an earlier answer may have been lost, and then the entry has
            # not been sent to anybody. LiveLog applies each seq once.
            self._log.arrived(appended.entry)
            if entry.timeline is not None and awaited.entry is None:
                await self._close_gap()
            return appended

    async def append_all(self, entries: Sequence[Entry]) -> None:
        """Append ``entries`` in one step, all or none. Raises what stores raise."""
        with ExitStack() as watching:
            awaited = [watching.enter_context(self._log.watch(entry.id)) for entry in entries]
            try:
                kept = await self._store.save_members(self._show_id, (), entries)
            except (IdTaken, StoreUnavailable):
                self.doubt()
                await self.read_tail()
                missing = [e for e, w in zip(entries, awaited, strict=True) if w.entry is None]
                if len(missing) == len(entries):
                    raise
                if missing:
                    # The others come from an earlier attempt that was carried out late.
                    await self.append_all(missing)
            else:
                for entry in kept:
                    self._log.arrived(entry)

    async def read_tail(self) -> None:
        """Read all entries after the log's last one. Raises StoreUnavailable.

        Callers share a read only if it began after they called: a read that is in progress may be
        too early to contain what the caller needs.
        """
        needed = self._tails_read + (2 if self._reading.locked() else 1)
        async with self._reading:
            if self._tails_read >= needed:
                return
            more = True
            while more:
                after = self._log.seq
                tail = await self._store.entries(self._show_id, after=after, limit=PAGE_ENTRIES)
                for entry in tail:
                    self._log.arrived(entry)
                # A gap in the stored log, which should not exist, must not make this loop endless.
                more = len(tail) == PAGE_ENTRIES and self._log.seq > after
            self._tails_read += 1

    def doubt(self) -> None:
        """Read the tail at each tick for a while, because the outcome of an append is unknown."""
        self._doubtful_until = self._clock() + DOUBT_S

    async def tick(self) -> None:
        """Read the tail if an entry is missing, or the outcome of an append is unknown."""
        if self._log.gap or self._clock() < self._doubtful_until:
            await self.read_tail()

    async def _close_gap(self) -> None:
        """Read entries of another writer that precede a move of this one."""
        try:
            await self.read_tail()
        except StoreUnavailable as error:
            # The move is stored, so its caller must not get an error; the next tick reads again.
            logger.warning("show %s has a gap in its log: %s", self._show_id, error.detail)


def _same(found: Entry, entry: Entry) -> bool:
    """Return whether ``found`` is ``entry``: clients choose the ids of messages."""
    return (found.kind, found.user_id, found.text) == (entry.kind, entry.user_id, entry.text)
