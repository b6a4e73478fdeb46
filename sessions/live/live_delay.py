"""By how much live frames are sent ahead of the timeline, and what that asks of commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["FIRST_DELAY_S", "MAX_DELAY_S", "LiveDelay"]

FIRST_DELAY_S = 0.25
"""By how much frames are sent ahead at first, seconds."""

MAX_DELAY_S = 0.6
"""By how much they are sent ahead at most, seconds."""

SLACK_S = 0.1
"""How much longer than the worst viewer's line the delay is, seconds: for jitter and repairs."""

TOLERANCE_S = 0.05
"""A delay that is longer than needed by less is left as it is, seconds."""

MAX_SLEW = 0.05
"""By how much the delay changes at most, seconds per second."""

MARGIN_S = 0.05
"""How much longer than the delay a lead must be, seconds: the command has to reach the pump."""


@dataclass(slots=True)
class LiveDelay:
    """The delay of one session's live stream. Whoever sends the stream keeps it up to date."""

    delay: float = FIRST_DELAY_S
    """By how much frames are sent before they are to be shown, seconds."""

    viewers: int = 0
    """How many live viewers there are."""

    def follow(self, lines: Iterable[float], elapsed: float) -> None:
        """Move the delay towards what the live viewers need, ``elapsed`` seconds after last time.

        ``lines`` are the delays of their lines, seconds. What would need more than MAX_DELAY_S is
        left out: that viewer's pictures come late. The delay changes so slowly that nobody sees it.
        """
        worst = max((line for line in lines if line + SLACK_S <= MAX_DELAY_S), default=0.0)
        needed = max(FIRST_DELAY_S, worst + SLACK_S)
        if self.delay - TOLERANCE_S <= needed <= self.delay:
            # Reports vary; jitter buffers need not follow each of them.
            return
        step = MAX_SLEW * elapsed
        self.delay += min(max(needed - self.delay, -step), step)

    @property
    def shortest_lead(self) -> float:
        """The shortest lead at which frames that a command makes wrong are not sent yet, seconds.

        0.0 where nobody watches live.
        """
        return self.delay + MARGIN_S if self.viewers else 0.0
