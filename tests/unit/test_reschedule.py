"""Another time for a film: until it begins, and no further back than it is long."""

from __future__ import annotations

import pytest

from sessions.core.commands import Pause
from sessions.core.errors import AlreadyBegun, InPast
from sessions.core.events import Moved
from sessions.core.room import evolve, opened, reschedule
from sessions.core.timeline import Timeline
from tests.unit.rooms import DURATION, HOST, MOVIE_TIME, Film


def test_a_film_can_be_put_off_and_brought_forward_before_it_begins() -> None:
    state = opened(MOVIE_TIME, DURATION)

    moved = reschedule(state, MOVIE_TIME + 3600, HOST, MOVIE_TIME - 60)

    assert moved == Moved(
        kind="rescheduled",
        timeline=Timeline(2, -3660.0, 1.0, MOVIE_TIME - 60, HOST, "rescheduled"),
        speed=1.0,
    )
    later = evolve(state, moved, MOVIE_TIME - 60)
    assert later.position(MOVIE_TIME + 3600) == 0.0
    earlier = evolve(
        later, reschedule(later, MOVIE_TIME - 50, HOST, MOVIE_TIME - 55), MOVIE_TIME - 55
    )
    assert earlier.position(MOVIE_TIME) == 50.0


def test_a_held_countdown_counts_again_when_it_is_put_off() -> None:
    film = Film()
    film.order(Pause(), at=-60.0)
    now = MOVIE_TIME + 500

    state = evolve(film.state, reschedule(film.state, now + 100, HOST, now), now)

    assert state.position(now + 100) == 0.0


def test_a_film_that_has_begun_is_not_put_off() -> None:
    for now in (MOVIE_TIME, MOVIE_TIME + DURATION + 1):
        with pytest.raises(AlreadyBegun):
            reschedule(opened(MOVIE_TIME, DURATION), MOVIE_TIME + 9999, HOST, now)


def test_a_new_time_may_lie_back_by_the_films_length_and_no_more() -> None:
    state, now = opened(MOVIE_TIME, DURATION), MOVIE_TIME - 60.0

    assert reschedule(state, now - DURATION, HOST, now).timeline.position == DURATION
    with pytest.raises(InPast):
        reschedule(state, now - DURATION - 0.001, HOST, now)
