"""Whom a room waits for at the start, for whom it stops, and how that ends."""

from __future__ import annotations

import pytest

from sessions.core.commands import Pause, Play, Seek, SetRate
from sessions.core.leads import PAUSE, PLAY
from sessions.core.roles import Waiting
from sessions.core.room import reschedule
from sessions.core.timeline import Timeline
from sessions.core.viewers import ViewerState
from tests.unit.waits import LENGTH, MOVIE_TIME, Evening


def slow_start(policy: Waiting = "start") -> Evening:
    """Return an evening two seconds behind the start, on which Boris is waited for."""
    evening = Evening(policy)
    evening.says("Anna", "ready")
    evening.says("Boris", "waiting")
    evening.until_at(2.0)
    assert evening.waits_for == {"Boris"}
    return evening


def stopped(at: float = 100.0) -> Evening:
    """Return an evening on which the film has just stopped for Boris, ``at`` seconds into it."""
    evening = Evening("always")
    evening.until_at(at - 1.0)
    evening.says("Anna", "playing", 20.0)
    evening.says("Boris", "stalled", 0.0)
    evening.until_at(at)
    assert evening.told() == [("paused", at + PAUSE.lowest, at + PAUSE.lowest)]
    return evening


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
    assert evening.patience.left("Boris") == 15.0
    assert evening.room.position(evening.now) == pytest.approx(-0.6)
    evening.until_at(10.0)
    assert evening.room.position(evening.now) == 10.0


def test_after_the_bound_the_film_begins_without_who_is_not_there_yet() -> None:
    evening = slow_start()

    evening.until_at(14.9)
    assert evening.room.position(evening.now) == 0.0
    evening.until_at(15.0)

    assert evening.told()[-1] == ("played", 15.0 + PLAY.lowest, 0.0)


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
    assert evening.room.held

    evening.keep(reschedule(evening.room, MOVIE_TIME + 60.0, "host", evening.now))
    evening.look()
    assert not evening.waits_for
    evening.until_at(58.9)
    assert not evening.room.held
    evening.until_at(60.0)

    assert evening.told()[-1] == ("paused", 60.0, 0.0)


def test_whom_the_host_went_on_without_is_not_waited_for_at_a_later_start_either() -> None:
    evening = Evening("start")
    evening.says("Boris", "waiting")
    evening.until_at(-0.9)
    evening.orders(Play())
    evening.keep(reschedule(evening.room, MOVIE_TIME + 60.0, "host", evening.now))
    evening.look()

    evening.until_at(70.0)

    assert evening.told() == [("paused", 0.0, 0.0)]


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


def test_a_film_begun_by_hand_waits_for_nobody() -> None:
    evening = Evening("start")
    evening.says("Boris", "waiting")

    evening.orders(Seek(0.0), lead=0.7)
    evening.until_at(0.0)

    assert evening.told() == []


def test_go_on_is_an_ordinary_play_without_those_waited_for() -> None:
    evening = slow_start("always")

    made = evening.orders(Play())
    evening.says("Boris", "stalled", 0.0)
    evening.until_at(60.0)

    assert made == Timeline(3, 0.0, 1.0, MOVIE_TIME + 2.5, "host", "play")
    assert evening.newest == made
    assert evening.waits_for == set()


def test_go_on_ahead_of_the_start_begins_on_time() -> None:
    evening = Evening("start")
    evening.says("Boris", "waiting")
    evening.until_at(-0.9)

    made = evening.orders(Play())

    assert (made.position, made.instant) == (0.0, MOVIE_TIME)


def test_a_pause_while_the_room_waits_stands_until_somebody_plays() -> None:
    evening = slow_start()

    paused = evening.orders(Pause(), lead=0.15)
    assert paused == Timeline(3, 0.0, 0.0, MOVIE_TIME + 2.15, "host", "pause")
    evening.says("Boris", "ready")
    evening.until_at(3600.0)
    assert evening.newest == paused
    assert evening.orders(Pause()) == paused

    assert evening.orders(Play()).rate == 1.0


def test_a_seek_while_the_room_waits_waits_on_at_the_new_place() -> None:
    evening = slow_start()

    sought = evening.orders(Seek(60.0), lead=0.7)
    assert (sought.rate, sought.reason, sought.by) == (0.0, "seek", "host")
    assert (evening.waits_for, evening.until) == ({"Anna", "Boris"}, 15.0)
    evening.until_at(4.0)
    evening.says("Anna", "paused")
    evening.says("Boris", "paused")

    assert evening.told()[-1] == ("played", 4.5, 60.0)


def test_a_seek_does_not_lengthen_the_wait() -> None:
    evening = slow_start()
    evening.orders(Seek(60.0))

    evening.until_at(15.0)

    assert evening.told()[-1] == ("played", 15.5, 60.0)


def test_another_rate_while_the_room_waits_is_the_rate_that_it_goes_on_with() -> None:
    evening = slow_start()

    evening.orders(SetRate(1.25))
    assert evening.waits_for == {"Boris"}
    evening.says("Boris", "ready")

    assert (evening.newest.rate, evening.newest.reason) == (1.25, "play")


