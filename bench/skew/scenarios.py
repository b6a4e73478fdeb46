"""What is measured: the start, a latecomer, a pause and what follows, a seek."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser

from bench.skew.cinema import FILM_SECONDS, Cinema, Showing
from bench.skew.figures import FRAME_RATE, Course, errors, percentile, settled, skews, within
from bench.skew.viewers import Falsehood, Viewer

__all__ = ["Hall", "hall", "latecomer", "pause", "resume", "seek", "start", "steady", "until"]

IN_STEP = 0.04
"""Nearer than this to the timeline counts as in step, seconds."""

Figures = dict[str, float]
"""Measured values by name; those that end in ``_ms`` are milliseconds."""


@dataclass(frozen=True, slots=True)
class Hall:
    """A show with two viewers in it, of whom the first is the host."""

    cinema: Cinema
    """Where it runs."""

    showing: Showing
    """The show."""

    viewers: tuple[Viewer, ...]
    """Those in it."""


async def until(cinema: Cinema, moment: float) -> None:
    """Wait until ``moment``, server time."""
    await asyncio.sleep(max(moment - cinema.now(), 0.0))


@asynccontextmanager
async def hall(
    cinema: Cinema,
    browsers: list[Browser],
    begins_in: float,
    falsehoods: list[Falsehood] | None = None,
) -> AsyncIterator[Hall]:
    """Schedule a show and seat one viewer a browser."""
    showing = cinema.show(begins_in)
    async with AsyncExitStack() as stack:
        viewers = [
            await stack.enter_async_context(
                Viewer.looking(
                    cinema,
                    showing,
                    browser,
                    as_host=i == 0,
                    falsehood=falsehoods[i] if falsehoods else None,
                )
            )
            for i, browser in enumerate(browsers)
        ]
        for i, viewer in enumerate(viewers):
            await viewer.enter(f"Viewer {i}")
        yield Hall(cinema, showing, tuple(viewers))


async def start(hall: Hall) -> Figures:
    """Watch the first five seconds of the film."""
    course = hall.showing.course()
    await until(hall.cinema, course.instant + 5.2)
    return await _compare(hall, course, {"early": (0.5, 3.0), "after_2_s": (2.0, 5.0)})


async def steady(hall: Hall, seconds: float) -> Figures:
    """Watch for a while without any command."""
    course = hall.showing.course()
    begin = hall.cinema.now() - course.instant
    await asyncio.sleep(seconds)
    figures = await _compare(hall, course, {"steady": (begin, begin + seconds)})
    rates = [rate for viewer in hall.viewers for _, rate in await viewer.rates()]
    return figures | {"fastest_nudge_percent": max((abs(r - 1) * 100 for r in rates), default=0.0)}


async def latecomer(hall: Hall, browser: Browser) -> Figures:
    """Let somebody come into the running film; say how long until their picture is in step."""
    course = hall.showing.course()
    async with Viewer.looking(hall.cinema, hall.showing, browser) as late:
        await late.page.wait_for_load_state()
        clicked = await late.enter("Late")
        await asyncio.sleep(4.0)
        frames = [frame for frame in await late.frames() if frame.at > clicked]
    moment = settled(frames, course, IN_STEP)
    return {"late_in_step_s": float("inf") if moment is None else moment - clicked}


async def pause(hall: Hall) -> Figures:
    """Pause; count the viewers who show another frame than the ordered one."""
    course = hall.showing.command("pause")
    await until(hall.cinema, course.instant + 1.2)
    numbers = [await viewer.number() for viewer in hall.viewers]
    ordered = int(course.position * FRAME_RATE)
    return {
        "paused_unlike": float(len(set(numbers)) - 1),
        "paused_elsewhere": float(sum(number != ordered for number in numbers)),
    }


async def resume(hall: Hall) -> Figures:
    """Play on after a pause."""
    course = hall.showing.command("play")
    await until(hall.cinema, course.instant + 4.2)
    return await _compare(hall, course, {"resumed": (0.5, 4.0)})


async def seek(hall: Hall, position: float) -> Figures:
    """Seek to ``position`` s."""
    course = hall.showing.command("seek", position=min(position, FILM_SECONDS - 10.0))
    await until(hall.cinema, course.instant + 4.7)
    return await _compare(hall, course, {"sought": (0.5, 3.0), "sought_after": (1.5, 4.5)})


async def _compare(hall: Hall, course: Course, spans: dict[str, tuple[float, float]]) -> Figures:
    """Return skew and error of the viewers in spans of seconds after the course's instant."""
    shown = [await viewer.frames() for viewer in hall.viewers]
    figures: Figures = {}
    for name, (begin, end) in spans.items():
        cut = [within(f, course.instant + begin, course.instant + end) for f in shown]
        apart = [skew for other in cut[1:] for skew in skews(cut[0], other)]
        off = [error for frames in cut for error in errors(frames, course)]
        figures |= {
            f"{name}_skew_p50_ms": percentile(apart, 0.5) * 1000,
            f"{name}_skew_p95_ms": percentile(apart, 0.95) * 1000,
            f"{name}_error_p50_ms": percentile(off, 0.5) * 1000,
            f"{name}_error_p95_ms": percentile(off, 0.95) * 1000,
        }
    return figures
