"""The thread that writes: what waits shares one commit, and nobody pays for another's refusal."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sessions.core.errors import IdTaken, StaleRevision, StoreUnavailable, UnknownShow
from sessions.stores.base import Appended
from sessions.stores.sqlite import SqliteStore
from tests.stores.made import Hall, new_id


@contextmanager
def held_up(folder: Path) -> Iterator[None]:
    """Keep the store from writing for a while, as another program with the file open does."""
    connection = sqlite3.connect(folder / "seans.sqlite3", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()


async def all_given(*calls: Coroutine[Any, Any, Any]) -> list[asyncio.Task[Any]]:
    """Return the calls under way, each already waiting for the writer."""
    tasks = [asyncio.create_task(call) for call in calls]
    await asyncio.sleep(0)
    return tasks


async def test_what_waits_shares_one_commit(sqlite: SqliteStore, folder: Path) -> None:
    hall = await Hall().create(sqlite)
    before = sqlite.writer.commits

    with held_up(folder):
        saying = await all_given(*(sqlite.append(hall.entry()) for _ in range(200)))
    await asyncio.gather(*saying)

    # One that was under way when the last of them came, and one for all the others.
    assert 1 <= sqlite.writer.commits - before <= 2
    assert await sqlite.tail(hall.show.id) == 200


async def test_a_refusal_harms_no_other_in_the_same_commit(
    sqlite: SqliteStore, folder: Path
) -> None:
    hall = await Hall().create(sqlite)
    first = hall.entry()
    with held_up(folder):
        # The first goes into a commit of its own, and holds up what is given after it.
        under_way = await all_given(sqlite.append(first))
        before = sqlite.writer.commits
        given = await all_given(
            sqlite.append(hall.entry(text="one")),
            sqlite.append(hall.move(7)),
            sqlite.append(hall.entry(id=first.id, text="other")),
            sqlite.append(hall.move(2)),
            sqlite.append(hall.entry(show_id=new_id())),
            sqlite.append(hall.entry(text="half of a pair: \ud83d")),
            sqlite.append(hall.move(2)),
            sqlite.append(hall.entry(created_at=float("nan"))),
            sqlite.append(hall.move(3)),
            sqlite.append(hall.entry(text="two")),
        )
    outcomes = await asyncio.gather(*under_way, *given, return_exceptions=True)

    assert sqlite.writer.commits - before <= 2
    assert [each.entry.seq if isinstance(each, Appended) else type(each) for each in outcomes] == [
        1,
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
    entries = await sqlite.entries(hall.show.id, after=0, limit=9)
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]


async def test_who_waits_is_woken_in_the_order_in_which_it_took_effect(
    sqlite: SqliteStore, folder: Path
) -> None:
    hall = await Hall().create(sqlite)
    woken = []

    async def write(number: int) -> None:
        try:
            await sqlite.append(hall.move(2) if number % 2 else hall.entry())
        except StaleRevision:
            pass
        finally:
            woken.append(number)

    with held_up(folder):
        writing = await all_given(*(write(number) for number in range(50)))
    await asyncio.gather(*writing)

    assert woken == list(range(50))


async def test_what_is_too_much_is_turned_away_at_once(folder: Path) -> None:
    sqlite = SqliteStore(folder, bound=10)
    await sqlite.open()
    hall = await Hall().create(sqlite)

    with held_up(folder):
        # Ten may be taken by the writer before it is held up, ten may wait.
        given = await all_given(*(sqlite.append(hall.entry()) for _ in range(25)))
        turned_away = [task for task in given if task.done()]
        assert 5 <= len(turned_away) <= 15
        assert not await sqlite.healthy()
    outcomes = await asyncio.gather(*given, return_exceptions=True)

    kept = [each.entry.seq for each in outcomes if isinstance(each, Appended)]
    assert kept == list(range(1, len(kept) + 1))
    assert len(kept) == 25 - len(turned_away)
    assert all(isinstance(task.exception(), StoreUnavailable) for task in turned_away)
    assert sqlite.writer.turned_away == len(turned_away) + 1
    assert await sqlite.tail(hall.show.id) == len(kept)
    assert await sqlite.healthy()
    await sqlite.close()


async def test_who_no_longer_waits_harms_nobody(sqlite: SqliteStore, folder: Path) -> None:
    hall = await Hall().create(sqlite)

    with held_up(folder):
        given = await all_given(*(sqlite.append(hall.entry()) for _ in range(10)))
        for task in given[::2]:
            task.cancel()
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(*given, return_exceptions=True)

    assert all(isinstance(each, asyncio.CancelledError) for each in outcomes[::2])
    seqs = [each.entry.seq for each in outcomes[1::2] if isinstance(each, Appended)]
    assert len(seqs) == 5
    assert seqs == sorted(seqs)
    assert await sqlite.tail(hall.show.id) == seqs[-1]


async def test_a_commit_is_flushed_to_the_disk_and_not_only_to_the_system(
    sqlite: SqliteStore,
) -> None:
    def settings(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    # https://www.sqlite.org/pragma.html#pragma_synchronous: 2 is FULL.
    assert await sqlite.writer.submit(settings) == ["wal", 2, 1, 1]
