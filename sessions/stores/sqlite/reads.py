"""The reads of the embedded store: each function answers one question, on any connection."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Collection, Sequence
from typing import Any

from sessions.core.records import Entry, EntryKind, Invite, Member, Session, Show
from sessions.stores.base import (
    MAX_LISTED_PEOPLE,
    ListedPeople,
    ListedShow,
    MemberPage,
    ShowPage,
    StoredShow,
    When,
)
from sessions.stores.cursors import cursor_of, place_of
from sessions.stores.sqlite.rows import (
    ENTRY_COLUMNS,
    INVITE_COLUMNS,
    MEMBER_COLUMNS,
    SESSION_COLUMNS,
    SHOW_COLUMNS,
    entry_of,
    invite_of,
    member_of,
    select,
    session_of,
    show_of,
)

__all__ = [
    "deletion_of",
    "entries",
    "host_of",
    "invite",
    "invite_by_id",
    "invites_of",
    "is_owner",
    "member",
    "members_of",
    "message",
    "own_token",
    "session",
    "sessions_of",
    "show",
    "shows_of",
    "stored_show",
    "was_changed_by_hand",
]

MAX_INTEGER = 2**63 - 1
"""The largest integer of SQLite: no ``seq`` is larger."""

OWN_LINK = """SELECT token FROM invites WHERE target_id = {show} AND own AND NOT revoked
    ORDER BY created_at, id LIMIT 1"""
"""The token of a show's own link."""

STAYING = "FROM members AS staying WHERE staying.target_id = shows.id AND NOT staying.removed"

TOTAL = select(("count(*)",), STAYING)
"""How many belong to a show."""

FIRST = select(("user_id", "name"), f"{STAYING} ORDER BY created_at, id LIMIT {MAX_LISTED_PEOPLE}")
FIRST_NAMES = select(("json_group_object(user_id, name)",), f"FROM ({FIRST})")
"""The first members of a show: a JSON object of user ids to names, the oldest first."""

SHOWS_OF = select(
    (
        *(f"shows.{name}" for name in SHOW_COLUMNS),
        *(f"first.{name}" for name in SESSION_COLUMNS),
        *(f"members.{name}" for name in MEMBER_COLUMNS),
        f"({OWN_LINK.format(show='shows.id')})",
        f"({TOTAL})",
        f"({FIRST_NAMES})",
    ),
    """
    FROM members
    JOIN shows ON shows.id = members.target_id
    JOIN sessions AS first ON first.id =
        (SELECT id FROM sessions WHERE show_id = shows.id ORDER BY movie_time, id LIMIT 1)
    WHERE members.user_id = :user AND NOT members.removed
    """,
)

PRESENT = "SELECT user_id FROM members WHERE target_id = ? AND present AND NOT removed"
"""Who came last and did not leave."""

NOT_OVER = """EXISTS
    (SELECT 1 FROM sessions WHERE show_id = shows.id AND (ends_at IS NULL OR ends_at > :now))"""

SHOW_PAGES: dict[When, str] = {
    "coming": f"""{SHOWS_OF} AND {NOT_OVER} AND (first.movie_time, shows.id) > (:time, :id)
        ORDER BY first.movie_time, shows.id LIMIT :limit""",
    "past": f"""{SHOWS_OF} AND NOT {NOT_OVER} AND (first.movie_time, shows.id) < (:time, :id)
        ORDER BY first.movie_time DESC, shows.id DESC LIMIT :limit""",
}
"""One page of somebody's shows, after the place (time, id)."""

BEFORE_ALL: dict[When, tuple[float, str]] = {"coming": (-math.inf, ""), "past": (math.inf, "")}
"""The places before the first pages."""


def show(connection: sqlite3.Connection, show_id: str) -> Show | None:
    """Return a show."""
    row = connection.execute(select(SHOW_COLUMNS, "FROM shows WHERE id = ?"), (show_id,)).fetchone()
    return show_of(row) if row else None


