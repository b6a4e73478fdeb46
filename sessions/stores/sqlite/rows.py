"""Records as rows of the embedded store, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sessions.core.records import CalendarAddress, Entry, Invite, Job, Member, Session, Show
from sessions.core.timeline import NEVER, Timeline, Wait

__all__ = [
    "CALENDAR_COLUMNS",
    "ENTRY_COLUMNS",
    "INVITE_COLUMNS",
    "JOB_COLUMNS",
    "MEMBER_COLUMNS",
    "SESSION_COLUMNS",
    "SHOW_COLUMNS",
    "calendar_of",
    "calendar_row",
    "due_at_column",
    "ends_at_column",
    "entry_of",
    "entry_row",
    "insert",
    "invite_of",
    "invite_row",
    "job_of",
    "job_row",
    "member_of",
    "member_row",
    "select",
    "session_of",
    "session_row",
    "show_of",
    "show_row",
    "standing_row",
]

Row = Sequence[Any]

SHOW_COLUMNS = (
    *("id", "created_at", "user_id", "target_id", "target_type"),
    *("title", "access", "control", "waiting", "revision", "changed_at", "slow_mode"),
)
"""Columns of ``shows`` that make a Show, in this order."""

PLAN_COLUMNS = (
    *("id", "created_at", "user_id", "show_id", "movie_time"),
    *("target_id", "target_type", "duration"),
)
"""Columns of ``sessions`` that hold what was planned."""

STATE_COLUMNS = ("timelines", "speed", "held_since", "held_start")
"""Columns of ``sessions`` that moves change."""

SESSION_COLUMNS = (*PLAN_COLUMNS, *STATE_COLUMNS, "announced")
"""Columns of ``sessions`` that make a Session."""

MEMBER_COLUMNS = ("id", "created_at", "user_id", "target_id", "name", "role", "muted", "removed")
"""Columns of ``members`` that make a Member; the target is the show."""

INVITE_COLUMNS = (
    *("id", "created_at", "user_id", "target_id", "token", "role"),
    *("own", "uses", "used", "expires", "revoked"),
)
"""Columns of ``invites`` that make an Invite; the target is the show."""

CALENDAR_COLUMNS = ("id", "created_at", "user_id", "token")
"""Columns of ``calendar_addresses`` that make a CalendarAddress."""

JOB_COLUMNS = (
    *("id", "created_at", "kind", "target_id", "identity"),
    *("progress", "owner", "lease_until"),
)
"""Columns of ``jobs`` that make a Job; the target is the film."""

ENTRY_COLUMNS = (
    *("id", "target_id", "session_id", "kind", "user_id", "name", "created_at", "position"),
    *("revision", "seq", "text", "deleted", "subject", "subject_name", "role"),
    *("speed", "origin"),
    *("timeline_position", "timeline_rate", "timeline_instant"),
    *("timeline_by", "timeline_reason"),
)
"""Columns of ``entries`` that make an Entry; the target is the show."""

PLAIN = ENTRY_COLUMNS[:17]
"""The columns of an entry that are no part of its timeline."""

NO_TIMELINE = (None,) * 5
"""A row's last columns where no timeline was made."""


def select(columns: Sequence[str], rest: str) -> str:
    """Return the SQL that reads ``columns``; ``rest`` goes on from there."""
    return f"SELECT {', '.join(columns)} {rest}"


def insert(table: str, columns: Sequence[str], rest: str = "") -> str:
    """Return the SQL that puts one row of ``columns`` into ``table``."""
    places = ", ".join("?" * len(columns))
    # All three are constants of this package; values are always bound.
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) {rest}"  # noqa: S608


show_row = attrgetter(*SHOW_COLUMNS)
_plan = attrgetter(*PLAN_COLUMNS)
_timeline = attrgetter("revision", "position", "rate", "instant", "by", "reason")
member_row = attrgetter(*("show_id" if name == "target_id" else name for name in MEMBER_COLUMNS))
invite_row = attrgetter(*("show_id" if name == "target_id" else name for name in INVITE_COLUMNS))
job_row = attrgetter(*JOB_COLUMNS)
calendar_row = attrgetter(*CALENDAR_COLUMNS)
_plain = attrgetter(*("show_id" if name == "target_id" else name for name in PLAIN))


def session_row(session: Session) -> Row:
    """Return a session's values in the order of SESSION_COLUMNS."""
    return (*_plan(session), *standing_row(session), session.announced)


def standing_row(session: Session) -> Row:
    """Return a session's values in the order of STATE_COLUMNS."""
    wait = session.wait
    return (
        json.dumps([_timeline(timeline) for timeline in session.timelines]),
        session.speed,
        *((wait.since, wait.before_start) if wait else (None, None)),
    )


def entry_row(entry: Entry) -> Row:
    """Return an entry's values in the order of ENTRY_COLUMNS."""
    timeline = entry.timeline
    if timeline is None:
        return (*_plain(entry), *NO_TIMELINE)
    return (
        *_plain(entry),
        *(timeline.position, timeline.rate, timeline.instant, timeline.by, timeline.reason),
    )


def ends_at_column(timeline: Timeline, duration: float) -> float | None:
    """Return when the film ends by ``timeline``, Unix seconds; None: never."""
    ends_at = timeline.ends_at(duration)
    return None if ends_at == NEVER else ends_at


def due_at_column(session: Session) -> float | None:
    """Return when there is something to tell of a session, Unix seconds; None: not as it stands."""
    return None if session.due_at == NEVER else session.due_at


def show_of(row: Row) -> Show:
    """Return the show of a row of SHOW_COLUMNS."""
    return Show(*row)


def session_of(row: Row) -> Session:
    """Return the session of a row of SESSION_COLUMNS."""
    plan, (timelines, speed, since, start, announced) = row[:8], row[8:]
    chain = tuple(Timeline(*values) for values in json.loads(timelines))
    wait = None if since is None else Wait(since, bool(start))
    return Session(*(*plan, chain, speed, wait, announced))


def member_of(row: Row) -> Member:
    """Return the member of a row of MEMBER_COLUMNS."""
    return Member(*(*row[:6], bool(row[6]), bool(row[7])))


def invite_of(row: Row) -> Invite:
    """Return the invite of a row of INVITE_COLUMNS."""
    return Invite(*(*row[:6], bool(row[6]), *row[7:10], bool(row[10])))


def calendar_of(row: Row) -> CalendarAddress:
    """Return the address of a row of CALENDAR_COLUMNS."""
    return CalendarAddress(*row)


def job_of(row: Row) -> Job:
    """Return the job of a row of JOB_COLUMNS."""
    return Job(*row)


def entry_of(row: Row) -> Entry:
    """Return the entry of a row of ENTRY_COLUMNS."""
    plain, (position, rate, instant, by, reason) = row[:17], row[17:]
    timeline = None if instant is None else Timeline(row[8], position, rate, instant, by, reason)
    return Entry(*(*plain[:11], bool(plain[11]), *plain[12:15], timeline, *plain[15:]))
