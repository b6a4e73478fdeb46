"""Plays a small film into a broadcast, over and over: the least that can stand for a pump."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from harness.live.film import LiveFilm, LiveSample
from streamer.webrtc.broadcast import Broadcast
from streamer.webrtc.packets import Kind
from streamer.webrtc.sound_schedule import SoundPacket

__all__ = ["AHEAD_S", "feeding"]

AHEAD_S = 0.25
"""How long before it is to be shown a picture is sent, seconds."""


@asynccontextmanager
async def feeding(
    broadcast: Broadcast, film: LiveFilm, clock: Callable[[], float]
) -> AsyncIterator[float]:
    """Play ``film`` until the block ends; yields the server time of its first position."""
    began = clock()
    tasks = [
        asyncio.create_task(_play(broadcast, kind, samples, film.duration, began, clock))
        for kind, samples in _streams(film)
    ]
    try:
        yield began
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _streams(film: LiveFilm) -> tuple[tuple[Kind, Sequence[LiveSample]], ...]:
    sound = [sample for sample in film.sound if sample.position < film.duration - 0.001]
    return ("video", film.video), ("audio", sound)


async def _play(
    broadcast: Broadcast,
    kind: Kind,
    samples: Sequence[LiveSample],
    duration: float,
    began: float,
    clock: Callable[[], float],
) -> None:
    number = 0
    while True:
        rounds, index = divmod(number, len(samples))
        sample = samples[index]
        due = began + rounds * duration + sample.position
        if (wait := due - clock()) > 0:
            await asyncio.sleep(wait)
        shown_at = due + AHEAD_S
        if kind == "video":
            await broadcast.send(sample.data, shown_at=shown_at, keyframe=sample.keyframe)
        else:
            await broadcast.send_sounds([SoundPacket(sample.data, shown_at)])
        number += 1
