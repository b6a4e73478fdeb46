"""For whom a film stops on its way, when it goes on, and how often one viewer may do that."""

from __future__ import annotations

import pytest

from sessions.core.commands import Pause, Seek
from sessions.core.leads import PAUSE_LEAD, PLAY_LEAD
from sessions.core.roles import Waiting
from sessions.core.room import reschedule
from sessions.core.viewers import ViewerState
from tests.unit.waits import LENGTH, MOVIE_TIME, Evening, stopped


@pytest.mark.parametrize("policy", ["never", "start"])
def test_what_a_new_policy_would_not_wait_for_goes_on_at_once(policy: Waiting) -> None:
    evening = stopped()

    evening.chooses(policy)

    assert evening.told()[-1] == ("played", 100.0 + PLAY_LEAD.lowest, 100.0 + PAUSE_LEAD.lowest)
    assert evening.waits_for == set()


def test_a_stall_of_a_second_stops_the_film() -> None:
    evening = Evening("always")
    evening.until_at(99.0)
    evening.says("Boris", "stalled", 0.0)

    evening.until_at(99.999)
    assert evening.made == []
    evening.until_at(100.0)

    made = evening.newest
    assert (made.revision, made.rate, made.by, made.reason) == (2, 0.0, None, "waiting")
    assert made.position == pytest.approx(100.0 + PAUSE_LEAD.lowest)
    assert evening.until == pytest.approx(115.0 + PAUSE_LEAD.lowest)
    assert evening.waits_for == {"Boris"}


def test_a_shorter_stall_stops_nothing() -> None:
    evening = Evening("always")
    evening.until_at(99.0)
    evening.says("Boris", "stalled")
    evening.until_at(99.9)
    evening.says("Boris", "playing")

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
        began = evening.at + PAUSE_LEAD.lowest if evening.room.wait else None
        evening.until_at(evening.at + 6.0)
        evening.says("Boris", "playing", 6.0)
        if began is not None:
            held += evening.newest.instant - MOVIE_TIME - began
        evening.until_at(evening.at + 10.0)

    assert held == pytest.approx(15.0 + PLAY_LEAD.lowest)


def test_short_stalls_use_up_the_budget_of_a_viewer() -> None:
    evening = Evening("always")
    evening.until_at(99.0)
    for _ in range(100):
        evening.says("Boris", "stalled", 0.0)
        evening.until_at(evening.at + 1.1)
        evening.says("Boris", "ready", 20.0)
        evening.until_at(evening.at + 1.0)

    stops = [kind for kind, _, _ in evening.told() if kind == "paused"]
    assert len(stops) == 15


def test_somebody_else_who_had_little_when_the_film_stopped_pays_for_the_time_alone() -> None:
    evening = Evening("always")
    evening.says("Anna", "playing", 3.0)
    evening.until_at(99.0)
    evening.says("Boris", "stalled", 0.0)
    evening.until_at(100.0)
    assert evening.waits_for == {"Anna", "Boris"}

    evening.until_at(100.1)
    evening.says("Anna", "playing", 6.0)
    evening.says("Boris", "playing", 6.0)

    assert evening.wait.budget("Anna") == pytest.approx(14.9 - PLAY_LEAD.lowest + PAUSE_LEAD.lowest)
    assert evening.wait.budget("Boris") == 14.0


def test_each_viewer_has_a_budget_of_their_own() -> None:
    evening = stopped()
    evening.until_at(120.0)

    evening.says("Anna", "stalled", 0.0)
    evening.until_at(121.0)

    assert evening.waits_for == {"Anna"}
    assert evening.until == pytest.approx(136.15)


def test_a_viewer_past_the_bound_leaves_the_waiting_list() -> None:
    evening = stopped()
    evening.until_at(105.15)
    evening.says("Boris", "playing", 6.0)
    evening.until_at(119.0)
    evening.says("Anna", "stalled", 0.0)
    evening.says("Boris", "stalled", 0.0)
    evening.until_at(120.0)
    assert evening.waits_for == {"Anna", "Boris"}

    evening.until_at(130.2)

    assert evening.waits_for == {"Anna"}
    assert evening.until == pytest.approx(135.15)


def test_coming_back_does_not_restore_the_budget() -> None:
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
