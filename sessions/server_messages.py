"""The room protocol: what the server sends, typed once.

sessions.wire and sessions.live make these messages, and the type checker compares. Times are Unix
seconds unless they are ISO 8601 texts; positions are seconds in the film.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from sessions.core.records import NoticeKind
from sessions.core.roles import Access, Control, Role, Waiting
from sessions.record_types import (
    ChatFields,
    MayRecord,
    MemberRecord,
    Person,
    SessionRecord,
    ShowRecord,
    SummaryRecord,
    TimelinesRecord,
    WaitingRecord,
    described,
)

__all__ = [
    "Accepted",
    "ChatMessage",
    "Deleted",
    "EntryMessage",
    "Goodbye",
    "Members",
    "Notice",
    "Pong",
    "Refusal",
    "RightsChanged",
    "RosterRecord",
    "ServerMessage",
    "Settings",
    "ShowChanged",
    "SomebodyTyping",
    "Summary",
    "TimelineChanged",
    "WaitingChanged",
    "Welcome",
]


@described
class RosterRecord(TypedDict):
    """The people of a show, and how many there are."""

    rows: list[MemberRecord]
    """The present first; not all where there are many."""
    present: int
    total: int


@described
class Settings(TypedDict):
    """What holds for a session."""

    control: Control
    waiting: Waiting
    leads: dict[str, float]
    """How far ahead each command acts, s."""
    acting: str | None
    """User id of who commands for an absent host."""
    live_delay: float
    """s"""


@described
class Welcome(TimelinesRecord):
    """The answer to ``hello``: how everything stands."""

    type: Literal["welcome"]
    protocol: int
    user: Person
    role: Role
    may: MayRecord
    show: ShowRecord
    session: SessionRecord
    roster: RosterRecord
    seq: int
    """Of the newest entry of the log."""
    settings: Settings
    waiting: WaitingRecord | None
    summary: SummaryRecord | None
    """Once the film is over."""


@described
class Pong(TypedDict):
    """The answer to ``ping``."""

    type: Literal["pong"]
    c0: float
    """As the client sent it."""
    s1: float
    """When the ping came, Unix s."""
    s2: float
    """When this was sent, Unix s."""


@described
class TimelineChanged(TimelinesRecord):
    """Where the film stands from now on."""

    type: Literal["timeline"]
    movie_time: NotRequired[str]
    """When the film begins now, where that has changed."""


@described
class ChatMessage(ChatFields):
    """Somebody said something."""

    type: Literal["message"]


@described
class Deleted(TypedDict):
    """A message was taken back."""

    type: Literal["deleted"]
    seq: int
    id: str | None
    by: str


_Sought = TypedDict("_Sought", {"from": NotRequired[float]})


@described
class Notice(_Sought):
    """Who did what; ``from`` says where the film stood before a seek."""

    type: Literal["notice"]
    seq: int
    kind: NoticeKind
    by: str | None
    """User id; null: the room by itself."""
    name: str
    """Theirs at that time."""
    position: float
    """Where the film stood, s."""
    session_id: str
    revision: int
    """The newest one then; of a move the one that it made."""
    created_at: str
    reason: NotRequired[Literal["waiting"]]
    """Why the room acted by itself."""
    rate: NotRequired[float | None]
    """The new rate, where ``rate``."""
    user: NotRequired[Person]
    """Whom it is about, where ``role``, ``removed`` or ``acting`` (without: nobody any more)."""
    role: NotRequired[Role]
    """The role that they have now, where ``role``."""


@described
class Members(RosterRecord):
    """The rows that changed."""

    type: Literal["members"]


@described
class RightsChanged(TypedDict):
    """What the receiver may do has changed."""

    type: Literal["rights"]
    role: Role
    may: MayRecord


@described
class ShowChanged(TypedDict):
    """The show's title or rules have changed."""

    type: Literal["show"]
    title: str
    access: Access
    control: Control
    waiting: Waiting
    slow_mode: float
    """How long a guest waits from one message to the next, s."""
    acting: str | None
    """User id of who commands for an absent host."""


@described
class WaitingChanged(WaitingRecord):
    """Whom the room waits for has changed."""

    type: Literal["waiting"]


@described
class Summary(SummaryRecord):
    """The film is over, and so well was step kept."""

    type: Literal["summary"]


@described
class SomebodyTyping(TypedDict):
    """Somebody is writing a message."""

    type: Literal["typing"]
    user: Person


@described
class Accepted(TypedDict):
    """What was asked for with ``ref`` is done."""

    type: Literal["accepted"]
    ref: str | int
    revision: NotRequired[int]
    """The one that a command made, or that stands."""
    seq: NotRequired[int]
    """The place of a message in the log."""


@described
class Refusal(TypedDict):
    """What was asked for is not done."""

    type: Literal["refused"]
    ref: str | int | None
    """Null where it can't be made out."""
    code: str
    """Stable; the page has its own words for it."""
    detail: str
    """For developers."""
    retry_after: NotRequired[float]
    """s"""


@described
class Goodbye(TypedDict):
    """The last message before the server closes the link."""

    type: Literal["goodbye", "removed"]
    code: int
    """Why, as a WebSocket's close code says it, whatever carries the link."""
    reason: str
    """For developers."""


EntryMessage = ChatMessage | Deleted | Notice
"""A message that stands in the show's log, so it has a ``seq``."""

ServerMessage = Annotated[
    Welcome
    | Pong
    | TimelineChanged
    | EntryMessage
    | Members
    | RightsChanged
    | ShowChanged
    | WaitingChanged
    | Summary
    | SomebodyTyping
    | Accepted
    | Refusal
    | Goodbye,
    Field(discriminator="type"),
]
"""Everything that the server may send."""
