"""The pages show the same frame at the same time: read from the frames, in real browsers.

The gates are wide, and the best of three counts: this machine may have other things to do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright

from harness.server import running_server
from harness.skew.figures import FRAME_RATE, IN_STEP, Figures, errors, percentile, settled, within
from harness.skew.line import LineProfile, Lines
from harness.skew.machines import Machine
from harness.skew.metered_server import MeteredServer
from harness.skew.steps import latecomer, pause, resume, seek, start
from harness.skew.viewers import ClockFault, Viewer, chromium
from harness.skew.viewing import until, viewing

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TRIES = 3
START_S = 3.5
"""How long a start is watched, seconds; its figures are of what follows the first two."""
WATCHED_S = 3.0
"""How long the rest is watched, seconds: one more than it may take to be in step."""


async def best(attempt: Callable[[], Awaitable[Figures]], gates: Figures) -> None:
    """Attempt up to three times to stay within the gates; fail with the figures of all."""
    seen: list[Figures] = []
    for _ in range(TRIES):
        seen.append(await attempt())
        if all(seen[-1][name] <= gate for name, gate in gates.items()):
            return
    pytest.fail("\n".join(str({name: round(one[name], 3) for name in gates}) for one in seen))


async def test_two_pages_begin_together_at_the_films_time(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    async def attempt() -> Figures:
        async with viewing(metered, browsers[:2], 4.0) as room:
            timeline = room.showing.timeline()
            figures = await start(room, START_S)
            firsts = [
                within(await v.frames(), timeline.instant - 0.2, timeline.instant + 2)
                for v in room.viewers
            ]
            late = [
                abs(frame.at - timeline.instant - frame.number / FRAME_RATE)
                for frames in firsts
                for frame in frames
                if 0 < frame.number <= 5
            ]
            return figures | {"first_frames_ms": max(late, default=float("inf")) * 1000}

    await best(attempt, {"after_2_s_skew_p95_ms": 40.0, "first_frames_ms": 150.0})


async def test_a_slow_and_unsteady_link_makes_no_difference_to_the_start(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    port = int(metered.server.address.rpartition(":")[2])
    profile = LineProfile.round_trip(0.2, 0.08)

    async def attempt() -> Figures:
        with (
            Lines.opened() as lines,
            lines.to(port, link=profile, seed=1) as one,
            lines.to(port, link=profile, seed=2) as other,
        ):
            async with viewing(metered, browsers[:2], 6.0, lines=[one, other]) as room:
                return await start(room, START_S)

    await best(attempt, {"early_skew_p95_ms": 60.0, "after_2_s_error_p95_ms": 60.0})


async def test_a_browser_that_stood_still_is_back_in_step_within_two_seconds(
    metered: MeteredServer, playwright: Playwright
) -> None:
    async def attempt() -> Figures:
        async with Machine.on(playwright) as machine, viewing(metered, [machine], -20.0) as room:
            await room.in_step(2.0)
            await machine.stop_for(2.0)
            ended = metered.now()
            await until(metered, ended + WATCHED_S)
            return {"back_s": (await room.observe()).back_after(0, ended)}

    await best(attempt, {"back_s": 2.0})


async def test_a_latecomer_is_in_step_within_two_seconds(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    async def attempt() -> Figures:
        async with viewing(metered, browsers[:1], -20.0) as room:
            return await latecomer(room, browsers[2], WATCHED_S)

    await best(attempt, {"late_in_step_s": 2.0})


async def test_a_pause_leaves_all_on_the_ordered_frame_and_play_goes_on_from_it(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    async def attempt() -> Figures:
        async with viewing(metered, browsers[:2], -30.0) as room:
            for viewer in room.viewers:
                await viewer.until_state("locked", "nudge")
            return await pause(room) | await resume(room, 2.5)

    gates = {"paused_unlike": 0.0, "paused_elsewhere": 0.0, "resumed_skew_p95_ms": 60.0}
    await best(attempt, gates)


async def test_the_hosts_button_pauses_both(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    async with viewing(metered, browsers[:2], -30.0) as room:
        host, guest = room.viewers
        await host.until_state("locked", "nudge")
        await guest.until_state("locked", "nudge")
        await host.page.get_by_role("button", name="Pause", exact=True).click()
        for viewer in room.viewers:
            await viewer.until_state("paused")
        timeline = room.showing.timeline()
        await until(metered, timeline.instant + 1.0)

        assert timeline.rate == 0.0
        ordered = int(timeline.position * FRAME_RATE)
        assert [await viewer.number() for viewer in room.viewers] == [ordered, ordered]


async def test_a_seek_brings_both_there(metered: MeteredServer, browsers: list[Browser]) -> None:
    async def attempt() -> Figures:
        async with viewing(metered, browsers[:2], -30.0) as room:
            for viewer in room.viewers:
                await viewer.until_state("locked", "nudge")
            forward = await seek(room, 80.0, WATCHED_S)
            back = await seek(room, 12.3, WATCHED_S)
            return {name: max(value, back[name]) for name, value in forward.items()}

    await best(attempt, {"sought_after_error_p95_ms": 60.0, "sought_after_skew_p95_ms": 60.0})


async def test_false_clocks_make_no_difference(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    async def attempt() -> Figures:
        faults = [ClockFault(seconds=400.0, ppm=100.0), ClockFault(seconds=-300.0, ppm=-100.0)]
        async with viewing(metered, browsers[:2], 4.0, faults) as room:
            return await start(room, START_S)

    await best(attempt, {"after_2_s_skew_p95_ms": 40.0, "after_2_s_error_p95_ms": 60.0})


async def test_a_reload_keeps_the_place_and_the_chat(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    async def attempt() -> Figures:
        showing = metered.show(-20.0)
        async with Viewer.looking(metered, showing, browsers[0]) as viewer:
            await viewer.enter("Vera")
            await viewer.until_state("locked", "nudge")
            field = viewer.page.get_by_role("textbox", name="Message", exact=True)
            await field.fill("Hello there")
            await viewer.page.get_by_role("button", name="Send", exact=True).click()
            chat = viewer.page.get_by_role("log", name="Chat", exact=True)
            await chat.get_by_text("Hello there").wait_for()

            await viewer.page.reload()
            assert await viewer.page.get_by_label("Your name", exact=True).count() == 0
            clicked = await viewer.enter()
            await viewer.until_state("locked", "nudge")
            await chat.get_by_text("Hello there").wait_for()
            await until(metered, clicked + WATCHED_S)
            assert await chat.get_by_text("Hello there").count() == 1
            moment = settled(
                [f for f in await viewer.frames() if f.at > clicked], showing.timeline(), IN_STEP
            )
        return {"in_step_s": float("inf") if moment is None else moment - clicked}

    await best(attempt, {"in_step_s": 2.0})


async def test_a_killed_server_comes_back_to_pages_that_went_on(
    films: Path, tmp_path: Path, playwright: Playwright
) -> None:
    data = tmp_path / "data"
    async with chromium(playwright) as browser, running_server(films, data) as first:
        metered = MeteredServer.of(first)
        showing = metered.show(-10.0)
        async with Viewer.looking(metered, showing, browser) as viewer:
            await viewer.enter("Vera")
            await viewer.until_state("locked", "nudge")
            timeline = showing.timeline()
            first.process.kill()
            await first.process.wait()
            killed = metered.now()
            await until(metered, killed + 2.0)
            port = first.address.rpartition(":")[2]
            async with running_server(films, data, "--port", port) as second:
                chat = viewer.page.get_by_role("log", name="Chat", exact=True)
                field = viewer.page.get_by_role("textbox", name="Message", exact=True)
                await field.fill("Still here")
                await viewer.page.get_by_role("button", name="Send", exact=True).click()
                await chat.get_by_text("Still here").wait_for()
                await until(metered, MeteredServer.of(second).now() + 1.0)

                assert await chat.get_by_text("Still here").count() == 1
                frames = within(await viewer.frames(), killed, metered.now())
                gaps = [b.at - a.at for a, b in pairwise(frames)]
                assert showing.timeline() == timeline
                assert max(gaps) < 0.5
                assert percentile(errors(frames, timeline), 0.95) < 0.1
