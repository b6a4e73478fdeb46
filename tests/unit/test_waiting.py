"""Whom a room waits for at the start, and how that ends."""

from __future__ import annotations

import pytest

from sessions.core.commands import Pause, Play
from sessions.core.leads import PLAY_LEAD
from sessions.core.roles import Waiting
from sessions.core.room import reschedule
from sessions.core.timeline import Timeline
from sessions.core.viewers import ViewerState
from tests.unit.waits import MOVIE_TIME, Evening, slow_start


def test_a_second_before_the_start_the_room_decides_to_wait() -> None:
    evening = Evening("start")
    evening.says("Anna", "ready")
    evening.says("Boris", "waiting")

    evening.until_at(-1.001)
    assert evening.made == []
    evening.until_at(-1.0)

    assert evening.newest == Timeline(2, 0.0, 0.0, MOVIE_TIME, None, "waiting")
    assert (evening.waits_for, evening.until) == ({"Boris"}, 15.0)
    evening.until_at(-0.25)
    assert evening.room.position(evening.now) == -0.25


def test_it_looks_no_oftener_than_it_must() -> None:
    evening = Evening("always")
    evening.says("Anna", "ready")

    evening.until_at(3600.0)

    assert evening.looks <= 5


@pytest.mark.parametrize("state", ["ready", "playing", "paused", "background"])
@pytest.mark.parametrize("policy", ["start", "always"])
def test_nobody_is_waited_for_who_is_ready_or_does_not_look(
    policy: Waiting, state: ViewerState
) -> None:
    evening = Evening(policy)
    evening.says("Anna", state)

    evening.until_at(30.0)

    assert evening.made == []


@pytest.mark.parametrize("state", ["waiting", "stalled", "blocked"])
def test_whoever_has_no_picture_yet_is_waited_for(state: ViewerState) -> None:
    evening = Evening("start")
    evening.says("Anna", state)

    evening.until_at(0.0)

    assert evening.waits_for == {"Anna"}


@pytest.mark.parametrize("policy", ["never", "start", "always"])
def test_a_film_to_which_nobody_came_begins(policy: Waiting) -> None:
    evening = Evening(policy)

    evening.until_at(30.0)

    assert evening.made == []
    assert evening.room.position(evening.now) == 30.0


def test_who_never_waits_never_waits() -> None:
    evening = Evening("never")
    evening.says("Anna", "waiting")
    evening.until_at(10.0)
    evening.says("Anna", "stalled", 0.0)

    evening.until_at(60.0)

    assert evening.made == []


def test_who_comes_when_it_is_decided_touches_nobody() -> None:
    evening = Evening("start")
    evening.says("Anna", "ready")
    evening.until_at(-0.9)
    evening.says("Boris", "waiting")

    evening.until_at(30.0)

    assert evening.made == []


def test_the_film_begins_when_the_last_one_is_ready() -> None:
    evening = slow_start()
    evening.says("Clara", "waiting")
    evening.says("Boris", "paused")
    assert evening.waits_for == {"Clara"}

    evening.says("Clara", "ready")

    assert evening.newest == Timeline(3, 0.0, 1.0, MOVIE_TIME + 2.5, None, "play")
    assert (evening.made[-1].kind, evening.waits_for, evening.until) == ("played", set(), None)


def test_who_becomes_ready_within_the_last_second_delays_nothing() -> None:
    evening = Evening("start")
    evening.says("Boris", "waiting")
    evening.until_at(-0.6)

    evening.says("Boris", "ready")

    assert evening.told() == [("paused", 0.0, 0.0), ("played", 0.0, 0.0)]
    assert evening.wait.budget("Boris") == 15.0
    assert evening.room.position(evening.now) == pytest.approx(-0.6)
    evening.until_at(10.0)
    assert evening.room.position(evening.now) == 10.0


