"""A room goes on to the next session: at its time or after ``next``, once, and over a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.rooms import T0, Clock, FailingStore, House, say, until
from harness.unreliable_store import UnreliableStore
from sessions.core.commands import Next, Pause, Play
from sessions.core.errors import NoNextSession, StoreUnavailable
from sessions.core.records import Entry
from sessions.live.live_session import LiveSession
from sessions.live.moving_on import MOVE_AHEAD_S, NEXT_START_S

SECOND, THIRD = 300.0, 1000.0
"""When the later sessions begin, seconds after the first; each film lasts 120 s."""


@pytest.fixture
async def house(store: FailingStore, clock: Clock) -> AsyncIterator[House]:
    house = await House.build(store, clock, later=[SECOND, THIRD])
    await house.member("Boris")
    yield house
    await house.registry.stop()


async def live(house: House, n: int) -> LiveSession:
    """Return the show's session number ``n`` as it is open."""
    return await house.registry.live_session([house.session, *house.later][n])


async def at(house: House, *seconds: float) -> None:
    """Let a tick pass at each of these times, seconds after the first film's begin."""
    for each in seconds:
        house.clock.now = T0 + each
        await house.registry.tick()


async def moves(house: House) -> list[Entry]:
    log = await house.store.entries(house.show.id, limit=200)
    return [entry for entry in log if entry.kind == "moved_to_session"]


def host(house: House) -> str:
    return house.people["Anna"].user_id


async def test_everybody_is_told_of_the_next_session_15_seconds_before_it_begins(
    house: House,
) -> None:
    anna, _ = await house.enter("Anna")
    boris, _ = await house.enter("Boris")

    await at(house, SECOND - MOVE_AHEAD_S - 0.5)
    assert await moves(house) == []
    await at(house, SECOND - MOVE_AHEAD_S + 0.5, SECOND - 5.0, SECOND, SECOND + 30.0)

    await until(lambda: anna.of("notice")[-1]["kind"] == "moved_to_session")
    notice = anna.of("notice")[-1]
    assert notice == boris.of("notice")[-1]
    assert (notice["session_id"], notice["from_session_id"]) == (
        *(house.later[0].id, house.session.id),
    )
    assert (notice["instant"], notice["by"]) == (T0 + SECOND, None)
    assert notice["instant"] - T0 - (SECOND - MOVE_AHEAD_S + 0.5) <= MOVE_AHEAD_S
    assert len(await moves(house)) == 1, "once"
    assert anna.of("timeline")[-1]["next"]["reason"] == "ended"


async def test_a_film_that_still_runs_is_left_at_the_next_ones_time(
    store: FailingStore, clock: Clock
) -> None:
    house = await House.build(store, clock, later=[60.0])
    anna, _ = await house.enter("Anna")

    await at(house, 50.0)
    before, after = await live(house, 0), await live(house, 1)

    assert before.room.state(T0 + 59.9) == "running"
    assert (before.room.state(T0 + 60.0), after.room.state(T0 + 60.0)) == ("ended", "running")
    clock.now = T0 + 60.0
    opened = await house.registry.live_show(house.show.id)
    assert opened.sessions.to_enter() is after
    assert anna.of("notice")[-1]["instant"] == T0 + 60.0
    await house.registry.stop()


async def test_a_restart_neither_forgets_a_move_nor_makes_it_again(house: House) -> None:
    await house.enter("Anna")
    await at(house, SECOND - 10.0)

    again = house.after_a_kill()
    anna, _ = await again.enter("Anna", after=0)
    await at(again, SECOND - 9.0, SECOND + 1.0)

    assert len(await moves(house)) == 1
    assert "moved_to_session" in {notice["kind"] for notice in anna.of("notice")}
    await again.registry.stop()


async def test_who_comes_back_after_a_restart_during_the_change_is_moved_on(house: House) -> None:
    await house.enter("Anna")
    again = house.after_a_kill()
    again.clock.now = T0 + SECOND + 60.0

    anna, _ = await again.enter("Anna")
    await at(again, SECOND + 61.0)

    [move] = await moves(house)
    assert (move.subject, anna.of("notice")[-1]["session_id"]) == (house.later[0].id,) * 2
    await again.registry.stop()


