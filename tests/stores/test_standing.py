"""What every store promises of a session's row: it says by itself where the film stands."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harness.samples import NOON, SampleShow
from sessions.core.errors import IdTaken
from sessions.core.records import Entry, Session
from sessions.core.timeline import MAX_TIMELINES, Wait
from sessions.stores.base import Store
from sessions.stores.sqlite.store import SqliteStore
from tests.stores.older_stores import lay_out_old


async def kept(store: Store, sample: SampleShow) -> Session:
    session = await store.session(sample.session.id)
    assert session is not None
    return session


def waiting_then_sought(sample: SampleShow) -> list[Entry]:
    """Return a room that waits before its start, is sought twice and made faster meanwhile."""
    return [
        sample.move(2, reason="waiting", position=-0.5, instant=NOON - 0.5, created_at=NOON - 0.5),
        sample.move(3, kind="sought", reason="seek", position=7.0, instant=NOON, created_at=NOON),
        replace(sample.move(4, kind="rate", reason="rate", position=7.0, instant=NOON), speed=1.25),
    ]


def played_and_taken_back_later(sample: SampleShow) -> list[Entry]:
    """Return a film that stands, and is to run from a moment ahead on."""
    ahead = sample.move(
        3, kind="played", reason="play", rate=1.0, instant=NOON + 21.0, created_at=NOON + 20.0
    )
    return [sample.move(2, created_at=NOON + 12.5), ahead]


async def test_a_session_knows_its_newest_timeline_speed_and_waiting(
    store: Store, sample: SampleShow
) -> None:
    moves = waiting_then_sought(sample)
    for move in moves:
        await store.append(move)

    session = await kept(store, sample)

    assert session.chain.newest == moves[-1].timeline
    assert session.speed == 1.25
    assert session.wait == Wait(since=NOON - 0.5, before_start=True)


async def test_a_session_knows_what_is_in_force_beside_what_is_ahead(
    store: Store, sample: SampleShow
) -> None:
    paused, ahead = played_and_taken_back_later(sample)
    await store.append(paused)
    await store.append(ahead)

    chain = (await kept(store, sample)).chain

    assert chain.in_force(NOON + 20.5) == paused.timeline
    assert chain.next(NOON + 20.5) == ahead.timeline
    assert chain.in_force(NOON + 21.0) == ahead.timeline
    assert chain.next(NOON + 21.0) is None


async def test_a_session_keeps_few_timelines_however_many_lie_ahead(
    store: Store, sample: SampleShow
) -> None:
    moves = [sample.move(n, kind="sought", reason="seek", position=float(n)) for n in range(2, 60)]
    for move in moves:
        await store.append(move)

    session = await kept(store, sample)

    assert len(session.timelines) == MAX_TIMELINES
    assert session.chain.in_force(NOON) == SampleShow().session.chain.newest
    assert session.chain.newest == moves[-1].timeline
    assert session.chain.before_newest() == moves[-2].timeline


async def test_lists_of_sessions_and_shows_say_where_films_stand(
    store: Store, sample: SampleShow
) -> None:
    for move in waiting_then_sought(sample):
        await store.append(move)
    session = await kept(store, sample)

    (listed,) = (await store.shows_of(sample.host_id, "coming", NOON, 5, None)).items

    assert listed.first == session
    assert list(await store.sessions_of(sample.show.id)) == [session]


async def test_a_refused_move_leaves_the_session_as_it_was(
    store: Store, sample: SampleShow
) -> None:
    said = (await store.append(sample.entry())).entry
    before = await kept(store, sample)

    with pytest.raises(IdTaken):
        await store.append(sample.move(2, id=said.id))

    assert await kept(store, sample) == before


async def test_an_older_stores_invites_do_not_undo_what_was_decided_since(folder: Path) -> None:
    sample = SampleShow()
    before, since = sample.member(), sample.member()
    decided = [
        sample.entry("role", subject=before.user_id, created_at=NOON),
        sample.entry("role", subject=since.user_id, created_at=NOON + 20.0),
    ]
    lay_out_old(folder, {"judged": (sample, decided)})
    with closing(sqlite3.connect(folder / "seans.sqlite3")) as connection, connection:
        connection.execute(
            "INSERT INTO invites (id, created_at, user_id, target_id, token, role, own, used,"
            " revoked) VALUES ('link', ?, 'host', ?, 'token', 'moderator', 0, 0, 0)",
            (NOON + 10.0, sample.show.id),
        )

    store = SqliteStore(folder)
    await store.open()
    try:
        await store.save_members(sample.show.id, [before, since])
        raised = await store.accept_invite("link", before, NOON)
        assert raised.role == "moderator"
        assert await store.accept_invite("link", since, NOON) == since
    finally:
        await store.close()


async def test_an_older_store_is_filled_from_its_log(folder: Path) -> None:
    waits, ahead, unmoved = SampleShow(), SampleShow(), SampleShow()
    samples = {
        "waits": (waits, waiting_then_sought(waits)),
        "ahead": (ahead, played_and_taken_back_later(ahead)),
        "unmoved": (unmoved, []),
    }
    lay_out_old(folder, samples)

    store = SqliteStore(folder)
    await store.open()
    try:
        for sample, moves in samples.values():
            expected = sample.session
            for move in moves:
                assert move.timeline is not None
                expected = expected.moved(move.timeline, move.speed, move.created_at)
            assert await kept(store, sample) == expected
        # Looked at once by whoever tells others of them, however they stand.
        assert len(await store.due_sessions(NOON, 9)) == len(samples)
        assert (await store.append(ahead.move(4))).new
    finally:
        await store.close()
