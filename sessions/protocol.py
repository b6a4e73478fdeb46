"""The room protocol: what clients may send, as dataclasses that pydantic reads strictly.

What the server sends is typed in sessions.server_messages; sessions.schema has both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json

from sessions.core.commands import Action, Command, Pause, Play, Seek, SetRate
from sessions.core.errors import Invalid, NotSupported, Refused
from sessions.core.viewers import ViewerState
from sessions.fields import Id, MessageText, not_yet

__all__ = [
    "PROTOCOL_VERSION",
    "BadMessage",
    "ClientMessage",
    "CommandMessage",
    "Hello",
    "Ping",
    "Report",
    "Say",
    "Typing",
    "UnknownType",
    "command_of",
    "parse",
    "ref_of",
]

PROTOCOL_VERSION = 1
"""The version of the room protocol that ``hello`` names."""

Ref = Annotated[str, StringConstraints(max_length=64)] | int
Seconds = Annotated[float, Field(allow_inf_nan=False)]

MAX_REPORTED_S = 1e6
"""Longest time that a report tells of, seconds: no film is that long, and lists show it to all."""

MAX_FRAMES = 2**53 - 1
"""Most frames that a report counts: beyond this, readers of JSON disagree."""

Offset = Annotated[float, Field(allow_inf_nan=False, ge=-MAX_REPORTED_S, le=MAX_REPORTED_S)]
Lapse = Annotated[float, Field(allow_inf_nan=False, ge=0.0, le=MAX_REPORTED_S)]


class BadMessage(Refused):
    """Not a JSON object in a text message."""

    code = "bad_message"
    title = "A message is one JSON object in text"


class UnknownType(Invalid):
    """An object whose ``type`` the protocol does not know."""

    code = "unknown_type"
    title = "No such type of message"


_STRICT = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The first word of a conversation."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    type: Literal["hello"]
    protocol: int
    """Version of the protocol that the client speaks."""
    after: Annotated[int, Field(ge=0)] | None = None
    """Last ``seq`` seen; what was missed follows the welcome."""
    token: Annotated[str, StringConstraints(max_length=8192)] | None = None
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
    action: Annotated[Action, not_yet("next")]
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
class Typing:
    """Tells that a message is being written."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    type: Literal["typing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Tells how a viewer's picture stands against the timeline."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    type: Literal["report"]
    state: ViewerState
    revision: int | None = None
    """The revision that it obeys."""
    error: Offset | None = None
    """Picture against timeline, seconds; negative is behind."""
    clock_error: Lapse | None = None
    """Bound of its clock's error, seconds."""
    delay: Lapse | None = None
    """95th percentile of half the round trip, seconds."""
    buffered: Lapse | None = None
    """How much lies ready ahead of the picture, seconds."""
    seek_cost: Lapse | None = None
    """What a seek takes, seconds."""
    start_latency: Lapse | None = None
    """What a start takes, seconds."""
    dropped: Annotated[int, Field(ge=0, le=MAX_FRAMES)] | None = None
    """Frames that were not shown."""


ClientMessage = Annotated[
    Hello | Ping | CommandMessage | Say | Typing | Report, Field(discriminator="type")
]
"""Everything that a client may send."""

TYPES_NOT_YET = frozenset({"react"})
"""Types of messages that the contract also knows."""

_CLIENT: TypeAdapter[ClientMessage] = TypeAdapter(ClientMessage)


def parse(text: str) -> ClientMessage:
    """Return the message that ``text`` is.

    Raises BadMessage, UnknownType, NotSupported or Invalid.
    """
    try:
        return _CLIENT.validate_json(text)
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False, include_input=False)) from error


def _refusal(errors: list[ErrorDetails]) -> Refused:
    first = errors[0]
    if first["type"] == "union_tag_invalid" and first["ctx"]["tag"] in TYPES_NOT_YET:
        return NotSupported(f"{first['ctx']['tag']} comes in a later version", path="type")
    if first["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return UnknownType()
    if not first["loc"]:
        return BadMessage()
    later = next((error for error in errors if error["type"] == "not_supported"), None)
    wrong = later or first
    path = ".".join(str(part) for part in wrong["loc"][1:])
    said = f"{path}: {wrong['msg']}"
    return NotSupported(said, path=path) if later else Invalid(said, path=path)


def ref_of(text: str) -> str | int | None:
    """Return the ``ref`` of a message that was refused, where it can be made out."""
    try:
        ref = from_json(text).get("ref")
    except (ValueError, AttributeError):
        return None
    fits = (isinstance(ref, str) and len(ref) <= 64) or type(ref) is int
    return ref if fits else None


def command_of(action: Action, position: float | None, rate: float | None) -> Command:
    """Return the command that ``action`` and its argument make. Raises Invalid."""
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
