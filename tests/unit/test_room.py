"""What a room makes of orders: the contract's section on the timeline, sentence by sentence."""

from __future__ import annotations

import math

import pytest

from sessions.core.commands import Command, Pause, Play, Seek, SetRate
from sessions.core.errors import Invalid, NotAllowed, StaleRevision
from sessions.core.events import Moved
from sessions.core.roles import Control, Role
from sessions.core.room import (
    SessionState,
    evolve,
    opened,
    session_to_enter,
    shown_position,
    without,
)
from sessions.core.timeline import Timeline, Wait
from tests.unit.rooms import DURATION, HOST, LEAD, MOVIE_TIME, Film


def test_a_film_begins_by_itself() -> None:
    film = Film()

    assert [film.position(at) for at in (-5.0, 0.0, 12.5)] == [-5.0, 0.0, 12.5]
    assert [film.state.state(MOVIE_TIME + at) for at in (-0.001, 0.0, DURATION - 0.001)] == [
        "scheduled",
        "running",
        "running",
    ]
    assert film.state.state(MOVIE_TIME + DURATION) == "ended"


@pytest.mark.parametrize(
    ("states", "entered"),
    [
        (["ended", "paused", "scheduled"], 1),
        (["scheduled", "running"], 1),
        (["ended", "scheduled", "scheduled"], 1),
        (["ended", "ended"], 1),
        (["ended"], 0),
    ],
)
def test_one_enters_what_runs_else_the_next_else_the_last(
    states: list[SessionState], entered: int
) -> None:
    assert session_to_enter(states) == entered


def test_a_command_acts_after_its_lead_on_the_very_frame_that_plays_then() -> None:
    film = Film()

    made = film.order(Pause(), at=100.0, lead=0.25)

    assert made == Timeline(2, 100.25, 0.0, MOVIE_TIME + 100.25, HOST, "pause")
    assert film.made == [Moved(kind="paused", timeline=made, speed=1.0)]
    assert film.position(100.2) == pytest.approx(100.2, abs=1e-6)
    assert film.state.state(MOVIE_TIME + 100.2) == "running"
    assert film.position(500.0) == 100.25
    assert film.state.state(MOVIE_TIME + 500) == "paused"


def test_a_play_right_after_a_seek_is_told_with_the_place_that_the_seek_leads_to() -> None:
    film = Film()
    film.order(Pause(), at=100.0)
    film.order(Seek(0.0), at=200.0)
    before = film.state
    film.order(Play(), at=200.1)

    assert before.position(MOVIE_TIME + 200.1) == 100.5
    assert shown_position(before, film.made[-1], MOVIE_TIME + 200.1) == 0.0


def test_play_goes_on_from_where_the_film_stands() -> None:
    film = Film()
    film.order(Pause(), at=100.0)

    made = film.order(Play(), at=200.0)

    assert made == Timeline(3, 100.5, 1.0, MOVIE_TIME + 200.5, HOST, "play")
    assert film.made[-1].kind == "played"
    assert film.position(210.5) == 110.5


@pytest.mark.parametrize(
    ("before", "same"), [([], Play()), ([Pause()], Pause())], ids=["play", "pause"]
)
def test_play_and_pause_that_change_nothing_make_nothing(
    before: list[Command], same: Command
) -> None:
    film = Film()
    for command in before:
        film.order(command, at=100.0)
    stands = film.state

    for at in (100.1, 200.0, 9000.0):
        assert film.order(same, at=at) is None
    assert film.state is stands


def test_seek_and_rate_always_make_a_revision() -> None:
    film = Film()

    revisions = [
        made.revision
        for command in (Seek(50.0), Seek(50.0), SetRate(1.0), SetRate(1.0))
        if (made := film.order(command, at=100.0))
    ]

    assert revisions == [2, 3, 4, 5]


def test_a_seek_brings_a_running_film_on_and_lets_a_standing_one_stand() -> None:
    film = Film()

    made = film.order(Seek(3000.0), at=100.0, lead=1.0)
    assert made == Timeline(2, 3000.0, 1.0, MOVIE_TIME + 101.0, HOST, "seek")
    assert film.made[-1].origin == 100.0
    assert film.position(111.0) == 3010.0

    film.order(Pause(), at=200.0)
    film.order(Seek(60.0), at=300.0)
    assert film.position(400.0) == 60.0


@pytest.mark.parametrize("position", [0.0, DURATION])
def test_a_seek_may_go_to_both_ends(position: float) -> None:
    film = Film()
    film.order(Seek(position), at=100.0)

    assert film.position(100.5) == position


@pytest.mark.parametrize("position", [-0.001, DURATION + 0.001, math.nan, math.inf, -math.inf])
def test_a_seek_out_of_the_film_is_refused(position: float) -> None:
    film = Film()
    stands = film.state

    with pytest.raises(Invalid) as refused:
        film.order(Seek(position), at=100.0)

    assert refused.value.path == "position"
    assert film.state is stands


def test_a_rate_changes_the_pace_and_not_the_place() -> None:
    film = Film()

    made = film.order(SetRate(2.0), at=100.0)

    assert made == Timeline(2, 100.5, 2.0, MOVIE_TIME + 100.5, HOST, "rate")
    assert film.made[-1].kind == "rate"
    assert film.position(110.5) == 120.5


def test_a_rate_given_while_the_film_stands_is_the_one_it_goes_on_with() -> None:
    film = Film()
    film.order(Pause(), at=100.0)

    made = film.order(SetRate(1.5), at=200.0)
    assert made is not None
    assert made.rate == 0.0
    assert film.position(300.0) == 100.5

    film.order(Play(), at=300.0)
    assert film.position(310.5) == 115.5


