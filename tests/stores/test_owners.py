"""What every store promises of owners: they stay."""

from __future__ import annotations

from harness.samples import NOON, new_id
from sessions.core.records import Owner
from tests.stores.conftest import Engine


async def test_an_owner_stays_one_also_after_a_restart(engine: Engine) -> None:
    store = engine()
    await store.open()
    owner = Owner(new_id(), NOON, new_id())

    assert not await store.is_owner(owner.user_id)
    await store.save_owner(owner)
    await store.save_owner(Owner(new_id(), NOON + 1, owner.user_id))
    await store.close()

    store = engine()
    await store.open()
    assert await store.is_owner(owner.user_id)
    assert not await store.is_owner(owner.id)
    await store.close()
