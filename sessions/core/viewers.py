"""What a room knows of its viewers from the reports of their pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "PLAYED_WELL_S",
    "RESUME_BUFFER_S",
    "PictureState",
    "Viewer",
    "ViewerState",
    "after_report",
    "is_ready",
    "is_starved",
    "picture_rank",
]

ViewerState = Literal["waiting", "ready", "playing", "paused", "stalled", "background", "blocked"]

RESUME_BUFFER_S = 5.0
"""Buffered media that a stopped film needs in order to go on, seconds."""

END_MARGIN_S = 0.5
"""Near the end, how much less than the rest of the film is enough, seconds: many files end a
little before their stated duration."""

PLAYED_WELL_S = 60.0
"""Uninterrupted playback after which earlier stalls are forgotten, seconds."""

STATE_RANKS: dict[ViewerState, int] = {
    "playing": 0,
    "ready": 1,
    "paused": 2,
    "waiting": 3,
    "stalled": 4,
    "blocked": 5,
    "background": 6,
}
"""Of several pictures of one person, the one with the smallest rank counts."""


@dataclass(frozen=True, slots=True)
class PictureState:
    """The last report of one link of a viewer."""

    state: ViewerState
    """What its picture does."""

    buffered: float | None = None
    """Media buffered ahead of its position, seconds; None: not reported."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member who is present and reports."""

    picture: PictureState
    """The state of their best picture."""

    reported_at: float
    """Time of their newest report, Unix seconds."""

    stalled_since: float | None = None
    """Since when their picture stands for want of data, Unix seconds; None: it does not."""

    playing_since: float | None = None
    """Since when it plays without a break, Unix seconds; None: it does not play."""

    def played_well(self, now: float) -> bool:
        """Return whether they have played for so long that earlier stalls are forgotten."""
        return self.playing_since is not None and now - self.playing_since >= PLAYED_WELL_S


def picture_rank(state: ViewerState, buffered: float | None) -> tuple[int, float]:
    """Return a sort key for pictures: of several of one person the smallest counts."""
    return STATE_RANKS[state], -(buffered or 0.0)


def after_report(before: Viewer | None, pictures: Iterable[PictureState], now: float) -> Viewer:
    """Return the viewer ``before`` as one or more ``pictures``, reported at ``now``, leave them."""
    best = min(pictures, key=lambda p: picture_rank(p.state, p.buffered))
    stalled_since = before.stalled_since if before else None
    playing_since = before.playing_since if before else None
    if best.state == "stalled":
        stalled_since = now if stalled_since is None else stalled_since
    # A page that seeks back into the film after a stall reports `waiting`: the stall goes on.
    elif best.state != "waiting":
        stalled_since = None
    if best.state != "playing":
        playing_since = None
    elif playing_since is None:
        playing_since = now
    return Viewer(best, now, stalled_since, playing_since)


def is_ready(picture: PictureState) -> bool:
    """Return whether a film may begin as far as this picture goes.

    A hidden page is ready: nobody looks at it.
    """
    return picture.state not in ("waiting", "stalled", "blocked")


def is_starved(picture: PictureState, remaining: float) -> bool:
    """Return whether this picture lacks the data to go on ``remaining`` seconds before the end.

    The buffer decides where the page reports one, else the state.
    """
    # A hidden picture, or one that its browser does not let play, does not lack data.
    if picture.state in ("background", "blocked"):
        return False
    if picture.buffered is None:
        return picture.state in ("waiting", "stalled")
    return picture.buffered < min(RESUME_BUFFER_S, remaining - END_MARGIN_S)
