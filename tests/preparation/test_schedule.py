"""What is made next: the nearest deadline first."""

from __future__ import annotations

from fractions import Fraction

from streamer.preparation.plan import RenditionPlan
from streamer.preparation.schedule import (
    NO_DEADLINE,
    Place,
    Wanted,
    goes_on,
    lead_of,
    may_wait,
    most_urgent,
)

NOW = 1000.0
PLAN = RenditionPlan(
    edges=tuple(Fraction(2 * n) for n in range(101)),
    rate=Fraction(25),
    width=640,
    height=360,
    copied=False,
    sound=True,
)


def test_without_anybody_the_film_is_made_from_its_beginning() -> None:
    assert most_urgent(PLAN, set(), {}, (), NOW) == Wanted(NO_DEADLINE, 0)
    assert most_urgent(PLAN, {0, 1, 3}, {}, (), NOW) == Wanted(NO_DEADLINE, 2)
    assert most_urgent(PLAN, set(range(100)), {}, (), NOW) is None


def test_a_deadline_is_the_time_until_the_timeline_is_there() -> None:
    place = Place(position=60.0, rate=2.0, instant=NOW - 10)

    assert most_urgent(PLAN, set(range(40, 50)), {}, (place,), NOW) == Wanted(NOW + 10, 50)
    slower = Place(position=60.0, rate=1.0, instant=NOW - 20)
    assert most_urgent(PLAN, set(), {}, (slower,), NOW) == Wanted(NOW, 40)


def test_what_somebody_waits_for_goes_before_what_is_needed_later() -> None:
    place = Place(position=60.0, rate=1.0, instant=NOW)

    assert most_urgent(PLAN, {30, 31}, {7: NOW + 1}, (place,), NOW) == Wanted(NOW + 1, 7)
    assert most_urgent(PLAN, {30, 31}, {7: NOW + 9}, (place,), NOW) == Wanted(NOW + 4, 32)
    assert most_urgent(PLAN, {7, 30, 31}, {7: NOW + 1}, (place,), NOW) == Wanted(NOW + 4, 32)


def test_what_a_timeline_has_left_before_it_is_made_is_of_no_use() -> None:
    leaving, entering = Place(61.5, 1.0, NOW), Place(60.5, 1.0, NOW)

    assert most_urgent(PLAN, set(), {30: NOW}, (leaving,), NOW) == Wanted(NOW + 0.5, 31)
    assert most_urgent(PLAN, set(), {30: NOW}, (leaving, entering), NOW) == Wanted(NOW, 30)
    assert most_urgent(PLAN, {30}, {}, (leaving,), NOW) == Wanted(NOW + 0.5, 31)
    assert most_urgent(PLAN, set(), {30: NOW}, (Place(61.5, 0.0, NOW),), NOW) == Wanted(NOW, 30)
    assert most_urgent(PLAN, set(), {}, (Place(199.9, 1.0, NOW),), NOW) == Wanted(NOW, 99)


def test_of_two_timelines_the_nearer_to_stall_goes_first() -> None:
    first, second = (Place(at, 1.0, NOW) for at in (0.0, 100.0))

    assert most_urgent(PLAN, {0, 1, 2, 50}, {}, (first, second), NOW) == Wanted(NOW + 2, 51)
    assert most_urgent(PLAN, {0, 50, 51}, {}, (first, second), NOW) == Wanted(NOW + 2, 1)


def test_a_paused_timeline_may_go_on_at_any_moment() -> None:
    place = Place(position=60.0, rate=0.0, instant=NOW - 500)

    assert most_urgent(PLAN, {30, 31}, {}, (place,), NOW) == Wanted(NOW + 8, 32)


def test_behind_the_last_viewer_the_film_is_made_from_where_they_are_then_before() -> None:
    place = Place(position=196.0, rate=1.0, instant=NOW)

    assert most_urgent(PLAN, {98, 99}, {}, (place,), NOW) == Wanted(NO_DEADLINE, 0)


def test_a_run_goes_on_to_what_it_reaches_soon() -> None:
    assert [goes_on(10, wanted) for wanted in (9, 10, 11, 12, 13)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_sound_far_ahead_waits_while_a_picture_is_wanted_soon() -> None:
    soon, later = Wanted(NOW + 5, 3), Wanted(NOW + 60, 30)

    def waits(ahead: float, picture: Wanted | None, *, runs: bool) -> bool:
        return may_wait(Wanted(NOW + 5 + ahead, 70), picture, NOW, runs=runs)

    assert [waits(ahead, soon, runs=True) for ahead in (3, 9, 11)] == [False, False, True]
    assert [waits(ahead, soon, runs=False) for ahead in (3, 9, 11)] == [False, True, True]
    assert not waits(200, later, runs=True)
    assert not waits(200, None, runs=False)


def test_a_lead_reaches_to_the_first_gap() -> None:
    assert lead_of(PLAN, {5, 6, 8}, 10.5) == 3.5
    assert lead_of(PLAN, {6}, 10.5) == 0.0
    assert lead_of(PLAN, set(range(100)), 10.0) == 190.0