async def test_an_answer_that_is_lost_moves_the_room_once(clock: Clock, tmp_path: Path) -> None:
    async with UnreliableStore(tmp_path / "unreliable") as unreliable:
        house = await House.build(unreliable, clock, later=[SECOND])
        await house.enter("Anna")
        unreliable.faults.extend(["fails", "lost"])

        await at(house, SECOND - 10.0, SECOND - 9.0, SECOND - 8.0)

        assert len(await moves(house)) == 1
        await house.registry.stop()


async def test_a_store_that_cannot_write_moves_nobody_until_it_can(house: House) -> None:
    assert isinstance(house.store, FailingStore)
    anna, _ = await house.enter("Anna")
    house.store.full = True
    await at(house, SECOND - 10.0)
    assert all(notice["kind"] != "moved_to_session" for notice in anna.of("notice"))

    house.store.full = False
    await at(house, SECOND - 8.0)

    assert anna.of("notice")[-1]["instant"] == T0 + SECOND


async def test_next_moves_after_ten_seconds_and_gives_the_next_film_its_time(
    house: House,
) -> None:
    anna, conversation = await house.enter("Anna")
    house.clock.now = T0 + 30.0

    say(conversation, type="command", ref=1, action="next")
    await until(lambda: anna.of("accepted"))
    await at(house, 35.0)
    second = await live(house, 1)
    assert second.session.movie_time == T0 + SECOND, "it can still be stopped"
    await at(house, 39.5, 40.5, 41.5)

    assert anna.of("notice")[1]["instant"] == T0 + 40.0
    assert (anna.of("notice")[1]["by"], anna.of("accepted")[0]["revision"]) == (host(house), 2)
    assert second.session.movie_time == T0 + 40.0 + NEXT_START_S
    assert second.room.chain.newest.revision == 2, "once"
    assert second.room.state(T0 + 46.0) == "running"
    await until(lambda: anna.of("show"))
    assert anna.of("show")[-1]["sessions"][1]["movie_time"].endswith("08:00:45Z")
    kept = await house.store.session(second.session.id)
    assert kept is not None
    assert kept.movie_time == T0 + 45.0


async def test_a_server_killed_during_the_countdown_goes_on_with_it(house: House) -> None:
    await house.enter("Anna")
    house.clock.now = T0 + 30.0
    await (await live(house, 0)).command(host(house), Next(), None)

    again = house.after_a_kill()
    await again.enter("Anna")
    await at(again, 39.0, 40.5)

    second = await live(again, 1)
    assert second.session.movie_time == T0 + 40.0 + NEXT_START_S
    assert (await again.registry.live_show(house.show.id)).sessions.to_enter() is second
    assert len(await moves(house)) == 1
    await again.registry.stop()


async def test_a_next_of_long_ago_gives_no_film_another_time(house: House) -> None:
    house.clock.now = T0 + 30.0
    await (await live(house, 0)).command(host(house), Next(), None)

    again = house.after_a_kill()
    await at(again, 200.0)
    await again.enter("Anna", session=house.later[0])
    await at(again, 201.0)

    second = await live(again, 1)
    assert second.session.movie_time == T0 + SECOND
    await again.registry.stop()


async def test_a_next_that_is_stopped_leaves_all_as_it_was(house: House) -> None:
    anna, _ = await house.enter("Anna")
    house.clock.now = T0 + 30.0
    first = await live(house, 0)
    await first.command(host(house), Next(), None)
    house.clock.now = T0 + 36.0

    await first.command(host(house), Play(), None)
    await at(house, 38.0, 41.0, 50.0)

    assert first.room.position(T0 + 50.0) == pytest.approx(50.0)
    second = await live(house, 1)
    assert (second.session.movie_time, second.room.chain.newest.revision) == (T0 + SECOND, 1)
    stopped = anna.of("notice")[-1]
    assert (stopped["kind"], stopped["stays_from"]) == ("played", house.later[0].id)
    assert len(await moves(house)) == 1


