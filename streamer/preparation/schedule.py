"""What is to be made next: pure rules over what is made, what is asked for, and timelines.

The order is that of the nearest deadline: a segment's time, less where a timeline stands, divided
by its rate. What nobody will see soon has none and comes last, so that in the end the whole film
is made.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from streamer.preparation.plan import RenditionPlan

__all__ = ["NO_DEADLINE", "Place", "Wanted", "goes_on", "most_urgent"]

NO_DEADLINE = math.inf
"""The deadline of what is made ahead for nobody."""

REACH = 2
"""A run that is at most so many segments before a wanted one goes on to it: to open another run
costs the decoding from a keyframe on."""

SLOWEST_RATE = 0.5
"""A timeline that stands is taken for one of this rate: it may go on at any moment."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a timeline stands."""

    position: float
    """Position at ``instant``, seconds of the film."""

    rate: float
    """Seconds of the film in a second; 0: paused."""

    instant: float
    """When that was, seconds of the clock."""

    def at(self, now: float) -> float:
        """Return the position now."""
        return self.position + self.rate * (now - self.instant)


@dataclass(frozen=True, slots=True, order=True)
class Wanted:
    """A segment that is not made yet."""

    deadline: float
    """When it is needed, seconds of the clock; NO_DEADLINE: nobody waits for it."""

    number: int
    """The segment."""


def most_urgent(
    plan: RenditionPlan,
    made: Collection[int],
    asked: Mapping[int, float],
    places: Iterable[Place],
    now: float,
) -> Wanted | None:
    """Return the segment of a track to be made next; None where all are made.

    ``asked`` holds the deadlines of segments that somebody waits for.
    """
    wanted = [Wanted(deadline, n) for n, deadline in asked.items() if n not in made]
    begin = 0
    for place in places:
        position = place.at(now)
        begin = plan.number_at(position)
        number = _first_missing(plan, made, begin)
        if number is not None:
            distance = max(float(plan.edges[number]) - position, 0.0)
            deadline = now + distance / max(place.rate, SLOWEST_RATE)
            wanted.append(Wanted(deadline, number))
    if not wanted:
        number = _first_missing(plan, made, begin)
        number = _first_missing(plan, made, 0) if number is None else number
        return None if number is None else Wanted(NO_DEADLINE, number)
    return min(wanted)


def goes_on(current: int, wanted: int) -> bool:
    """Tell whether a run that is at segment ``current`` reaches ``wanted`` by itself soon."""
    return current <= wanted <= current + REACH


def _first_missing(plan: RenditionPlan, made: Collection[int], begin: int) -> int | None:
    return next((n for n in range(begin, plan.count) if n not in made), None)
