"""What every store promises of a show's log."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from harness.samples import NOON, SampleShow, moves_of, new_id, tail_of
from sessions.core.errors import (
    IdTaken,
    UnknownMessage,
)
from sessions.core.records import Entry
from sessions.stores.base import Store


async def whole_log(store: Store, sample: SampleShow) -> list[Entry]:
    return list(await store.entries(sample.show.id, after=0, limit=10_000))


async def test_an_empty_log_ends_at_0_and_an_unknown_one_too(
    store: Store, sample: SampleShow
) -> None:
    assert await tail_of(store, sample.show.id) == 0
    assert await tail_of(store, new_id()) == 0
    assert await whole_log(store, sample) == []


async def test_seq_has_no_gaps_and_ascends_in_the_order_in_which_appends_return(
    store: Store, sample: SampleShow
) -> None:
    returned = []

    async def say(number: int) -> None:
        appended = await store.append(sample.entry(text=str(number)))
        assert appended.new
        returned.append(appended.entry)

    await asyncio.gather(*(say(number) for number in range(500)))

    assert [entry.seq for entry in returned] == list(range(1, 501))
    assert await whole_log(store, sample) == returned
    assert await tail_of(store, sample.show.id) == 500


async def test_each_show_has_a_log_of_its_own(store: Store, sample: SampleShow) -> None:
    other = await SampleShow().create(store)

    said = [await store.append(each.entry()) for each in (sample, other, sample, other)]

    assert [appended.entry.seq for appended in said] == [1, 1, 2, 2]


@pytest.mark.parametrize(
    "more",
    [
        {"text": "a\x00b \N{PILE OF POO} שלום \u2028 'quoted' \"; DROP TABLE entries"},
        {"text": "\N{PILE OF POO}" * 2000},
        {"position": -3599.9999999999995, "created_at": 1_800_000_000.1234567},
        {"kind": "joined"},
        {"kind": "role", "subject": new_id(), "subject_name": "Борис", "role": "moderator"},
        {"kind": "sought", "origin": 0.1 + 0.2},
    ],
)
async def test_an_entry_comes_back_as_it_went_in(
    store: Store, sample: SampleShow, more: dict[str, Any]
) -> None:
    entry = sample.entry(**more)

    appended = await store.append(entry)

    assert appended.entry == replace(entry, seq=1)
    assert await whole_log(store, sample) == [appended.entry]


async def test_the_same_message_again_is_the_one_that_stands_there(
    store: Store, sample: SampleShow
) -> None:
    first = await store.append(sample.entry())
    await store.append(sample.entry())

    again = await store.append(replace(first.entry, seq=0, created_at=NOON + 99, position=99.0))

    assert again.entry == first.entry
    assert not again.new
    assert await tail_of(store, sample.show.id) == 2


async def test_a_message_said_twenty_times_at_once_is_stored_once(
    store: Store, sample: SampleShow
) -> None:
    entry = sample.entry()

    all_said = await asyncio.gather(*(store.append(entry) for _ in range(20)))

    assert [said.new for said in all_said] == [True] + [False] * 19
    assert {said.entry.seq for said in all_said} == {1}
    assert await tail_of(store, sample.show.id) == 1


async def test_an_id_that_is_anything_elses_is_taken(store: Store, sample: SampleShow) -> None:
    other = await SampleShow().create(store)
    message = (await store.append(sample.entry())).entry
    notice = (await store.append(sample.entry("joined"))).entry
    deleted = (await store.append(sample.entry())).entry
    await store.delete_message(deleted.id, sample.entry("deleted"))
    before = await whole_log(store, sample)

    for entry in (
        replace(message, text="Something else"),
        replace(message, user_id=new_id()),
        replace(message, show_id=other.show.id),
        replace(message, kind="joined", text=""),
        replace(notice, kind="message"),
        notice,
        deleted,
        sample.move(2, id=message.id),
    ):
        with pytest.raises(IdTaken):
            await store.append(entry)

    assert await whole_log(store, sample) == before
    assert await tail_of(store, other.show.id) == 0
    assert list(await moves_of(store, sample.session)) == []
    assert (await store.append(sample.move(2))).entry.seq == 5


async def test_entries_are_read_from_a_place_on_or_else_the_last_ones(
    store: Store, sample: SampleShow
) -> None:
    for number in range(1, 11):
        await store.append(sample.entry("message" if number % 2 else "joined"))
    other = sample.another_session(NOON + 9000)
    await store.append(sample.entry(session_id=other.id))

    read = partial(store.entries, sample.show.id)

    async def seqs(reading: Awaitable[Sequence[Entry]]) -> list[int]:
        return [entry.seq for entry in await reading]

    assert await seqs(read(limit=3)) == [9, 10, 11]
    assert await seqs(read(limit=50)) == list(range(1, 12))
    assert await seqs(read(after=0, limit=3)) == [1, 2, 3]
    assert await seqs(read(after=4, limit=3)) == [5, 6, 7]
    assert await seqs(read(before=5, limit=3)) == [2, 3, 4]
    assert await seqs(read(after=2, before=8, limit=3)) == [3, 4, 5]
    assert await seqs(read(after=6, before=9, limit=50)) == [7, 8]
    assert await seqs(read(after=8, before=3, limit=50)) == []
    assert await seqs(read(after=11, limit=3)) == []
    assert await seqs(read(after=-5, limit=2)) == [1, 2]
    assert await seqs(read(after=2**80, limit=3)) == []
    assert await seqs(read(before=2**80, limit=2)) == [10, 11]
    assert await seqs(read(before=-(2**80), limit=2)) == []
    assert await seqs(read(limit=0)) == []
    assert await seqs(read(kinds=["message"], limit=3)) == [7, 9, 11]
    assert await seqs(read(kinds=["message"], after=0, limit=3)) == [1, 3, 5]
    assert await seqs(read(kinds={"message", "joined"}, before=3, limit=9)) == [1, 2]
    assert await seqs(read(kinds=[], limit=3)) == []
    assert await seqs(read(session_id=other.id, limit=3)) == [11]
    assert await seqs(read(session_id=sample.session.id, limit=2)) == [9, 10]
    assert await store.entries(new_id(), limit=3) == []


async def test_a_deleted_message_keeps_its_place_and_loses_its_text(
    store: Store, sample: SampleShow
) -> None:
    said = (await store.append(sample.entry())).entry
    await store.append(sample.entry())
    entry = sample.entry("deleted", created_at=NOON + 20)

    deleted = await store.delete_message(said.id, entry)

    assert deleted.new
    assert deleted.entry == replace(entry, seq=3, subject=said.id)
    log = await whole_log(store, sample)
    assert log[0] == replace(said, text="", deleted=True)
    assert log[2] == deleted.entry
    assert await store.message(sample.show.id, said.id) == log[0]


async def test_a_message_is_deleted_once(store: Store, sample: SampleShow) -> None:
    said = (await store.append(sample.entry())).entry

    outcomes = await asyncio.gather(
        *(store.delete_message(said.id, sample.entry("deleted")) for _ in range(5))
    )

    assert [outcome.new for outcome in outcomes] == [True] + [False] * 4
    assert {outcome.entry.seq for outcome in outcomes} == {2}
    assert await tail_of(store, sample.show.id) == 2


async def test_what_is_no_message_of_the_show_cannot_be_deleted(
    store: Store, sample: SampleShow
) -> None:
    other = await SampleShow().create(store)
    notice = (await store.append(sample.entry("joined"))).entry
    elsewhere = (await store.append(other.entry())).entry

    for wrong in (new_id(), notice.id, elsewhere.id):
        with pytest.raises(UnknownMessage):
            await store.delete_message(wrong, sample.entry("deleted"))

    assert await tail_of(store, sample.show.id) == 1
    assert await store.message(other.show.id, elsewhere.id) == elsewhere


async def test_a_deletion_that_cannot_be_put_down_leaves_the_message(
    store: Store, sample: SampleShow
) -> None:
    said = (await store.append(sample.entry())).entry
    other = (await store.append(sample.entry())).entry

    with pytest.raises(IdTaken):
        await store.delete_message(said.id, sample.entry("deleted", id=other.id))

    assert await whole_log(store, sample) == [said, other]


async def test_only_a_message_of_the_show_is_found_as_one(store: Store, sample: SampleShow) -> None:
    said = (await store.append(sample.entry())).entry
    notice = (await store.append(sample.entry("joined"))).entry

    assert await store.message(sample.show.id, said.id) == said
    assert await store.message(sample.show.id, notice.id) is None
    assert await store.message(new_id(), said.id) is None
