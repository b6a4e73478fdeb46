"""What a room knows of those who watch, from what their pages report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "ENOUGH",
    "WELL",
    "Glimpse",
    "Viewer",
    "ViewerState",
    "ease",
    "heard",
    "is_ready",
    "is_starved",
]

ViewerState = Literal["waiting", "ready", "playing", "paused", "stalled", "background", "blocked"]

ENOUGH = 5.0
"""How much must lie ready ahead of a picture for a film that was stopped to go on, seconds."""

NEAR_END = 0.5
"""Near the end so much less than the rest is enough: files end before they say, seconds."""

WELL = 60.0
"""Who played for so long without a break has played well, seconds."""

EASE: dict[ViewerState, int] = {
    "playing": 0,
    "ready": 1,
    "paused": 2,
    "waiting": 3,
    "stalled": 4,
    "blocked": 5,
    "background": 6,
}
"""Of several pictures of one person the one counts that does best."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What one link of a viewer reported last."""

    state: ViewerState
    """What its picture does."""

    buffered: float | None = None
    """How much lies ready ahead of it, seconds; None: not said."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who reports."""

    glimpse: Glimpse
    """How their best picture does."""

    heard: float
    """When they reported last, Unix seconds."""

    stalled: float | None = None
    """Since when their picture stands for want of data, Unix seconds; None: it does not."""

    playing: float | None = None
    """Since when it plays without a break, Unix seconds; None: it does not."""

    def played_well(self, now: float) -> bool:
        """Tell whether they have played for so long that earlier trouble is forgotten."""
        return self.playing is not None and now - self.playing >= WELL


def ease(state: ViewerState, buffered: float | None) -> tuple[int, float]:
    """Return how well a picture does; of several of one person the smallest counts, everywhere."""
    return EASE[state], -(buffered or 0.0)


def heard(before: Viewer | None, glimpses: Iterable[Glimpse], now: float) -> Viewer:
    """Return who was ``before`` and whose links show ``glimpses`` at ``now``, at least one.

    A stall lasts on while the picture is brought back (``waiting``).
    """
    best = min(glimpses, key=lambda g: ease(g.state, g.buffered))
    stalled = before.stalled if before else None
    playing = before.playing if before else None
    if best.state == "stalled":
        stalled = now if stalled is None else stalled
    elif best.state != "waiting":
        stalled = None
    if best.state != "playing":
        playing = None
    elif playing is None:
        playing = now
    return Viewer(best, now, stalled, playing)


def is_ready(glimpse: Glimpse) -> bool:
    """Tell whether a film may begin as far as this picture goes; nobody looks at a hidden one."""
    return glimpse.state not in ("waiting", "stalled", "blocked")


def is_starved(glimpse: Glimpse, ahead: float) -> bool:
    """Tell whether a film that was stopped ``ahead`` seconds before its end can't go on here.

    Where a page says how much it has, that decides, else its state. Nobody looks at a picture
    that is hidden, or that its browser does not let play: data is not what it lacks.
    """
    if glimpse.state in ("background", "blocked"):
        return False
    if glimpse.buffered is None:
        return glimpse.state in ("waiting", "stalled")
    return glimpse.buffered < min(ENOUGH, ahead - NEAR_END)
