"""Records as JSON objects, typed once.

sessions.wire makes them, and the type checker compares the two. HTTP answers with them and the
room's messages hold them, so the OpenAPI document, the schema of the room protocol and the page's
types come from here.
Times are Unix seconds unless they are ISO 8601 texts; positions are seconds in the film.
"""

from __future__ import annotations

from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from sessions.core.records import TargetType
from sessions.core.roles import Access, Control, Role, Waiting
from sessions.core.room import SessionState
from sessions.core.timeline import Reason
from sessions.core.viewers import ViewerState

__all__ = [
    "ChatFields",
    "ChatMessageRecord",
    "ErrorsRecord",
    "MayRecord",
    "MemberRecord",
    "PeopleRecord",
    "Person",
    "PresenceState",
    "QuantilesRecord",
    "ReportRecord",
    "SessionRecord",
    "ShowRecord",
    "SummaryRecord",
    "SyncRecord",
    "TimelineRecord",
    "TimelinesRecord",
    "ViewerRecord",
    "WaitingRecord",
    "described",
]

PresenceState = ViewerState | Literal["away"]
"""What somebody reported last; ``away`` without a link."""

described = with_config(ConfigDict(use_attribute_docstrings=True))
"""Lets the schemas say what stands under each field."""


@described
class Person(TypedDict):
    """Somebody by id and name."""

    id: str
    name: str


@described
class MayRecord(TypedDict):
    """What the asker may do in a show."""

    command: bool
    """Move the film: play, pause, seek, change the rate."""
    edit: bool
    """Change, reschedule or call off the show, and give roles."""
    invite: bool
    """Make, list and revoke links that make guests."""
    invite_moderators: bool
    """The same with links that make moderators."""
    moderate_guests: bool
    """Mute, remove and pardon guests."""
    moderate_moderators: bool
    """The same with moderators."""
    delete_messages: bool
    """Take back the messages of others; one's own everybody may."""
    see_sync: bool
    """Be shown how well everybody keeps step."""


@described
class TimelineRecord(TypedDict):
    """Where the film stands, as a function of the server's time."""

    revision: int
    """Grows by one with each move."""
    position: float
    """Film position at ``instant``, s; below zero the film begins in that many."""
    rate: float
    """Film seconds per second; 0 while paused."""
    instant: float
    """Server time at which ``position`` holds, Unix s; may lie ahead."""
    by: str | None
    """User id of who ordered it; null for the plan itself, and for the room."""
    reason: Reason


@described
class TimelinesRecord(TypedDict):
    """The timeline in force and the one ahead."""

    now: float
    """The server's time, Unix s."""
    timeline: TimelineRecord
    next: TimelineRecord | None


@described
class SessionRecord(TypedDict):
    """One run of one film, as a show lists it."""

    id: str
    created_at: str
    user_id: str
    type: Literal["session"]
    show_id: str
    movie_time: str
    target_id: str
    target_type: TargetType
    duration: float
    """s"""
    state: SessionState


@described
class PeopleRecord(TypedDict):
    """Who belongs to a show: how many, and the first of them."""

    total: int
    first: list[Person]


@described
class ShowRecord(TypedDict):
    """A show as the asker sees it."""

    id: str
    created_at: str
    user_id: str
    type: Literal["show"]
    target_id: str
    target_type: TargetType
    title: str
    movie_time: NotRequired[str]
    """When a movie's only session begins."""
    access: Access
    control: Control
    waiting: Waiting
    slow_mode: float
    """How long a guest waits from one message to the next, s."""
    link: NotRequired[str]
    """The show's own link, where the asker may see it."""
    role: Role
    may: MayRecord
    sessions: list[SessionRecord]
    people: NotRequired[PeopleRecord]
    """Who belongs to it, where shows are listed."""


@described
class MemberRecord(TypedDict):
    """A member, as lists and rosters show one."""

    user: Person
    role: Role
    muted: bool
    state: PresenceState
    error: float | None
    """Their picture against the timeline, to 10 ms, s; negative is behind."""
    transport: str | None
    """What carries their link."""


@described
class ChatFields(TypedDict):
    """What a chat message holds in the history and in the room alike."""

    id: str
    created_at: str
    user_id: str
    target_id: str
    target_type: Literal["show"]
    text: str
    """Empty where it was taken back."""
    seq: int
    """Place in the show's log."""
    name: str
    session_id: str
    position: float
    """Where the film stood, s."""
    deleted: NotRequired[bool]


@described
class ChatMessageRecord(ChatFields):
    """A chat message as the history holds it."""

    type: Literal["chat_message"]


WaitingRecord = TypedDict("WaitingRecord", {"for": list[Person], "until": float | None})
"""Whom a room waits for, and until when at most, Unix s."""


@described
class SummaryRecord(TypedDict):
    """How well a session kept step, over all its viewers."""

    p50: float
    """Half of what was reported was no further off than this, s."""
    p95: float
    """s"""
    viewers: int


@described
class ErrorsRecord(TypedDict):
    """How far pictures were off in the last minute, each viewer weighing the same; s."""

    p50: float | None
    p95: float | None
    max: float | None


@described
class QuantilesRecord(TypedDict):
    """How far pictures were off since the start; s."""

    p50: float | None
    p95: float | None
    samples: int


@described
class ReportRecord(TypedDict):
    """What a viewer's page said last; s."""

    state: PresenceState
    error: float | None
    bound: float | None
    """Of its clock's error."""
    delay: float | None
    buffered: float | None
    seek_cost: float | None
    start_latency: float | None
    dropped: int | None
    transport: str | None


@described
class ViewerRecord(ReportRecord, QuantilesRecord):
    """What a viewer's page said last, and how well it has kept step since the start."""

    user: Person
    reported_at: float | None
    """Unix s."""


@described
class SyncRecord(QuantilesRecord):
    """How well a session keeps step: lately in ``error``, since its start in p50 and p95."""

    viewers: int
    """Who has reported in the last minute."""
    in_step: int
    error: ErrorsRecord
    rows: list[ViewerRecord]
