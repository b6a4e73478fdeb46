"""What Chromium shows of a live stream, frame by frame, by any WHEP player.

Frames are compared with what their RTP timestamps say, which are server time: so a busy machine
shows them late and still the right ones. There the frame that is read may also be a later one than
the one that the callback is told of, and a part of the film may not be made in time: the best of
three counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from playwright.async_api import Browser

from harness.live.chromium_player import ChromiumPlayer, LiveFrame, chromium_player
from harness.skew.figures import FRAME_RATE, RoomTimeline
from harness.skew.metered_server import MeteredServer, Showing

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

JOINS = 4
TRIES = 3
LATER_READ = 3
ROUNDING = 1e-3
TICK_S = 1 / 90_000


async def shown(
    player: ChromiumPlayer, enough: Callable[[Sequence[LiveFrame]], object]
) -> list[LiveFrame]:
    """Return the frames with a number once they are enough."""
    async with asyncio.timeout(60.0):
        while True:
            frames = [frame for frame in await player.frames() if frame.number >= 0]
            if enough(frames):
                return frames
            await asyncio.sleep(0.2)


def expected(timelines: Sequence[RoomTimeline], time: float) -> int:
    """Return which frame the timelines say for ``time``, a timestamp's: rounded down to ticks."""
    time += TICK_S
    in_force = [timelines[0], *(t for t in timelines[1:] if t.instant <= time)][-1]
    return int(in_force.at(time) * FRAME_RATE + ROUNDING)


async def running(metered: MeteredServer) -> tuple[Showing, RoomTimeline]:
    """Return a show whose film runs and whose first parts are made."""
    showing = await asyncio.to_thread(metered.show, -5.0)
    return showing, await asyncio.to_thread(showing.timeline)


async def best(attempt: Callable[[], Awaitable[list[str]]]) -> None:
    """Attempt up to three times to find nothing wrong; fail with what was."""
    seen: list[list[str]] = []
    for _ in range(TRIES):
        seen.append(await attempt())
        if not seen[-1]:
            return
    pytest.fail("\n".join(map(str, seen)))


def others(frames: Sequence[LiveFrame], timelines: Sequence[RoomTimeline]) -> list[str]:
    """Return the frames that are not those of their timestamps."""
    return [
        f"{frame.number} instead of {wanted} at {frame.due_at - timelines[0].instant:.3f} s"
        for frame in frames
        if not 0 <= frame.number - (wanted := expected(timelines, frame.due_at)) <= LATER_READ
    ]


async def test_the_first_frame_of_a_latecomer_is_that_of_the_moment(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    async def attempt() -> list[str]:
        showing, timeline = await running(metered)
        wrong: list[str] = []
        async with chromium_player(metered, showing, browsers[0]) as first:
            await shown(first, lambda frames: len(frames) > 20)
            for join in range(JOINS):
                await asyncio.sleep(0.3 + 0.37 * join)
                asked_at = metered.now()
                async with chromium_player(metered, showing, browsers[1]) as player:
                    frames = await shown(player, lambda frames: len(frames) > 10)
                # None of those before it that are only decoded.
                wrong += others(frames, [timeline])
                wrong += [f"due {f.due_at - asked_at:.3f} s" for f in frames if f.due_at < asked_at]
        return wrong

    await best(attempt)


async def test_pauses_and_seeks_show_no_other_frames_than_ordered(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    async def attempt() -> list[str]:
        showing, timeline = await running(metered)
        timelines = [timeline]

        async def command(give: Callable[[], RoomTimeline]) -> None:
            timelines.append(await asyncio.to_thread(give))

        async with chromium_player(metered, showing, browsers[0], target=200) as player:
            await shown(player, lambda frames: len(frames) > 25)
            begin = metered.now()
            await command(lambda: showing.command("pause"))
            await shown(player, lambda f: f[-1].due_at > timelines[-1].instant + 1.0)
            # To a part that is made already, so that only the picture takes time.
            back = timelines[-1].position - 1.0
            await command(lambda: showing.command("seek", position=back))
            await shown(player, lambda f: f[-1].due_at > timelines[-1].instant + 1.0)
            await command(lambda: showing.command("play"))
            frames = await shown(player, lambda f: f[-1].due_at > timelines[-1].instant + 1.0)
        after = [frame for frame in frames if frame.due_at > begin]
        paused = [f for f in after if timelines[1].instant < f.due_at < timelines[2].instant]
        rare = [] if len(paused) >= 3 else [f"{len(paused)} frames in the pause"]
        return others(after, timelines) + rare

    await best(attempt)
