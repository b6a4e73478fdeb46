"""The claim: pages show the same frame, whatever their clocks say, their lines do, the host orders.

Skew 0.5-3 s after the start is <= 40 ms at p95, in steady play <= 25 ms; a latecomer is within
40 ms of the room in <= 1.5 s, a viewer after a stall in 1.2 s; a pause leaves all on the ordered
frame.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from playwright.async_api import Error, async_playwright

from bench.skew.crowds import CLOCK_FAULTS
from bench.skew.gates import best, rows
from bench.skew.picture import draw
from bench.skew.playbook import GROUPS, PLAYBOOK, Play, named
from bench.skew.scenarios import Take
from bench.skew.stage import Stage
from harness.server import running_server
from harness.skew.figures import as_json
from harness.skew.film_folder import film_folder
from harness.skew.line import LineProfile, Lines
from harness.skew.metered_server import MeteredServer

__all__ = ["main"]

_RESULTS = Path(__file__).parents[1] / "results"


async def measure(options: argparse.Namespace, plays: dict[str, Play]) -> dict[str, list[Take]]:
    """Play every scenario as often as asked."""
    takes: dict[str, list[Take]] = {name: [] for name in plays}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        film_names = {play.film_name for play in plays.values()}
        media = film_folder(folder / "media", options.film, film_names)
        server = await stack.enter_async_context(running_server(media, folder / "data"))
        stage = Stage(
            metered=MeteredServer.of(server),
            playwright=await stack.enter_async_context(async_playwright()),
            lines=stack.enter_context(Lines.opened()),
            link=options.line,
            viewers=options.viewers,
            firefox=options.firefox,
            seconds=options.seconds,
            clock_faults=CLOCK_FAULTS if options.false_clocks else (),
        )
        for run in range(options.runs):
            for name, play in plays.items():
                print(f"{run + 1}/{options.runs} {name}", file=sys.stderr, flush=True)
                try:
                    takes[name].append(await play.run(stage))
                except (Error, RuntimeError, TimeoutError) as error:
                    print(f"  failed: {str(error).splitlines()[0]}", file=sys.stderr)
    return takes


def main() -> int:
    """Measure, print the table, keep figures and picture; return 1 where a gate is missed."""
    options = _options()
    try:
        plays = named(options.scenario)
    except KeyError as unknown:
        print(
            f"no scenario {unknown.args[0]}; there are {' '.join([*GROUPS, *PLAYBOOK])}",
            file=sys.stderr,
        )
        return 2
    if options.firefox > options.viewers - 2 and any(play.troubles for play in plays.values()):
        print("the second viewer has to be a Chromium: one more of --viewers", file=sys.stderr)
        return 2
    takes = asyncio.run(measure(options, plays))
    chosen = {
        name: best(name, [take.figures for take in runs]) for name, runs in takes.items() if runs
    }
    lines, kept = rows(chosen)
    print(*lines, sep="\n")
    told = {
        "line_ms": [options.line.shortest * 1000, options.line.longest * 1000],
        "runs": options.runs,
        "best": {name: as_json(figures) for name, figures in chosen.items()},
        "all": {name: [as_json(take.figures) for take in runs] for name, runs in takes.items()},
    }
    _write(options.json, json.dumps(told, indent=2) + "\n")
    shown = {
        name: next(take for take in takes[name] if take.figures is figures)
        for name, figures in chosen.items()
    }
    _write(options.picture, draw(shown))
    return 0 if kept and all(takes.values()) else 1


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _round_trip(text: str) -> LineProfile:
    mean, _, jitter = text.partition(",")
    return LineProfile.round_trip(float(mean) / 1000, float(jitter or 0) / 1000)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.skew",
        description=__doc__,
        epilog=f"Scenarios: {' '.join(PLAYBOOK)}; several at once: {' '.join(GROUPS)}.",
    )
    add = parser.add_argument
    add("--scenario", nargs="+", default=["plain"], metavar="NAME", help="which (default: plain)")
    add("--runs", type=int, default=3, help="of each, the best counts (default: 3)")
    add("--viewers", type=int, default=2, help="in a viewing (default: 2)")
    add("--firefox", type=int, default=0, help="of these with Firefox, not the host (default: 0)")
    add(
        "--line",
        type=_round_trip,
        default="200,80",
        metavar="MS,MS",
        help="round trip of the link and its jitter (default: 200,80)",
    )
    add("--seconds", type=float, default=20.0, help="of steady watching (default: 20)")
    add("--film", type=Path, help="a film of 120 s with numbered frames (default: made)")
    add("--false-clocks", action="store_true", help="minutes off and 100 ppm wrong, everywhere")
    add("--json", type=Path, default=_RESULTS / "skew.json", help="where the figures go")
    add("--picture", type=Path, default=_RESULTS / "skew.svg", help="where the picture goes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