@pytest.mark.parametrize("policy", ["never", "start"])
def test_what_a_new_policy_would_not_wait_for_goes_on_at_once(policy: Waiting) -> None:
    evening = stopped()

    evening.chooses(policy)

    assert evening.told()[-1] == ("played", 100.0 + PLAY.lowest, 100.0 + PAUSE.lowest)
    assert evening.waits_for == set()


def test_a_start_that_waits_goes_on_waiting_under_the_policy_that_knows_it_too() -> None:
    evening = slow_start("start")

    evening.chooses("always")

    assert evening.waits_for == {"Boris"}


def test_a_stall_of_a_second_stops_the_film() -> None:
    evening = Evening("always")
    evening.until_at(99.0)
    evening.says("Boris", "stalled", 0.0)

    evening.until_at(99.999)
    assert evening.made == []
    evening.until_at(100.0)

    made = evening.newest
    assert (made.revision, made.rate, made.by, made.reason) == (2, 0.0, None, "waiting")
    assert made.position == pytest.approx(100.0 + PAUSE.lowest)
    assert evening.until == pytest.approx(115.0 + PAUSE.lowest)
    assert evening.waits_for == {"Boris"}


def test_a_shorter_stall_stops_nothing() -> None:
    evening = Evening("always")
    evening.until_at(99.0)
    evening.says("Boris", "stalled")
    evening.until_at(99.9)
    evening.says("Boris", "playing")

    evening.until_at(200.0)

    assert evening.made == []


def test_a_picture_that_is_brought_back_after_a_stall_is_stalled_still() -> None:
    evening = Evening("always")
    evening.until_at(99.0)
    evening.says("Boris", "stalled")
    evening.until_at(99.5)
    evening.says("Boris", "waiting")

    evening.until_at(100.0)

    assert evening.waits_for == {"Boris"}


def test_who_comes_late_and_waits_for_data_stops_nobody() -> None:
    evening = Evening("always")
    evening.until_at(100.0)
    evening.says("Boris", "waiting", 0.0)

    evening.until_at(200.0)

    assert evening.made == []


def test_a_stall_counts_from_the_last_move() -> None:
    evening = Evening("always")
    evening.until_at(99.0)
    evening.says("Boris", "stalled")
    evening.until_at(99.9)
    evening.orders(Seek(500.0), lead=0.7)

    evening.until_at(101.5)
    assert evening.told() == []
    evening.until_at(101.61)

    assert evening.waits_for == {"Boris"}


def test_a_stall_before_the_start_counts_from_there() -> None:
    evening = Evening("always")
    evening.keep(reschedule(evening.room, MOVIE_TIME + 5.0, "host", evening.now))
    evening.look()
    evening.until_at(4.5)
    evening.says("Boris", "stalled")

    evening.until_at(5.9)
    assert evening.made[1:] == []
    evening.until_at(6.0)

    assert evening.waits_for == {"Boris"}


def test_a_film_that_was_stopped_goes_on_when_all_have_five_seconds_ready() -> None:
    evening = stopped()

    evening.until_at(103.0)
    evening.says("Boris", "paused", 4.9)
    evening.says("Anna", "paused", 30.0)
    assert evening.waits_for == {"Boris"}
    evening.until_at(104.0)
    evening.says("Boris", "paused", 5.0)

    assert evening.told()[-1] == ("played", 104.5, 100.15)
    assert (evening.newest.reason, evening.newest.by) == ("play", None)


def test_who_does_not_say_how_much_is_ready_is_judged_by_the_state() -> None:
    evening = Evening("always")
    evening.until_at(99.0)
    evening.says("Boris", "stalled")
    evening.until_at(101.0)
    evening.says("Boris", "waiting")
    assert evening.waits_for == {"Boris"}

    evening.says("Boris", "paused")

    assert evening.told()[-1][0] == "played"


def test_what_somebody_had_before_the_film_stopped_does_not_let_it_go_on() -> None:
    evening = Evening("always")
    evening.until_at(99.0)
    evening.says("Boris", "stalled", 8.0)
    evening.until_at(102.0)
    assert evening.waits_for == {"Boris"}

    evening.says("Boris", "stalled", 8.0)

    assert evening.told()[-1][0] == "played"


@pytest.mark.parametrize("state", ["background", "blocked"])
def test_a_picture_that_nobody_sees_keeps_no_film_standing(state: ViewerState) -> None:
    evening = stopped()
    evening.says("Anna", state, 0.0)
    assert evening.waits_for == {"Boris"}

    evening.until_at(101.0)
    evening.says("Boris", "playing", 6.0)

    assert evening.told()[-1][0] == "played"


def test_all_who_have_too_little_are_waited_for_once_the_film_stands() -> None:
    evening = Evening("always")
    evening.until_at(99.0)
    evening.says("Anna", "playing", 2.0)
    evening.says("Boris", "stalled", 0.0)

    evening.until_at(100.0)

    assert evening.waits_for == {"Anna", "Boris"}


