"""What a viewer may ask of the film: one frozen dataclass each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["MAX_RATE", "MIN_RATE", "Action", "Command", "Next", "Pause", "Play", "Seek", "SetRate"]

Action = Literal["play", "pause", "seek", "rate", "next"]

MIN_RATE = 0.5
"""Slowest shared rate, film seconds per second."""

MAX_RATE = 2.0
"""Fastest shared rate, film seconds per second."""


@dataclass(frozen=True, slots=True)
class Play:
    """Let the film run (before the start: let the countdown run)."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop the film where it is (before the start: stop the countdown)."""


@dataclass(frozen=True, slots=True)
class Seek:
    """Bring the film to another place."""

    position: float
    """Film position to go to, seconds, from 0 to the film's length."""


@dataclass(frozen=True, slots=True)
class SetRate:
    """Let the film run faster or slower; a film that stands stays standing."""

    rate: float
    """Film seconds per second, from MIN_RATE to MAX_RATE."""


@dataclass(frozen=True, slots=True)
class Next:
    """Go on to the show's next session, after a countdown; asked for again, at once."""


Command = Play | Pause | Seek | SetRate | Next
