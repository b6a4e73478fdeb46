"""What viewers do together, and the figures of it: start, watch, come late, pause, resume, seek."""

from __future__ import annotations

import asyncio

from playwright.async_api import Browser

from harness.skew.figures import FRAME_RATE, Figures, settled
from harness.skew.film_folder import FILM_SECONDS
from harness.skew.machines import Machine
from harness.skew.viewers import Viewer
from harness.skew.viewing import Viewing, until

__all__ = ["come_late", "latecomer", "pause", "resume", "seek", "start", "steady"]


async def start(room: Viewing, watched: float = 5.0) -> Figures:
    """Watch the first seconds of the film."""
    begin = room.newest.instant
    await until(room.metered, begin + watched + 0.2)
    observed = await room.observe()
    return observed.span("early", begin + 0.5, begin + 3.0) | observed.span(
        "after_2_s", begin + 2.0, begin + watched
    )


async def steady(room: Viewing, seconds: float) -> Figures:
    """Watch for a while without any command."""
    begin = room.metered.now()
    await asyncio.sleep(seconds)
    observed = await room.observe()
    end = begin + seconds
    return observed.span("steady", begin, end) | observed.moves("steady", begin, end)


async def latecomer(room: Viewing, on: Browser | Machine, watched: float = 4.5) -> Figures:
    """Let somebody come into the running film; say how long until their picture is in step."""
    async with Viewer.looking(room.metered, room.showing, on) as late:
        figures, _ = await come_late(room, late, watched)
    return figures


async def pause(room: Viewing) -> Figures:
    """Pause; count the viewers who show another frame than the ordered one."""
    timeline = room.command("pause")
    await until(room.metered, timeline.instant + 1.2)
    numbers = [await viewer.number() for viewer in room.viewers]
    ordered = int(timeline.position * FRAME_RATE + 1e-6)
    shown = [number for number in numbers if number is not None] or [0]
    return {
        "paused_unlike": float(len(set(numbers)) - 1),
        "paused_elsewhere": float(sum(number != ordered for number in numbers)),
        "paused_apart_ms": float(max(shown) - min(shown)) / FRAME_RATE * 1000,
    }


async def resume(room: Viewing, watched: float = 4.0) -> Figures:
    """Play on after a pause, and watch for so many seconds."""
    begin = room.command("play").instant
    await until(room.metered, begin + watched + 0.2)
    observed = await room.observe()
    return observed.span("resumed", begin + 0.5, begin + watched) | observed.moves(
        "resumed", begin, begin + watched
    )


async def seek(room: Viewing, position: float, watched: float = 4.5) -> Figures:
    """Seek to ``position`` s, and watch for so many seconds."""
    begin = room.command("seek", position=min(position, FILM_SECONDS - 10.0)).instant
    await until(room.metered, begin + watched + 0.2)
    observed = await room.observe()
    return (
        observed.span("sought", begin + 0.5, begin + 3.0)
        | observed.span("sought_after", begin + 1.5, begin + watched)
        | {
            "sought_back_s": max(
                observed.back_after(i, begin) for i in range(len(observed.records))
            )
        }
    )


async def come_late(room: Viewing, late: Viewer, watched: float = 4.5) -> tuple[Figures, float]:
    """Let ``late`` in; return how long until their picture is in step, and when they clicked."""
    timeline = room.newest
    await late.page.wait_for_load_state()
    clicked = await late.enter("Late")
    await asyncio.sleep(watched)
    frames = [frame for frame in await late.frames() if frame.at > clicked]
    moment = settled(frames, timeline)
    return {"late_in_step_s": float("inf") if moment is None else moment - clicked}, clicked
