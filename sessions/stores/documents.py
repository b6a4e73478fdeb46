"""Records as documents, and back: the contract's field names, which other services read.

Dates are BSON dates there, which hold milliseconds. Where a time is finer, ``seconds`` holds it
too, as Unix seconds; it counts for as long as the date agrees with it, so another service may set
a date alone. Fields that are None are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from sessions.core.records import Entry, Invite, Job, Member, Session, Show
from sessions.core.timeline import NEVER, Timeline, Wait

__all__ = [
    "PLAN",
    "UNREADABLE",
    "Document",
    "date_of",
    "dates",
    "entry_document",
    "entry_of",
    "fields",
    "invite_document",
    "invite_of",
    "job_document",
    "job_of",
    "member_document",
    "member_of",
    "plan_fields",
    "seconds_of",
    "session_document",
    "session_of",
    "show_document",
    "show_of",
    "standing_fields",
    "values",
    "with_plan",
]

Document = dict[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

LAST_DATE_MS = 253_402_300_799_000
"""The end of the year 9999, beyond which Python knows no dates; milliseconds."""

FIRST_DATE_MS = -62_135_596_800_000
"""The beginning of the year 1, milliseconds."""

UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading a document raises that lacks a field, or has one of another type."""

PLAN = ("movie_time", "target_id", "target_type", "duration")
"""What of a session was planned and may change before it begins."""

SHOW = (
    *("id", "user_id", "target_id", "target_type", "title", "access", "control", "waiting"),
    *("revision", "slow_mode"),
)
SESSION = ("id", "user_id", "show_id", "target_id", "target_type", "duration", "announced")
MEMBER = ("id", "user_id", "name", "role", "muted", "removed")
INVITE = ("id", "user_id", "token", "role", "own", "uses", "used", "revoked")
ENTRY = (
    *("id", "user_id", "seq", "session_id", "kind", "name", "position", "revision", "text"),
    *("deleted", "subject", "subject_name", "role", "speed", "origin"),
)
JOB = ("id", "kind", "target_id", "identity", "progress", "owner", "lease_until")
TIMELINE = ("revision", "position", "rate", "instant", "by", "reason")

_timeline = attrgetter(*TIMELINE)


def date_of(seconds: float) -> datetime:
    """Return Unix ``seconds`` as a date of whole milliseconds, within the years there are."""
    milliseconds = max(FIRST_DATE_MS, min(seconds * 1000, LAST_DATE_MS))
    return EPOCH + timedelta(milliseconds=round(milliseconds))


def seconds_of(document: Mapping[str, Any], name: str) -> float:
    """Return the date ``name`` of a document as Unix seconds."""
    date: datetime = document[name]
    exact: float | None = document.get("seconds", {}).get(name)
    if exact is not None and date_of(exact) == date:
        return exact
    return (date - EPOCH) / timedelta(milliseconds=1) / 1000


def dates(**times: float | None) -> Document:
    """Return times as dates, with ``seconds`` where a date alone would lose something."""
    known = {name: time for name, time in times.items() if time is not None}
    rounded: Document = {name: date_of(time) for name, time in known.items()}
    finer = {name: time for name, time in known.items() if seconds_of(rounded, name) != time}
    return {**rounded, "seconds": finer} if finer else rounded


def fields(record: object, names: Sequence[str]) -> Document:
    """Return these fields of a record, but those that are None."""
    known = ((name, getattr(record, name)) for name in names)
    return {name: value for name, value in known if value is not None}


def values(document: Mapping[str, Any], names: Sequence[str]) -> Document:
    """Return those of these fields that a document has."""
    # Another service may leave out what has a default here.
    return {name: document[name] for name in names if name in document}


def show_document(show: Show) -> Document:
    """Return a show as it is stored."""
    # 0 says that it was never changed.
    times = dates(created_at=show.created_at, changed_at=show.changed_at or None)
    return {**fields(show, SHOW), **times, "type": "show"}


def show_of(document: Mapping[str, Any]) -> Show:
    """Return the show of a document."""
    return Show(
        created_at=seconds_of(document, "created_at"),
        changed_at=seconds_of(document, "changed_at") if "changed_at" in document else 0.0,
        **values(document, SHOW),
    )


