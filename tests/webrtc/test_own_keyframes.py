"""Keyframes of single frames: made once, and tried again where none could be made."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from harness.live.counter_rendition import counter_segment
from harness.rooms import until
from streamer.preparation.segments import Sample
from streamer.webrtc.keyframe_maker import KeyframeMaker
from streamer.webrtc.loaded_film import FramePlace
from streamer.webrtc.own_keyframes import AGAIN_AFTER_S, OwnKeyframes

PLACE = FramePlace(0, 3)


class BusyMaker(KeyframeMaker):
    """One that makes nothing while it is busy."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = True
        self.asked = 0

    async def keyframe(self, pictures: list[Sample]) -> bytes | None:
        self.asked += 1
        return None if self.busy else await super().keyframe(pictures)


@pytest.fixture
async def maker() -> AsyncIterator[BusyMaker]:
    maker = BusyMaker()
    yield maker
    maker.close()


async def test_a_keyframe_that_could_not_be_made_is_tried_again_later(maker: BusyMaker) -> None:
    now = [0.0]
    keyframes = OwnKeyframes(maker, lambda: now[0], lambda: None)
    segment = counter_segment(0)

    assert await keyframes.get(segment, PLACE) is None
    maker.busy = False
    assert await keyframes.get(segment, PLACE) is None
    now[0] = AGAIN_AFTER_S
    keyframes.ask(segment, PLACE)
    await until(lambda: keyframes.made(PLACE))
    keyframes.ask(segment, PLACE)

    assert maker.asked == 2
    assert keyframes.state().ready == {PLACE}
