"""Appends to a show's log, and reads its tail again where an append leaves a doubt.

A writer only appends: what an entry changes follows from its arrival in the LiveLog, whoever
wrote it. A store that is not in this process may lose the answer to an append that it carried
out, and a second process may have written first; then the tail of the log says what is true.
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

__all__ = ["DOUBT_S", "LogWriter", "ShowLogStore"]

logger = logging.getLogger("seans.live")

PAGE_ENTRIES = 200
"""Entries of the tail that are read at a time."""

DOUBT_S = 30.0
"""How long after an unknown outcome the tail is read again at each tick, seconds."""


class ShowLogStore(LogStore, MemberStore, Protocol):
    """A log, and the members of whom it tells: their changes are kept in the same step."""


class LogWriter:
    """Appends the entries of one show and knows which of them have arrived."""

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
        """Append ``entry``; with ``session``, keep that changed too. Raises what stores raise.

        Where it raises StaleRevision, the tail was read and what it holds has arrived.
        """
        return await self.settle(entry, self._store.append(entry, session))

    async def settle(self, entry: Entry, call: Awaitable[AppendResult]) -> AppendResult:
        """Wait for ``call``, which appends ``entry``, and let the entry arrive."""
        with self._log.watch(entry.id) as awaited:
            try:
                appended = await call
            except (StaleRevision, IdTaken, StoreUnavailable) as error:
                if isinstance(error, StoreUnavailable):
                    # The store may have kept it, or may yet: its answer is what was lost.
                    self.doubt()
                elif entry.kind == "message":
                    # An id that a client chose badly: nothing is in doubt.
                    raise
                await self.read_tail()
                if awaited.entry is None or not _same(awaited.entry, entry):
                    raise
                return AppendResult(awaited.entry, new=True)
            # Also where it is not new: an earlier answer may have been lost, and then nobody
            # has been told of the entry yet. LiveLog hands out each seq once.
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
                    # Some are of an earlier attempt that was carried out late.
                    await self.append_all(missing)
            else:
                for entry in kept:
                    self._log.arrived(entry)

    async def read_tail(self) -> None:
        """Let everything arrive that the store has beyond the log. Raises StoreUnavailable.

        Callers share a reading that began after they asked: one that is under way already may
        have looked too early for what its second caller is in doubt about.
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
                # A log with a hole, which no store should have, must not keep this going for ever.
                more = len(tail) == PAGE_ENTRIES and self._log.seq > after
            self._tails_read += 1

    def doubt(self) -> None:
        """Have the tail read at each tick for a while: something may have been kept, or not."""
        self._doubtful_until = self._clock() + DOUBT_S

    async def tick(self) -> None:
        """Read the tail where an entry waits for one that has not come, or one is in doubt."""
        if self._log.gap or self._clock() < self._doubtful_until:
            await self.read_tail()

    async def _close_gap(self) -> None:
        """Fetch what stands before a move of ours: another writer's, which was not told here."""
        try:
            await self.read_tail()
        except StoreUnavailable as error:
            # The move is kept, so its asker must not hear otherwise; the next tick reads again.
            logger.warning("show %s has a gap in its log: %s", self._show_id, error.detail)


def _same(found: Entry, entry: Entry) -> bool:
    """Tell whether ``found`` is ``entry``: a message's id is its client's choice."""
    return (found.kind, found.user_id, found.text) == (entry.kind, entry.user_id, entry.text)
