"""What every store promises of members."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.samples import NOON, SampleShow, everybody_in, new_id, tail_of
from sessions.core.errors import IdTaken, UnknownShow
from sessions.stores.base import Store


async def test_members_come_the_oldest_first_removed_ones_too(
    store: Store, sample: SampleShow
) -> None:
    late, early = (sample.member(created_at=NOON + second) for second in (60, 30))
    gone = sample.member(created_at=NOON + 45, removed=True, muted=True)

    await store.save_members(sample.show.id, [late, early, gone])

    assert list(await everybody_in(store, sample.show.id)) == [sample.host, early, gone, late]
    assert await store.member(sample.show.id, gone.user_id) == gone


async def test_a_user_has_one_place_in_a_show_which_keeps_its_id_and_date(
    store: Store, sample: SampleShow
) -> None:
    first = sample.member()
    await store.save_members(sample.show.id, [first])

    again = sample.member(first.user_id, "moderator", name="Аня", muted=True, created_at=NOON)
    await store.save_members(sample.show.id, [again])

    kept = replace(again, id=first.id, created_at=first.created_at)
    assert await store.member(sample.show.id, first.user_id) == kept
    assert len(await everybody_in(store, sample.show.id)) == 2


async def test_places_change_with_what_the_log_says_of_it(store: Store, sample: SampleShow) -> None:
    guest = sample.member()
    await store.append(sample.entry())
    rows = [replace(sample.host, role="moderator"), replace(guest, role="host")]
    told = [
        sample.entry("role", subject=guest.user_id, subject_name="Anna", role="host"),
        sample.entry("role", subject=sample.host_id, subject_name="Anna", role="moderator"),
    ]

    entries = await store.save_members(sample.show.id, rows, told)

    assert list(entries) == [replace(told[0], seq=2), replace(told[1], seq=3)]
    assert list(await store.entries(sample.show.id, after=1, limit=9)) == list(entries)
    assert {row.role for row in await everybody_in(store, sample.show.id)} == {"moderator", "host"}


async def test_places_change_whole_or_not_at_all(store: Store, sample: SampleShow) -> None:
    said = (await store.append(sample.entry())).entry
    guest = sample.member()

    with pytest.raises(IdTaken):
        await store.save_members(
            sample.show.id,
            [replace(sample.host, role="moderator"), guest],
            [sample.entry("role", subject=guest.user_id), sample.entry("role", id=said.id)],
        )
    with pytest.raises(UnknownShow):
        await store.save_members(new_id(), [guest])

    assert list(await everybody_in(store, sample.show.id)) == [sample.host]
    assert await tail_of(store, sample.show.id) == 1
