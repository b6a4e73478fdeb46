"""A disk that is slow, and one that hangs: nobody is thrown back by what was refused (ADR 0009)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event

import pytest

from harness.rooms import T0, Clock, FakeLink, House
from harness.unreliable_store import UnreliableStore
from sessions.core.commands import Command, Pause, Play, Seek, SetRate
from sessions.core.errors import StoreUnavailable
from sessions.core.records import Entry, Session
from sessions.live.live_session import LiveSession
from sessions.stores.base import AppendResult
from sessions.stores.sqlite.store import SqliteStore

HUNG_S = 600.0
"""How long the disk of these tests hangs, seconds."""


class SlowStore(UnreliableStore):
    """A store each of whose moves takes ``takes`` seconds of the house's clock."""

    clock: Clock | None = None
    takes = 0.0

    async def append(self, entry: Entry, session: Session | None = None) -> AppendResult:
        if self.clock is not None and entry.timeline is not None:
            self.clock.advance(self.takes)
        return await super().append(entry, session)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SlowStore]:
    async with SlowStore(tmp_path / "data") as store:
        yield store


@pytest.fixture
async def house(store: SlowStore, clock: Clock) -> AsyncIterator[House]:
    house = await House.build(store, clock, duration=7200.0)
    yield house
    await house.registry.stop()


async def running(house: House) -> tuple[LiveSession, FakeLink]:
    house.clock.now = T0 + 5.0
    link, _ = await house.enter("Anna")
    return await house.live_session(), link


async def order(house: House, command: Command) -> None:
    live = await house.live_session()
    await live.command(house.people["Anna"].user_id, command, None)


async def refuse_and_land(house: House, store: SlowStore, command: Command) -> None:
    """Let a command be refused, and its first attempt land when the disk answers again."""
    store.faults.extend(["late", "fails"])
    with pytest.raises(StoreUnavailable):
        await order(house, command)
    house.clock.advance(HUNG_S)
    await store.carry_out_late()


def told(link: FakeLink) -> list[tuple[float, float]]:
    """Return where pages were told that the film stands, and at which rate."""
    newest = [message["next"] or message["timeline"] for message in link.of("timeline")]
    return [(line["position"], line["rate"]) for line in newest]


@pytest.mark.parametrize("command", [Pause(), Seek(3600.0), SetRate(1.5)])
async def test_what_lands_minutes_late_throws_nobody_back(
    house: House, store: SlowStore, command: Command
) -> None:
    live, link = await running(house)
    await refuse_and_land(house, store, command)

    await house.registry.tick()
    await live.live_show.writer.read_tail()
    await house.registry.tick()

    now = house.clock()
    assert live.room.position(now) == 5.0 + HUNG_S
    assert live.room.state(now) == "running"
    assert live.room.speed == 1.0
    assert told(link) == [(5.0 + HUNG_S, 1.0)]
    assert (await house.stored_session()).chain == live.room.chain


async def test_a_play_that_lands_minutes_late_leaves_the_film_standing(
    house: House, store: SlowStore
) -> None:
    live, link = await running(house)
    await order(house, Pause())
    house.clock.advance(10.0)
    stood = live.room.position(house.clock())
    await refuse_and_land(house, store, Play())

    await live.live_show.writer.read_tail()
    await house.registry.tick()

    assert live.room.state(house.clock()) == "paused"
    assert live.room.position(house.clock()) == stood
    assert told(link) == [(stood, 0.0), (stood, 0.0)]


async def test_a_command_behind_a_late_one_is_decided_where_the_film_is(
    house: House, store: SlowStore
) -> None:
    live, _ = await running(house)
    await refuse_and_land(house, store, Pause())

    await order(house, Pause())

    house.clock.advance(1.0)
    assert live.room.state(house.clock()) == "paused"
    assert live.room.position(house.clock()) == pytest.approx(5.0 + HUNG_S, abs=0.5)


async def test_what_takes_a_late_move_back_may_fail_at_first(
    house: House, store: SlowStore
) -> None:
    live, link = await running(house)
    await refuse_and_land(house, store, Pause())
    await live.live_show.writer.read_tail()

    store.faults.append("late")
    await house.registry.tick()
    house.clock.advance(HUNG_S)
    await store.carry_out_late()
    await house.registry.tick()

    assert live.room.position(house.clock()) == 5.0 + 2 * HUNG_S
    assert [rate for _, rate in told(link)] == [1.0]


async def test_a_rescheduling_that_lands_late_holds(house: House, store: SlowStore) -> None:
    live = await house.live_session()
    store.faults.extend(["late", "fails"])
    with pytest.raises(StoreUnavailable):
        await house.registry.reschedule(house.session, T0 + 3600.0, house.people["Anna"])
    house.clock.advance(HUNG_S)
    await store.carry_out_late()

    await live.live_show.writer.read_tail()
    await house.registry.tick()

    assert live.session.movie_time == T0 + 3600.0
    assert live.room.chain.newest.revision == 2


@pytest.mark.parametrize(("takes", "behind"), [(0.1, 0.0), (0.5, 0.35), (1.9, 1.75)])
async def test_a_slow_disk_throws_pages_back_by_no_more_than_it_took(
    house: House, store: SlowStore, takes: float, behind: float
) -> None:
    live, link = await running(house)
    store.clock, store.takes = house.clock, takes

    await order(house, Pause())

    # Pages showed the film for so long after the moment at which it stands.
    line = link.of("timeline")[-1]
    pause = line["next"] or line["timeline"]
    assert pause["position"] == pytest.approx(5.15)
    assert max(0.0, line["now"] - pause["instant"]) == pytest.approx(behind)
    assert live.room.chain.newest.revision == 2, "it was asked for once, and is made once"


async def test_a_failure_that_took_long_is_not_tried_again(house: House, store: SlowStore) -> None:
    await running(house)
    store.clock, store.takes = house.clock, 2.0
    store.faults.extend(["fails", "fails"])

    with pytest.raises(StoreUnavailable):
        await order(house, Pause())

    assert list(store.faults) == ["fails"]


async def test_a_hung_disk_refuses_a_pause_in_time_and_never_makes_it(
    tmp_path: Path, clock: Clock
) -> None:
    store = SqliteStore(tmp_path / "hung", write_wait=0.1)
    await store.open()
    house = await House.build(store, clock, duration=7200.0)
    live, _ = await running(house)
    go_on = Event()
    standing = store.writer.submit(lambda _: go_on.wait())

    try:
        async with asyncio.timeout(5.0):
            with pytest.raises(StoreUnavailable):
                await order(house, Pause())
    finally:
        go_on.set()
        await standing

    clock.advance(HUNG_S)
    await live.live_show.writer.read_tail()
    assert live.room.chain.newest.revision == 1
    await house.registry.stop()
    await store.close()


async def test_a_command_waits_for_its_turn_no_longer_than_a_bound(house: House) -> None:
    live, _ = await running(house)
    live.max_turn = 0.01

    async with live.moving:
        with pytest.raises(StoreUnavailable, match="waiting"):
            await order(house, Pause())

    await order(house, Pause())
    assert live.room.chain.newest.reason == "pause"