def test_near_the_end_less_is_enough() -> None:
    evening = stopped(at=LENGTH - 3.0)

    evening.until_at(evening.at + 1.0)
    evening.says("Boris", "paused", 2.2)
    assert evening.waits_for == {"Boris"}
    evening.says("Boris", "paused", 2.4)

    assert evening.told()[-1][0] == "played"


def test_a_film_that_is_over_stops_for_nobody() -> None:
    evening = Evening("always")
    evening.until_at(LENGTH - 1.0)
    evening.says("Boris", "stalled", 0.0)

    evening.until_at(LENGTH + 60.0)

    assert evening.made == []


def test_a_film_that_stands_by_order_is_left_alone() -> None:
    evening = Evening("always")
    evening.until_at(99.0)
    evening.orders(Pause())
    evening.says("Boris", "stalled", 0.0)

    evening.until_at(200.0)

    assert evening.told() == []


def test_after_the_bound_the_same_viewer_stops_the_film_no_more() -> None:
    evening = stopped()

    evening.until_at(200.0)
    assert evening.told()[1:] == [("played", 115.65, 100.15)]
    evening.says("Boris", "playing", 6.0)
    evening.until_at(220.0)
    evening.says("Boris", "stalled", 0.0)
    evening.until_at(300.0)

    assert len(evening.told()) == 2


def test_who_has_played_well_for_a_minute_is_waited_for_again() -> None:
    evening = stopped()
    evening.until_at(200.0)
    evening.says("Boris", "playing", 6.0)
    evening.until_at(260.0)
    evening.says("Boris", "stalled", 0.0)

    evening.until_at(261.0)

    assert evening.waits_for == {"Boris"}
    assert evening.until == pytest.approx(276.15)


def test_many_short_waits_for_one_viewer_are_no_longer_than_the_bound_in_all() -> None:
    evening = Evening("always")
    evening.until_at(99.0)
    held = 0.0
    for _ in range(10):
        evening.says("Boris", "stalled", 0.0)
        evening.until_at(evening.at + 1.0)
        began = evening.at + PAUSE.lowest if evening.room.held else None
        evening.until_at(evening.at + 6.0)
        evening.says("Boris", "playing", 6.0)
        if began is not None:
            held += min(evening.at, evening.newest.instant - MOVIE_TIME - PLAY.lowest) - began
        evening.until_at(evening.at + 10.0)

    assert held == pytest.approx(15.0)


def test_a_second_viewer_has_patience_of_their_own() -> None:
    evening = stopped()
    evening.until_at(120.0)

    evening.says("Anna", "stalled", 0.0)
    evening.until_at(121.0)

    assert evening.waits_for == {"Anna"}
    assert evening.until == pytest.approx(136.15)


def test_coming_back_does_not_renew_patience() -> None:
    evening = stopped()
    evening.until_at(120.0)
    evening.goes("Boris")
    evening.says("Boris", "stalled", 0.0)

    evening.until_at(200.0)

    assert len(evening.told()) == 2


def test_who_may_not_be_waited_for_again_is_not_while_the_room_waits_for_another() -> None:
    evening = stopped()
    evening.until_at(120.0)
    evening.says("Anna", "stalled", 0.0)
    evening.says("Boris", "stalled", 0.0)
    evening.until_at(121.0)
    assert evening.waits_for == {"Anna"}

    evening.says("Boris", "waiting", 0.0)

    assert evening.waits_for == {"Anna"}


def test_a_server_that_died_gives_its_people_time_to_come_back() -> None:
    evening = slow_start()

    evening.dies()
    evening.until_at(4.0)
    assert (evening.room.held is not None, evening.until) == (True, None)
    evening.says("Anna", "paused")
    evening.says("Boris", "waiting")
    assert (evening.waits_for, evening.until) == ({"Boris"}, 15.0)
    evening.until_at(15.0)

    assert evening.told()[-1] == ("played", 15.5, 0.0)


def test_a_server_that_died_does_not_wait_for_people_who_stay_away() -> None:
    evening = slow_start()
    evening.dies()

    evening.until_at(6.9)
    assert evening.room.held
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


def test_who_has_several_pages_is_as_well_as_the_best_of_them() -> None:
    evening = Evening("always")
    evening.says("Boris", "waiting", page=1)
    evening.says("Boris", "ready", page=2)
    evening.until_at(99.0)
    evening.says("Boris", "playing", page=2)
    evening.says("Boris", "stalled", page=1)
    evening.until_at(150.0)
    assert evening.made == []

    evening.says("Boris", "stalled", page=2)
    evening.until_at(151.0)

    assert evening.waits_for == {"Boris"}


def test_of_two_pages_that_do_the_same_the_one_with_more_ready_counts() -> None:
    evening = stopped()
    evening.until_at(101.0)
    evening.says("Boris", "paused", 2.0, page=1)
    evening.says("Boris", "paused", 8.0, page=2)

    assert evening.told()[-1][0] == "played"
