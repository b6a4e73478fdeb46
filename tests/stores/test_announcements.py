"""What every store promises of what is told of sessions: each thing is due once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from harness.samples import NOON, SampleShow, new_id, shows_at
from sessions.core.records import Session
from sessions.core.timeline import NEVER
from sessions.stores.base import Store


async def due(store: Store, now: float) -> list[str]:
    return [session.id for session in await store.due_sessions(now, 100)]


async def stored(store: Store, session: Session) -> Session:
    found = await store.session(session.id)
    assert found is not None
    return found


async def test_sessions_are_due_when_their_films_begin_the_earliest_first(store: Store) -> None:
    late, early, coming = await shows_at(store, new_id(), NOON + 5, NOON, NOON + 60)

    assert await due(store, NOON - 0.1) == []
    assert await due(store, NOON + 5) == [early.session.id, late.session.id]
    assert [s.id for s in await store.due_sessions(NOON + 5, 1)] == [early.session.id]
    assert (await stored(store, coming.session)).due_at == NOON + 60


async def test_what_was_told_is_due_no_more(store: Store, sample: SampleShow) -> None:
    session = sample.session

    assert await store.announce(session.id, "nothing", "begun")
    assert await due(store, NOON + 599) == []
    assert await due(store, NOON + 600) == [session.id]
    assert await store.announce(session.id, "begun", "ended")
    assert await due(store, NOON + 1e9) == []
    assert (await stored(store, session)).announced == "ended"


async def test_of_many_who_tell_the_same_one_does(store: Store, sample: SampleShow) -> None:
    session = sample.session

    told = await asyncio.gather(*(store.announce(session.id, "nothing", "begun") for _ in "a" * 20))

    assert sorted(told) == [False] * 19 + [True]
    assert not await store.announce(session.id, "nothing", "ended")
    assert not await store.announce(new_id(), "nothing", "begun")
    assert (await stored(store, session)).announced == "begun"


async def test_a_move_changes_what_is_due_and_not_what_was_told(
    store: Store, sample: SampleShow
) -> None:
    session = sample.session
    await store.append(sample.move(2, position=-30.0, instant=NOON - 30, created_at=NOON - 30))
    assert await due(store, NOON + 1e9) == []

    await store.append(
        sample.move(3, kind="played", reason="play", position=-30.0, rate=1.0, instant=NOON)
    )
    assert (await stored(store, session)).due_at == NOON + 30
    assert await store.announce(session.id, "nothing", "begun")
    await store.append(sample.move(4, position=100.0, instant=NOON + 130, created_at=NOON + 130))

    assert await due(store, NOON + 1e9) == []
    assert (await stored(store, session)).announced == "begun"
    at_the_end = {"position": 600.0, "instant": NOON + 200, "created_at": NOON + 200}
    await store.append(sample.move(5, kind="sought", reason="seek", **at_the_end))
    assert await due(store, NOON + 200) == [session.id]


async def test_a_film_told_to_begin_now_is_due_now(store: Store, sample: SampleShow) -> None:
    now = NOON - 60
    await store.append(
        sample.move(
            2, kind="sought", reason="seek", position=0.0, rate=1.0, instant=now, created_at=now
        )
    )

    assert await due(store, now) == [sample.session.id]


async def test_what_is_long_over_is_skipped_and_the_rest_is_not(store: Store) -> None:
    over, running = await shows_at(store, new_id(), NOON - 5000, NOON - 300)

    await store.skip_announcements(NOON - 1000)

    assert await due(store, NOON) == [running.session.id]
    assert (await stored(store, over.session)).announced == "ended"
    assert (await stored(store, over.session)).due_at == NEVER


async def test_a_deleted_show_is_due_no_more(store: Store, sample: SampleShow) -> None:
    await store.delete_show(sample.show.id)

    assert await due(store, NOON + 1e9) == []
    assert not await store.announce(sample.session.id, "nothing", "begun")


@pytest.mark.parametrize("count", [0, 3])
async def test_a_show_that_was_changed_says_how_often_and_when(
    store: Store, sample: SampleShow, count: int
) -> None:
    show = sample.show
    for n in range(1, count + 1):
        show = replace(show, title=f"Title {n}", revision=n, changed_at=NOON + n)
        await store.save_show(show)

    assert await store.show(show.id) == show
    assert show.revision == count
