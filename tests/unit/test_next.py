"""Going on to the next session: the film ends after a countdown, and any other command stops it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.core.commands import Command, Next, Pause, Play, Seek, SetRate
from sessions.core.errors import NotAllowed, StaleRevision
from sessions.core.room import NEXT_COUNTDOWN_S, evolve, hold, is_leaving, leave
from sessions.core.timeline import Timeline
from tests.unit.rooms import DURATION, HOST, LEAD, MOVIE_TIME, Film


def leaving(at: float = 50.0) -> Film:
    """Return a film that is left in NEXT_COUNTDOWN_S."""
    film = Film()
    film.order(Next(), at=at)
    return film


def test_next_ends_the_film_after_a_countdown() -> None:
    film = Film()

    made = film.order(Next(), at=50.0)

    instant = MOVIE_TIME + 50.0 + NEXT_COUNTDOWN_S
    assert made == Timeline(2, DURATION, 0.0, instant, HOST, "ended")
    assert film.made[-1].kind == "moved_to_session"
    assert film.position(59.9) == pytest.approx(59.9)
    assert [film.state.state(MOVIE_TIME + at) for at in (59.9, 60.0)] == ["running", "ended"]


def test_next_asked_for_again_or_of_a_film_that_is_over_is_meant_at_once() -> None:
    film = leaving()
    over = Film()

    again = film.order(Next(), at=52.0, lead=0.25)
    after = over.order(Next(), at=DURATION + 1.0, lead=0.25)

    assert again is not None
    assert (again.revision, again.instant) == (3, MOVIE_TIME + 52.25)
    assert after is not None
    assert after.instant == MOVIE_TIME + DURATION + 1.25


@pytest.mark.parametrize(
    ("command", "position", "rate", "reason"),
    [
        (Play(), 53.0, 1.0, "play"),
        (Pause(), 53.25, 0.0, "pause"),
        (Seek(10.0), 10.0, 1.0, "seek"),
        (SetRate(1.5), 53.25, 1.5, "rate"),
    ],
)
def test_any_other_command_stops_it_and_acts_as_if_it_had_never_been(
    command: Command, position: float, rate: float, reason: str
) -> None:
    film = leaving()

    made = film.order(command, at=53.0, lead=0.25)

    assert made is not None
    assert (made.revision, made.rate, made.reason) == (3, rate, reason)
    assert made.position == pytest.approx(position)
    assert film.state.state(MOVIE_TIME + 70.0) in ("running", "paused")
    assert not is_leaving(film.state, MOVIE_TIME + 53.0)


def test_a_paused_film_stays_paused_where_the_move_is_stopped() -> None:
    film = Film()
    film.order(Pause(), at=40.0, lead=0.25)
    film.order(Next(), at=50.0)

    made = film.order(Pause(), at=53.0)

    assert made is not None
    assert (made.position, made.rate, made.reason) == (40.25, 0.0, "pause")


def test_a_film_that_has_been_left_is_commanded_as_any_that_is_over() -> None:
    film = leaving()

    made = film.order(Play(), at=61.0, lead=0.25)

    assert made is not None
    assert (made.position, made.reason) == (DURATION, "play")


def test_a_move_is_asked_for_and_stopped_by_who_may_command_alone() -> None:
    film = leaving()

    for command in (Next(), Play()):
        with pytest.raises(NotAllowed):
            film.order(command, at=52.0, role="guest")
        with pytest.raises(StaleRevision):
            film.order(command, at=52.0, revision=1)

    assert is_leaving(film.state, MOVIE_TIME + 52.0)


def test_the_room_itself_leaves_a_film_and_holds_another() -> None:
    film = Film()
    now = MOVIE_TIME - 3.0

    left = leave(film.state, MOVIE_TIME + 90.0, None)
    held = evolve(film.state, hold(film.state, now, 5.0), now)

    assert left.timeline == Timeline(2, DURATION, 0.0, MOVIE_TIME + 90.0, None, "ended")
    assert held.position(MOVIE_TIME + 100.0) == -5.0
    assert held.state(MOVIE_TIME + 100.0) == "scheduled"


COMMANDS = st.one_of(
    st.just(Play()),
    st.just(Pause()),
    st.builds(Seek, st.floats(0.0, DURATION)),
    st.builds(SetRate, st.floats(0.5, 2.0)),
)


@given(
    st.lists(st.tuples(COMMANDS, st.floats(0.0, 3.0)), max_size=4),
    COMMANDS,
    st.floats(0.0, NEXT_COUNTDOWN_S - 0.01),
)
def test_a_move_that_is_stopped_leaves_no_trace_whatever_was_ordered_before(
    before: list[tuple[Command, float]], command: Command, waited: float
) -> None:
    film, other = Film(), Film()
    at = 10.0
    for earlier, later_by in before:
        for each in (film, other):
            each.order(earlier, at=at)
        at += later_by
    film.order(Next(), at=at)
    left = film.state.chain.newest.revision

    made = film.order(command, at=at + waited)
    expected = other.order(command, at=at + waited)

    assert made is not None
    assert made.revision == left + 1
    if expected is None:
        assert made.rate == other.state.chain.newest.rate
    else:
        assert replace(made, revision=expected.revision) == expected
    for later in (0.0, 1.0, 60.0):
        then = at + waited + LEAD + later
        assert film.position(then) == pytest.approx(other.position(then), abs=1e-5)
