"""What a webhook says: the type, when it happened, and the record that it is about.

Fields are those of the records over HTTP, but for what depends on who asks: no role, and no link,
which would open the show to whoever reads the receiver's logs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, NotRequired
from uuid import UUID, uuid4, uuid5

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from sessions.core.records import Member, TargetType
from sessions.core.roles import Access, Control, Role, Waiting
from sessions.core.show_events import EventType, ShowEvent
from sessions.live.live_session import room_of
from sessions.record_types import SessionRecord
from sessions.wire import iso, session_record

__all__ = ["TOLD", "JoinedMember", "Payload", "ToldShow", "body_of", "id_of", "payload_of"]

ONCE: frozenset[EventType] = frozenset({"show.begun", "show.ended"})
"""What happens to a show once at most."""


class ToldShow(TypedDict):
    """A show as other services are told of it."""

    id: str
    created_at: str
    user_id: str
    type: Literal["show"]
    target_id: str
    target_type: TargetType
    title: str
    movie_time: NotRequired[str]
    access: Access
    control: Control
    waiting: Waiting
    slow_mode: float
    sessions: list[SessionRecord]


class JoinedMember(TypedDict):
    """Somebody who came to belong to a show."""

    id: str
    created_at: str
    user_id: str
    type: Literal["member"]
    target_id: str
    target_type: Literal["show"]
    name: str
    role: Role


class Payload(TypedDict):
    """The body of a webhook."""

    type: EventType
    timestamp: str
    data: ToldShow | JoinedMember


_SHOW: TypeAdapter[Any] = TypeAdapter(ToldShow)
_MEMBER: TypeAdapter[Any] = TypeAdapter(JoinedMember)

TOLD: Mapping[EventType, tuple[str, TypeAdapter[Any]]] = {
    "show.scheduled": ("A show was scheduled", _SHOW),
    "show.changed": ("A show's title, rules or time are another", _SHOW),
    "show.deleted": ("A show was called off", _SHOW),
    "show.begun": ("A show's first film begins, whether or not anybody watches", _SHOW),
    "show.ended": ("A show's last film is over", _SHOW),
    "member.joined": ("Somebody became a member of a show by a link", _MEMBER),
}
"""What is told, in words, and what its data are."""


def payload_of(event: ShowEvent) -> Payload:
    """Return what is told of ``event``."""
    data = _show(event) if event.member is None else _member(event.member)
    return {"type": event.type, "timestamp": iso(event.at), "data": data}


def body_of(event: ShowEvent) -> bytes:
    """Return the body that tells of ``event``."""
    text = json.dumps(payload_of(event), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def id_of(event: ShowEvent) -> str:
    """Return the id of a webhook: a receiver that knows it already has heard of the event.

    What happens once has the same id whoever tells it, and however often.
    """
    return str(uuid5(UUID(event.show.id), event.type) if event.type in ONCE else uuid4())


def _show(event: ShowEvent) -> ToldShow:
    show = event.show
    sessions = [session_record(each, room_of(each).state(event.at)) for each in event.sessions]
    told: ToldShow = {
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
        "slow_mode": show.slow_mode,
        "sessions": sessions,
    }
    if show.target_type == "movie" and sessions:
        told["movie_time"] = sessions[0]["movie_time"]
    return told


def _member(member: Member) -> JoinedMember:
    return {
        "id": member.id,
        "created_at": iso(member.created_at),
        "user_id": member.user_id,
        "type": "member",
        "target_id": member.show_id,
        "target_type": "show",
        "name": member.name,
        "role": member.role,
    }
