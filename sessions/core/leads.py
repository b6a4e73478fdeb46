"""How far ahead a command must act, so that all viewers act together (docs/03-step.md).

``lead = clamp(1.5 * d + cost)``: d is the largest one-way delay that the present viewers report,
cost the time that the act itself takes in a browser. A delay above the clamp's upper end is left
out: one bad line does not slow the room; its viewer joins late by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from sessions.core.commands import Command, Next, Pause, Play, Seek, SetRate

__all__ = ["PAUSE_LEAD", "PLAY_LEAD", "SEEK_LEAD", "LeadRule", "lead_of"]

DELAY_FACTOR = 1.5
"""Safety over the largest reported delay."""

SEEK_MARGIN = 0.3
"""Added to the reported cost of a seek, seconds."""

SEEK_QUANTILE = 0.9
"""Which of the reported seek costs counts."""


@dataclass(frozen=True, slots=True)
class LeadRule:
    """Cost and clamps of one kind of command."""

    cost: float
    """Time that the act takes in a browser, seconds."""

    lowest: float
    """Shortest lead, seconds; also the lead without any report."""

    highest: float
    """Longest lead, seconds."""


PAUSE_LEAD = LeadRule(cost=0.1, lowest=0.15, highest=0.4)
PLAY_LEAD = LeadRule(cost=0.4, lowest=0.5, highest=0.8)
SEEK_LEAD = LeadRule(cost=SEEK_MARGIN, lowest=0.7, highest=1.5)


LEAD_RULES: dict[type[Command], LeadRule] = {
    Pause: PAUSE_LEAD,
    Play: PLAY_LEAD,
    SetRate: PLAY_LEAD,
    Seek: SEEK_LEAD,
    Next: PAUSE_LEAD,
}


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def lead_of(
    command: Command,
    delays: Iterable[float] = (),
    seek_costs: Iterable[float] = (),
    *,
    at_least: float = 0.0,
) -> float:
    """Return the seconds between deciding ``command`` and its instant.

    ``delays`` are the present viewers' one-way delays, ``seek_costs`` their measured costs of a
    seek, both in seconds; what is negative is left out. ``at_least`` is how far ahead live frames
    are sent, seconds; it counts as far as the clamps allow.
    """
    rule = LEAD_RULES[type(command)]
    # Delays are what pages claim: one above the clamp, bad line or lie, must not slow the room.
    known = [delay for delay in delays if 0.0 <= delay <= rule.highest]
    cost = rule.cost
    # A seek takes its time also where no delay is small enough to count.
    if isinstance(command, Seek) and (costs := [c for c in seek_costs if c >= 0.0]):
        cost += _quantile(costs, SEEK_QUANTILE)
    lead = max(DELAY_FACTOR * max(known, default=0.0) + cost, at_least)
    return min(max(lead, rule.lowest), rule.highest)