def stored_show(connection: sqlite3.Connection, show_id: str, limit: int) -> StoredShow | None:
    """Return what a show is opened from."""
    # One transaction: all that is read in it stood so at one moment.
    connection.execute("BEGIN")
    try:
        found = show(connection, show_id)
        if found is None:
            return None
        present = connection.execute(PRESENT, (show_id,)).fetchall()
        return StoredShow(
            found,
            sessions_of(connection, show_id),
            entries(connection, show_id, None, None, limit, None, None),
            [user_id for (user_id,) in present],
        )
    finally:
        connection.execute("ROLLBACK")


def shows_of(
    connection: sqlite3.Connection,
    user_id: str,
    when: When,
    now: float,
    limit: int,
    cursor: str | None,
) -> ShowPage:
    """Return a page of somebody's shows; one row more is read to know whether there is another."""
    time, show_id = BEFORE_ALL[when] if cursor is None else place_of(when, cursor)
    wanted = {"user": user_id, "now": now, "time": time, "id": show_id, "limit": limit + 1}
    rows = connection.execute(SHOW_PAGES[when], wanted).fetchall()
    items = [_listed_show(row) for row in rows[:limit]]
    if len(rows) <= limit:
        return ShowPage(items, None)
    last = items[-1]
    return ShowPage(items, cursor_of(when, (last.first.movie_time, last.show.id)))


def _listed_show(row: Sequence[Any]) -> ListedShow:
    """Return the show of a row of SHOWS_OF."""
    one, two = len(SHOW_COLUMNS), len(SHOW_COLUMNS) + len(SESSION_COLUMNS)
    *place, token, total, first = row[two:]
    people = ListedPeople(total, json.loads(first))
    return ListedShow(show_of(row[:one]), session_of(row[one:two]), member_of(place), token, people)


def is_owner(connection: sqlite3.Connection, user_id: str) -> bool:
    """Tell whether somebody is an owner."""
    found = connection.execute("SELECT 1 FROM owners WHERE user_id = ?", (user_id,))
    return found.fetchone() is not None


def session(connection: sqlite3.Connection, session_id: str) -> Session | None:
    """Return a session."""
    sql = select(SESSION_COLUMNS, "FROM sessions WHERE id = ?")
    row = connection.execute(sql, (session_id,)).fetchone()
    return session_of(row) if row else None


def sessions_of(connection: sqlite3.Connection, show_id: str) -> Sequence[Session]:
    """Return a show's sessions, ascending by time."""
    sql = select(SESSION_COLUMNS, "FROM sessions WHERE show_id = ? ORDER BY movie_time, id")
    return [session_of(row) for row in connection.execute(sql, (show_id,))]


def member(connection: sqlite3.Connection, show_id: str, user_id: str) -> Member | None:
    """Return somebody's place in a show."""
    sql = select(MEMBER_COLUMNS, "FROM members WHERE target_id = ? AND user_id = ?")
    row = connection.execute(sql, (show_id, user_id)).fetchone()
    return member_of(row) if row else None


def members_of(
    connection: sqlite3.Connection, show_id: str, limit: int, cursor: str | None, removed: bool
) -> MemberPage:
    """Return a page of the places in a show, the oldest first."""
    time, member_id = (-math.inf, "") if cursor is None else place_of("members", cursor)
    sql = select(
        MEMBER_COLUMNS,
        "FROM members WHERE target_id = ? AND (created_at, id) > (?, ?) AND removed <= ?"
        " ORDER BY created_at, id LIMIT ?",
    )
    # `removed <= 0` leaves removed members out, `removed <= 1` nobody.
    rows = connection.execute(sql, (show_id, time, member_id, removed, limit + 1)).fetchall()
    items = [member_of(row) for row in rows[:limit]]
    if len(rows) <= limit:
        return MemberPage(items, None)
    return MemberPage(items, cursor_of("members", (items[-1].created_at, items[-1].id)))


def host_of(connection: sqlite3.Connection, show_id: str) -> Member | None:
    """Return a show's host."""
    sql = select(MEMBER_COLUMNS, "FROM members WHERE target_id = ? AND role = 'host' LIMIT 1")
    row = connection.execute(sql, (show_id,)).fetchone()
    return member_of(row) if row else None


