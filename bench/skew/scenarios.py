"""The plain evening: the start, a latecomer, steady watching, a pause and what follows, a seek."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bench.skew.stage import Stage
from harness.skew.figures import Figures, RoomTimeline
from harness.skew.steps import come_late, pause, resume, seek, start, steady
from harness.skew.viewers import Viewer
from harness.skew.viewing import Observation, Viewing, until

__all__ = [
    "Take",
    "burst",
    "marks",
    "play_late",
    "play_pause",
    "play_resume",
    "play_seek_back",
    "play_seek_forward",
    "play_start",
    "play_steady",
]

_RUNNING = -20.0
_CALM = 3.0


@dataclass(frozen=True, slots=True)
class Take:
    """What came of one scenario."""

    figures: Figures
    """Measured values."""

    observation: Observation
    """What they were made from."""

    marks: list[tuple[float, str]] = field(default_factory=list)
    """What happened when, server time, Unix seconds."""


async def play_start(stage: Stage) -> Take:
    """Let the film begin at its time."""
    async with stage.viewing(10.0) as room:
        return await _take(room, await start(room))


async def play_steady(stage: Stage) -> Take:
    """Watch on without any command, with sound."""
    async with stage.viewing(_RUNNING) as room:
        await room.in_step()
        return await _take(room, await steady(room, stage.seconds))


async def play_late(stage: Stage) -> Take:
    """Let somebody come into the running film; those who watch are not to notice."""
    async with AsyncExitStack() as stack:
        room = await stack.enter_async_context(stage.viewing(_RUNNING))
        machine = await stack.enter_async_context(stage.machine())
        line = stage.line(stack, seed=99)
        await room.in_step()
        looking = Viewer.looking(room.metered, room.showing, machine, line=line)
        late = await stack.enter_async_context(looking)
        figures, clicked = await come_late(room, late)
        observed = await room.observe()
        figures |= observed.span("others", clicked, clicked + 4.0)
        figures |= observed.moves("others", clicked, clicked + 4.0)
        both = Observation(observed.history, (*observed.records, await late.record()))
        return Take(figures, both, [(clicked, "enters")])


async def play_pause(stage: Stage) -> Take:
    """Pause three times, at places as they come."""
    async with stage.viewing(_RUNNING) as room:
        await room.in_step()
        figures = await pause(room)
        for _ in range(2):
            room.command("play")
            await until(room.metered, room.newest.instant + _CALM)
            again = await pause(room)
            figures = {name: max(value, again[name]) for name, value in figures.items()}
        return await _take(room, figures)


async def play_resume(stage: Stage) -> Take:
    """Play on after a pause of three seconds."""
    async with stage.viewing(_RUNNING) as room:
        await room.in_step()
        room.command("pause")
        await until(room.metered, room.newest.instant + _CALM)
        return await _take(room, await resume(room))


async def play_seek_forward(stage: Stage) -> Take:
    """Seek a minute ahead."""
    async with stage.viewing(_RUNNING) as room:
        await room.in_step()
        return await _take(room, await seek(room, 90.0))


async def play_seek_back(stage: Stage) -> Take:
    """Seek half a minute back."""
    async with stage.viewing(_RUNNING * 2) as room:
        await room.in_step()
        return await _take(room, await seek(room, 12.3))


async def burst(stage: Stage) -> Take:
    """Give ten commands in quick succession; the last decides."""
    async with stage.viewing(_RUNNING) as room:
        await room.in_step()
        begin = room.newest.revision
        for position in (70.0, 30.0, 55.0):
            room.command("seek", position=position)
            await asyncio.sleep(0.15)
            room.command("pause")
            await asyncio.sleep(0.1)
            room.command("play")
            await asyncio.sleep(0.2)
        room.command("seek", position=40.0)
        moment = room.newest.instant
        await until(room.metered, moment + 5.0)
        observed = await room.observe()
        figures = observed.span("burst", moment + 0.5, moment + 3.0)
        figures |= {
            "burst_back_s": max(
                observed.back_after(i, moment) for i in range(len(observed.records))
            ),
            "burst_revisions": float(room.newest.revision - begin),
        }
        return await _take(room, figures)


def marks(room: Viewing) -> list[tuple[float, str]]:
    """Return when which command took effect."""
    news = zip(room.timelines, room.timelines[1:], strict=False)
    return [(new.instant, _word(old, new)) for old, new in news]


def _word(old: RoomTimeline, new: RoomTimeline) -> str:
    if old.rate != new.rate:
        return "play" if new.rate else "pause"
    return "seek"


async def _take(room: Viewing, figures: Figures) -> Take:
    return Take(figures, await room.observe(), marks(room))
