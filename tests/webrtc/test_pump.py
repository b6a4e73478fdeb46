"""The pump of a session runs while somebody watches, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from harness.live.counter_rendition import FakeRendition
from harness.rooms import T0, House, until
from sessions.live.live_session import LiveSession
from sessions.live.live_show import LiveShow
from streamer.preparation.errors import RenditionUnavailable
from streamer.preparation.live_rendition import LiveRendition
from streamer.webrtc.keyframe_maker import KeyframeMaker
from streamer.webrtc.packets import MediaPackets
from streamer.webrtc.pump import REST_AFTER_S, Pump
from streamer.webrtc.pump_run import PumpCounts


class Viewer:
    """A subscriber that keeps what it is sent."""

    def __init__(self) -> None:
        self.packets: list[MediaPackets] = []

    def send(self, packets: MediaPackets) -> None:
        self.packets.append(packets)

    @property
    def pictures(self) -> list[MediaPackets]:
        return [packets for packets in self.packets if packets.kind == "video"]


class Stage:
    """A pump of an open show, and what its rendition is."""

    def __init__(self, house: House, show: LiveShow, session: LiveSession) -> None:
        self.house = house
        self.show = show
        self.session = session
        self.rendition = FakeRendition(120)
        self.unavailable = False
        self.opened = 0
        self.counts = PumpCounts()
        self.maker = KeyframeMaker()
        self.lines: list[float] = []
        self.pump = Pump(
            show, session, self.open, house.clock, self.counts, self.maker, lambda: self.lines
        )

    async def open(self) -> LiveRendition:
        self.opened += 1
        if self.unavailable:
            raise RenditionUnavailable("no_workers")
        return self.rendition

    def pass_time(self, seconds: float) -> None:
        """Let time pass at once; the pump looks at its clock again."""
        self.house.clock.advance(seconds)
        self.pump.timeline_changed()


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Stage]:
    """A stage in the film's fourth second."""
    house.clock.now = T0 + 3.0
    show = await house.registry.live_show(house.show.id)
    stage = Stage(house, show, show.session(house.session.id))
    yield stage
    stage.pump.stop()
    await stage.pump.stopped()
    stage.maker.close()


async def test_a_viewer_gets_the_picture_of_the_moment(stage: Stage) -> None:
    viewer = Viewer()
    stage.pump.begin()
    stage.pump.broadcast.subscribe(viewer)

    await until(lambda: viewer.pictures)

    assert viewer.pictures[0].keyframe
    assert viewer.pictures[0].shown_at == pytest.approx(T0 + 3.0 + stage.session.live_delay.delay)


async def test_a_pump_rests_after_its_last_viewer(stage: Stage) -> None:
    viewer = Viewer()
    stage.pump.begin()
    stage.pump.broadcast.subscribe(viewer)
    await until(lambda: viewer.pictures)
    assert stage.session.live_delay.viewers == 1
    stage.pass_time(100.0)
    assert stage.pump.running
    assert not stage.show.idle

    stage.pump.broadcast.unsubscribe(viewer)
    stage.pass_time(REST_AFTER_S + 1.0)
    await until(lambda: not stage.pump.running)

    assert stage.session.live_delay.viewers == 0
    stage.house.clock.advance(60.0)
    assert stage.show.idle


async def test_a_pump_whose_viewer_never_comes_rests(stage: Stage) -> None:
    stage.pump.begin()
    await until(lambda: stage.opened)

    stage.pass_time(REST_AFTER_S + 1.0)

    await until(lambda: not stage.pump.running)


async def test_it_begins_again_where_the_timeline_is(stage: Stage) -> None:
    stage.pump.begin()
    await until(lambda: stage.rendition.asked)
    stage.pass_time(REST_AFTER_S + 1.0)
    await until(lambda: not stage.pump.running)
    stage.pass_time(30.0)
    viewer = Viewer()

    stage.pump.broadcast.subscribe(viewer)
    await until(lambda: viewer.pictures)

    now = stage.house.clock.now
    assert viewer.pictures[0].shown_at == pytest.approx(now + stage.session.live_delay.delay)
    assert stage.rendition.asked[-1] >= int((now - T0) / 2)


async def test_a_rendition_that_cannot_be_had_is_asked_for_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamer.webrtc.pump.RETRY_S", 0.01)
    stage.unavailable = True
    viewer = Viewer()
    stage.pump.begin()
    stage.pump.broadcast.subscribe(viewer)
    await until(lambda: stage.opened > 2)

    stage.unavailable = False

    await until(lambda: viewer.pictures)
    assert stage.counts.unavailable >= 2


async def test_a_pump_that_fails_begins_anew(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.webrtc.pump.RETRY_S", 0.01)
    viewer = Viewer()
    failing = True

    def follow(_position: float, _rate: float) -> None:
        if failing:
            raise RuntimeError("broken")

    monkeypatch.setattr(stage.rendition, "follow", follow)
    stage.pump.begin()
    stage.pump.broadcast.subscribe(viewer)
    await until(lambda: stage.counts.failures > 1)

    failing = False

    await until(lambda: viewer.pictures)


async def test_the_delay_follows_the_viewers_lines(stage: Stage) -> None:
    stage.lines = [0.35]
    viewer = Viewer()
    stage.pump.begin()
    stage.pump.broadcast.subscribe(viewer)
    await until(lambda: viewer.pictures)
    before = stage.session.live_delay.delay

    for _ in range(5):
        stage.pass_time(1.0)
        await asyncio.sleep(0.01)

    await until(lambda: stage.session.live_delay.delay > before + 0.1)


async def test_a_pump_that_was_stopped_does_not_begin(stage: Stage) -> None:
    stage.pump.stop()

    stage.pump.begin()

    assert not stage.pump.running
