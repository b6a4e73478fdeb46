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

__all__ = ["NO_DEADLINE", "Place", "Wanted", "goes_on", "lead_of", "may_wait", "most_urgent"]

NO_DEADLINE = math.inf
"""The deadline of what is made for nobody yet."""

REACH = 2
"""A run that is at most so many segments before a wanted one goes on to it: to open another run
costs the decoding from a keyframe on."""

SLOWEST_RATE = 0.5
"""A timeline that stands is taken for one of this rate: it may go on at any moment."""

SOUND_AHEAD_S = 10.0
"""While a picture is wanted soon sound is made so much further than it at most, seconds: it takes
the processor from the picture, and is made 40 times as fast."""

SOUND_BEGINS_S = 4.0
"""A run of sound that would begin so much further than the picture is not begun then, seconds."""

SOON_S = 20.0
"""A picture whose deadline is nearer than this is wanted soon, seconds."""

MAKING_S = 1.0
"""How long the first segment of a run may take, seconds: one that a timeline has left by then is
of no use, and the next one would come later because of it."""


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
    passed_over: Collection[int],
    asked: Mapping[int, float],
    places: Iterable[Place],
    now: float,
) -> Wanted | None:
    """Return the segment of a track to be made next; None where there is none.

    ``passed_over`` are those that are made, or cannot be. ``asked`` holds the deadlines of segments
    that somebody waits for.
    """
    wanted: list[Wanted] = []
    left, begins, begin = set[int](), set[int](), 0
    for place in places:
        position = place.at(now)
        begin = _begin(plan, passed_over, place, position)
        begins.add(begin)
        left.update(range(plan.number_at(position), begin))
        number = _first_missing(plan, passed_over, begin)
        if number is not None:
            distance = max(float(plan.edges[number]) - position, 0.0)
            deadline = now + distance / max(place.rate, SLOWEST_RATE)
            wanted.append(Wanted(deadline, number))
    useless = {*passed_over, *(left - begins)}
    wanted += [Wanted(deadline, n) for n, deadline in asked.items() if n not in useless]
    if wanted:
        return min(wanted)
    number = _first_missing(plan, passed_over, begin)
    number = _first_missing(plan, passed_over, 0) if number is None else number
    return None if number is None else Wanted(NO_DEADLINE, number)


def _begin(plan: RenditionPlan, passed_over: Collection[int], place: Place, position: float) -> int:
    """Return the first segment that is of use to a timeline."""
    here = plan.number_at(position)
    if here in passed_over:
        return here
    return plan.number_at(position + place.rate * MAKING_S)


def goes_on(current: int, wanted: int) -> bool:
    """Tell whether a run that is at segment ``current`` reaches ``wanted`` by itself soon."""
    return current <= wanted <= current + REACH


def may_wait(sound: Wanted, picture: Wanted | None, now: float, *, runs: bool) -> bool:
    """Tell whether sound is not to be made now, since a picture is wanted much sooner.

    ``runs`` tells whether it is being made: to end a run and begin it soon after costs more.
    """
    if picture is None or picture.deadline - now > SOON_S:
        return False
    return sound.deadline - picture.deadline > (SOUND_AHEAD_S if runs else SOUND_BEGINS_S)


def lead_of(plan: RenditionPlan, made: Collection[int], position: float) -> float:
    """Return how much is made from ``position`` on without a gap, seconds of the film."""
    number = _first_missing(plan, made, plan.number_at(position))
    end = plan.duration if number is None else plan.edges[number]
    return max(float(end) - position, 0.0)


def _first_missing(plan: RenditionPlan, made: Collection[int], begin: int) -> int | None:
    return next((n for n in range(begin, plan.count) if n not in made), None)
