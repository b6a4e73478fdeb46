"""The room protocol as JSON text, and the records as JSON objects.

What clients may send are the dataclasses here, read strictly by pydantic; what the server sends
is made by one function a message. The JSON Schema of the first is ``client_schema()``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import from_json

from sessions.core.commands import Command, Pause, Play, Seek, SetRate
from sessions.core.errors import Invalid, NotSupported, RateLimited, Refused
from sessions.core.records import Entry, Member, Session, Show
from sessions.core.roles import Role
from sessions.core.room import SessionState
from sessions.core.timeline import Timeline
from sessions.fields import Id, MessageText

__all__ = [
    "PROTOCOL",
    "Action",
    "BadMessage",
    "ClientMessage",
    "CommandMessage",
    "Hello",
    "Ping",
    "Presence",
    "React",
    "Report",
    "Say",
    "Typing",
    "UnknownType",
    "client_schema",
    "command_of",
    "encode",
    "entry_message",
    "iso",
    "member_row",
    "message_record",
    "parse",
    "ref_of",
    "refusal",
    "session_record",
    "show_record",
    "timeline_message",
    "timeline_record",
]

PROTOCOL = 1
"""The version of the room protocol that ``hello`` names."""

Action = Literal["play", "pause", "seek", "rate", "next"]
Ref = Annotated[str, StringConstraints(max_length=64)] | int
Seconds = Annotated[float, Field(allow_inf_nan=False)]
PositiveSeconds = Annotated[float, Field(allow_inf_nan=False, ge=0.0)]
ReportedState = Literal["waiting", "ready", "playing", "paused", "stalled", "background", "blocked"]


class BadMessage(Refused):
    """Not a JSON object in a text message."""

    code = "bad_message"
    title = "A message is one JSON object in text"


class UnknownType(Invalid):
    """An object whose ``type`` the protocol does not know."""

    code = "unknown_type"
    title = "No such type of message"


_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The first word of a seat."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    type: Literal["hello"]
    protocol: int
    """Version of the protocol that the client speaks."""
    after: Annotated[int, Field(ge=0)] | None = None
    """Last ``seq`` seen; what was missed follows the welcome."""
    token: Annotated[str, StringConstraints(max_length=4096)] | None = None
    """A passport where neither header nor cookie carried one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """Asks for the server's time."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    type: Literal["ping"]
    c0: Seconds
    """The client's clock, seconds; only echoed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandMessage:
    """Asks the room to move the film."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    type: Literal["command"]
    ref: Ref
    """Chosen by the client, echoed."""
    action: Action
    position: Seconds | None = None
    """Where to seek, seconds."""
    rate: Seconds | None = None
    """Film seconds per second."""
    revision: int | None = None
    """The newest revision known to the client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Says something in the chat."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    type: Literal["say"]
    ref: Ref
    """Chosen by the client, echoed."""
    id: Id
    """Chosen by the client; said twice is stored once."""
    text: MessageText


@dataclass(frozen=True, slots=True, kw_only=True)
class React:
    """Shows an emoji to the room."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    type: Literal["react"]
    emoji: Annotated[str, StringConstraints(min_length=1, max_length=32)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """Tells that a message is being written."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    type: Literal["typing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Tells how a viewer's picture stands against the timeline."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    type: Literal["report"]
    state: ReportedState
    revision: int | None = None
    """The revision that it obeys."""
    error: Seconds | None = None
    """Picture against timeline, seconds; negative is behind."""
    clock_error: PositiveSeconds | None = None
    """Bound of its clock's error, seconds."""
    delay: PositiveSeconds | None = None
    """95th percentile of half the round trip, seconds."""
    buffered: PositiveSeconds | None = None
    """How much lies ready ahead of the picture, seconds."""
    seek_cost: PositiveSeconds | None = None
    """What a seek takes, seconds."""
    start_latency: PositiveSeconds | None = None
    """What a start takes, seconds."""
    dropped: Annotated[int, Field(ge=0)] | None = None
    """Frames that were not shown."""


ClientMessage = Hello | Ping | CommandMessage | Say | React | Typing | Report
_CLIENT: TypeAdapter[ClientMessage] = TypeAdapter(
    Annotated[ClientMessage, Field(discriminator="type")]
)


@dataclass(frozen=True, slots=True)
class Presence:
    """How somebody is there."""

    state: str = "away"
    """What they reported last; ``away`` without a link."""

    error: float | None = None
    """Their picture against the timeline, to 10 ms, seconds."""

    transport: str | None = None
    """What carries their link."""


def client_schema() -> dict[str, Any]:
    """Return the JSON Schema of everything that a client may send."""
    return _CLIENT.json_schema()


def parse(text: str) -> ClientMessage:
    """Return the message that ``text`` is. Raises BadMessage, UnknownType or Invalid."""
    try:
        return _CLIENT.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] in ("union_tag_invalid", "union_tag_not_found"):
        raise UnknownType
    if not first["loc"]:
        raise BadMessage
    path = ".".join(str(part) for part in first["loc"][1:])
    raise Invalid(f"{path}: {first['msg']}", path=path)


