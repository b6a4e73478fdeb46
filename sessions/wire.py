"""Records and entries of the log as JSON objects, in the contract's fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import cast

from sessions.core.errors import RateLimited, Refused
from sessions.core.records import NOBODY, Entry, Member, Session, Show
from sessions.core.roles import Control, Role, rights
from sessions.core.room import SessionState
from sessions.core.timeline import Timeline
from sessions.record_types import (
    ChatFields,
    ChatMessageRecord,
    MayRecord,
    MemberRecord,
    PeopleRecord,
    Person,
    PresenceState,
    SessionRecord,
    ShowRecord,
    SummaryRecord,
    TimelineRecord,
    TimelinesRecord,
    WaitingRecord,
)
from sessions.server_messages import EntryMessage, Notice, Refusal, RightsChanged, ServerMessage

__all__ = [
    "Presence",
    "encode",
    "entry_message",
    "goodbye",
    "iso",
    "may_record",
    "member_row",
    "message_record",
    "people_record",
    "refusal",
    "rights_message",
    "session_record",
    "show_record",
    "summary_record",
    "timeline_record",
    "timelines_record",
    "waiting_record",
]


@dataclass(frozen=True, slots=True)
class Presence:
    """How somebody is there."""

    state: PresenceState = "away"
    """What they reported last; ``away`` without a link."""

    error: float | None = None
    """Their picture against the timeline, to 10 ms, seconds."""

    transport: str | None = None
    """What carries their link."""


def iso(seconds: float) -> str:
    """Return Unix ``seconds`` as RFC 3339 in UTC with ``Z``, to the millisecond."""
    moment = datetime.fromtimestamp(round(seconds, 3), UTC)
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision).removesuffix("+00:00") + "Z"


def encode(message: ServerMessage) -> str:
    """Return ``message`` as compact JSON text."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def goodbye(code: int, reason: str) -> str:
    """Return the text of the last message to a link that is closed with ``code``."""
    return encode({"type": "goodbye", "code": code, "reason": reason})


def timeline_record(timeline: Timeline) -> TimelineRecord:
    """Return a timeline in the contract's fields."""
    return {
        "revision": timeline.revision,
        "position": timeline.position,
        "rate": timeline.rate,
        "instant": timeline.instant,
        "by": timeline.by,
        "reason": timeline.reason,
    }


def timelines_record(now: float, timeline: Timeline, coming: Timeline | None) -> TimelinesRecord:
    """Return the timeline in force at ``now``, Unix seconds, and the one ahead."""
    return {
        "now": now,
        "timeline": timeline_record(timeline),
        "next": timeline_record(coming) if coming else None,
    }


def message_record(entry: Entry) -> ChatMessageRecord:
    """Return a chat message as the history holds it."""
    return {"type": "chat_message", **_chat_fields(entry)}


def _chat_fields(entry: Entry) -> ChatFields:
    fields: ChatFields = {
        "id": entry.id,
        "created_at": iso(entry.created_at),
        "user_id": entry.user_id,
        "target_id": entry.show_id,
        "target_type": "show",
        "text": entry.text,
        "seq": entry.seq,
        "name": entry.name,
        "session_id": entry.session_id,
        "position": round(entry.position, 3),
    }
    if entry.deleted:
        fields["deleted"] = True
    return fields


def entry_message(entry: Entry) -> EntryMessage:
    """Return the message by which a room is told of ``entry``."""
    if entry.kind == "message":
        return {"type": "message", **_chat_fields(entry)}
    if entry.kind == "deleted":
        return {"type": "deleted", "seq": entry.seq, "id": entry.subject, "by": entry.user_id}
    notice: Notice = {
        "type": "notice",
        "seq": entry.seq,
        "kind": entry.kind,
        "by": None if entry.user_id == NOBODY else entry.user_id,
        "name": entry.name,
        "position": round(entry.position, 3),
        "session_id": entry.session_id,
        "revision": entry.revision,
        "created_at": iso(entry.created_at),
    }
    if entry.user_id == NOBODY and entry.kind != "acting":
        notice["reason"] = "waiting"
    if entry.origin is not None:
        notice["from"] = round(entry.origin, 3)
    if entry.kind == "rate":
        notice["rate"] = entry.speed
    if entry.subject is not None:
        notice["user"] = {"id": entry.subject, "name": entry.subject_name or ""}
    if entry.role is not None:
        notice["role"] = entry.role
    return notice


def waiting_record(names: Mapping[str, str], until: float | None) -> WaitingRecord:
    """Return for whom a room waits, ids to ``names``, and ``until`` when, Unix seconds."""
    people: list[Person] = [{"id": user_id, "name": name} for user_id, name in names.items()]
    return {"for": people, "until": until if people else None}


def summary_record(p50: float, p95: float, viewers: int) -> SummaryRecord:
    """Return how well a session kept step: quantiles of the error, seconds, over its viewers."""
    return {"p50": round(p50, 4), "p95": round(p95, 4), "viewers": viewers}


def member_row(member: Member, presence: Presence) -> MemberRecord:
    """Return a member as lists and rosters show one."""
    return {
        "user": {"id": member.user_id, "name": member.name},
        "role": member.role,
        "muted": member.muted,
        "state": presence.state,
        "error": presence.error,
        "transport": presence.transport,
    }


def session_record(session: Session, state: SessionState) -> SessionRecord:
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
    show: Show,
    sessions: list[SessionRecord],
    role: Role,
    link: str | None,
    *,
    acting: bool = False,
) -> ShowRecord:
    """Return a show as somebody of ``role`` sees it; ``link`` None where it is not theirs.

    ``acting``: they command for an absent host.
    """
    record: ShowRecord = {
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
        "role": role,
        "may": may_record(role, show.control, acting=acting),
        "sessions": sessions,
    }
    if show.target_type == "movie" and sessions:
        record["movie_time"] = sessions[0]["movie_time"]
    if link is not None:
        record["link"] = link
    return record


def people_record(total: int, first: Mapping[str, str]) -> PeopleRecord:
    """Return how many belong to a show, and the ``first`` of them, names by user id."""
    people: list[Person] = [{"id": user_id, "name": name} for user_id, name in first.items()]
    return {"total": total, "first": people}


def may_record(role: Role, control: Control, *, acting: bool = False) -> MayRecord:
    """Return what ``role`` may do in a show with ``control``; ``acting``: for an absent host."""
    return cast("MayRecord", asdict(rights(role, control, acting=acting)))


def rights_message(role: Role, control: Control, *, acting: bool = False) -> RightsChanged:
    """Return the message by which somebody is told of their role and what they may do now."""
    return {"type": "rights", "role": role, "may": may_record(role, control, acting=acting)}


def refusal(error: Refused, ref: str | int | None) -> Refusal:
    """Return the ``refused`` message of ``error``."""
    message: Refusal = {
        "type": "refused",
        "ref": ref,
        "code": error.code,
        "detail": error.detail,
    }
    if isinstance(error, RateLimited):
        message["retry_after"] = round(error.retry_after, 3)
    return message
