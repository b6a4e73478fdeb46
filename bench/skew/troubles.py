"""Evenings with trouble: stalls, a link that is gone, sleep, another tab, hogs, a thin line."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bench.skew.scenarios import Take, marks
from bench.skew.stage import Stage
from harness.skew.figures import Figures
from harness.skew.film_folder import THICK_RATE
from harness.skew.line import LineProfile
from harness.skew.machines import Machine, hogs
from harness.skew.viewers import ClockFault, Viewer
from harness.skew.viewing import Viewing, until

__all__ = ["away", "frozen", "hidden", "hogged", "sleeping", "starved", "thin"]

_RUNNING = -20.0
_AFTER = 6.0
_AFTER_AWAY = 12.0
_RUNS_DRY_WITHIN = 60.0
_LOOK_EVERY = 0.02


async def frozen(stage: Stage, seconds: float) -> Take:
    """Stop the second viewer's browser, all of its processes, for a while."""
    async with stage.viewing(_RUNNING) as room:
        await room.in_step()
        begun = room.metered.now()
        await _machine(room).stop_for(seconds)
        return await _back(room, begun, f"frozen {seconds:g} s")


async def starved(stage: Stage, seconds: float) -> Take:
    """Hold the second viewer's bytes until the film has run dry, and for a while after."""
    async with stage.viewing(_RUNNING, film_name="Thick") as room:
        await room.in_step()
        line = room.viewers[1].line
        assert line is not None
        before = len((await room.viewers[1].record()).stalls)
        line.stall("bytes")
        begun = await _dry(room, room.viewers[1], before)
        await until(room.metered, begun + seconds)
        line.restore()
        return await _back(room, begun, f"starved {seconds:g} s")


async def away(stage: Stage, seconds: float) -> Take:
    """Cut the second viewer's line; meanwhile the host commands, and the viewer says a word."""
    async with stage.viewing(_RUNNING) as room:
        await room.in_step()
        first = room.newest.revision
        away = room.viewers[1]
        assert away.line is not None
        begun = room.metered.now()
        away.line.cut()
        await asyncio.sleep(1.0)
        await _say(away, "Said while away")
        await until(room.metered, begun + seconds * 0.3)
        room.command("pause")
        await until(room.metered, begun + seconds * 0.5)
        room.command("play")
        await until(room.metered, begun + seconds * 0.7)
        room.command("seek", position=30.0)
        await until(room.metered, begun + seconds)
        away.line.restore()
        restored = room.metered.now()
        take = await _back(room, begun, f"away {seconds:g} s", others=False, watch=_AFTER_AWAY)
        heard = [at for at, *_ in take.observation.records[1].messages if at > restored]
        take.figures["link_back_s"] = min(heard, default=float("inf")) - restored
        return replace(take, figures=take.figures | await _kept(room, first))


async def sleeping(stage: Stage, seconds: float = 20.0) -> Take:
    """Put the second viewer's machine to sleep: nothing of it runs, and one of its clocks stops."""
    faults = (ClockFault(), ClockFault(stops=True))
    async with stage.viewing(_RUNNING, clock_faults=faults) as room:
        await room.in_step()
        begun = room.metered.now()
        await _machine(room).stop_for(seconds)
        return await _back(room, begun, f"asleep {seconds:g} s")


async def hidden(stage: Stage, seconds: float = 15.0) -> Take:
    """Let the second viewer look at another tab for a while, in which the host seeks."""
    async with stage.viewing(_RUNNING) as room:
        await room.in_step()
        viewer = room.viewers[1]
        other = await viewer.page.context.new_page()
        await other.bring_to_front()
        begun = room.metered.now()
        await asyncio.sleep(1.0)
        state = await viewer.page.evaluate("document.visibilityState")
        await until(room.metered, begun + seconds / 2)
        room.command("seek", position=70.0)
        await until(room.metered, begun + seconds)
        await viewer.page.bring_to_front()
        take = await _back(room, begun, "another tab", others=False)
        return replace(take, figures=take.figures | {"was_hidden": float(state == "hidden")})


