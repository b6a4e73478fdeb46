"""What the frames that were shown say: errors against the timeline, and skew between two pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "FRAME_RATE",
    "REFRESH",
    "Course",
    "Frame",
    "errors",
    "percentile",
    "settled",
    "skews",
    "within",
]

FRAME_RATE = 25.0
"""Frames per second of the film."""

REFRESH = 1 / 60
"""A frame is shown at the first refresh of the screen after it is due, seconds."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame that was shown."""

    at: float
    """When, server time, Unix seconds."""

    number: int
    """The number drawn in it."""


@dataclass(frozen=True, slots=True)
class Course:
    """Where the film should be: a timeline of the server."""

    position: float
    """Film position at :attr:`instant`, seconds."""

    rate: float
    """Film seconds per second."""

    instant: float
    """Server time, Unix seconds."""

    @classmethod
    def of(cls, timeline: dict[str, Any]) -> Course:
        """Return the course that a timeline of the contract describes."""
        return cls(timeline["position"], timeline["rate"], timeline["instant"])

    def at(self, now: float) -> float:
        """Return the film position at ``now``, seconds."""
        return self.position + self.rate * (now - self.instant)


def within(frames: Sequence[Frame], begin: float, end: float) -> list[Frame]:
    """Return the frames shown from ``begin`` to ``end``, server time."""
    return [frame for frame in frames if begin <= frame.at <= end]


def errors(frames: Sequence[Frame], course: Course) -> list[float]:
    """Return how far each frame was from the timeline when it appeared, s; negative is behind.

    A picture in perfect step is behind by half a refresh on the average: that is added.
    """
    return [f.number / FRAME_RATE - course.at(f.at) + REFRESH / 2 * course.rate for f in frames]


def skews(one: Sequence[Frame], other: Sequence[Frame]) -> list[float]:
    """Return by how much later ``one`` showed each frame that both showed, seconds."""
    first = {frame.number: frame.at for frame in reversed(one)}
    second = {frame.number: frame.at for frame in reversed(other)}
    return [at - second[number] for number, at in sorted(first.items()) if number in second]


def settled(frames: Sequence[Frame], course: Course, limit: float, hold: int = 25) -> float | None:
    """Return when the picture came to within ``limit`` s of the timeline for ``hold`` frames.

    Server time; None where it never did.
    """
    near = [abs(error) <= limit for error in errors(frames, course)]
    for i, frame in enumerate(frames[: len(frames) - hold + 1]):
        if all(near[i : i + hold]):
            return frame.at
    return None


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the magnitudes lie; infinite for none."""
    if not values:
        return float("inf")
    magnitudes = sorted(abs(value) for value in values)
    return magnitudes[min(int(len(magnitudes) * share), len(magnitudes) - 1)]
