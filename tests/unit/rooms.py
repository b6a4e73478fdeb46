"""A film, and orders for it, on a clock that stands where a test puts it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sessions.core.commands import Command
from sessions.core.events import Moved
from sessions.core.roles import Control, Role
from sessions.core.room import Order, RoomState, decide, evolve, opened
from sessions.core.timeline import Timeline

__all__ = ["DURATION", "HOST", "LEAD", "MOVIE_TIME", "Film"]

MOVIE_TIME = 1_800_000_000.0
"""When films begin, Unix seconds."""

DURATION = 5400.0
"""How long films are, seconds."""

LEAD = 0.5
"""How far ahead orders act where nothing else is said, seconds."""

HOST = "3f6f5b0e-5f57-4c6e-9a34-3f3f6d3b7d10"
"""Who orders."""


@dataclass
class Film:
    """A running session and all that was ordered in it."""

    control: Control = "host"
    state: RoomState = field(init=False)
    made: list[Moved] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.state = opened(MOVIE_TIME, DURATION, self.control)

    def order(
        self,
        command: Command,
        at: float,
        *,
        lead: float = LEAD,
        role: Role = "host",
        revision: int | None = None,
    ) -> Timeline | None:
        """Order ``command``, ``at`` seconds after the start; return the timeline that it made."""
        now = MOVIE_TIME + at
        moved = decide(self.state, Order(command, HOST, role, lead, revision), now)
        if moved is None:
            return None
        self.made.append(moved)
        self.state = evolve(self.state, moved, now)
        return moved.timeline

    def position(self, at: float) -> float:
        """Return where the film stands, ``at`` seconds after the start."""
        return self.state.position(MOVIE_TIME + at)
