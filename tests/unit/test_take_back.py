"""A play or pause that comes before the pause or play it answers has acted."""

from __future__ import annotations

import pytest

from sessions.core.commands import Pause, Play, Seek, SetRate
from tests.unit.rooms import HOST, LEAD, MOVIE_TIME, Film


def test_play_takes_a_pending_pause_back_and_the_film_never_stands() -> None:
    film = Film()
    film.order(Pause(), at=100.0)

    restored = film.order(Play(), at=100.2)

    assert restored is not None
    assert (restored.revision, restored.rate, restored.reason) == (3, 1.0, "play")
    assert (restored.instant, restored.by) == (MOVIE_TIME + 100.2, HOST)
    assert film.state.chain.items == (restored,)
    assert film.made[-1].kind == "played"
    for at in (100.2, 100.4, 100.5, 101.0, 4000.0):
        assert film.position(at) == pytest.approx(at, abs=1e-6)


def test_pause_takes_a_pending_play_back_and_the_film_never_moves() -> None:
    film = Film()
    film.order(Pause(), at=100.0)
    film.order(Play(), at=200.0)

    restored = film.order(Pause(), at=200.3)

    assert restored is not None
    assert (restored.revision, restored.rate, restored.reason) == (4, 0.0, "pause")
    assert film.made[-1].kind == "paused"
    for at in (200.3, 200.5, 201.0, 4000.0):
        assert film.position(at) == 100.0 + LEAD


def test_a_countdown_goes_on_as_if_it_had_never_been_held() -> None:
    film = Film()
    film.order(Pause(), at=-60.0)

    restored = film.order(Play(), at=-59.9)

    assert restored is not None
    assert restored.position == pytest.approx(-59.9, abs=1e-6)
    assert film.position(30.0) == pytest.approx(30.0, abs=1e-6)


def test_the_rate_that_held_before_is_the_one_restored() -> None:
    film = Film()
    film.order(SetRate(1.25), at=100.0)
    film.order(Pause(), at=200.0)

    restored = film.order(Play(), at=200.1)

    assert restored is not None
    assert restored.rate == 1.25
    assert film.position(300.0) == pytest.approx(100.5 + 1.25 * 199.5, abs=1e-6)


def test_a_seek_that_is_still_ahead_is_not_lost_when_the_pause_behind_it_is_taken_back() -> None:
    film = Film()
    film.order(Seek(3000.0), at=100.0, lead=1.0)
    film.order(Pause(), at=100.1, lead=1.5)

    restored = film.order(Play(), at=100.2)

    assert restored is not None
    assert (restored.position, restored.instant) == (3000.0, MOVIE_TIME + 101.0)
    assert film.position(100.9) == pytest.approx(100.9, abs=1e-6)
    assert film.position(111.0) == pytest.approx(3010.0, abs=1e-6)


def test_a_seek_is_not_lost_either_where_the_pause_acts_at_its_very_instant() -> None:
    film = Film()
    seek = film.order(Seek(3000.0), at=100.0, lead=1.0)
    pause = film.order(Pause(), at=100.1, lead=0.15)
    assert seek is not None
    assert pause is not None
    assert pause.instant == seek.instant

    restored = film.order(Play(), at=100.2)

    assert restored is not None
    assert (restored.position, restored.rate, restored.instant) == (3000.0, 1.0, seek.instant)
    assert film.position(111.0) == pytest.approx(3010.0, abs=1e-6)


def test_what_was_taken_back_can_be_ordered_and_taken_back_again() -> None:
    film = Film()
    film.order(Seek(3000.0), at=100.0, lead=1.0)
    for at in (100.1, 100.3, 100.5):
        film.order(Pause(), at=at, lead=0.15)
        film.order(Play(), at=at + 0.1)

    assert film.state.chain.newest.revision == 8
    assert film.position(111.0) == pytest.approx(3010.0, abs=1e-6)


def test_a_pause_that_has_acted_is_not_taken_back_but_ended() -> None:
    film = Film()
    film.order(Pause(), at=100.0)

    made = film.order(Play(), at=101.0)

    assert made is not None
    assert (made.position, made.instant) == (100.5, MOVIE_TIME + 101.5)


def test_a_pending_order_of_another_kind_is_not_taken_back() -> None:
    film = Film()
    film.order(Pause(), at=100.0)
    film.order(Seek(50.0), at=100.1, lead=1.0)

    made = film.order(Play(), at=100.2)

    assert made is not None
    assert (made.position, made.instant) == (50.0, MOVIE_TIME + 101.1)


def test_a_play_that_took_a_pause_back_is_not_itself_taken_back_but_followed() -> None:
    film = Film()
    film.order(Seek(3000.0), at=100.0, lead=1.0)
    film.order(Pause(), at=100.1, lead=1.5)
    film.order(Play(), at=100.2)

    made = film.order(Pause(), at=100.3)

    assert made is not None
    assert (made.position, made.rate, made.instant) == (3000.0, 0.0, MOVIE_TIME + 101.0)
    assert film.position(200.0) == 3000.0
