"""Syncplay and this project side by side: the same scenarios, lines and film, in one run.

Syncplay's own server and client of Debian, with mpv that draws and sounds into nothing, so that
neither screen nor sound device costs it anything; the first viewer pauses and seeks in the player.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from playwright.async_api import async_playwright

from bench._machine import free_port
from bench.skew import scenarios, troubles
from bench.skew.mpv import Player, player
from bench.skew.scenarios import Take
from bench.skew.stage import Stage
from harness.server import running_server
from harness.skew.figures import (
    IN_STEP,
    Figures,
    Frame,
    as_json,
    first_of_run,
    percentile,
    skews,
    within,
)
from harness.skew.film_folder import film_folder
from harness.skew.line import LineProfile, Lines
from harness.skew.metered_server import MeteredServer

__all__ = ["main"]

_RESULTS = Path(__file__).parents[1] / "results"
_NEEDS = ("syncplay", "syncplay-server", "mpv")
_LINES = {"loopback": LineProfile(), "200±80": LineProfile.round_trip(0.2, 0.08)}
_FREEZE = 0.8
_STEADY = 20.0
_INI = """[client_settings]
forceGuiPrompt = False
unpauseAction = Always
readyAtStart = True
[general]
checkForUpdatesAutomatically = False
lastCheckedForUpdates = 2100-01-01 00:00:00.000
"""
_ROWS = {
    "start_p95_ms": "skew 0.5-3 s after the start, p95, ms",
    "steady_p50_ms": "steady skew, p50, ms",
    "steady_p95_ms": "steady skew, p95, ms",
    "paused_ms": "paused pictures apart, ms",
    "resumed_p95_ms": "skew 0.5-4 s after playing on, p95, ms",
    "sought_p95_ms": "skew 0.5-3 s after a seek, p95, ms",
    "late_p50_ms": "late joiner: skew at the end, p50, ms",
    "late_s": "late joiner: within 40 ms after, s",
    "frozen_p50_ms": "frozen 0.8 s: skew at the end, p50, ms",
    "frozen_s": "frozen 0.8 s: within 40 ms after, s",
}


def apart(shown: Sequence[Sequence[Frame]], begin: float, end: float, share: float) -> float:
    """Return the skew of the last of ``shown`` against the first, milliseconds."""
    one, other = (within(shown[place], begin, end) for place in (0, -1))
    return percentile(skews(one, other), share) * 1000


def together(shown: Sequence[Sequence[Frame]], since: float, until: float) -> float:
    """Return how long after ``since`` the last of ``shown`` was, and stayed, with the first, s."""
    first = {frame.number: frame.at for frame in within(shown[0], since - 5.0, until)}
    both = [frame for frame in within(shown[-1], since, until) if frame.number in first]
    begin = first_of_run([abs(frame.at - first[frame.number]) <= IN_STEP for frame in both])
    return float("inf") if begin is None else both[begin].at - since


@asynccontextmanager
async def _server(folder: Path) -> AsyncIterator[int]:
    port = free_port()
    command = ["syncplay-server", "--port", str(port), "--salt", "MEASURED", "--disable-chat"]
    with (folder / "server.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        await asyncio.sleep(2.0)
        yield port
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def _client(folder: Path, film: Path, port: int, name: str) -> AsyncIterator[Player]:
    """Run a client of Syncplay's with an mpv of its own."""
    home = folder / name
    (home / ".config").mkdir(parents=True)
    (home / ".config" / "syncplay.ini").write_text(_INI)
    async with player(home / "mpv") as mine:
        command = ["syncplay", "--no-gui", "--no-store", "--host", f"127.0.0.1:{port}"]
        command += ["--name", name, "--room", "measured", "--player-path", str(mine.path)]
        command += [str(film), "--", "--vo=null", "--ao=null"]
        environment = os.environ | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}
        with (home / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment
            )
        try:
            await mine.loaded()
            await asyncio.sleep(3.0)
            yield mine
        finally:
            if mine.connected.is_set():
                await mine.ask("quit")
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def of_syncplay(film: Path, folder: Path, lines: Lines, profile: LineProfile) -> Figures:
    """Play every scenario once with Syncplay."""
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(_server(folder))
        ports = [stack.enter_context(lines.to(port, link=profile, seed=n)).port for n in range(3)]

        async def client(number: int) -> Player:
            name = f"viewer{number}"
            return await stack.enter_async_context(_client(folder, film, ports[number], name))

        one, other = await client(0), await client(1)
        begun = await _move(one, "set_property", "pause", False)
        await asyncio.sleep(6.0)
        steady = time.monotonic()
        await asyncio.sleep(_STEADY)
        both = one.frames, other.frames
        figures = {
            "start_p95_ms": apart(both, begun + 0.5, begun + 3.0, 0.95),
            "steady_p50_ms": apart(both, steady, steady + _STEADY, 0.5),
            "steady_p95_ms": apart(both, steady, steady + _STEADY, 0.95),
        }
        await _move(one, "set_property", "pause", True)
        await asyncio.sleep(3.0)
        figures["paused_ms"] = 40.0 * abs(await one.number() - await other.number())
        begun = await _move(one, "set_property", "pause", False)
        await asyncio.sleep(5.0)
        figures["resumed_p95_ms"] = apart(both, begun + 0.5, begun + 4.0, 0.95)
        begun = await _move(one, "seek", 10.0, "absolute+exact")
        await asyncio.sleep(5.0)
        figures["sought_p95_ms"] = apart(both, begun + 0.5, begun + 3.0, 0.95)
        await other.stop_for(_FREEZE)
        begun = time.monotonic()
        await asyncio.sleep(10.0)
        figures["frozen_p50_ms"] = apart(both, begun + 7.0, begun + 10.0, 0.5)
        figures["frozen_s"] = together(both, begun, begun + 10.0)
        begun = time.monotonic()
        late = await client(2)
        came = late.frames[0].at
        await asyncio.sleep(12.0)
        ended = time.monotonic()
        with_late = one.frames, late.frames
        figures["late_p50_ms"] = apart(with_late, ended - 3.0, ended, 0.5)
        figures["late_s"] = together(with_late, came, ended)
        return figures


