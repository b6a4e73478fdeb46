"""When a webhook that was not taken is sent again: the schedule of Standard Webhooks 1.0.0."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["MAX_RETRY_AFTER_S", "RETRY_DELAYS_S", "delay_after"]

HOUR_S = 3600.0

RETRY_DELAYS_S: Sequence[float] = (
    *(5.0, 300.0, 1800.0),
    *(hours * HOUR_S for hours in (2.0, 5.0, 10.0, 14.0, 20.0, 24.0)),
)
"""How long after each failed attempt the next one follows, seconds: ten attempts in three days."""

JITTER = 0.2
"""By what share of it a delay is longer at most: what failed together shall not come back so."""

MAX_RETRY_AFTER_S = 24 * HOUR_S
"""The longest ``Retry-After`` that is heeded, seconds."""


def delay_after(
    failures: int, delays: Sequence[float], retry_after: float, random: float
) -> float | None:
    """Return how long to wait after the ``failures``-th failed attempt, seconds; None: give up.

    ``retry_after`` is what the receiver asked for, 0 where nothing; ``random`` is from 0 to 1.
    """
    if failures > len(delays):
        return None
    delay = delays[failures - 1] * (1.0 + JITTER * random)
    return max(delay, min(retry_after, MAX_RETRY_AFTER_S))
