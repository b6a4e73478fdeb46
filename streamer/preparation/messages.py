"""What a maker and its workers tell each other: one JSON object a line.

A worker is at one order at a time; a new one interrupts it. Each order gets one last answer:
``ended``, ``surveyed`` or ``failed``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from streamer.preparation.plan import RenditionPlan, SourceFacts

__all__ = ["facts_from", "facts_json", "plan_from", "plan_json"]


def facts_json(facts: SourceFacts) -> dict[str, Any]:
    """Return facts as JSON's types."""
    return {
        "duration": str(facts.duration),
        "rate": str(facts.rate),
        "width": facts.width,
        "height": facts.height,
        "sound": facts.sound,
        "bit_rate": facts.bit_rate,
        "keyframes": [str(time) for time in facts.keyframes],
    }


def facts_from(told: dict[str, Any]) -> SourceFacts:
    """Return the facts of :func:`facts_json`. Raises KeyError, TypeError or ValueError."""
    return SourceFacts(
        duration=Fraction(told["duration"]),
        rate=Fraction(told["rate"]),
        width=int(told["width"]),
        height=int(told["height"]),
        sound=bool(told["sound"]),
        bit_rate=int(told["bit_rate"]),
        keyframes=tuple(Fraction(time) for time in told["keyframes"]),
    )


def plan_json(plan: RenditionPlan) -> dict[str, Any]:
    """Return a plan as JSON's types."""
    return {
        "edges": [str(edge) for edge in plan.edges],
        "rate": str(plan.rate),
        "width": plan.width,
        "height": plan.height,
        "copied": plan.copied,
        "sound": plan.sound,
    }


def plan_from(told: dict[str, Any]) -> RenditionPlan:
    """Return the plan of :func:`plan_json`. Raises KeyError, TypeError or ValueError."""
    return RenditionPlan(
        edges=tuple(Fraction(edge) for edge in told["edges"]),
        rate=Fraction(told["rate"]),
        width=int(told["width"]),
        height=int(told["height"]),
        copied=bool(told["copied"]),
        sound=bool(told["sound"]),
    )
