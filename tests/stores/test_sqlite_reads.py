"""Reads of the embedded store wait in a bounded queue, and not for ever."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from harness.samples import new_id
from sessions.core.errors import StoreUnavailable
from sessions.stores.sqlite.store import READER_THREADS, SqliteStore


class HangingStore(SqliteStore):
    """A store whose queries hang while its disk does."""

    def __init__(self, folder: Path, bound: int, read_wait: float) -> None:
        super().__init__(folder, bound=bound, read_wait=read_wait)
        self.answers = threading.Event()
        self.answers.set()
        self.hung: list[asyncio.Task[None]] = []

    async def hang(self) -> None:
        """Read what is not answered before :attr:`answers` is set."""

        def query(_: sqlite3.Connection) -> None:
            self.answers.wait()

        await self._read(query)


@asynccontextmanager
async def hanging(folder: Path, *, bound: int, read_wait: float) -> AsyncIterator[HangingStore]:
    """Return a store all of whose readers hang until the end of the context."""
    store = HangingStore(folder, bound, read_wait)
    await store.open()
    store.answers.clear()
    store.hung = [asyncio.create_task(store.hang()) for _ in range(READER_THREADS)]
    await asyncio.sleep(0)
    try:
        yield store
    finally:
        store.answers.set()
        await asyncio.gather(*store.hung, return_exceptions=True)
        await store.close()


async def test_a_read_that_cannot_begin_in_time_is_refused(folder: Path) -> None:
    async with hanging(folder, bound=9, read_wait=0.01) as store:
        with pytest.raises(StoreUnavailable, match="too long"):
            await store.show(new_id())
        # Those that had begun and got no answer are given up too.
        assert store.reads_turned_away == READER_THREADS + 1

        store.answers.set()
        assert await store.show(new_id()) is None


async def test_a_read_that_hangs_is_given_up(folder: Path) -> None:
    async with hanging(folder, bound=9, read_wait=0.01) as store:
        for reading in store.hung:
            with pytest.raises(StoreUnavailable, match="too long"):
                await reading


async def test_too_many_reads_are_turned_away_at_once(folder: Path) -> None:
    async with hanging(folder, bound=3, read_wait=60.0) as store:
        waiting = [asyncio.create_task(store.show(new_id())) for _ in range(3)]
        await asyncio.sleep(0)

        with pytest.raises(StoreUnavailable, match="too much is waiting"):
            await store.show(new_id())

        store.answers.set()
        assert await asyncio.gather(*waiting) == [None] * 3


async def test_readers_of_askers_who_left_are_not_given_away_early(folder: Path) -> None:
    async with hanging(folder, bound=9, read_wait=0.01) as store:
        for asker in store.hung:
            asker.cancel()
        await asyncio.gather(*store.hung, return_exceptions=True)

        with pytest.raises(StoreUnavailable, match="too long"):
            await store.show(new_id())