async def _move(one: Player, *command: str | float | bool) -> float:
    """Give the first viewer's player a command; return when."""
    await one.ask(*command)
    return time.monotonic()


async def of_seans(film: Path, folder: Path, lines: Lines, profile: LineProfile) -> Figures:
    """Play every scenario once with this project."""
    async with AsyncExitStack() as stack:
        media = film_folder(folder / "media", film)
        server = await stack.enter_async_context(running_server(media, folder / "data"))
        playwright = await stack.enter_async_context(async_playwright())
        stage = Stage(MeteredServer.of(server), playwright, lines, profile, seconds=_STEADY)
        start, steady = await scenarios.play_start(stage), await scenarios.play_steady(stage)
        paused, resumed = await scenarios.play_pause(stage), await scenarios.play_resume(stage)
        sought = await scenarios.play_seek_back(stage)
        late, frozen = await scenarios.play_late(stage), await troubles.frozen(stage, _FREEZE)
    came, back = late.marks[0][0], frozen.marks[-1][0]
    return {
        "start_p95_ms": start.figures["early_skew_p95_ms"],
        "steady_p50_ms": steady.figures["steady_skew_p50_ms"],
        "steady_p95_ms": steady.figures["steady_skew_p95_ms"],
        "paused_ms": paused.figures["paused_apart_ms"],
        "resumed_p95_ms": resumed.figures["resumed_skew_p95_ms"],
        "sought_p95_ms": sought.figures["sought_skew_p95_ms"],
        "late_p50_ms": apart(_shown(late), came + 3.0, came + 4.0, 0.5),
        "late_s": together(_shown(late), came, came + 5.0),
        "frozen_p50_ms": apart(_shown(frozen), back + 3.0, back + 6.0, 0.5),
        "frozen_s": together(_shown(frozen), back, back + 6.0),
    }


def _shown(take: Take) -> list[list[Frame]]:
    return [record.frames for record in take.observation.records]


async def measure(film: Path | None, runs: int) -> dict[str, list[Figures]]:
    """Measure both on every line, so many times; by ``project, line``."""
    results: dict[str, list[Figures]] = {}
    with tempfile.TemporaryDirectory() as name, Lines.opened() as lines:
        folder = Path(name)
        media = film_folder(folder / "film", film)
        counter = media / "Counter.mp4"
        for run in range(runs):
            for line, profile in _LINES.items():
                for project, of in (("Syncplay", of_syncplay), ("Seans", of_seans)):
                    print(f"{run + 1}/{runs} {project}, {line}", file=sys.stderr, flush=True)
                    place = folder / f"{run} {line} {project}"
                    place.mkdir()
                    figures = await of(counter, place, lines, profile)
                    results.setdefault(f"{project}, {line}", []).append(figures)
    return results


def main() -> None:
    """Measure both and print a table; of several runs the best figure of each counts."""
    parser = argparse.ArgumentParser(prog="python -m bench.skew.syncplay", description=__doc__)
    parser.add_argument("--film", type=Path, help="a film of 120 s with numbered frames")
    parser.add_argument("--runs", type=int, default=1, help="of each (default: 1)")
    parser.add_argument("--json", type=Path, default=_RESULTS / "syncplay.json", help="figures")
    options = parser.parse_args()
    if lacks := [name for name in _NEEDS if shutil.which(name) is None]:
        sys.exit(f"Syncplay is not here; as root: apt-get install {' '.join(lacks)}")
    results = asyncio.run(measure(options.film, options.runs))
    print(f"{'':48}" + "".join(f"{name:>20}" for name in results))
    for figure, words in _ROWS.items():
        values = (min(one[figure] for one in runs) for runs in results.values())
        print(f"{words:48}" + "".join(f"{value:20.1f}" for value in values))
    options.json.parent.mkdir(exist_ok=True)
    told = {name: [as_json(figures) for figures in runs] for name, runs in results.items()}
    options.json.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
