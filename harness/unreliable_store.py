"""A store whose answers cannot be relied on, as those of a store behind a network."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

from sessions.core.errors import StoreUnavailable
from sessions.core.records import Entry, Member, Session
from sessions.stores.base import AppendResult
from sessions.stores.sqlite.store import SqliteStore

__all__ = ["FAULTS", "Fault", "UnreliableStore"]

T = TypeVar("T")

Fault = Literal["none", "fails", "lost", "late", "twice", "slow"]

FAULTS: tuple[Fault, ...] = ("none", "fails", "lost", "late", "twice", "slow")


class UnreliableStore(SqliteStore):
    """A store that does with each append what ``faults`` says next; with none left it does well.

    fails: nothing is kept, and it raises. lost: kept, but it raises. late: it raises, and
    keeps it once ``carry_out_late`` is called. twice: its driver repeats the call and returns the
    second answer. slow: kept at once, answered after others had their turn.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.faults: deque[Fault] = deque()
        self._late: list[Callable[[], Awaitable[object]]] = []

    async def carry_out_late(self) -> None:
        """Carry out what is late; what it would break is refused, and nobody is told."""
        late, self._late = self._late, []
        for call in late:
            await asyncio.gather(call(), return_exceptions=True)

    async def append(self, entry: Entry, session: Session | None = None) -> AppendResult:
        return await self._with_fault(partial(super().append, entry, session))

    async def delete_message(self, message_id: str, entry: Entry) -> AppendResult:
        return await self._with_fault(partial(super().delete_message, message_id, entry))

    async def save_members(
        self, show_id: str, members: Sequence[Member], entries: Sequence[Entry] = ()
    ) -> Sequence[Entry]:
        return await self._with_fault(partial(super().save_members, show_id, members, entries))

    async def _with_fault(self, call: Callable[[], Awaitable[T]]) -> T:
        fault = self.faults.popleft() if self.faults else "none"
        if fault == "late":
            self._late.append(call)
        if fault in ("late", "fails"):
            raise StoreUnavailable("nothing was answered in time")
        appended = await call()
        if fault == "lost":
            raise StoreUnavailable("the answer was lost")
        if fault == "twice":
            return await call()
        if fault == "slow":
            for _ in range(20):
                await asyncio.sleep(0)
        return appended
