"""What time brings in many open shows at once, on one store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from harness.rooms import Clock, House, until
from sessions.core.records import Entry, Member
from sessions.stores.sqlite.store import SqliteStore


class SlowStore(SqliteStore):
    """A store that does not answer ``slow_show`` before it is told to; it counts its saves."""

    slow_show = ""
    saves = 0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.answers = asyncio.Event()

    async def save_members(
        self, show_id: str, members: Sequence[Member], entries: Sequence[Entry] = ()
    ) -> Sequence[Entry]:
        self.saves += 1
        if show_id == self.slow_show:
            await self.answers.wait()
        return await super().save_members(show_id, members, entries)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SlowStore]:
    async with SlowStore(tmp_path / "data") as store:
        yield store


async def leave(house: House, name: str) -> None:
    """Let somebody come and go."""
    await house.member(name)
    _, conversation = await house.enter(name)
    await conversation.gone()


async def test_a_slow_store_of_one_show_holds_up_no_other(
    house: House, store: SlowStore, clock: Clock
) -> None:
    other = await House.build(store, clock)
    other.registry = house.registry
    other.chat = type(house.chat)(house.registry, clock)
    anna, _ = await other.enter("Anna")
    await leave(house, "Boris")
    live = await house.registry.live_show(other.show.id)
    clock.advance(31.0)
    store.slow_show, store.saves = house.show.id, 0

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            house.registry.begin_tick(group)
            await asyncio.sleep(0)
        await until(lambda: store.saves)
        anna.messages.clear()
        live.roster.touch([other.people["Anna"].user_id])
        house.registry.begin_tick(group)
        await until(lambda: anna.of("members"))
        await leave(other, "Clara")
        clock.advance(31.0)
        house.registry.begin_tick(group)
        await until(lambda: anna.of("notice")[-1:] and anna.of("notice")[-1]["kind"] == "left")
        store.answers.set()

    assert store.saves == 2 + 1  # Boris' and Clara's leaving, and that Clara became a member.


async def test_all_who_left_are_one_save(house: House, store: SlowStore) -> None:
    names = [f"Guest {number}" for number in range(20)]
    for name in names:
        await leave(house, name)
    house.clock.advance(31.0)
    store.saves = 0

    await house.registry.tick()

    assert store.saves == 1
    log = await store.entries(house.show.id, limit=100)
    assert [entry.name for entry in log if entry.kind == "left"] == names
