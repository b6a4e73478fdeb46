"""What a list or a room costs does not grow with its length, nor with its past."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest

from harness.rooms import T0, Clock, House
from harness.samples import NOON, SampleShow
from sessions.core.commands import Seek
from sessions.core.records import User
from sessions.live.registry import Registry
from sessions.services.locks import Locks
from sessions.services.members import Members
from sessions.services.planning import Film, Titles
from sessions.services.shows import Shows
from sessions.stores.sqlite.store import SqliteStore

T = TypeVar("T")


class CountingStore(SqliteStore):
    """A store that counts what is read of it."""

    reads = 0

    async def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        self.reads += 1
        return await super()._read(query)


@pytest.fixture
async def counting(tmp_path: Path) -> AsyncIterator[CountingStore]:
    async with CountingStore(tmp_path / "counted") as store:
        yield store


@pytest.mark.parametrize("count", [1, 200])
async def test_a_list_of_shows_is_two_reads_whatever_its_length(
    counting: CountingStore, count: int
) -> None:
    clock = Clock()
    anna = User(id=str(uuid4()), name="Anna")
    samples = [SampleShow(host_id=anna.id, movie_time=NOON + n) for n in range(count)]
    for sample in samples:
        await sample.create(counting)
        await counting.save_members(sample.show.id, [sample.member() for _ in range(8)])
        await counting.append(sample.move(2, instant=T0 - 60.0))
    film = Film("Counter", 120.0)
    shows = Shows(counting, Registry(counting, clock), Titles(lambda _: film), clock, Locks())
    counting.reads = 0

    listed = await shows.list(anna.id, "coming", 200, None)

    assert counting.reads == 2
    assert {view.people.total for view in listed.items if view.people} == {9}
    assert [view.show for view in listed.items] == [sample.show for sample in samples]
    assert [view.token for view in listed.items] == [sample.link.token for sample in samples]
    assert {state for view in listed.items for _, state in view.sessions} == {"paused"}


async def test_a_room_is_opened_by_as_many_reads_whatever_its_past(
    counting: CountingStore,
) -> None:
    async def reads_after(moves: int) -> int:
        house = await House.build(counting, Clock())
        for place in range(moves):
            live = await house.live_session()
            await live.command(house.people["Anna"].user_id, Seek(float(place % 100)), None)
        again = Registry(counting, house.clock)
        counting.reads = 0
        opened = await again.live_session(house.session)
        assert opened.room.chain.newest.revision == moves + 1
        return counting.reads

    assert await reads_after(0) == await reads_after(300)


async def test_members_are_read_a_page_at_a_time(counting: CountingStore) -> None:
    house = await House.build(counting, Clock())
    people = Members(counting, house.registry, Locks())
    names = [f"Guest {n}" for n in range(5)]
    members = [await house.member(name) for name in names]
    await people.remove(house.show.id, house.people["Anna"].user_id, members[1].user_id)
    seen: list[str] = []
    cursor = None

    while True:
        rows, cursor = await people.list(house.show.id, members[0].user_id, 2, cursor)
        assert len(rows) <= 2
        seen += [member.name for member, _ in rows]
        if cursor is None:
            break

    assert sorted(seen) == sorted(["Anna", *names[:1], *names[2:]])
