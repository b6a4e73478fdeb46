"""The keyframes that are being made for one run of the pump, and the last ones that were made."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from streamer.preparation.segments import Segment
from streamer.webrtc.keyframe_maker import KeyframeMaker
from streamer.webrtc.loaded_film import FramePlace
from streamer.webrtc.pump_schedule import Keyframes

__all__ = ["WORTH_WAITING_S", "OwnKeyframes"]

WORTH_WAITING_S = 1.0
"""How long after it was asked for a keyframe is waited for, seconds; it takes much less."""

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
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return None
        return task.result()

    def ask(self, segment: Segment, place: FramePlace) -> None:
        """Have a keyframe made of a frame of ``segment``, unless it is already."""
        if place in self._tasks:
            self._tasks.move_to_end(place)
            return
        pictures = list(segment.video[: place.frame + 1])
        task = asyncio.create_task(self._maker.keyframe(pictures))
        task.add_done_callback(lambda _: self._wake())
        self._tasks[place] = task, self._clock()
        if len(self._tasks) > KEPT:
            self._tasks.popitem(last=False)[1][0].cancel()

    async def get(self, segment: Segment, place: FramePlace) -> bytes | None:
        """Return a keyframe of a frame of ``segment``; None where none can be made."""
        self.ask(segment, place)
        # Others may wait for the same one, so it is not cancelled with who asks.
        return await asyncio.shield(self._tasks[place][0])

    def is_making(self, number: int) -> bool:
        """Return whether one of a frame of segment ``number`` is being made."""
        return any(p.segment == number and not t.done() for p, (t, _) in self._tasks.items())

    def close(self) -> None:
        """Forget all."""
        for task, _ in self._tasks.values():
            task.cancel()
        self._tasks.clear()