def test_a_rate_outlives_a_pause() -> None:
    film = Film()
    film.order(SetRate(1.5), at=100.0)
    film.order(Pause(), at=200.0)

    made = film.order(Play(), at=300.0)

    assert made is not None
    assert made.rate == 1.5


@pytest.mark.parametrize("rate", [0.5, 2.0])
def test_a_rate_may_be_a_half_and_a_double(rate: float) -> None:
    made = Film().order(SetRate(rate), at=100.0)

    assert made is not None
    assert made.rate == rate


@pytest.mark.parametrize("rate", [0.0, 0.499, 2.001, -1.0, math.nan, math.inf])
def test_a_rate_beyond_is_refused(rate: float) -> None:
    with pytest.raises(Invalid) as refused:
        Film().order(SetRate(rate), at=100.0)

    assert refused.value.path == "rate"


def test_pausing_before_the_start_holds_the_countdown_and_playing_goes_on_counting() -> None:
    film = Film()

    film.order(Pause(), at=-60.0)
    assert film.position(1000.0) == -59.5
    assert film.state.state(MOVIE_TIME + 1000) == "scheduled"

    film.order(Play(), at=1000.0)
    assert film.position(1010.5) == -49.5
    assert film.position(1060.0) == 0.0
    assert film.state.state(MOVIE_TIME + 1060) == "running"


def test_seeking_to_0_begins_at_once() -> None:
    film = Film()

    film.order(Seek(0.0), at=-3600.0, lead=0.7)

    assert film.made[-1].origin == -3600.0
    assert film.position(-3589.3) == pytest.approx(10.0, abs=1e-6)


def test_a_film_that_is_over_can_be_brought_back() -> None:
    film = Film()
    film.order(Seek(10.0), at=DURATION + 60)

    assert film.state.state(MOVIE_TIME + DURATION + 61) == "running"


def test_a_command_is_computed_on_the_newest_and_never_acts_before_it() -> None:
    film = Film()
    film.order(Seek(3000.0), at=100.0, lead=1.5)

    made = film.order(Pause(), at=100.2, lead=0.15)

    assert made == Timeline(3, 3000.0, 0.0, MOVIE_TIME + 101.5, HOST, "pause")
    assert film.position(101.4) == pytest.approx(101.4, abs=1e-6)
    assert film.position(200.0) == 3000.0


def test_one_that_acts_later_keeps_its_own_lead() -> None:
    film = Film()
    film.order(Pause(), at=100.0, lead=0.15)

    made = film.order(Seek(60.0), at=100.1, lead=1.0)

    assert made == Timeline(3, 60.0, 0.0, MOVIE_TIME + 101.1, HOST, "seek")
    assert film.position(100.5) == pytest.approx(100.15, abs=1e-6)


def test_an_order_on_the_newest_revision_is_taken_and_one_on_an_older_is_stale() -> None:
    film = Film()
    film.order(Pause(), at=100.0, revision=1)
    stands = film.state

    for stale in (0, 1, 3):
        with pytest.raises(StaleRevision, match="2"):
            film.order(Play(), at=200.0, revision=stale)
    assert film.state is stands
    assert film.order(Play(), at=200.0, revision=2) is not None


def test_a_stale_order_is_refused_even_where_it_would_change_nothing() -> None:
    with pytest.raises(StaleRevision):
        Film().order(Play(), at=100.0, revision=9)


@pytest.mark.parametrize(
    ("control", "allowed"),
    [
        ("host", ["host"]),
        ("moderators", ["host", "moderator"]),
        ("everyone", ["host", "moderator", "guest"]),
    ],
)
@pytest.mark.parametrize("role", ["host", "moderator", "guest"])
@pytest.mark.parametrize("command", [Play(), Pause(), Seek(9.0), SetRate(1.5)], ids=repr)
def test_the_shows_control_says_who_moves_the_film(
    control: Control, allowed: list[Role], role: Role, command: Command
) -> None:
    film = Film(control)
    stands = film.state

    if role in allowed:
        film.order(command, at=100.0, role=role)
    else:
        with pytest.raises(NotAllowed):
            film.order(command, at=100.0, role=role)
        assert film.state is stands


def test_what_was_decided_late_is_in_force_at_once() -> None:
    film = Film()
    film.order(Pause(), at=100.0, lead=LEAD)
    moved = film.made[-1]

    state = evolve(opened(MOVIE_TIME, DURATION), moved, MOVIE_TIME + 130)

    assert state.chain.items == (moved.timeline,)
    assert state.position(MOVIE_TIME + 130) == 100.5


def test_a_move_that_is_taken_back_leaves_a_room_waiting_as_it_did() -> None:
    film = Film()
    stop = Timeline(2, 10.0, 0.0, MOVIE_TIME + 10.0, None, "waiting")
    waits = evolve(film.state, Moved("paused", stop, 1.0), MOVIE_TIME + 10.0)
    play = Timeline(3, 10.0, 1.0, MOVIE_TIME + 12.0, HOST, "play")
    late = evolve(waits, Moved("played", play, 1.0), MOVIE_TIME + 12.0)
    now = MOVIE_TIME + 600.0

    again = evolve(late, without(waits, play, now), now)

    assert again.position(now) == 10.0
    assert again.wait == Wait(since=now, before_start=False)
    assert again.chain.newest.revision == 4