def session_document(session: Session) -> Document:
    """Return a session as it is stored."""
    return {
        **fields(session, SESSION),
        **dates(created_at=session.created_at, movie_time=session.movie_time),
        "type": "session",
        **standing_fields(session),
    }


def plan_fields(session: Session) -> Document:
    """Return what was planned of a session: the fields to set where the plan changes."""
    planned = dates(created_at=session.created_at, movie_time=session.movie_time)
    return {
        **{name: getattr(session, name) for name in PLAN},
        "movie_time": planned["movie_time"],
        "seconds": planned.get("seconds", {}),
    }


def with_plan(session: Session, plan: Mapping[str, Any]) -> Session:
    """Return a session with the plan of :func:`plan_fields`."""
    return replace(
        session,
        movie_time=seconds_of(plan, "movie_time"),
        target_id=plan["target_id"],
        target_type=plan["target_type"],
        duration=plan["duration"],
    )


def standing_fields(session: Session) -> Document:
    """Return what a session's moves made of its plan.

    ``ends_at``, when its film ends by that, and ``due_at``, when there is something to tell of it,
    are in Unix seconds; None: never.
    """
    ends_at = session.chain.newest.ends_at(session.duration)
    wait = session.wait
    return {
        "revision": session.chain.newest.revision,
        "timelines": [_timeline_document(timeline) for timeline in session.timelines],
        "speed": session.speed,
        "wait": wait and {"since": wait.since, "before_start": wait.before_start},
        "ends_at": None if ends_at == NEVER else ends_at,
        "due_at": None if session.due_at == NEVER else session.due_at,
    }


def session_of(document: Mapping[str, Any]) -> Session:
    """Return the session of a document."""
    wait = document.get("wait")
    return Session(
        created_at=seconds_of(document, "created_at"),
        movie_time=seconds_of(document, "movie_time"),
        timelines=tuple(Timeline(**each) for each in document.get("timelines", ())),
        speed=document.get("speed", 1.0),
        wait=None if wait is None else Wait(**wait),
        **values(document, SESSION),
    )


def member_document(member: Member) -> Document:
    """Return a member as they are stored; the target is the show."""
    return {
        **fields(member, MEMBER),
        **dates(created_at=member.created_at),
        "type": "member",
        "target_id": member.show_id,
        "target_type": "show",
    }


def member_of(document: Mapping[str, Any]) -> Member:
    """Return the member of a document."""
    return Member(
        created_at=seconds_of(document, "created_at"),
        show_id=document["target_id"],
        **values(document, MEMBER),
    )


def invite_document(invite: Invite) -> Document:
    """Return an invite as it is stored; the target is the show."""
    return {
        **fields(invite, INVITE),
        **dates(created_at=invite.created_at, expires=invite.expires),
        "type": "invite",
        "target_id": invite.show_id,
        "target_type": "show",
    }


def invite_of(document: Mapping[str, Any]) -> Invite:
    """Return the invite of a document."""
    return Invite(
        created_at=seconds_of(document, "created_at"),
        expires=seconds_of(document, "expires") if "expires" in document else None,
        show_id=document["target_id"],
        **values(document, INVITE),
    )


def entry_document(entry: Entry) -> Document:
    """Return an entry as it is stored; the target is the show."""
    document = {
        **fields(entry, ENTRY),
        **dates(created_at=entry.created_at),
        "type": "chat_message" if entry.kind == "message" else "notice",
        "target_id": entry.show_id,
        "target_type": "show",
    }
    if entry.timeline is not None:
        document["timeline"] = _timeline_document(entry.timeline)
    return document


def entry_of(document: Mapping[str, Any]) -> Entry:
    """Return the entry of a document."""
    timeline = document.get("timeline")
    return Entry(
        created_at=seconds_of(document, "created_at"),
        show_id=document["target_id"],
        timeline=None if timeline is None else Timeline(**timeline),
        **values(document, ENTRY),
    )


def job_document(job: Job) -> Document:
    """Return a job as it is stored."""
    return {
        **{name: getattr(job, name) for name in JOB},
        **dates(created_at=job.created_at),
        "type": "job",
        "target_type": "movie",
    }


def job_of(document: Mapping[str, Any]) -> Job:
    """Return the job of a document."""
    return Job(created_at=seconds_of(document, "created_at"), **values(document, JOB))


def _timeline_document(timeline: Timeline) -> Document:
    return dict(zip(TIMELINE, _timeline(timeline), strict=True))
