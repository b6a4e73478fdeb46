"""The keyframes that are being made for one run of the pump, and the last ones that were made."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable

from sessions.background import log_failure
from streamer.preparation.segments import Segment
from streamer.webrtc.keyframe_maker import KeyframeMaker
from streamer.webrtc.loaded_film import FramePlace
from streamer.webrtc.pump_schedule import Keyframes

__all__ = ["WORTH_WAITING_S", "OwnKeyframes"]

logger = logging.getLogger("seans.webrtc")

WORTH_WAITING_S = 1.0
"""How long after it was asked for a keyframe is waited for, seconds; it takes much less."""

AGAIN_AFTER_S = 10.0
"""How long after none could be made it is tried again, seconds: too many may have waited."""

KEPT = 8
"""Keyframes that are kept, made or being made."""


class OwnKeyframes:
    """Keyframes by frame; each is made once."""

    def __init__(
        self, maker: KeyframeMaker, clock: Callable[[], float], wake: Callable[[], None]
    ) -> None:
        """``wake`` is called when one is made."""
        self._maker = maker
        self._clock = clock
        self._wake = wake
        self._tasks: OrderedDict[FramePlace, tuple[asyncio.Task[bytes | None], float]] = (
            OrderedDict()
        )

    def state(self) -> Keyframes:
        """Return which are made, and which are worth waiting for now."""
        now = self._clock()
        return Keyframes(
            frozenset(place for place in self._tasks if self.made(place) is not None),
            frozenset(
                place
                for place, (task, asked_at) in self._tasks.items()
                if not task.done() and now - asked_at < WORTH_WAITING_S
            ),
        )

    def made(self, place: FramePlace) -> bytes | None:
        """Return a keyframe that is made."""
        task, _ = self._tasks.get(place, (None, 0.0))
        return None if task is None else _result(task)

    def ask(self, segment: Segment, place: FramePlace) -> None:
        """Have a keyframe made of a frame of ``segment``, unless it is already."""
        known = self._tasks.get(place)
        if known is not None and not self._may_try_again(*known):
            self._tasks.move_to_end(place)
            return
        pictures = list(segment.video[: place.frame + 1])
        task = asyncio.create_task(self._maker.keyframe(pictures))
        task.add_done_callback(lambda _: self._wake())
        log_failure(task, logger, "making a keyframe")
        self._tasks[place] = task, self._clock()
        if len(self._tasks) > KEPT:
            self._tasks.popitem(last=False)[1][0].cancel()

    def _may_try_again(self, task: asyncio.Task[bytes | None], asked_at: float) -> bool:
        failed = task.done() and _result(task) is None
        return failed and self._clock() - asked_at >= AGAIN_AFTER_S

    async def get(self, segment: Segment, place: FramePlace) -> bytes | None:
        """Return a keyframe of a frame of ``segment``; None where none can be made."""
        self.ask(segment, place)
        task = self._tasks[place][0]
        # Others may wait for the same one, so it is not cancelled with who asks. Nor is who asks
        # cancelled with it: it is when others take its place, and when the run ends.
        await asyncio.wait([task])
        return _result(task)

    def is_making(self, number: int) -> bool:
        """Return whether one of a frame of segment ``number`` is being made."""
        return any(p.segment == number and not t.done() for p, (t, _) in self._tasks.items())

    def close(self) -> None:
        """Forget all."""
        for task, _ in self._tasks.values():
            task.cancel()
        self._tasks.clear()


def _result(task: asyncio.Task[bytes | None]) -> bytes | None:
    """Return what a task has made; None where it has not, or was cancelled, or failed."""
    if not task.done() or task.cancelled() or task.exception() is not None:
        return None
    return task.result()
