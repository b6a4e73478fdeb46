"""What is ordered while a room waits, or is about to."""

from __future__ import annotations

from sessions.core.commands import Pause, Play, Seek, SetRate
from sessions.core.room import reschedule
from sessions.core.timeline import Timeline
from tests.unit.waits import MOVIE_TIME, Evening, slow_start


def test_whom_the_host_went_on_without_is_not_waited_for_at_a_later_start_either() -> None:
    evening = Evening("start")
    evening.says("Boris", "waiting")
    evening.until_at(-0.9)
    evening.orders(Play())
    evening.keep(reschedule(evening.room, MOVIE_TIME + 60.0, "host", evening.now))
    evening.look()

    evening.until_at(70.0)

    assert evening.told() == [("paused", 0.0, 0.0)]


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