def test_after_the_bound_the_film_begins_without_who_is_not_there_yet() -> None:
    evening = slow_start()

    evening.until_at(14.9)
    assert evening.room.position(evening.now) == 0.0
    evening.until_at(15.0)

    assert evening.told()[-1] == ("played", 15.0 + PLAY_LEAD.lowest, 0.0)


def test_who_comes_while_the_room_waits_shares_the_bound() -> None:
    evening = slow_start("always")
    evening.until_at(14.0)
    evening.says("Clara", "waiting")
    assert (evening.waits_for, evening.until) == ({"Boris", "Clara"}, 15.0)

    evening.until_at(15.0)
    evening.says("Clara", "stalled")
    evening.until_at(60.0)

    assert [kind for kind, *_ in evening.told()] == ["paused", "played"]


def test_nobody_is_waited_for_who_has_gone() -> None:
    evening = slow_start()

    evening.goes("Boris")

    assert evening.told()[-1] == ("played", 2.5, 0.0)


def test_a_film_that_was_put_off_is_held_at_its_new_start() -> None:
    evening = Evening("start")
    evening.says("Boris", "waiting")
    evening.until_at(-0.5)
    assert evening.room.wait

    evening.keep(reschedule(evening.room, MOVIE_TIME + 60.0, "host", evening.now))
    evening.look()
    assert not evening.waits_for
    evening.until_at(58.9)
    assert not evening.room.wait
    evening.until_at(60.0)

    assert evening.told()[-1] == ("paused", 60.0, 0.0)


def test_a_countdown_that_was_held_and_goes_on_ends_in_a_wait_too() -> None:
    evening = Evening("start")
    evening.says("Boris", "waiting")
    evening.until_at(-10.0)
    evening.orders(Pause(), lead=0.0)
    evening.until_at(50.0)
    assert evening.told() == []
    evening.orders(Play(), lead=0.0)

    evening.until_at(60.0)

    assert evening.told() == [("paused", 60.0, 0.0)]


def test_a_start_that_waits_goes_on_waiting_under_the_policy_that_knows_it_too() -> None:
    evening = slow_start("start")

    evening.chooses("always")

    assert evening.waits_for == {"Boris"}


def test_who_comes_late_and_waits_for_data_stops_nobody() -> None:
    evening = Evening("always")
    evening.until_at(100.0)
    evening.says("Boris", "waiting", 0.0)

    evening.until_at(200.0)

    assert evening.made == []


def test_a_server_that_died_gives_its_people_time_to_come_back() -> None:
    evening = slow_start()

    evening.dies()
    evening.until_at(4.0)
    assert (evening.room.wait is not None, evening.until) == (True, None)
    evening.says("Anna", "paused")
    evening.says("Boris", "waiting")
    assert (evening.waits_for, evening.until) == ({"Boris"}, 15.0)
    evening.until_at(15.0)

    assert evening.told()[-1] == ("played", 15.5, 0.0)


def test_a_server_that_died_does_not_wait_for_people_who_stay_away() -> None:
    evening = slow_start()
    evening.dies()

    evening.until_at(6.9)
    assert evening.room.wait
    evening.until_at(7.0)

    assert evening.told()[-1] == ("played", 7.5, 0.0)


def test_a_server_that_died_just_before_the_bound_keeps_to_it() -> None:
    evening = slow_start()
    evening.until_at(13.0)
    evening.dies()
    assert evening.wake == MOVIE_TIME + 15.0

    evening.until_at(15.0)

    assert evening.told()[-1] == ("played", 15.5, 0.0)


def test_a_server_that_was_away_for_longer_goes_on_at_once() -> None:
    evening = slow_start()
    evening.at = 3600.0

    evening.dies()

    assert evening.told()[-1] == ("played", 3600.5, 0.0)


def test_a_clock_that_leaps_ahead_ends_the_wait_and_one_that_leaps_back_adds_nothing() -> None:
    evening = slow_start()
    evening.at = -0.5
    evening.look()
    assert evening.until == 15.0
    evening.at = 1e6

    evening.look()

    assert evening.told()[-1] == ("played", 1e6 + 0.5, 0.0)
