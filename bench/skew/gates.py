"""What the figures must be, and a table of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.skew.figures import Figures

__all__ = ["GATES", "Gate", "best", "rows"]


@dataclass(frozen=True, slots=True)
class Gate:
    """The most that a figure of some scenarios may be."""

    scenarios: tuple[str, ...]
    """Names of the scenarios, or what they begin with."""

    figure: str
    """Name of the figure; its ending says the unit."""

    words: str
    """What it is."""

    limit: float
    """The most, in the figure's unit."""

    @property
    def unit(self) -> str:
        """What it is counted in; nothing for a plain number."""
        units = {"ms": "ms", "s": "s", "percent": "%"}
        return units.get(self.figure.rpartition("_")[2], "")

    def holds_for(self, scenario: str) -> bool:
        """Return whether this gate is one of ``scenario``'s."""
        return any(scenario == name or scenario.startswith(f"{name}-") for name in self.scenarios)


_QUIET = ("steady", "false-clocks", "hours")

GATES = (
    Gate(("start",), "early_skew_p95_ms", "skew 0.5-3 s after T0, p95", 40.0),
    Gate(_QUIET, "steady_error_p50_ms", "steady: error p50", 10.0),
    Gate(_QUIET, "steady_error_p95_ms", "steady: error p95", 25.0),
    Gate(_QUIET, "steady_skew_p50_ms", "steady: skew p50", 10.0),
    Gate(_QUIET, "steady_skew_p95_ms", "steady: skew p95", 25.0),
    Gate(_QUIET, "steady_seeks", "steady: seeks", 0.0),
    Gate(_QUIET, "steady_largest_nudge_percent", "steady: largest nudge", 2.0),
    Gate(("pause",), "paused_unlike", "paused on different frames", 0.0),
    Gate(("pause",), "paused_elsewhere", "paused on another than the ordered frame", 0.0),
    Gate(("resume",), "resumed_skew_p95_ms", "after resume, skew p95", 20.0),
    Gate(("seek-forward",), "sought_skew_p95_ms", "after a seek forward, skew p95", 20.0),
    Gate(("seek-back",), "sought_skew_p95_ms", "after a seek back, skew p95", 20.0),
    Gate(("burst",), "burst_skew_p95_ms", "after ten commands, skew p95", 20.0),
    Gate(("late",), "late_in_step_s", "late joiner: in step after the click", 1.5),
    Gate(("late",), "others_seeks", "late joiner: seeks of the others", 0.0),
    Gate(("late",), "others_error_p95_ms", "late joiner: error of the others, p95", 25.0),
    Gate(("frozen", "starved"), "back_s", "in step after a stall", 1.2),
    Gate(("away", "asleep"), "back_s", "in step after being away", 2.0),
    Gate(("hidden",), "back_s", "in step when seen again", 2.0),
    Gate(("away",), "entries_lost", "commands and words lost", 0.0),
    Gate(("away",), "entries_twice", "commands and words heard twice", 0.0),
    Gate(("away", "evening"), "wrong_revision", "pages on another revision", 0.0),
    Gate(("thin",), "others_error_p95_ms", "beside a thin line: error p95", 25.0),
    Gate(("eight",), "steady_skew_p95_ms", "eight viewers: skew p95", 40.0),
    Gate(("eight",), "steady_error_p95_ms", "eight viewers: error p95", 40.0),
    Gate(("evening",), "paused_elsewhere", "not on the last ordered frame", 0.0),
    Gate(("evening",), "story_differs", "pages that tell another story", 0.0),
)
"""Those of the promise, for two viewers and a link of 200 ± 80 ms, and what follows from it."""


def best(scenario: str, runs: Iterable[Figures]) -> Figures:
    """Return the run that stays the farthest below its gates, all of one run's figures."""

    def excess(figures: Figures) -> float:
        known = [gate for gate in GATES if gate.holds_for(scenario) and gate.figure in figures]
        return max((_share(figures[gate.figure], gate.limit) for gate in known), default=0.0)

    return min(runs, key=excess)


def rows(results: Mapping[str, Figures]) -> tuple[list[str], bool]:
    """Return the lines of a table of ``results`` by scenario, and whether every gate is kept."""
    lines = [f"{'scenario':14} {'what':42} {'measured':>9} {'at most':>8}"]
    kept = True
    for scenario, figures in results.items():
        gated = {gate.figure: gate for gate in GATES if gate.holds_for(scenario)}
        for name, gate in gated.items():
            value = figures.get(name, float("inf"))
            kept &= value <= gate.limit
            verdict = "" if value <= gate.limit else "  MISSED"
            line = f"{scenario:14} {gate.words:42} {value:9.2f} {gate.limit:8g}{verdict}"
            lines.append(line)
        lines += [
            f"{scenario:14} {name:42} {value:9.2f}"
            for name, value in figures.items()
            if name not in gated
        ]
    return lines, kept


def _share(value: float, limit: float) -> float:
    """Return how much of ``limit`` a value takes; where nothing is allowed, one is beyond it."""
    return value / limit if limit else value * 10.0
