"""What every store promises of a show that is to be opened: all of it as of one moment."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import pytest

from harness.samples import SampleShow, new_id
from sessions.core.errors import IdTaken
from sessions.core.records import Member
from sessions.stores.base import Store, StoredShow
from sessions.stores.sqlite.store import SqliteStore
from tests.stores.older_stores import lay_out_old


async def kept(store: Store, sample: SampleShow, limit: int = 10) -> StoredShow:
    found = await store.stored_show(sample.show.id, limit)
    assert found is not None
    return found


async def present(store: Store, sample: SampleShow) -> Collection[str]:
    return set((await kept(store, sample)).present)


async def come(store: Store, sample: SampleShow) -> Member:
    """Return a new member who is here by the log."""
    member = sample.member()
    joined = sample.entry("joined", user_id=member.user_id)
    await store.save_members(sample.show.id, [member], [joined])
    return member


async def test_a_show_comes_with_its_sessions_and_the_end_of_its_log(
    store: Store, sample: SampleShow
) -> None:
    entries = [(await store.append(sample.entry())).entry for _ in range(3)]
    moved = (await store.append(sample.move(2))).entry

    found = await kept(store, sample, limit=3)

    assert found.show == sample.show
    assert list(found.sessions) == [await store.session(sample.session.id)]
    assert list(found.recent) == [*entries[1:], moved]
    assert list(found.present) == []
    assert await store.stored_show(new_id(), 10) is None


async def test_who_came_last_and_did_not_leave_is_present(store: Store, sample: SampleShow) -> None:
    anna, boris, clara = [await come(store, sample) for _ in range(3)]
    assert await present(store, sample) == {anna.user_id, boris.user_id, clara.user_id}

    await store.append(sample.entry("left", user_id=anna.user_id))
    removed = sample.entry("removed", subject=boris.user_id)
    await store.save_members(sample.show.id, [boris], [removed])
    await store.append(sample.entry(user_id=clara.user_id))
    await store.save_members(sample.show.id, [clara])

    assert await present(store, sample) == {clara.user_id}


async def test_a_refused_leaving_leaves_them_present(store: Store, sample: SampleShow) -> None:
    anna = await come(store, sample)
    said = (await store.append(sample.entry())).entry

    with pytest.raises(IdTaken):
        await store.append(sample.entry("left", id=said.id, user_id=anna.user_id))

    assert await present(store, sample) == {anna.user_id}


async def test_sessions_and_log_are_read_as_of_one_moment(store: Store, sample: SampleShow) -> None:
    done = False

    async def move() -> None:
        nonlocal done
        for revision in range(2, 200):
            await store.append(sample.move(revision))
        done = True

    moving = asyncio.create_task(move())
    while not done:
        found = await kept(store, sample)
        newest = found.recent[-1].revision if found.recent else 1
        assert found.sessions[0].chain.newest.revision == newest
    await moving


async def test_an_older_store_says_who_was_present(folder: Path) -> None:
    sample = SampleShow()
    anna, boris, clara = (sample.member(removed=removed) for removed in (False, False, True))
    log = [
        sample.entry("joined", user_id=anna.user_id),
        sample.entry("left", user_id=anna.user_id),
        sample.entry("joined", user_id=boris.user_id),
        sample.entry("joined", user_id=clara.user_id),
        sample.entry("joined", user_id=anna.user_id),
        sample.entry("left", user_id=boris.user_id),
    ]
    lay_out_old(folder, {"evening": (sample, log)})
    with closing(sqlite3.connect(folder / "seans.sqlite3")) as connection, connection:
        for member in (anna, boris, clara):
            connection.execute(
                "INSERT INTO members (id, created_at, user_id, target_id, name, role, muted,"
                " removed) VALUES (?, ?, ?, ?, 'Anna', 'guest', 0, ?)",
                (member.id, 0.0, member.user_id, sample.show.id, member.removed),
            )

    store = SqliteStore(folder)
    await store.open()
    try:
        assert await present(store, sample) == {anna.user_id}
    finally:
        await store.close()
