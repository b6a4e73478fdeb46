"""What every store promises of the moves of a session: compare and set on its revision."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from harness.samples import NOON, SampleShow, moves_of, new_id, tail_of
from sessions.core.errors import StaleRevision, UnknownSession, UnknownShow
from sessions.stores.base import Store


async def test_a_move_comes_back_to_the_last_bit(store: Store, sample: SampleShow) -> None:
    move = sample.move(
        2, kind="rate", reason="rate", position=1 / 3, rate=1.1, instant=NOON + 0.1, origin=None
    )

    appended = await store.append(move)

    assert appended.entry == replace(move, seq=1)
    assert list(await moves_of(store, sample.session)) == [appended.entry]


async def test_a_timeline_may_be_nobodys(store: Store, sample: SampleShow) -> None:
    move = sample.move(2)
    assert move.timeline is not None
    plan = replace(move, timeline=replace(move.timeline, by=None))

    assert (await store.append(plan)).entry == replace(plan, seq=1)
    assert list(await moves_of(store, sample.session)) == [replace(plan, seq=1)]


async def test_a_session_starts_at_revision_1_and_takes_only_the_next_one(
    store: Store, sample: SampleShow
) -> None:
    for wrong in (0, 1, 3):
        with pytest.raises(StaleRevision):
            await store.append(sample.move(wrong))
    await store.append(sample.move(2))
    for wrong in (1, 2, 4):
        with pytest.raises(StaleRevision):
            await store.append(sample.move(wrong))
    await store.append(sample.move(3))

    assert [entry.revision for entry in await moves_of(store, sample.session)] == [2, 3]
    assert await tail_of(store, sample.show.id) == 2


async def test_of_a_hundred_moves_at_once_from_one_revision_exactly_one_is_made(
    store: Store, sample: SampleShow
) -> None:
    moves = [sample.move(2, position=float(number)) for number in range(100)]

    outcomes = await asyncio.gather(*map(store.append, moves), return_exceptions=True)

    made = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert [type(each) for each in outcomes].count(StaleRevision) == 99
    assert [appended.entry.seq for appended in made] == [1]
    assert list(await moves_of(store, sample.session)) == [made[0].entry]


async def test_a_rescheduled_session_is_kept_with_its_move_or_not_at_all(
    store: Store, sample: SampleShow
) -> None:
    later = replace(sample.session, movie_time=NOON + 60)

    await store.append(sample.move(2, kind="rescheduled", reason="rescheduled"), session=later)
    with pytest.raises(StaleRevision):
        await store.append(sample.move(2), session=replace(later, movie_time=NOON + 999))

    kept = await store.session(sample.session.id)
    assert kept is not None
    assert kept.movie_time == later.movie_time
    assert kept.chain.newest.revision == 2


async def test_what_is_of_no_such_show_or_session_is_refused(
    store: Store, sample: SampleShow
) -> None:
    other = await SampleShow().create(store)

    with pytest.raises(UnknownShow):
        await store.append(sample.entry(show_id=new_id()))
    with pytest.raises(UnknownSession):
        await store.append(sample.move(2, session_id=new_id()))
    with pytest.raises(UnknownSession):
        await store.append(sample.move(2, session_id=other.session.id))
    with pytest.raises(UnknownSession):
        await store.append(sample.move(2), session=replace(other.session, movie_time=0.0))

    assert await tail_of(store, sample.show.id) == 0
    assert await store.session(other.session.id) == other.session
    await store.append(other.move(2))