async def hogged(stage: Stage, count: int = 2) -> Take:
    """Let other programs take all the processor they can get."""
    async with stage.viewing(_RUNNING) as room:
        await room.in_step()
        with hogs(count):
            begun = room.metered.now()
            await asyncio.sleep(stage.seconds)
        ended = room.metered.now()
        await asyncio.sleep(_AFTER)
        observed = await room.observe()
        figures = observed.span("hogged", begun, ended) | observed.moves("hogged", begun, ended)
        figures["back_s"] = max(observed.back_after(i, ended) for i in range(len(observed.records)))
        return Take(figures, observed, [(begun, "hogs"), (ended, "no hogs")])


async def thin(stage: Stage) -> Take:
    """Give the second viewer 60 % of what the film needs; the others are not to suffer."""
    async with stage.viewing(_RUNNING, film_name="Thick") as room:
        await room.in_step()
        line = room.viewers[1].line
        assert line is not None
        line.become(rest=LineProfile(bandwidth=0.6 * THICK_RATE / 8))
        begun = room.metered.now()
        room.command("seek", position=60.0)
        await asyncio.sleep(stage.seconds + 10.0)
        observed = await room.observe()
        ended = room.metered.now()
        figures = observed.without(1).span("others", begun + 3.0, ended)
        mine = observed.only(1)
        figures |= mine.span("thin", begun + 3.0, ended) | mine.moves("thin", begun, ended)
        figures["thin_stalls"] = float(sum(at > begun for at in observed.records[1].stalls))
        return Take(figures, observed, [(begun, "thin line")])


def _machine(room: Viewing) -> Machine:
    machine = room.viewers[1].machine
    assert machine is not None
    return machine


async def _dry(room: Viewing, viewer: Viewer, before: int) -> float:
    """Return when the viewer's element had no more data."""
    give_up = room.metered.now() + _RUNS_DRY_WITHIN
    while room.metered.now() < give_up:
        if await viewer.page.evaluate("skewMeter.stalls.length") > before:
            return room.metered.now()
        await asyncio.sleep(_LOOK_EVERY)
    raise TimeoutError("the film did not run dry")


async def _back(
    room: Viewing, begun: float, what: str, *, others: bool = True, watch: float = _AFTER
) -> Take:
    """Return how long the second viewer took to come back, and how the others did meanwhile.

    Without ``others`` these were commanded about, and their errors say nothing.
    """
    ended = room.metered.now()
    await asyncio.sleep(watch)
    observed = await room.observe()
    figures: Figures = {"back_s": observed.back_after(1, ended)}
    if others:
        figures |= observed.without(1).span("others", begun, ended)
    figures |= observed.only(1).moves("own", ended, ended + watch)
    figures |= observed.span("after", ended + watch - 3.0, ended + watch)
    return Take(figures, observed, [*marks(room), (begun, what), (ended, "back")])


async def _say(viewer: Viewer, text: str) -> None:
    field = viewer.page.get_by_role("textbox", name="Message", exact=True)
    await field.fill(text)
    await viewer.page.get_by_role("button", name="Send", exact=True).click()


async def _kept(room: Viewing, first: int) -> Figures:
    """Return how many commands and words the pages lack, and how many they heard twice."""
    ordered = {timeline.revision for timeline in room.timelines if timeline.revision > first}
    said = {entry["seq"] for entry in room.showing.log()}
    observed = await room.observe()
    lost = doubled = wrong = 0
    for viewer, record in zip(room.viewers, observed.records, strict=True):
        orders, words = record.command_revisions, record.chat_seqs
        lost += len(ordered - set(orders)) + len(said - set(words))
        doubled += len(orders) - len(set(orders)) + len(words) - len(set(words))
        wrong += int((await viewer.sync())["revision"] != room.newest.revision)
    return {
        "commands": float(len(ordered)),
        "words": float(len(said)),
        "entries_lost": float(lost),
        "entries_twice": float(doubled),
        "wrong_revision": float(wrong),
    }
