"""How fast a film is made, and whether that is too slow for whoever watches: pure."""

from __future__ import annotations

__all__ = ["after_segment", "is_behind"]

_WEIGHT = 0.3
"""Share of the newest segment in the mean."""

LONG_WAIT_S = 4.0
"""A viewer who waits so long for the first segment of a run waits for the making, not for a seek,
seconds."""

LOW_LEAD_S = 2.0
"""With less than this made ahead of it a timeline is about to stall, seconds of the film."""


def after_segment(
    speed: float | None, length: float, took: float, *, begins_run: bool
) -> float | None:
    """Return how many seconds of the film are made in a second, None: not known yet.

    A segment of ``length`` seconds was made in ``took`` seconds. The first of a run takes longer,
    since what lies before it is decoded too; it counts only where it took long and no other is
    known.
    """
    if begins_run and (speed is not None or took < LONG_WAIT_S):
        return speed
    ratio = length / max(took, 1e-3)
    return ratio if speed is None else _WEIGHT * ratio + (1 - _WEIGHT) * speed


def is_behind(
    speed: float | None, rate: float, lead: float, remaining: float, *, was_behind: bool
) -> bool:
    """Tell whether making cannot keep up with a timeline of ``rate``.

    ``lead`` is what is made ahead of it without a gap, ``remaining`` what the film still has to
    give, seconds of the film. It begins when the timeline is about to stall and making is slower
    than it, and ends when what is left can be played without another stall.
    """
    if speed is None or speed >= rate or lead >= remaining:
        return False
    if was_behind:
        return lead < (1 - speed / rate) * remaining
    return lead < LOW_LEAD_S
