"""What every store promises of calendar addresses: one a person, and only the newest opens."""

from __future__ import annotations

import asyncio

from harness.samples import NOON, SampleShow, new_id
from sessions.core.records import CalendarAddress
from sessions.stores.base import Store
from tests.stores.conftest import Engine


def an_address(user_id: str | None = None, created_at: float = NOON) -> CalendarAddress:
    return CalendarAddress(
        id=new_id(), created_at=created_at, user_id=user_id or new_id(), token=new_id()
    )


async def test_an_address_is_found_by_its_owner_and_by_its_token(store: Store) -> None:
    address, other = an_address(), an_address()
    await store.save_calendar_address(address)
    await store.save_calendar_address(other)

    assert await store.calendar_address(address.user_id) == address
    assert await store.calendar_by_token(address.token) == address
    assert await store.calendar_address(new_id()) is None
    assert await store.calendar_by_token(new_id()) is None


async def test_a_new_address_takes_the_place_of_the_old_one(store: Store) -> None:
    old = an_address()
    await store.save_calendar_address(old)
    new = an_address(old.user_id, NOON + 1)

    await store.save_calendar_address(new)

    assert await store.calendar_address(old.user_id) == new
    assert await store.calendar_by_token(old.token) is None


async def test_of_many_new_addresses_at_once_one_is_left(store: Store) -> None:
    addresses = [an_address("11111111-1111-4111-8111-111111111111") for _ in range(10)]

    await asyncio.gather(*(store.save_calendar_address(address) for address in addresses))

    opened = [await store.calendar_by_token(address.token) for address in addresses]
    assert len([one for one in opened if one is not None]) == 1


async def test_addresses_and_the_count_of_changes_are_kept(engine: Engine) -> None:
    address, sample = an_address(), SampleShow()
    first = engine()
    await first.open()
    await sample.create(first)
    await first.save_calendar_address(address)
    await first.close()

    second = engine()
    await second.open()
    try:
        assert await second.calendar_by_token(address.token) == address
        assert await second.show(sample.show.id) == sample.show
    finally:
        await second.close()