def invite(connection: sqlite3.Connection, token: str) -> Invite | None:
    """Return an invite by its token."""
    row = connection.execute(
        select(INVITE_COLUMNS, "FROM invites WHERE token = ?"), (token,)
    ).fetchone()
    return invite_of(row) if row else None


def invite_by_id(connection: sqlite3.Connection, invite_id: str) -> Invite | None:
    """Return an invite by its id."""
    row = connection.execute(
        select(INVITE_COLUMNS, "FROM invites WHERE id = ?"), (invite_id,)
    ).fetchone()
    return invite_of(row) if row else None


def invites_of(connection: sqlite3.Connection, show_id: str) -> Sequence[Invite]:
    """Return a show's invites, the oldest first."""
    sql = select(INVITE_COLUMNS, "FROM invites WHERE target_id = ? ORDER BY created_at, id")
    return [invite_of(row) for row in connection.execute(sql, (show_id,))]


def own_token(connection: sqlite3.Connection, show_id: str) -> str | None:
    """Return the token of a show's own link."""
    row = connection.execute(OWN_LINK.format(show="?"), (show_id,)).fetchone()
    return row[0] if row else None


def entries(
    connection: sqlite3.Connection,
    show_id: str,
    after: int | None,
    before: int | None,
    limit: int,
    kinds: Collection[EntryKind] | None,
    session_id: str | None,
) -> Sequence[Entry]:
    """Return entries ascending by ``seq``, from ``after`` on or else the last ones."""
    conditions = ["target_id = ?", "seq > ?", "seq < ?"]
    values: list[str | int] = [
        show_id,
        _clamp(after or 0),
        _clamp(MAX_INTEGER if before is None else before),
    ]
    if kinds is not None:
        conditions.append(f"kind IN ({', '.join('?' * len(kinds))})")
        values += kinds
    if session_id is not None:
        conditions.append("session_id = ?")
        values.append(session_id)
    order = "DESC" if after is None else "ASC"
    where = " AND ".join(conditions)
    sql = select(ENTRY_COLUMNS, f"FROM entries WHERE {where} ORDER BY seq {order} LIMIT ?")
    # SQLite takes a negative LIMIT as no limit.
    items = [entry_of(row) for row in connection.execute(sql, (*values, max(limit, 0)))]
    return items[::-1] if after is None else items


def _clamp(seq: int) -> int:
    # A client may ask for any integer; sqlite3 raises OverflowError on one beyond 64 bits.
    return max(0, min(seq, MAX_INTEGER))


def message(connection: sqlite3.Connection, show_id: str, message_id: str) -> Entry | None:
    """Return a message of a show."""
    sql = select(ENTRY_COLUMNS, "FROM entries WHERE id = ? AND target_id = ? AND kind = 'message'")
    row = connection.execute(sql, (message_id, show_id)).fetchone()
    return entry_of(row) if row else None


def deletion_of(connection: sqlite3.Connection, message_id: str) -> Entry:
    """Return the entry that deleted a message."""
    sql = select(ENTRY_COLUMNS, "FROM entries WHERE subject = ? AND kind = 'deleted'")
    return entry_of(connection.execute(sql, (message_id,)).fetchone())


def was_changed_by_hand(connection: sqlite3.Connection, invite: Invite, user_id: str) -> bool:
    """Tell whether somebody was given a role, or removed, by hand since an invite was made.

    Judged by the order of the log, not by time: a server's clock may be set back. What was done to
    a guest counts for the account that their shows were taken along to.
    """
    sql = (
        "SELECT 1 FROM entries WHERE target_id = ?"
        " AND subject IN (SELECT ? UNION ALL SELECT target_id FROM moved_users WHERE user_id = ?)"
        " AND kind IN ('role', 'removed')"
        " AND seq > (SELECT log_seq FROM invites WHERE id = ?) LIMIT 1"
    )
    values = (invite.show_id, user_id, user_id, invite.id)
    return connection.execute(sql, values).fetchone() is not None
