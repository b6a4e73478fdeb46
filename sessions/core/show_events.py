"""What happens to shows, for other services to hear of: one frozen dataclass for all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sessions.core.records import Member, Session, Show

__all__ = ["Announce", "EventType", "ShowEvent", "announce_to_nobody"]

EventType = Literal[
    "show.scheduled",
    "show.changed",
    "show.deleted",
    "show.begun",
    "show.ended",
    "member.joined",
]
"""What happened."""


@dataclass(frozen=True, slots=True)
class ShowEvent:
    """Something that happened to a show."""

    type: EventType
    """What it was."""

    at: float
    """When it happened, Unix seconds of server time."""

    show: Show
    """The show as it is since."""

    sessions: Sequence[Session]
    """Its sessions as they are since, ascending by time; none where nothing is said of them."""

    member: Member | None = None
    """Whom it is about."""


Announce = Callable[[ShowEvent], None]
"""Takes what happened. It must neither wait nor raise: a room's answer stands behind it."""


def announce_to_nobody(_event: ShowEvent) -> None:
    """Let an event pass, where nobody wants to hear of it."""
