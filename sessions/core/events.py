"""What a room decides: one frozen dataclass each, one log entry each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sessions.core.timeline import Timeline

__all__ = ["MoveKind", "Moved"]

MoveKind = Literal["paused", "played", "sought", "rate", "rescheduled", "moved_to_session"]


@dataclass(frozen=True, slots=True)
class Moved:
    """The film was given a new timeline."""

    kind: MoveKind
    """What the chat says happened."""

    timeline: Timeline
    """The timeline that it made; its revision is the next one."""

    speed: float
    """The rate that the film runs at whenever it runs, film seconds per second."""

    origin: float | None = None
    """Where the film stood before a seek, seconds."""
