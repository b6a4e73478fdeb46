"""A run of the pump sends pictures that show what the timeline says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise

import pytest

from harness.live.counter_rendition import FakeRendition, drawn_numbers
from harness.rooms import T0, Clock, until
from sessions.core.timeline import Chain, Timeline, scheduled
from streamer.preparation.errors import RenditionUnavailable
from streamer.webrtc.keyframe_maker import KeyframeMaker
from streamer.webrtc.pump_run import PumpCounts, PumpRun
from streamer.webrtc.sound_schedule import SoundPacket

D = 0.25


class Received:
    """What a receiver gets, and when it is to be shown."""

    def __init__(self) -> None:
        self.pictures: list[tuple[bytes, float, bool]] = []
        self.sound: list[tuple[bytes, float]] = []

    async def send(self, data: bytes, *, shown_at: float, keyframe: bool = True) -> None:
        self.pictures.append((data, shown_at, keyframe))

    async def send_sounds(self, sounds: Sequence[SoundPacket]) -> None:
        self.sound += [(sound.data, sound.shown_at) for sound in sounds]

    def numbers(self) -> list[tuple[float, int]]:
        """Return when which frame is shown, as decoded."""
        seen = drawn_numbers([data for data, _, _ in self.pictures])
        assert len(seen) == len(self.pictures)
        return [(shown_at - T0, n) for (_, shown_at, _), n in zip(self.pictures, seen, strict=True)]


class Film:
    """A run with its clock, whose waits are over at once."""

    def __init__(self, chain: Chain, rendition: FakeRendition, begin: float) -> None:
        self.chain = chain
        self.clock = Clock(begin)
        self.received = Received()
        self.counts = PumpCounts()
        self.maker = KeyframeMaker()
        self.rendition = rendition
        self.run = PumpRun(
            rendition, 20.0, self.received, self.clock, self.counts, self.maker, lambda: None
        )

    async def until(self, end: float) -> None:
        while self.clock.now < end:
            due = await self.run.step(self.chain, D)
            # Segments are loaded by tasks, keyframes are made in a thread.
            await asyncio.sleep(0)
            await until(lambda: not self.maker.is_busy)
            self.clock.now = min(max(due, self.clock.now + 0.005), self.clock.now + 0.1, end)

    async def close(self) -> None:
        await self.run.close()
        self.maker.close()


@pytest.fixture
async def film() -> AsyncIterator[Film]:
    """A film that begins at T0, looked at from a second before."""
    film = Film(Chain((scheduled(T0),)), FakeRendition(20), T0 - 1.0)
    yield film
    await film.close()


async def test_all_that_is_sent_is_decoded_over_pauses_and_seeks(film: Film) -> None:
    await film.until(T0 + 1.0)
    film.chain = film.chain.add(Timeline(2, 1.5, 0.0, T0 + 1.5, "x", "pause"), T0 + 1.0)
    await film.until(T0 + 3.0)
    film.chain = film.chain.add(Timeline(3, 13.3, 0.0, T0 + 3.7, "x", "seek"), T0 + 3.0)
    await film.until(T0 + 4.5)
    film.chain = film.chain.add(Timeline(4, 13.3, 1.0, T0 + 5.0, "x", "play"), T0 + 4.5)
    await film.until(T0 + 6.0)

    numbers = film.received.numbers()
    assert max(number for time, number in numbers if time < 1.5) == 37
    assert {number for time, number in numbers if 1.5 < time < 3.69} == {37}
    assert {number for time, number in numbers if 3.7 <= time < 5.0} == {332}
    assert max(number for time, number in numbers if time <= 6.0) == int((13.3 + 1.0) * 25)


async def test_what_was_planned_is_not_sent_after_a_change(film: Film) -> None:
    # The pictures of the next quarter of a second are planned by now.
    await film.until(T0 + 1.0)
    film.chain = film.chain.add(Timeline(2, 1.26, 0.0, T0 + 1.26, "x", "pause"), T0 + 1.0)
    await film.until(T0 + 2.0)

    shown = [number for _, number in film.received.numbers()]
    assert list(dict.fromkeys(shown)) == list(range(32))


async def test_a_seek_needs_no_pictures_that_are_only_decoded(film: Film) -> None:
    await film.until(T0 + 1.0)
    film.chain = film.chain.add(Timeline(2, 13.3, 1.0, T0 + 2.0, "x", "seek"), T0 + 1.0)

    await film.until(T0 + 2.5)

    after = [n for time, n in film.received.numbers() if time >= 1.99]
    assert after == list(range(332, 332 + len(after)))
    keyframes = [at for _, at, keyframe in film.received.pictures if keyframe and at > T0 + 1.99]
    assert keyframes[0] == pytest.approx(T0 + 2.0)


@pytest.mark.parametrize(("position", "frame"), [(5.0, 125), (4.0, 100), (-5.0, 0)])
async def test_a_picture_that_stands_is_now_and_then_a_keyframe(
    film: Film, position: float, frame: int
) -> None:
    film.chain = Chain((Timeline(1, position, 0.0, T0, None, "pause"),))

    await film.until(T0 + 12.0)

    assert {number for _, number in film.received.numbers()} == {frame}
    keyframes = [at - T0 for _, at, keyframe in film.received.pictures if keyframe]
    assert 2 <= len(keyframes) <= 4
    assert sum(len(data) for data, _, keyframe in film.received.pictures if not keyframe) < 1500


async def test_a_latecomer_is_given_a_keyframe_of_the_moment(film: Film) -> None:
    await film.until(T0 + 3.3)

    first = await film.run.first_picture()

    assert first is not None
    assert first.shown_at == film.received.pictures[-1][1]
    assert drawn_numbers([first.data]) == [film.received.numbers()[-1][1]]


async def test_a_latecomer_is_not_cancelled_with_the_keyframe_it_waits_for(film: Film) -> None:
    await film.until(T0 + 3.3)
    waiting = asyncio.create_task(film.run.first_picture())
    await until(lambda: film.maker.is_busy)

    await film.run.close()

    assert await waiting is None


async def test_the_picture_stands_while_the_film_is_not_made(film: Film) -> None:
    film.rendition.failure = RenditionUnavailable("too_costly")
    await film.until(T0 - 0.5)
    assert film.received.pictures == []
    film.rendition.failure = None
    await film.until(T0 + 3.0)
    film.rendition.failure = RenditionUnavailable("too_costly")
    # What was in memory is played to its end.
    await film.until(T0 + 14.0)
    standing = film.received.numbers()[-1][1]
    film.rendition.failure = None

    await film.until(T0 + 17.0)

    assert standing < 14 * 25
    assert film.received.numbers()[-1][1] == int((17.0 + D) * 25 + 1e-3)
    assert film.counts.missing >= 1
    assert film.counts.unavailable >= 1


async def test_sound_is_sent_all_the_time(film: Film) -> None:
    await film.until(T0 + 1.0)
    film.chain = film.chain.add(Timeline(2, 1.5, 0.0, T0 + 1.5, "x", "pause"), T0 + 1.0)
    await film.until(T0 + 3.0)

    times = [at for _, at in film.received.sound]
    assert max(b - a for a, b in pairwise(times)) < 0.04
    assert times[-1] > T0 + 3.0


async def test_the_rendition_is_told_where_the_film_is(film: Film) -> None:
    await film.until(T0 + 1.0)
    film.chain = film.chain.add(Timeline(2, 13.3, 1.0, T0 + 2.0, "x", "seek"), T0 + 1.0)
    await film.until(T0 + 1.1)

    assert film.rendition.followed == [(0.0, 1.0), (13.3, 1.0)]
    assert 6 in film.rendition.asked
