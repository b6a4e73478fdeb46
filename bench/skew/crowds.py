"""Longer and fuller evenings: false clocks, hours, eight viewers, three who all command."""

from __future__ import annotations

import asyncio
from random import Random

from bench.skew.scenarios import Take, marks
from bench.skew.stage import Stage
from harness.skew.figures import FRAME_RATE, Figures
from harness.skew.film_folder import LONG_SECONDS
from harness.skew.steps import steady
from harness.skew.viewers import ClockFault
from harness.skew.viewing import Viewing, until

__all__ = ["CLOCK_FAULTS", "eight", "evening", "false_clocks", "hours"]

CLOCK_FAULTS = (ClockFault(seconds=400.0, ppm=100.0), ClockFault(seconds=-300.0, ppm=-100.0))
"""Clocks that are minutes off, and as wrong as a bad quartz."""

_RUNNING = -20.0
_WORST = 150.0
_LONG = 300.0
_EVENING_ENDS = 15.0
_SEED = 4


async def false_clocks(stage: Stage) -> Take:
    """Watch steadily with clocks that are minutes off and 100 ppm wrong."""
    async with stage.viewing(_RUNNING, clock_faults=CLOCK_FAULTS) as room:
        await room.in_step()
        figures = await steady(room, stage.seconds)
        return Take(figures, await room.observe())


async def hours(stage: Stage) -> Take:
    """Watch for five minutes with clocks that drift as fast as pages allow for, both ways.

    What hours of that come to is told by the simulated player, tests/js/convergence.test.js.
    """
    faults = (ClockFault(ppm=_WORST), ClockFault(ppm=-_WORST))
    async with stage.viewing(_RUNNING, film_name="Long", clock_faults=faults) as room:
        await room.in_step()
        left = LONG_SECONDS - room.newest.at(room.metered.now()) - 2.0
        figures = await steady(room, min(left, _LONG))
        return Take(figures, await room.observe())


async def eight(stage: Stage) -> Take:
    """Watch steadily in eight browsers at once, muted, with a small picture."""
    async with stage.viewing(
        _RUNNING, viewers=8, film_name="Small", options=["--mute-audio"]
    ) as room:
        await room.in_step()
        figures = await steady(room, stage.seconds)
        return Take(figures, await room.observe())


async def evening(stage: Stage) -> Take:
    """Let three people, who may all command, do so at random; then pause and compare.

    It lasts thirty times as long as steady watching, ten minutes where nothing else is asked.
    """
    random = Random(_SEED)  # noqa: S311 -- to be repeated
    async with stage.viewing(_RUNNING, viewers=3, film_name="Long", control="everyone") as room:
        await room.in_step(2.0)
        tokens = [await viewer.passport() for viewer in room.viewers]
        end = room.metered.now() + 30 * stage.seconds
        while room.metered.now() < end:
            token = random.choice(tokens)
            place = room.newest.at(room.metered.now())
            action = random.choice(("pause", "play", "seek", "seek"))
            if place > LONG_SECONDS - _EVENING_ENDS:
                action, place = "seek", 10.0
            elif action == "seek":
                place = max(5.0, min(place + random.uniform(-60, 60), LONG_SECONDS - 60))
            room.command(action, by=token, **({"position": place} if action == "seek" else {}))
            await asyncio.sleep(random.choice((0.1, 0.4, 2.0, 6.0)))
        room.command("play", by=tokens[1])
        await asyncio.sleep(2.0)
        timeline = room.command("pause", by=tokens[2])
        await until(room.metered, timeline.instant + 3.0)
        numbers = [await viewer.number() for viewer in room.viewers]
        ordered = int(timeline.position * FRAME_RATE + 1e-6)
        figures: Figures = {
            "commands": float(room.newest.revision),
            "paused_elsewhere": float(sum(number != ordered for number in numbers)),
        }
        return Take(figures | await _told(room), await room.observe(), marks(room))


async def _told(room: Viewing) -> Figures:
    """Return how many pages got other commands than were given, or end at another revision."""
    ordered = [timeline.revision for timeline in room.timelines[1:]]
    observed = await room.observe()
    differ = wrong = 0
    for viewer, record in zip(room.viewers, observed.records, strict=True):
        differ += int(record.command_revisions != ordered)
        wrong += int((await viewer.sync())["revision"] != room.newest.revision)
    return {"story_differs": float(differ), "wrong_revision": float(wrong)}
