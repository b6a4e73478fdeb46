"""The plain evening: the start, a latecomer, steady watching, a pause and what follows, a seek."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from playwright.async_api import Browser

from bench.skew.figures import FRAME_RATE, IN_STEP, Course, Figures, settled
from bench.skew.machines import Machine
from bench.skew.reels import FILM_SECONDS
from bench.skew.stage import Seen, Stage, Viewing, until, viewing
from bench.skew.viewers import Viewer

__all__ = [
    "IN_STEP",
    "Figures",
    "Take",
    "Viewing",
    "burst",
    "latecomer",
    "marks",
    "pause",
    "play_late",
    "play_pause",
    "play_resume",
    "play_seek_back",
    "play_seek_forward",
    "play_start",
    "play_steady",
    "resume",
    "seek",
    "start",
    "steady",
    "until",
    "viewing",
]

_RUNNING = -20.0
_CALM = 3.0


@dataclass(frozen=True, slots=True)
class Take:
    """What came of one scenario."""

    figures: Figures
    """Measured values."""

    seen: Seen
    """What they were made from."""

    marks: list[tuple[float, str]] = field(default_factory=list)
    """What happened when, server time, Unix seconds."""


async def start(room: Viewing) -> Figures:
    """Watch the first five seconds of the film."""
    begin = room.newest.instant
    await until(room.cinema, begin + 5.2)
    seen = await room.seen()
    return seen.span("early", begin + 0.5, begin + 3.0) | seen.span(
        "after_2_s", begin + 2.0, begin + 5.0
    )


async def steady(room: Viewing, seconds: float) -> Figures:
    """Watch for a while without any command."""
    begin = room.cinema.now()
    await asyncio.sleep(seconds)
    seen = await room.seen()
    end = begin + seconds
    return seen.span("steady", begin, end) | seen.moves("steady", begin, end)


async def latecomer(room: Viewing, on: Browser | Machine) -> Figures:
    """Let somebody come into the running film; say how long until their picture is in step."""
    async with Viewer.looking(room.cinema, room.showing, on) as late:
        figures, _ = await _come_late(room, late)
    return figures


async def pause(room: Viewing) -> Figures:
    """Pause; count the viewers who show another frame than the ordered one."""
    course = room.command("pause")
    await until(room.cinema, course.instant + 1.2)
    numbers = [await viewer.number() for viewer in room.viewers]
    ordered = int(course.position * FRAME_RATE + 1e-6)
    shown = [number for number in numbers if number is not None] or [0]
    return {
        "paused_unlike": float(len(set(numbers)) - 1),
        "paused_elsewhere": float(sum(number != ordered for number in numbers)),
        "paused_apart_ms": float(max(shown) - min(shown)) / FRAME_RATE * 1000,
    }


async def resume(room: Viewing) -> Figures:
    """Play on after a pause."""
    begin = room.command("play").instant
    await until(room.cinema, begin + 4.2)
    seen = await room.seen()
    return seen.span("resumed", begin + 0.5, begin + 4.0) | seen.moves(
        "resumed", begin, begin + 4.0
    )


async def seek(room: Viewing, position: float) -> Figures:
    """Seek to ``position`` s."""
    begin = room.command("seek", position=min(position, FILM_SECONDS - 10.0)).instant
    await until(room.cinema, begin + 4.7)
    seen = await room.seen()
    return (
        seen.span("sought", begin + 0.5, begin + 3.0)
        | seen.span("sought_after", begin + 1.5, begin + 4.5)
        | {"sought_back_s": max(seen.back_after(i, begin) for i in range(len(seen.records)))}
    )


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
        looking = Viewer.looking(room.cinema, room.showing, machine, line=line)
        late = await stack.enter_async_context(looking)
        figures, clicked = await _come_late(room, late)
        seen = await room.seen()
        figures |= seen.span("others", clicked, clicked + 4.0)
        figures |= seen.moves("others", clicked, clicked + 4.0)
        both = Seen(seen.story, (*seen.records, await late.record()))
        return Take(figures, both, [(clicked, "enters")])


async def play_pause(stage: Stage) -> Take:
    """Pause three times, at places as they come."""
    async with stage.viewing(_RUNNING) as room:
        await room.in_step()
        figures = await pause(room)
        for _ in range(2):
            room.command("play")
            await until(room.cinema, room.newest.instant + _CALM)
            again = await pause(room)
            figures = {name: max(value, again[name]) for name, value in figures.items()}
        return await _take(room, figures)


async def play_resume(stage: Stage) -> Take:
    """Play on after a pause of three seconds."""
    async with stage.viewing(_RUNNING) as room:
        await room.in_step()
        room.command("pause")
        await until(room.cinema, room.newest.instant + _CALM)
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
        await until(room.cinema, moment + 5.0)
        seen = await room.seen()
        figures = seen.span("burst", moment + 0.5, moment + 3.0)
        figures |= {
            "burst_back_s": max(seen.back_after(i, moment) for i in range(len(seen.records))),
            "burst_revisions": float(room.newest.revision - begin),
        }
        return await _take(room, figures)


async def _come_late(room: Viewing, late: Viewer) -> tuple[Figures, float]:
    course = room.newest
    await late.page.wait_for_load_state()
    clicked = await late.enter("Late")
    await asyncio.sleep(4.5)
    frames = [frame for frame in await late.frames() if frame.at > clicked]
    moment = settled(frames, course)
    return {"late_in_step_s": float("inf") if moment is None else moment - clicked}, clicked


def marks(room: Viewing) -> list[tuple[float, str]]:
    """Return when which command took effect."""
    news = zip(room.courses, room.courses[1:], strict=False)
    return [(new.instant, _word(old, new)) for old, new in news]


def _word(old: Course, new: Course) -> str:
    if old.rate != new.rate:
        return "play" if new.rate else "pause"
    return "seek"


async def _take(room: Viewing, figures: Figures) -> Take:
    return Take(figures, await room.seen(), marks(room))
