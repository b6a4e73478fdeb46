"""Shows that begin and end are told once, whoever watches, and whatever happens to the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from uuid import UUID

import pytest

from harness.rooms import Clock
from harness.samples import NOON, SampleShow, shows_at
from sessions.core.errors import StoreUnavailable
from sessions.core.records import Session
from sessions.core.show_events import ShowEvent
from sessions.stores.sqlite.store import SqliteStore
from streamer.webhooks.payloads import id_of
from streamer.webhooks.watch import MAX_LATE_S, ShowWatch


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON - 60)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with SqliteStore(tmp_path / "data") as store:
        yield store


class Listening:
    """A watch with what it told."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        self.events: list[ShowEvent] = []
        self.clock = clock
        self.watch = ShowWatch(store, clock, self.events.append)

    async def told_at(self, now: float) -> list[tuple[str, float]]:
        """Look at ``now`` until nothing more is told; return what was, with its times."""
        self.clock.now = now
        before = len(self.events)
        for _ in range(3):
            await self.watch.look()
        return [(event.type, event.at) for event in self.events[before:]]


async def test_a_show_begins_and_ends_once_with_nobody_there(
    store: SqliteStore, clock: Clock
) -> None:
    await SampleShow().create(store)
    listening = Listening(store, clock)

    assert await listening.told_at(NOON - 0.1) == []
    assert await listening.told_at(NOON + 0.4) == [("show.begun", NOON)]
    assert await listening.told_at(NOON + 599) == []
    assert await listening.told_at(NOON + 601) == [("show.ended", NOON + 600)]
    assert await listening.told_at(NOON + 9999) == []


async def test_a_restarted_server_tells_nothing_twice_and_what_it_missed(
    store: SqliteStore, clock: Clock
) -> None:
    await SampleShow().create(store)
    assert await Listening(store, clock).told_at(NOON) == [("show.begun", NOON)]

    assert await Listening(store, clock).told_at(NOON + 1) == []
    again = await Listening(store, clock).told_at(NOON + 5000)
    assert again == [("show.ended", NOON + 600)]


async def test_a_show_missed_whole_is_told_in_order_within_a_day(
    store: SqliteStore, clock: Clock
) -> None:
    await SampleShow().create(store)

    told = await Listening(store, clock).told_at(NOON + MAX_LATE_S)

    assert told == [("show.begun", NOON), ("show.ended", NOON + 600)]


async def test_what_is_older_than_a_day_is_no_news(store: SqliteStore, clock: Clock) -> None:
    old, late = await shows_at(store, "11111111-1111-4111-8111-111111111111", NOON, NOON + 5000)
    listening = Listening(store, clock)

    told = await listening.told_at(NOON + 5000 + MAX_LATE_S)

    assert [event.show.id for event in listening.events] == [late.show.id, late.show.id]
    assert [kind for kind, _ in told] == ["show.begun", "show.ended"]
    assert await listening.told_at(NOON + 1e9) == []
    assert old.show.id not in {event.show.id for event in listening.events}


async def test_a_held_start_is_told_when_the_film_begins(store: SqliteStore, clock: Clock) -> None:
    sample = await SampleShow().create(store)
    listening = Listening(store, clock)
    await store.append(sample.move(2, position=-30.0, instant=NOON - 30, created_at=NOON - 30))
    assert await listening.told_at(NOON + 100) == []

    going = {"kind": "played", "reason": "play", "position": -30.0, "rate": 1.0}
    await store.append(
        sample.move(3, instant=NOON + 200, created_at=NOON + 200, **going)  # type: ignore[arg-type]
    )

    assert await listening.told_at(NOON + 229) == []
    assert await listening.told_at(NOON + 231) == [("show.begun", NOON + 230)]


async def test_a_paused_film_ends_when_it_has_gone_on(store: SqliteStore, clock: Clock) -> None:
    sample = await SampleShow().create(store)
    listening = Listening(store, clock)
    await listening.told_at(NOON)
    await store.append(sample.move(2, position=60.0, instant=NOON + 60, created_at=NOON + 60))
    assert await listening.told_at(NOON + 9999) == []

    going = {"kind": "played", "reason": "play", "position": 60.0, "rate": 1.0}
    await store.append(
        sample.move(3, instant=NOON + 10_000, created_at=NOON + 10_000, **going)  # type: ignore[arg-type]
    )

    assert await listening.told_at(NOON + 11_000) == [("show.ended", NOON + 10_540)]


async def test_a_show_of_more_films_begins_with_the_first_and_ends_with_the_last(
    store: SqliteStore, clock: Clock
) -> None:
    sample = SampleShow()
    second = sample.another_session(NOON + 1000)
    await store.create_show(sample.show, [sample.session, second], sample.host, sample.link)
    listening = Listening(store, clock)

    assert await listening.told_at(NOON) == [("show.begun", NOON)]
    assert await listening.told_at(NOON + 700) == []
    assert await listening.told_at(NOON + 1001) == []
    assert await listening.told_at(NOON + 1600) == [("show.ended", NOON + 1600)]


async def test_a_deleted_show_begins_for_nobody(store: SqliteStore, clock: Clock) -> None:
    sample = await SampleShow().create(store)
    await store.delete_show(sample.show.id)

    assert await Listening(store, clock).told_at(NOON) == []


async def test_what_was_noted_too_early_is_told_in_time(
    store: SqliteStore, clock: Clock, tmp_path: Path
) -> None:
    sample = await SampleShow().create(store)
    # As the migration of an older store notes it.
    await store._write(
        lambda connection: connection.execute("UPDATE sessions SET due_at = created_at")
    )
    listening = Listening(store, clock)

    assert await listening.told_at(NOON - 30) == []
    assert await store.due_sessions(NOON - 30, 9) == []
    assert await listening.told_at(NOON) == [("show.begun", NOON)]
    assert listening.events[0].show == sample.show


async def test_what_happens_once_has_one_id_for_ever() -> None:
    sample = SampleShow()
    event = ShowEvent("show.begun", NOON, sample.show, [])
    later = ShowEvent("show.begun", NOON + 5, sample.show, [])
    other = ShowEvent("show.ended", NOON, sample.show, [])
    changed = ShowEvent("show.changed", NOON, sample.show, [])

    assert id_of(event) == id_of(later) != id_of(other)
    assert id_of(changed) != id_of(changed)
    assert UUID(id_of(event)).version == 5


class FailingStore(SqliteStore):
    """A store whose disk can't be read at first."""

    failures = 2

    async def due_sessions(self, now: float, limit: int) -> Sequence[Session]:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable
        return await super().due_sessions(now, limit)


async def test_a_store_that_fails_ends_no_watching(clock: Clock, tmp_path: Path) -> None:
    told = asyncio.Event()
    clock.now = NOON
    async with FailingStore(tmp_path / "failing") as store:
        await SampleShow().create(store)
        async with ShowWatch(store, clock, lambda _event: told.set(), pause=0.01):
            async with asyncio.timeout(10):
                await told.wait()

        assert store.failures == 0
