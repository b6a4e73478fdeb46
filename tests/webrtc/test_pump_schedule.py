"""Which pictures the pump sends when."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.live.bare_segments import FRAME_S, loaded_film
from harness.rooms import T0
from sessions.core.timeline import NEVER, Chain, Reason, Timeline, scheduled
from streamer.webrtc.loaded_film import FramePlace, LoadedFilm
from streamer.webrtc.pump_schedule import (
    REPEAT_S,
    TIMESTAMP_STEP_S,
    Picture,
    Shown,
    pictures_until,
    stretch_at,
)

D = 0.25
FILM_S = 20.0


def line(
    revision: int, position: float, rate: float, instant: float, reason: Reason = "play"
) -> Timeline:
    return Timeline(revision, position, rate, instant, "somebody", reason)


class Screen:
    """Sends what is due, and knows what is shown when."""

    def __init__(self, chain: Chain, film: LoadedFilm | None = None) -> None:
        self.chain = chain
        self.film = film or loaded_film(FILM_S)
        self.shown = Shown()
        self.pictures: list[Picture] = []

    def until(self, now: float, *, every: float = 0.02, begin: float = T0 - 1.0) -> None:
        steps = round((now - begin) / every)
        for step in range(steps + 1):
            self.step(begin + step * every)

    def step(self, now: float) -> float:
        due = pictures_until(now + D, self.shown, self.chain, self.film)
        self.pictures += due.pictures
        self.shown = due.shown
        return due.next_at

    def frame_at(self, time: float) -> int | None:
        """Return the number of the frame that is on the screen at ``time``."""
        number = None
        for picture in self.pictures:
            if picture.shown_at <= time and picture.place is not None:
                number = picture.place.segment * 50 + picture.place.frame
        return number


def test_the_first_frame_stands_until_the_start() -> None:
    screen = Screen(Chain((scheduled(T0),)))

    screen.until(T0 - D - 0.01)

    assert screen.pictures[0].place == FramePlace(0, 0)
    times = [picture.shown_at for picture in screen.pictures]
    assert all(picture.place is None for picture in screen.pictures[1:])
    assert all(b - a == pytest.approx(REPEAT_S, abs=0.03) for a, b in pairwise(times))
    assert times[-1] > T0 - REPEAT_S - 0.03


def test_each_frame_is_due_when_the_timeline_is_there() -> None:
    screen = Screen(Chain((scheduled(T0),)))

    screen.until(T0 + 5.0)

    played = {
        picture.place: picture.shown_at
        for picture in screen.pictures
        if picture.place is not None and picture.shown_at > T0
    }
    assert len(played) == round((5.0 + D) / FRAME_S)
    for place, shown_at in played.items():
        number = place.segment * 50 + place.frame
        assert shown_at == pytest.approx(T0 + number * FRAME_S, abs=1e-5)


def test_a_picture_is_sent_as_early_as_the_delay_says() -> None:
    screen = Screen(Chain((scheduled(T0),)))
    screen.until(T0 + 1.0)

    next_at = screen.step(T0 + 1.0)

    assert T0 + 1.0 + D < next_at <= T0 + 1.0 + D + FRAME_S


def test_a_pause_stops_on_the_ordered_frame() -> None:
    screen = Screen(Chain((scheduled(T0),)))
    screen.until(T0 + 3.0)
    screen.chain = screen.chain.add(line(2, 3.317, 0.0, T0 + 3.317, "pause"), T0 + 3.0)

    screen.until(T0 + 9.0, begin=T0 + 3.02)

    assert screen.frame_at(T0 + 9.0) == int(3.317 * 25)
    repeated = [p.shown_at for p in screen.pictures if p.place is None]
    assert len(repeated) == pytest.approx((9.0 - 3.3) / REPEAT_S, abs=2 + 1 / REPEAT_S)
    assert all(b - a <= REPEAT_S + 0.03 for a, b in pairwise(repeated[-20:]))


def test_a_film_goes_on_with_the_frame_after_the_paused_one() -> None:
    screen = Screen(Chain((line(1, 3.3, 0.0, T0),)))
    screen.until(T0 + 1.0)
    first = len(screen.pictures)
    screen.chain = screen.chain.add(line(2, 3.3, 1.0, T0 + 2.0), T0 + 1.0)

    screen.until(T0 + 3.0, begin=T0 + 1.02)

    after = [p for p in screen.pictures[first:] if p.place is not None]
    assert after[0].place == FramePlace(1, 33)
    assert after[0].shown_at == pytest.approx(T0 + 2.0 + 3.32 - 3.3)


def test_a_seek_sends_the_way_from_the_keyframe_before_its_instant() -> None:
    screen = Screen(Chain((scheduled(T0),)))
    screen.until(T0 + 1.0)
    first = len(screen.pictures)
    screen.chain = screen.chain.add(line(2, 13.0, 1.0, T0 + 2.0, "seek"), T0 + 1.0)

    screen.until(T0 + 3.0, begin=T0 + 1.02)

    assert screen.frame_at(T0 + 2.0 - 2e-3) == 49
    assert screen.frame_at(T0 + 2.0) == 13 * 25
    way = [p for p in screen.pictures[first:] if p.place and p.place.segment == 6][:26]
    assert [p.place and p.place.frame for p in way] == list(range(26))
    assert way[-1].shown_at - way[0].shown_at == pytest.approx(25 * TIMESTAMP_STEP_S, abs=1e-6)


def test_a_short_seek_ahead_needs_no_keyframe() -> None:
    screen = Screen(Chain((line(1, 4.0, 0.0, T0),)))
    screen.until(T0)
    first = len(screen.pictures)
    screen.chain = screen.chain.add(line(2, 4.5, 0.0, T0 + 1.0, "seek"), T0)

    screen.until(T0 + 1.0, begin=T0 + 0.02)

    way = [p.place for p in screen.pictures[first:] if p.place]
    assert way == [FramePlace(2, frame) for frame in range(1, 13)]


def test_double_speed_shows_each_frame_for_half_as_long() -> None:
    screen = Screen(Chain((line(1, 2.0, 2.0, T0, "rate"),)))

    screen.until(T0 + 1.0)

    assert screen.frame_at(T0 + 1.0) == 100
    times = [p.shown_at for p in screen.pictures if p.place and p.shown_at > T0]
    assert all(b - a == pytest.approx(FRAME_S / 2, abs=1e-5) for a, b in pairwise(times))


def test_the_last_frame_stands_after_the_end() -> None:
    screen = Screen(Chain((scheduled(T0 - FILM_S + 1.0),)))

    screen.until(T0 + 2.0)

    assert screen.frame_at(T0 + 2.0) == round(FILM_S / FRAME_S) - 1
    assert sum(p.place is None for p in screen.pictures) >= 4


def test_a_frame_that_is_not_made_yet_leaves_the_one_before() -> None:
    film = loaded_film(FILM_S, but=[1])
    screen = Screen(Chain((scheduled(T0),)), film)
    screen.until(T0 + 3.0)
    assert screen.frame_at(T0 + 3.0) == 49
    assert screen.pictures[-1].place is None

    whole = loaded_film(FILM_S).segment(1)
    assert whole is not None
    film.add(whole)
    screen.until(T0 + 3.1, begin=T0 + 3.02)

    assert screen.frame_at(T0 + 3.1 + D) == int((3.1 + D) * 25)
    assert next(p.place for p in screen.pictures if p.place and p.place.segment == 1).frame == 0


def test_after_a_hang_nothing_old_is_sent() -> None:
    screen = Screen(Chain((scheduled(T0),)))
    screen.until(T0 + 1.0)
    sent = len(screen.pictures)

    screen.step(T0 + 9.0)

    assert all(p.shown_at >= T0 + 9.0 for p in screen.pictures[sent:])
    assert screen.frame_at(T0 + 9.0 + D) == int((9.0 + D) * 25)


def test_what_was_sent_too_far_is_put_right_at_once() -> None:
    screen = Screen(Chain((scheduled(T0),)))
    screen.until(T0 + 3.0)
    # A pause whose instant is nearer than the delay: frames after it are sent already.
    screen.chain = screen.chain.add(line(2, 3.05, 0.0, T0 + 3.05, "pause"), T0 + 3.0)

    screen.step(T0 + 3.02)

    assert screen.frame_at(T0 + 3.02 + D) == 76


@pytest.mark.parametrize("time", [T0 - 5.0, T0, T0 + 10.0, T0 + 21.0])
def test_a_stretch_ends_after_it_begins(time: float) -> None:
    chain = Chain((scheduled(T0), line(2, 5.0, 1.5, T0 + 15.0)))

    assert stretch_at(chain, time, FILM_S).end > time


_moves = st.lists(
    st.tuples(
        st.floats(0.0, 3.0),
        st.floats(0.0, 1.0),
        st.floats(0.0, FILM_S),
        st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=60)
@given(_moves, st.floats(0.002, 0.6))
def test_whatever_is_ordered_the_right_frame_is_shown_in_the_end(
    moves: list[tuple[float, float, float, float]], every: float
) -> None:
    screen = Screen(Chain((scheduled(T0),)))
    now = T0 - 0.5
    for revision, (wait, lead, position, rate) in enumerate(moves, 2):
        end = now + wait
        while now < end:
            screen.step(now)
            now += every
        instant = max(now + lead, screen.chain.newest.instant)
        screen.chain = screen.chain.add(line(revision, position, rate, instant), now)
    settled = max(now, screen.chain.newest.instant) + 1.0
    while now < settled:
        screen.step(now)
        now += every

    assert all(a.shown_at < b.shown_at for a, b in pairwise(screen.pictures))
    time = screen.shown.until
    wanted = screen.film.frame_at(stretch_at(screen.chain, time, FILM_S).position_at(time))
    assert wanted is not None
    assert screen.frame_at(NEVER) == wanted.segment * 50 + wanted.frame


@settings(deadline=None, max_examples=30)
@given(_moves)
def test_each_picture_can_be_decoded_when_it_comes(
    moves: list[tuple[float, float, float, float]],
) -> None:
    screen = Screen(Chain((scheduled(T0),)))
    now = T0
    for revision, (wait, lead, position, rate) in enumerate(moves, 2):
        screen.until(now + wait, begin=now)
        now += wait
        instant = max(now + lead, screen.chain.newest.instant)
        screen.chain = screen.chain.add(line(revision, position, rate, instant), now)
    screen.until(now + 1.0, begin=now)

    sent = [p.place for p in screen.pictures if p.place is not None]
    assert sent[0].frame == 0
    for before, place in pairwise(sent):
        assert place.frame == 0 or place == FramePlace(before.segment, before.frame + 1)
