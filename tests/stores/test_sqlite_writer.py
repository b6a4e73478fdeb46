"""The thread that writes: what waits shares one commit, and nobody pays for another's refusal."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from harness.samples import SampleShow, new_id, tail_of
from sessions.core.errors import IdTaken, StaleRevision, StoreUnavailable, UnknownShow
from sessions.stores.base import AppendResult
from sessions.stores.sqlite.store import SqliteStore
from sessions.stores.sqlite.writes import append


@asynccontextmanager
async def held_up(store: SqliteStore) -> AsyncIterator[None]:
    """Keep the writer busy, so that all that is given meanwhile waits for one commit."""
    busy, go_on = Event(), Event()

    def stand(_: sqlite3.Connection) -> None:
        busy.set()
        go_on.wait()

    standing = store.writer.submit(stand)
    await asyncio.to_thread(busy.wait)
    try:
        yield
    finally:
        go_on.set()
        await standing


async def all_given(*calls: Coroutine[Any, Any, Any]) -> list[asyncio.Task[Any]]:
    """Return the calls under way, each already waiting for the writer."""
    tasks = [asyncio.create_task(call) for call in calls]
    await asyncio.sleep(0)
    return tasks


async def test_what_waits_shares_one_commit(sqlite: SqliteStore) -> None:
    sample = await SampleShow().create(sqlite)
    before = sqlite.writer.commits

    async with held_up(sqlite):
        saying = await all_given(*(sqlite.append(sample.entry()) for _ in range(200)))
    await asyncio.gather(*saying)

    assert sqlite.writer.commits - before == 2
    assert await tail_of(sqlite, sample.show.id) == 200


async def test_a_refusal_harms_no_other_in_the_same_commit(sqlite: SqliteStore) -> None:
    sample = await SampleShow().create(sqlite)
    first = sample.entry()
    await sqlite.append(first)
    before = sqlite.writer.commits
    async with held_up(sqlite):
        given = await all_given(
            sqlite.append(sample.entry(text="one")),
            sqlite.append(sample.move(7)),
            sqlite.append(sample.entry(id=first.id, text="other")),
            sqlite.append(sample.move(2)),
            sqlite.append(sample.entry(show_id=new_id())),
            sqlite.append(sample.entry(text="half of a pair: \ud83d")),
            sqlite.append(sample.move(2)),
            sqlite.append(sample.entry(created_at=float("nan"))),
            sqlite.append(sample.move(3)),
            sqlite.append(sample.entry(text="two")),
        )
    outcomes = await asyncio.gather(*given, return_exceptions=True)

    assert sqlite.writer.commits - before == 2
    assert [
        each.entry.seq if isinstance(each, AppendResult) else type(each) for each in outcomes
    ] == [
        2,
        StaleRevision,
        IdTaken,
        3,
        UnknownShow,
        UnicodeEncodeError,
        StaleRevision,
        sqlite3.IntegrityError,
        4,
        5,
    ]
    entries = await sqlite.entries(sample.show.id, after=0, limit=9)
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]


async def test_who_waits_is_woken_in_the_order_in_which_it_took_effect(sqlite: SqliteStore) -> None:
    sample = await SampleShow().create(sqlite)
    woken = []

    async def write(number: int) -> None:
        try:
            await sqlite.append(sample.move(2) if number % 2 else sample.entry())
        except StaleRevision:
            pass
        finally:
            woken.append(number)

    async with held_up(sqlite):
        writing = await all_given(*(write(number) for number in range(50)))
    await asyncio.gather(*writing)

    assert woken == list(range(50))


async def test_what_is_too_much_is_turned_away_at_once(folder: Path) -> None:
    sqlite = SqliteStore(folder, bound=10)
    await sqlite.open()
    sample = await SampleShow().create(sqlite)

    async with held_up(sqlite):
        given = await all_given(*(sqlite.append(sample.entry()) for _ in range(25)))
        turned_away = [task for task in given if task.done()]
        assert turned_away == given[10:]
        assert not await sqlite.healthy()
    outcomes = await asyncio.gather(*given, return_exceptions=True)

    assert [each.entry.seq for each in outcomes[:10] if isinstance(each, AppendResult)] == [
        *range(1, 11)
    ]
    assert all(isinstance(each, StoreUnavailable) for each in outcomes[10:])
    assert sqlite.writer.turned_away == 16
    assert await tail_of(sqlite, sample.show.id) == 10
    assert await sqlite.healthy()
    await sqlite.close()


async def test_who_no_longer_waits_harms_nobody(sqlite: SqliteStore) -> None:
    sample = await SampleShow().create(sqlite)

    async with held_up(sqlite):
        given = await all_given(*(sqlite.append(sample.entry()) for _ in range(10)))
        for task in given[::2]:
            task.cancel()
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(*given, return_exceptions=True)

    assert all(isinstance(each, asyncio.CancelledError) for each in outcomes[::2])
    seqs = [each.entry.seq for each in outcomes[1::2] if isinstance(each, AppendResult)]
    assert seqs == [1, 2, 3, 4, 5]
    assert await tail_of(sqlite, sample.show.id) == 5


async def test_who_goes_away_while_it_is_written_harms_nobody_either(sqlite: SqliteStore) -> None:
    sample = await SampleShow().create(sqlite)
    busy, go_on = Event(), Event()

    def say_and_stand(connection: sqlite3.Connection) -> None:
        append(connection, sample.entry())
        busy.set()
        go_on.wait()

    saying = sqlite.writer.submit(say_and_stand)
    await asyncio.to_thread(busy.wait)
    saying.cancel()
    go_on.set()

    # What was under way is carried out: a call that is cancelled may have been.
    assert (await sqlite.append(sample.entry())).entry.seq == 2


async def test_a_job_whose_turn_comes_too_late_is_refused(sqlite: SqliteStore) -> None:
    sample = await SampleShow().create(sqlite)

    async with held_up(sqlite):
        late = sqlite.writer.submit(lambda c: append(c, sample.move(2)), within=0.0)
        in_time = sqlite.writer.submit(lambda c: append(c, sample.entry()), within=60.0)

    with pytest.raises(StoreUnavailable, match="too long"):
        await late
    assert (await in_time).entry.seq == 1


async def test_who_waits_for_a_disk_that_hangs_is_told_so(folder: Path) -> None:
    sqlite = SqliteStore(folder)
    await sqlite.open()
    sample = await SampleShow().create(sqlite)
    await sqlite.close()
    sqlite = SqliteStore(folder, write_wait=0.5)
    await sqlite.open()
    busy, go_on = Event(), Event()

    def hang(_: sqlite3.Connection) -> None:
        busy.set()
        go_on.wait()

    async with held_up(sqlite):
        begun = await all_given(sqlite.append(sample.move(2)))
        hanging = sqlite.writer.submit(hang)
    # The move is in the transaction that hangs; the message behind it has not begun.
    await asyncio.to_thread(busy.wait)
    not_begun = await all_given(sqlite.append(sample.entry()))
    outcomes = await asyncio.gather(*begun, *not_begun, return_exceptions=True)
    go_on.set()
    await hanging

    assert [type(each) for each in outcomes] == [StoreUnavailable] * 2
    assert sqlite.counts().refused_writes == 2
    log = await sqlite.entries(sample.show.id, limit=9)
    assert [entry.kind for entry in log] == ["paused"], "what had begun may land, nothing else"
    await sqlite.close()


async def test_an_error_of_the_file_fails_the_commit_and_not_the_next_one(
    sqlite: SqliteStore,
) -> None:
    sample = await SampleShow().create(sqlite)

    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("SELECT * FROM a_table_that_was_lost")

    async with held_up(sqlite):
        beside = await all_given(sqlite.append(sample.entry()), sqlite.append(sample.move(9)))
        failing = sqlite.writer.submit(broken)
        beside += await all_given(sqlite.append(sample.entry()))
    outcomes = await asyncio.gather(*beside, failing, return_exceptions=True)

    # Also what would have been refused: the reason may have been another of the same commit.
    assert [type(each) for each in outcomes] == [StoreUnavailable] * 4
    assert (await sqlite.append(sample.entry())).entry.seq == 1


async def test_a_commit_is_flushed_to_the_disk_and_not_only_to_the_system(
    sqlite: SqliteStore,
) -> None:
    def settings(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    # https://www.sqlite.org/pragma.html#pragma_synchronous: 2 is FULL.
    assert await sqlite.writer.submit(settings) == ["wal", 2, 1, 1]