def ref_of(text: str) -> str | int | None:
    """Return the ``ref`` of a message that was refused, where it can be made out."""
    try:
        ref = from_json(text).get("ref")
    except (ValueError, AttributeError):
        return None
    fits = (isinstance(ref, str) and len(ref) <= 64) or type(ref) is int
    return ref if fits else None


def command_of(action: Action, position: float | None, rate: float | None) -> Command:
    """Return the command that ``action`` and its argument make. Raises Invalid, NotSupported."""
    wanted = {"seek": "position", "rate": "rate"}.get(action)
    for name, value in (("position", position), ("rate", rate)):
        if (name == wanted) != (value is not None):
            need = "needs" if name == wanted else "takes no"
            raise Invalid(f"{action} {need} {name}", path=name)
    match action:
        case "play":
            return Play()
        case "pause":
            return Pause()
        case "seek":
            return Seek(position or 0.0)
        case "rate":
            return SetRate(rate or 0.0)
        case "next":
            raise NotSupported("series come later")


def iso(seconds: float) -> str:
    """Return Unix ``seconds`` as RFC 3339 in UTC with ``Z``, to the millisecond."""
    moment = datetime.fromtimestamp(round(seconds, 3), UTC)
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision).removesuffix("+00:00") + "Z"


def encode(message: Mapping[str, Any]) -> str:
    """Return ``message`` as compact JSON text."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def timeline_record(timeline: Timeline) -> dict[str, Any]:
    """Return a timeline in the contract's fields."""
    return {
        "revision": timeline.revision,
        "position": timeline.position,
        "rate": timeline.rate,
        "instant": timeline.instant,
        "by": timeline.by,
        "reason": timeline.reason,
    }


def timeline_message(now: float, timeline: Timeline, coming: Timeline | None) -> dict[str, Any]:
    """Return what ``GET …/timeline`` answers and, with a type, the room is sent."""
    return {
        "now": now,
        "timeline": timeline_record(timeline),
        "next": timeline_record(coming) if coming else None,
    }


def message_record(entry: Entry) -> dict[str, Any]:
    """Return a chat message as the history holds it."""
    record = {
        "id": entry.id,
        "created_at": iso(entry.created_at),
        "user_id": entry.user_id,
        "type": "chat_message",
        "target_id": entry.show_id,
        "target_type": "show",
        "text": entry.text,
        "seq": entry.seq,
        "name": entry.name,
        "session_id": entry.session_id,
        "position": round(entry.position, 3),
    }
    return record | {"deleted": True} if entry.deleted else record


def entry_message(entry: Entry) -> dict[str, Any]:
    """Return the message by which a room is told of ``entry``."""
    if entry.kind == "message":
        return message_record(entry) | {"type": "message"}
    if entry.kind == "deleted":
        return {"type": "deleted", "seq": entry.seq, "id": entry.subject, "by": entry.user_id}
    notice: dict[str, Any] = {
        "type": "notice",
        "seq": entry.seq,
        "kind": entry.kind,
        "by": entry.user_id,
        "name": entry.name,
        "position": round(entry.position, 3),
        "session_id": entry.session_id,
        "revision": entry.revision,
        "created_at": iso(entry.created_at),
    }
    if entry.origin is not None:
        notice["from"] = round(entry.origin, 3)
    if entry.kind == "rate":
        notice["rate"] = entry.speed
    if entry.subject is not None:
        notice["user"] = {"id": entry.subject, "name": entry.subject_name or ""}
    if entry.role is not None:
        notice["role"] = entry.role
    return notice


def member_row(member: Member, presence: Presence) -> dict[str, Any]:
    """Return a member as lists and rosters show one."""
    return {
        "user": {"id": member.user_id, "name": member.name},
        "role": member.role,
        "muted": member.muted,
        "state": presence.state,
        "error": presence.error,
        "transport": presence.transport,
    }


def session_record(session: Session, state: SessionState) -> dict[str, Any]:
    """Return a session in the contract's fields."""
    return {
        "id": session.id,
        "created_at": iso(session.created_at),
        "user_id": session.user_id,
        "type": "session",
        "show_id": session.show_id,
        "movie_time": iso(session.movie_time),
        "target_id": session.target_id,
        "target_type": session.target_type,
        "duration": session.duration,
        "state": state,
    }


def show_record(
    show: Show, sessions: Sequence[Mapping[str, Any]], role: Role, link: str | None
) -> dict[str, Any]:
    """Return a show as somebody of ``role`` sees it; ``link`` None where it is not theirs."""
    record: dict[str, Any] = {
        "id": show.id,
        "created_at": iso(show.created_at),
        "user_id": show.user_id,
        "type": "show",
        "target_id": show.target_id,
        "target_type": show.target_type,
        "title": show.title,
        "access": show.access,
        "control": show.control,
        "waiting": show.waiting,
        "role": role,
        "sessions": list(sessions),
    }
    if show.target_type == "movie" and sessions:
        record["movie_time"] = sessions[0]["movie_time"]
    return record if link is None else record | {"link": link}


def refusal(error: Refused, ref: str | int | None) -> dict[str, Any]:
    """Return the ``refused`` message of ``error``."""
    message: dict[str, Any] = {
        "type": "refused",
        "ref": ref,
        "code": error.code,
        "detail": error.detail,
    }
    if isinstance(error, RateLimited):
        message["retry_after"] = round(error.retry_after, 3)
    return message
