"""Where a film stands, by one timeline and by a chain of them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from sessions.core.timeline import NEVER, Chain, Timeline, scheduled
from tests.unit.rooms import DURATION, MOVIE_TIME

RUNNING = Timeline(revision=7, position=100.0, rate=1.0, instant=MOVIE_TIME, by=None, reason="play")
PAUSED = replace(RUNNING, rate=0.0, reason="pause")


def test_a_latecomer_lands_exactly_as_late_as_they_are() -> None:
    assert scheduled(MOVIE_TIME).at(MOVIE_TIME + 42.5) == 42.5


def test_below_zero_the_film_begins_in_that_many_seconds() -> None:
    assert scheduled(MOVIE_TIME).at(MOVIE_TIME - 90.25) == -90.25


def test_a_plan_is_revision_1_and_nobodys() -> None:
    assert scheduled(MOVIE_TIME) == Timeline(
        revision=1, position=0.0, rate=1.0, instant=MOVIE_TIME, by=None, reason="scheduled"
    )


@pytest.mark.parametrize("rate", [0.5, 1.0, 1.25, 2.0])
def test_a_film_runs_at_its_rate(rate: float) -> None:
    assert replace(RUNNING, rate=rate).at(MOVIE_TIME + 40) == 100 + 40 * rate


def test_a_paused_film_stands() -> None:
    assert PAUSED.at(MOVIE_TIME - 1e6) == PAUSED.at(MOVIE_TIME + 1e6) == 100.0


def test_a_film_stays_at_its_end() -> None:
    assert RUNNING.at(MOVIE_TIME + 1e6, DURATION) == DURATION
    assert replace(PAUSED, position=9999.0).at(MOVIE_TIME, DURATION) == DURATION
    assert RUNNING.at(MOVIE_TIME + 1e6) == 1_000_100.0


def test_a_film_ends_when_it_has_run_what_is_left_of_it() -> None:
    assert RUNNING.ends_at(DURATION) == MOVIE_TIME + 5300
    assert replace(RUNNING, rate=2.0).ends_at(DURATION) == MOVIE_TIME + 2650
    assert scheduled(MOVIE_TIME).ends_at(DURATION) == MOVIE_TIME + DURATION
    assert RUNNING.at(RUNNING.ends_at(DURATION), DURATION) == DURATION


def test_a_film_that_stands_never_ends_unless_it_stands_at_its_end() -> None:
    assert PAUSED.ends_at(DURATION) == NEVER
    assert replace(PAUSED, position=DURATION).ends_at(DURATION) == MOVIE_TIME
    assert replace(RUNNING, position=DURATION).ends_at(DURATION) == MOVIE_TIME


def test_a_timeline_is_a_value() -> None:
    with pytest.raises(FrozenInstanceError):
        RUNNING.rate = 0.0  # type: ignore[misc]


def later(timeline: Timeline, after: float, **changes: object) -> Timeline:
    """Return ``timeline`` as the next revision, ``after`` seconds behind it."""
    changed: dict[str, object] = {
        "revision": timeline.revision + 1,
        "instant": timeline.instant + after,
    }
    return replace(timeline, **(changed | changes))  # type: ignore[arg-type]


def test_a_plan_is_in_force_from_its_making() -> None:
    plan = scheduled(MOVIE_TIME)
    chain = Chain((plan,))

    assert chain.in_force(MOVIE_TIME - 1e6) is plan
    assert chain.newest is plan
    assert chain.next(MOVIE_TIME - 1e6) is None
    assert chain.before_newest() is None


def test_until_its_instant_the_one_before_it_holds() -> None:
    pause = later(RUNNING, 10.0, rate=0.0)
    chain = Chain((RUNNING,)).add(pause, MOVIE_TIME + 9.6)

    assert chain.in_force(MOVIE_TIME + 9.999) is RUNNING
    assert chain.next(MOVIE_TIME + 9.999) is pause
    assert chain.before_newest() is RUNNING
    assert chain.in_force(MOVIE_TIME + 10) is pause
    assert chain.next(MOVIE_TIME + 10) is None


def test_one_that_is_in_force_makes_all_others_history() -> None:
    pause = later(RUNNING, 10.0, rate=0.0)
    chain = Chain((RUNNING,)).add(pause, MOVIE_TIME + 9.6)
    play = later(pause, -0.3, rate=1.0)

    assert chain.add(play, MOVIE_TIME + 9.7).items == (play,)


def test_those_that_take_effect_before_the_newest_stay() -> None:
    seek = later(RUNNING, 1.0, position=3000.0)
    pause = later(seek, 0.5, rate=0.0)
    chain = Chain((RUNNING,)).add(seek, MOVIE_TIME + 0.2).add(pause, MOVIE_TIME + 0.4)

    assert chain.items == (RUNNING, seek, pause)
    assert chain.next(MOVIE_TIME + 0.5) is pause
    assert [chain.in_force(MOVIE_TIME + at) for at in (0.9, 1.0, 1.4, 1.5)] == [
        RUNNING,
        seek,
        seek,
        pause,
    ]


def test_of_two_with_one_instant_the_newer_holds_and_the_older_is_kept_before_it() -> None:
    seek = later(RUNNING, 1.0, position=3000.0)
    pause = later(seek, 0.0, rate=0.0)
    chain = Chain((RUNNING,)).add(seek, MOVIE_TIME + 0.2).add(pause, MOVIE_TIME + 0.4)

    assert chain.in_force(MOVIE_TIME + 1.0) is pause
    assert chain.before_newest() is seek


def test_one_that_acts_earlier_drops_what_was_ordered_behind_it() -> None:
    seek = later(RUNNING, 1.0, position=3000.0)
    pause = later(seek, 0.5, rate=0.0)
    chain = Chain((RUNNING,)).add(seek, MOVIE_TIME + 0.2).add(pause, MOVIE_TIME + 0.4)
    again = replace(seek, revision=pause.revision + 1)

    assert chain.add(again, MOVIE_TIME + 0.6).items == (RUNNING, seek, again)


def test_what_has_passed_is_dropped_with_the_next_one() -> None:
    seek = later(RUNNING, 1.0, position=3000.0)
    chain = Chain((RUNNING,)).add(seek, MOVIE_TIME + 0.2)
    pause = later(seek, 99.0, rate=0.0)

    assert chain.add(pause, MOVIE_TIME + 50).items == (seek, pause)


def test_a_plan_held_before_its_start_does_not_come_back_at_its_start() -> None:
    plan = scheduled(MOVIE_TIME)
    held = Timeline(2, -60.0, 0.0, MOVIE_TIME - 60, None, "pause")
    chain = Chain((plan,)).add(held, MOVIE_TIME - 60.2)
    resumed = Timeline(3, -60.0, 1.0, MOVIE_TIME + 0.3, None, "play")

    assert chain.in_force(MOVIE_TIME - 60.1) is plan
    assert chain.in_force(MOVIE_TIME) is held
    assert chain.add(resumed, MOVIE_TIME - 0.2).items == (held, resumed)


def test_a_chain_is_made_of_the_log_again() -> None:
    seek = later(RUNNING, 1.0, position=3000.0)
    pause = later(seek, 0.5, rate=0.0)

    assert Chain.of(RUNNING, [], MOVIE_TIME) == Chain((RUNNING,))
    assert Chain.of(RUNNING, [seek, pause], MOVIE_TIME + 0.9).items == (RUNNING, seek, pause)
    assert Chain.of(RUNNING, [seek, pause], MOVIE_TIME + 1.2).items == (seek, pause)
    assert Chain.of(RUNNING, [seek, pause], MOVIE_TIME + 99).items == (pause,)


COUNTING = replace(RUNNING, position=-30.0, instant=MOVIE_TIME - 60)
"""A countdown that was let go on: the film begins 30 s earlier than planned."""


@pytest.mark.parametrize(
    ("timelines", "begins"),
    [
        ((scheduled(MOVIE_TIME),), MOVIE_TIME),
        ((COUNTING,), MOVIE_TIME - 30),
        ((replace(COUNTING, rate=2.0),), MOVIE_TIME - 45),
        ((replace(COUNTING, rate=0.0),), NEVER),
        ((RUNNING,), MOVIE_TIME),
        ((PAUSED,), MOVIE_TIME),
        # A pause ahead comes after the film has begun, or before.
        ((COUNTING, replace(PAUSED, position=1.0, instant=MOVIE_TIME - 29)), MOVIE_TIME - 30),
        ((COUNTING, replace(PAUSED, position=-1.0, instant=MOVIE_TIME - 31)), NEVER),
        # A seek ahead lets it begin at its instant.
        ((COUNTING, replace(RUNNING, position=0.0, instant=MOVIE_TIME - 50)), MOVIE_TIME - 50),
    ],
)
def test_a_film_begins_where_its_timelines_first_reach_zero(
    timelines: tuple[Timeline, ...], begins: float
) -> None:
    assert Chain(timelines).begins_at() == begins
