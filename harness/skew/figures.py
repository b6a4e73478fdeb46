"""What the frames that were shown say: errors against the timeline, and skew between two pages."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

__all__ = [
    "FRAME_RATE",
    "IN_STEP",
    "REFRESH",
    "Figures",
    "Frame",
    "RoomTimeline",
    "TimelineHistory",
    "as_json",
    "equal_share",
    "errors",
    "first_of_run",
    "pairs",
    "percentile",
    "settled",
    "skews",
    "summary",
    "within",
]

FRAME_RATE = 25.0
"""Frames per second of the film."""

REFRESH = 1 / 60
"""A frame is shown at the first refresh of the screen after it is due, seconds."""

IN_STEP = 0.04
"""Nearer than this to the timeline counts as in step, seconds."""

_GRID = 0.01
_HOLD = 25

Figures = dict[str, float]
"""Measured values by name; those that end in ``_ms`` are milliseconds, in ``_s`` seconds."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame that a page showed."""

    at: float
    """When it appeared, server time, Unix seconds."""

    number: int
    """The number drawn in it."""


@dataclass(frozen=True, slots=True)
class RoomTimeline:
    """A timeline of the room: where the film should be from a moment on."""

    position: float
    """Film position at :attr:`instant`, seconds."""

    rate: float
    """Film seconds per second; 0.0 while paused."""

    instant: float
    """Server time, Unix seconds."""

    revision: int = 0
    """Of the timeline."""

    @classmethod
    def of(cls, timeline: dict[str, Any]) -> RoomTimeline:
        """Return the timeline of a timeline record."""
        return cls(
            timeline["position"], timeline["rate"], timeline["instant"], timeline["revision"]
        )

    def at(self, now: float) -> float:
        """Return the film position at ``now``, seconds."""
        return self.position + self.rate * (now - self.instant)

    def in_force(self, now: float) -> RoomTimeline:
        """Return this: there is no other."""
        return self


@dataclass(frozen=True, slots=True)
class TimelineHistory:
    """All timelines of a film, one after another."""

    timelines: tuple[RoomTimeline, ...]
    """By revision, ascending; not empty."""

    def in_force(self, now: float) -> RoomTimeline:
        """Return the newest timeline whose instant has come; before the first, the first."""
        begun = [timeline for timeline in self.timelines if timeline.instant <= now]
        return begun[-1] if begun else self.timelines[0]

    def at(self, now: float) -> float:
        """Return the film position at ``now``, seconds."""
        return self.in_force(now).at(now)


def within(frames: Sequence[Frame], begin: float, end: float) -> list[Frame]:
    """Return the frames shown from ``begin`` to ``end``, server time."""
    return [frame for frame in frames if begin <= frame.at <= end]


def errors(frames: Sequence[Frame], history: RoomTimeline | TimelineHistory) -> list[float]:
    """Return how far each frame was from the timeline when it appeared, s; negative is behind.

    A picture in perfect step is behind by half a refresh on the average: that is added.
    """
    found = []
    for frame in frames:
        timeline = history.in_force(frame.at)
        found.append(
            frame.number / FRAME_RATE - timeline.at(frame.at) + REFRESH / 2 * timeline.rate
        )
    return found


def skews(one: Sequence[Frame], other: Sequence[Frame]) -> list[float]:
    """Return by how much later ``one`` showed each frame that both showed, seconds."""
    first = {frame.number: frame.at for frame in reversed(one)}
    second = {frame.number: frame.at for frame in reversed(other)}
    return [at - second[number] for number, at in sorted(first.items()) if number in second]


def pairs(shown: Sequence[Sequence[Frame]]) -> list[float]:
    """Return the skews of every two of several viewers, seconds."""
    return [skew for one, other in combinations(shown, 2) for skew in skews(one, other)]


def equal_share(shown: Sequence[Sequence[Frame]], begin: float, end: float) -> float:
    """Return for which share of the time all viewers showed the same frame, 0-1."""
    moments = [begin + i * _GRID for i in range(1, int((end - begin) / _GRID))]
    times = [[frame.at for frame in frames] for frames in shown]
    same = known = 0
    for moment in moments:
        places = [bisect_right(at, moment) - 1 for at in times]
        if min(places) >= 0:
            known += 1
            same += len({f[place].number for f, place in zip(shown, places, strict=True)}) == 1
    return same / known if known else 0.0


def settled(
    frames: Sequence[Frame],
    history: RoomTimeline | TimelineHistory,
    limit: float = IN_STEP,
    hold: int = _HOLD,
) -> float | None:
    """Return when the picture came to within ``limit`` s of the timeline for ``hold`` frames.

    Server time; None where it never did.
    """
    begin = first_of_run([abs(error) <= limit for error in errors(frames, history)], hold)
    return None if begin is None else frames[begin].at


def first_of_run(near: Sequence[bool], hold: int = _HOLD) -> int | None:
    """Return where the first ``hold`` frames in a row begin that are all near; None: nowhere."""
    starts = range(len(near) - hold + 1)
    return next((i for i in starts if all(near[i : i + hold])), None)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the magnitudes lie; infinite for none."""
    if not values:
        return float("inf")
    magnitudes = sorted(abs(value) for value in values)
    return magnitudes[min(int(len(magnitudes) * share), len(magnitudes) - 1)]


def as_json(figures: Figures) -> dict[str, float | None]:
    """Return figures as JSON can say them: null for what never came, which is infinite."""
    return {name: value if math.isfinite(value) else None for name, value in figures.items()}


def summary(name: str, values: Iterable[float]) -> Figures:
    """Return p50, p95 and the largest of the magnitudes, milliseconds, under ``name``."""
    known = [value * 1000 for value in values]
    return {
        f"{name}_p50_ms": percentile(known, 0.5),
        f"{name}_p95_ms": percentile(known, 0.95),
        f"{name}_max_ms": percentile(known, 1.0),
    }
