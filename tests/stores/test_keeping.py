"""What every store promises of opening, closing and coming back."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from harness.samples import NOON, SampleShow, everybody_in, moves_of, new_id, tail_of
from sessions.core.errors import StaleRevision, StoreUnavailable
from sessions.stores.base import Store
from tests.stores.conftest import Engine


async def everything(store: Store, sample: SampleShow) -> list[object]:
    return [
        await store.show(sample.show.id),
        await store.sessions_of(sample.show.id),
        await everybody_in(store, sample.show.id),
        await store.invites_of(sample.show.id),
        await store.entries(sample.show.id, after=0, limit=999),
        await moves_of(store, sample.session),
        await store.shows_of(sample.host_id, "coming", NOON, 50, None),
    ]


async def test_a_restart_keeps_all(engine: Engine) -> None:
    first = engine()
    await first.open()
    sample = await SampleShow().create(first)
    said = (await first.append(sample.entry())).entry
    await first.append(sample.entry())
    await first.append(sample.move(2), session=replace(sample.session, movie_time=NOON + 0.1))
    await first.delete_message(said.id, sample.entry("deleted"))
    await first.accept_invite(sample.link.id, sample.member(), NOON)
    before = await everything(first, sample)
    await first.close()

    second = engine()
    await second.open()
    try:
        assert await everything(second, sample) == before
        assert (await second.append(sample.entry())).entry.seq == 5
        with pytest.raises(StaleRevision):
            await second.append(sample.move(2))
        await second.append(sample.move(3))
    finally:
        await second.close()


async def test_what_was_accepted_before_the_close_is_written(engine: Engine) -> None:
    first = engine()
    await first.open()
    sample = await SampleShow().create(first)
    saying = [asyncio.create_task(first.append(sample.entry())) for _ in range(100)]
    await asyncio.sleep(0)

    await first.close()

    assert [(await said).entry.seq for said in saying] == list(range(1, 101))
    second = engine()
    await second.open()
    assert await tail_of(second, sample.show.id) == 100
    await second.close()


async def test_a_closed_store_is_unavailable_and_may_be_opened_again(engine: Engine) -> None:
    store = engine()

    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await store.append(SampleShow().entry())
        with pytest.raises(StoreUnavailable):
            await store.show(new_id())
        assert not await store.healthy()
        await store.open()
        await SampleShow().create(store)
        assert await store.healthy()
        await store.close()
        await store.close()
