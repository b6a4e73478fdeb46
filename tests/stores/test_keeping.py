"""What every store promises of opening, closing and coming back."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from sessions.core.errors import StaleRevision, StoreUnavailable
from sessions.stores.base import Store
from tests.stores.conftest import Engine
from tests.stores.made import NOON, Hall, new_id, tail_of


async def everything(store: Store, hall: Hall) -> list[object]:
    return [
        await store.show(hall.show.id),
        await store.sessions_of(hall.show.id),
        await store.members_of(hall.show.id),
        await store.invites_of(hall.show.id),
        await store.entries(hall.show.id, after=0, limit=999),
        await store.moves(hall.session.id, 999),
        await store.shows_of(hall.host_id, "coming", NOON, 50, None),
    ]


async def test_a_restart_keeps_all(engine: Engine) -> None:
    first = engine()
    await first.open()
    hall = await Hall().create(first)
    said = (await first.append(hall.entry())).entry
    await first.append(hall.entry())
    await first.append(hall.move(2), session=replace(hall.session, movie_time=NOON + 0.1))
    await first.delete_message(said.id, hall.entry("deleted"))
    await first.accept_invite(hall.link.id, hall.member(), NOON)
    before = await everything(first, hall)
    await first.close()

    second = engine()
    await second.open()
    try:
        assert await everything(second, hall) == before
        assert (await second.append(hall.entry())).entry.seq == 5
        with pytest.raises(StaleRevision):
            await second.append(hall.move(2))
        await second.append(hall.move(3))
    finally:
        await second.close()


async def test_what_was_accepted_before_the_close_is_written(engine: Engine) -> None:
    first = engine()
    await first.open()
    hall = await Hall().create(first)
    saying = [asyncio.create_task(first.append(hall.entry())) for _ in range(100)]
    await asyncio.sleep(0)

    await first.close()

    assert [(await said).entry.seq for said in saying] == list(range(1, 101))
    second = engine()
    await second.open()
    assert await tail_of(second, hall.show.id) == 100
    await second.close()


async def test_a_closed_store_is_unavailable_and_may_be_opened_again(engine: Engine) -> None:
    store = engine()

    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await store.append(Hall().entry())
        with pytest.raises(StoreUnavailable):
            await store.show(new_id())
        assert not await store.healthy()
        await store.open()
        await Hall().create(store)
        assert await store.healthy()
        await store.close()
        await store.close()
