"""One track of a rendition: what is made of it, what failed, and how fast it is made."""

from __future__ import annotations

from dataclasses import dataclass, field

from streamer.preparation.errors import Reason
from streamer.preparation.plan import RenditionPlan
from streamer.preparation.segments import SegmentFolder, TrackKind
from streamer.preparation.speed import after_segment

__all__ = ["Failure", "Track", "failed_again"]

RETRY_S = 5.0
"""How long what failed is left alone, seconds; twice as long after each further failure."""

MAX_RETRY_S = 300.0
"""How long what failed is left alone at most, seconds."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something could not be made."""

    code: Reason
    """Why."""

    times: int
    """How often in a row."""

    retry_at: float
    """When it may be tried again, seconds of the clock."""

    def holds(self, now: float) -> bool:
        """Tell whether it is too early to try again."""
        return now < self.retry_at


def failed_again(before: Failure | None, code: Reason, now: float) -> Failure:
    """Return the failure of what failed ``before``, or had not failed yet."""
    times = 1 if before is None else before.times + 1
    return Failure(code, times, now + min(RETRY_S * 2.0 ** min(times - 1, 9), MAX_RETRY_S))


@dataclass(slots=True)
class Track:
    """One track of a rendition."""

    kind: TrackKind
    """Which track it is."""

    folder: SegmentFolder
    """Where its segments lie."""

    made: set[int] = field(default_factory=set)
    """The numbers of the segments that are made."""

    failures: dict[int, Failure] = field(default_factory=dict)
    """The segments that could not be made, by number."""

    speed: float | None = None
    """Seconds of the film made in a second; None before anything is known."""

    def passed_over(self, now: float) -> set[int]:
        """Return the segments that are not to be made: they are, or cannot be for now."""
        return self.made | {n for n, failure in self.failures.items() if failure.holds(now)}

    def take(self, plan: RenditionPlan, number: int, took: float, *, begins_run: bool) -> None:
        """Note that a segment was made in ``took`` seconds."""
        self.made.add(number)
        self.failures.pop(number, None)
        length = float(plan.edges[number + 1] - plan.edges[number])
        self.speed = after_segment(self.speed, length, took, begins_run=begins_run)
