"""Runs every bench in turn, then prints what the README claims beside what was measured."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bench.skew.gates import GATES
from bench.skew.playbook import GROUPS

__all__ = ["CLAIMS", "Claim", "main", "table"]

_RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Claim:
    """One promise, and where its figure is found."""

    bench: str
    """Module of this package that measures it, and name of its results."""

    words: str
    """What is promised."""

    bound: Literal["<=", ">="]
    """Whether the figure is to be at most or at least :attr:`limit`."""

    limit: float
    """The promise, in :attr:`unit`."""

    unit: str
    """What it is counted in."""

    figure: Callable[[Mapping[str, Any]], float]
    """From the bench's results to the figure, in :attr:`unit`."""

    def kept(self, figure: float) -> bool:
        """Return whether ``figure`` is what was promised."""
        return figure >= self.limit if self.bound == ">=" else figure <= self.limit

    def margin(self, figure: float) -> float:
        """Return how many times better than promised; below 1 the promise is broken."""
        if self.bound == ">=":
            return figure / self.limit
        return self.limit / figure if figure > 0 else float("inf")


def _against_nginx(ranges: str) -> Callable[[Mapping[str, Any]], float]:
    def ratio(results: Mapping[str, Any]) -> float:
        costs = results[ranges]
        return float(statistics.mean(costs["nginx"]) / statistics.mean(costs["seans"]))

    return ratio


def _named(name: str, scale: float = 1.0) -> Callable[[Mapping[str, Any]], float]:
    return lambda results: float(results[name]) * scale


def _of_pages(scenario: str, name: str) -> Callable[[Mapping[str, Any]], float]:
    def figure(results: Mapping[str, Any]) -> float:
        value = results["best"].get(scenario, {}).get(name)
        return float("inf") if value is None else float(value)

    return figure


CLAIMS = (
    Claim(
        "store", "words kept a second, said by many", ">=", 3000, "/s", _named("grouped_per_second")
    ),
    Claim("reads", "a list of 200 shows, p95", "<=", 20, "ms", _named("list_p95_ms")),
    Claim("reads", "a room after 100,000 seeks opens, p95", "<=", 20, "ms", _named("open_p95_ms")),
    Claim(
        "listings",
        "a million messages, 100,000 shows: the slowest listing or opening, p95",
        "<=",
        50,
        "ms",
        _named("large_p95_ms"),
    ),
    Claim(
        "ranges", "nginx's CPU / ours, ranges of 1 MiB", ">=", 0.85, "", _against_nginx("1024 KiB")
    ),
    Claim(
        "ranges", "nginx's CPU / ours, ranges of 64 KiB", ">=", 0.85, "", _against_nginx("64 KiB")
    ),
    Claim("paced", "1,000 viewers at 2 Mbit/s: of a core", "<=", 10, "%", _named("core", 100)),
    Claim("paced", "1,000 viewers: memory over idle", "<=", 60, "MB", _named("memory", 1e-6)),
    Claim(
        "room", "500 people: a command reaches all, p95", "<=", 100, "ms", _named("command_p95_ms")
    ),
    Claim("room", "500 people: a word is on disk, p95", "<=", 50, "ms", _named("message_p95_ms")),
    Claim("live", "live: our CPU / Janus's, 30 viewers", "<=", 0.55, "", _named("janus_30")),
    Claim("live", "the same, 100 viewers", "<=", 0.35, "", _named("janus_100")),
    Claim("live", "live: our CPU / aiortc's, 30 viewers", "<=", 0.2, "", _named("aiortc_30")),
    Claim("live_room", "400 live: packets lost", "<=", 0.1, "%", _named("lost", 100)),
    Claim("live_room", "400 live: command, p95", "<=", 150, "ms", _named("command_p95_ms")),
    Claim("live_room", "400 live: ping, p95", "<=", 30, "ms", _named("ping_p95_ms")),
    Claim("live_room", "400 live: memory a viewer", "<=", 400, "kB", _named("memory_kb")),
    Claim(
        "live_pages", "live: a latecomer's first frame", "<=", 300, "ms", _named("first_frame_ms")
    ),
    Claim(
        "live_pages", "… at 80 ms and 2 % loss", "<=", 1000, "ms", _named("first_frame_lossy_ms")
    ),
    Claim("live_pages", "live, 200±80 ms: skew p95", "<=", 40, "ms", _named("far_skew_p95_ms")),
    Claim("live_pages", "live beside file: skew p95", "<=", 60, "ms", _named("mixed_skew_p95_ms")),
    Claim("live_pages", "live: sound beside picture", "<=", 40, "ms", _named("mixed_sound_ms")),
    Claim(
        "live_cold", "live, not prepared: first picture", "<=", 3, "s", _named("first_picture_s")
    ),
    Claim("opening", "from a link to its countdown", "<=", 1.0, "s", _named("countdown_cold")),
    Claim("opening", "the same, once known", "<=", 0.5, "s", _named("countdown_warm")),
    Claim("opening", "from the click to the first picture", "<=", 1.5, "s", _named("picture_cold")),
    Claim("opening", "the same, once known", "<=", 1.0, "s", _named("picture_warm")),
    *(
        Claim("skew", gate.words, "<=", gate.limit, gate.unit, _of_pages(scenario, gate.figure))
        for scenario in GROUPS["plain"]
        for gate in GATES
        if gate.holds_for(scenario)
    ),
)


def table(results: Mapping[str, Mapping[str, Any]]) -> tuple[list[str], bool]:
    """Return the lines of the table, and whether all that is promised was kept."""
    lines = [f"{'':40} {'measured':>14} {'promised':>16}  margin"]
    all_kept = True
    for claim in CLAIMS:
        figure = claim.figure(results[claim.bench])
        kept = claim.kept(figure)
        all_kept &= kept
        bound = f"{claim.bound} {claim.limit:g} {claim.unit}".rstrip()
        shown = f"{figure:,.2f} {claim.unit}".rstrip()
        verdict = f"{claim.margin(figure):.2f}x" if claim.limit else "-"
        lines.append(
            f"{claim.words:40} {shown:>14} {bound:>16}  {verdict}{'' if kept else '  BROKEN'}"
        )
    return lines, all_kept


def main() -> int:
    """Measure and print; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--again", action="store_true", help="print the last figures only")
    options = parser.parse_args()
    benches = tuple(dict.fromkeys(claim.bench for claim in CLAIMS))
    for bench in benches if not options.again else ():
        print(f"\n== {bench}", flush=True)
        # What a bench that fails leaves behind must not pass for its figures.
        (_RESULTS / f"{bench}.json").unlink(missing_ok=True)
        subprocess.run([sys.executable, "-m", f"bench.{bench}"], check=False)
    results = {bench: json.loads((_RESULTS / f"{bench}.json").read_text()) for bench in benches}
    lines, all_kept = table(results)
    print("\n== all", *lines, sep="\n")
    return 0 if all_kept else 1


if __name__ == "__main__":
    sys.exit(main())