async def test_a_move_by_time_that_is_stopped_lets_the_next_film_wait_for_the_room(
    store: FailingStore, clock: Clock
) -> None:
    house = await House.build(store, clock, later=[60.0])
    anna, _ = await house.enter("Anna")
    await at(house, 50.0)
    first, second = await live(house, 0), await live(house, 1)

    house.clock.now = T0 + 55.0
    await first.command(host(house), Pause(), None)
    await at(house, 56.0, 61.0, 90.0)

    assert first.room.state(T0 + 90.0) == "paused"
    assert (second.room.state(T0 + 90.0), second.room.position(T0 + 90.0)) == (
        *("scheduled", -NEXT_START_S),
    )
    held = anna.of("notice")[-1]
    assert (held["by"], held["stays_from"], "reason" in held) == (None, house.session.id, False)
    await first.command(host(house), Next(), None)
    await at(house, 99.0, 100.5)
    assert second.session.movie_time == T0 + 100.0 + NEXT_START_S
    assert second.room.state(T0 + 106.0) == "running"
    await house.registry.stop()


async def test_a_countdown_that_is_held_after_the_move_stays_held(house: House) -> None:
    await house.enter("Anna")
    house.clock.now = T0 + 30.0
    await (await live(house, 0)).command(host(house), Next(), None)
    await at(house, 39.0)
    second = await live(house, 1)
    house.clock.now = T0 + 41.0

    await second.command(host(house), Pause(), None)
    await at(house, 42.0, 60.0)

    assert second.room.state(T0 + 60.0) == "scheduled"
    assert second.room.chain.newest.reason == "pause"


async def test_after_the_last_session_nothing_follows(house: House) -> None:
    last = await live(house, 2)
    house.clock.now = T0 + THIRD + 10.0

    with pytest.raises(NoNextSession):
        await last.command(host(house), Next(), None)

    assert last.room.chain.newest.revision == 1


async def test_of_sessions_that_are_over_none_is_gone_on_to(house: House) -> None:
    house.clock.now = T0 + SECOND + 500.0
    first = await live(house, 0)

    await first.command(host(house), Next(), None)

    assert (await moves(house))[0].subject == house.later[1].id


async def test_nobody_is_moved_in_a_show_that_nobody_watches(house: House) -> None:
    opened = await house.registry.live_show(house.show.id)

    await at(house, SECOND - 5.0, SECOND + 5.0)

    assert await moves(house) == []
    assert opened.sessions.to_enter().session.id == house.later[0].id


async def test_a_session_that_is_added_is_gone_on_to(house: House) -> None:
    anna, _ = await house.enter("Anna")
    early = replace(house.later[0], id=house.people["Boris"].id, movie_time=T0 + 200.0)
    await house.store.add_session(early)

    house.registry.session_added(early)
    await until(lambda: anna.of("show"))
    await at(house, 190.0)

    ids = [session["id"] for session in anna.of("show")[-1]["sessions"]]
    assert ids == [house.session.id, early.id, *(each.id for each in house.later)]
    assert anna.of("notice")[-1]["session_id"] == early.id


async def test_who_watches_a_session_that_is_deleted_is_sent_to_enter_anew(house: House) -> None:
    anna, _ = await house.enter("Anna")
    boris, _ = await house.enter("Boris", session=house.later[0])
    await house.store.delete_session(house.later[0].id)

    house.registry.session_deleted(house.later[0])
    await until(lambda: anna.of("show"))

    assert boris.closed == (1012, "session_deleted")
    assert anna.closed is None
    opened = await house.registry.live_show(house.show.id)
    assert list(opened.sessions) == [house.session.id, house.later[1].id]


async def test_a_refused_next_says_that_the_store_cannot_write(house: House) -> None:
    assert isinstance(house.store, FailingStore)
    first = await live(house, 0)
    house.store.full = True
    house.clock.now = T0 + 30.0

    with pytest.raises(StoreUnavailable):
        await first.command(host(house), Next(), None)

    assert first.room.chain.newest.revision == 1
