"""What the embedded store changes: each function a job inside the writer's transaction.

A job raises to be undone; it sees what the jobs before it in the same commit have done.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from sessions.core.errors import (
    IdTaken,
    StaleRevision,
    UnknownInvite,
    UnknownMessage,
    UnknownSession,
    UnknownShow,
)
from sessions.core.membership import accept, presence_after
from sessions.core.records import Entry, Invite, Member, Owner, Session, Show
from sessions.core.timeline import Timeline
from sessions.stores.base import AppendResult
from sessions.stores.sqlite import reads
from sessions.stores.sqlite.rows import (
    ENTRY_COLUMNS,
    INVITE_COLUMNS,
    MEMBER_COLUMNS,
    SESSION_COLUMNS,
    SHOW_COLUMNS,
    due_at_column,
    ends_at_column,
    entry_row,
    insert,
    invite_row,
    member_row,
    session_row,
    show_row,
    standing_row,
)

__all__ = [
    "SAVE_MEMBER",
    "accept_invite",
    "append",
    "create_show",
    "delete_message",
    "delete_show",
    "save_invites",
    "save_members",
    "save_owner",
    "save_show",
    "touch",
]

INSERT_SHOW = insert("shows", SHOW_COLUMNS)
INSERT_SESSION = insert("sessions", (*SESSION_COLUMNS, "ends_at", "due_at"))
INSERT_ENTRY = insert("entries", ENTRY_COLUMNS, "ON CONFLICT (id) DO NOTHING")

SAVE_MEMBER = insert(
    "members",
    MEMBER_COLUMNS,
    "ON CONFLICT (target_id, user_id) DO UPDATE SET name = excluded.name, role = excluded.role,"
    " muted = excluded.muted, removed = excluded.removed",
)
"""A member who is saved again keeps ``id`` and ``created_at``."""

SAVE_INVITE = insert(
    "invites",
    (*INVITE_COLUMNS, "log_seq"),
    "ON CONFLICT (id) DO UPDATE SET token = excluded.token, role = excluded.role,"
    " own = excluded.own, uses = excluded.uses, expires = excluded.expires,"
    " revoked = excluded.revoked",
)
"""All but ``used``, which only accept_invite counts, and ``log_seq``, the log's end at first."""

SAVE_OWNER = insert("owners", ("id", "created_at", "user_id"), "ON CONFLICT (user_id) DO NOTHING")

MOVE_SESSION = (
    "UPDATE sessions SET revision = ?, ends_at = ?, due_at = ?,"
    " timelines = ?, speed = ?, held_since = ?, held_start = ? WHERE id = ?"
)

MARK_PRESENT = "UPDATE members SET present = ? WHERE target_id = ? AND user_id = ?"
"""In the same step as the entry that says so: a server that is killed forgets nobody's leaving."""

NEWEST_SEQ = (
    "SELECT (SELECT max(seq) FROM entries WHERE target_id = shows.id) FROM shows WHERE id = ?"
)
"""The last ``seq`` of a show's log, NULL where it is empty; no row where there is no show."""


def touch(connection: sqlite3.Connection) -> None:
    """Write something that changes nothing, but needs the disk as any write does."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.execute(f"PRAGMA user_version = {version}")


def create_show(
    connection: sqlite3.Connection,
    show: Show,
    sessions: Sequence[Session],
    host: Member,
    invite: Invite,
) -> None:
    """Insert a new show with all that belongs to it."""
    try:
        connection.execute(INSERT_SHOW, show_row(show))
        for session in sessions:
            ends_at = ends_at_column(session.chain.newest, session.duration)
            row = (*session_row(session), ends_at, due_at_column(session))
            connection.execute(INSERT_SESSION, row)
        connection.execute(insert("members", MEMBER_COLUMNS), member_row(host))
        connection.execute(insert("invites", INVITE_COLUMNS), invite_row(invite))
    except sqlite3.IntegrityError as error:
        raise IdTaken(f"a record of that id is kept already ({error})") from error


def save_show(connection: sqlite3.Connection, show: Show) -> None:
    """Update a show."""
    result = connection.execute(
        "UPDATE shows SET title = ?, access = ?, control = ?, waiting = ?,"
        " revision = ?, changed_at = ?, slow_mode = ? WHERE id = ?",
        (
            *(show.title, show.access, show.control, show.waiting),
            *(show.revision, show.changed_at, show.slow_mode, show.id),
        ),
    )
    if not result.rowcount:
        raise UnknownShow


def delete_show(connection: sqlite3.Connection, show_id: str) -> None:
    """Remove a show; the references cascade."""
    if not connection.execute("DELETE FROM shows WHERE id = ?", (show_id,)).rowcount:
        raise UnknownShow


def save_members(
    connection: sqlite3.Connection,
    show_id: str,
    members: Sequence[Member],
    entries: Sequence[Entry],
) -> Sequence[Entry]:
    """Insert or update members, and append what the log says of it."""
    if reads.show(connection, show_id) is None:
        raise UnknownShow
    for member in members:
        connection.execute(SAVE_MEMBER, member_row(member))
    return [append(connection, entry).entry for entry in entries]


def save_invites(connection: sqlite3.Connection, invites: Sequence[Invite]) -> None:
    """Insert or update invites."""
    for invite in invites:
        tail = connection.execute(NEWEST_SEQ, (invite.show_id,)).fetchone()
        if tail is None:
            raise UnknownShow
        connection.execute(SAVE_INVITE, (*invite_row(invite), tail[0] or 0))


def save_owner(connection: sqlite3.Connection, owner: Owner) -> None:
    """Insert an owner, unless they are one."""
    connection.execute(SAVE_OWNER, (owner.id, owner.created_at, owner.user_id))


def accept_invite(
    connection: sqlite3.Connection, invite_id: str, member: Member, now: float
) -> Member:
    """Make ``member`` a member by an invite, using it once where that changes anything."""
    invite = reads.invite_by_id(connection, invite_id)
    if invite is None:
        raise UnknownInvite
    known = reads.member(connection, invite.show_id, member.user_id)
    judged = reads.was_changed_by_hand(connection, invite, member.user_id)
    accepted = accept(invite, known, member, judged=judged, now=now)
    if accepted is not known:
        connection.execute("UPDATE invites SET used = used + 1 WHERE id = ?", (invite_id,))
        connection.execute(SAVE_MEMBER, member_row(accepted))
    return accepted


def append(
    connection: sqlite3.Connection, entry: Entry, session: Session | None = None
) -> AppendResult:
    """Give an entry the next place in its show's log."""
    tail = connection.execute(NEWEST_SEQ, (entry.show_id,)).fetchone()
    if tail is None:
        raise UnknownShow
    if session is not None:
        _save_session(connection, entry.show_id, session)
    if entry.timeline is not None:
        _move(connection, entry, entry.timeline)
    # No other process and no other thread writes, so nobody else can take this place (ADR 0002).
    placed = replace(entry, seq=(tail[0] or 0) + 1)
    if not connection.execute(INSERT_ENTRY, entry_row(placed)).rowcount:
        # A page that lost its link sends its messages again, under the same ids.
        return AppendResult(_stored_message(connection, entry), new=False)
    if (presence := presence_after(entry)) is not None:
        user_id, here = presence
        connection.execute(MARK_PRESENT, (here, entry.show_id, user_id))
    return AppendResult(placed, new=True)


def _stored_message(connection: sqlite3.Connection, entry: Entry) -> Entry:
    """Return the message with ``entry``'s id. Raises IdTaken unless it is the very same."""
    known = reads.message(connection, entry.show_id, entry.id)
    if (
        known is None
        or entry.kind != "message"
        or (known.user_id, known.text) != (entry.user_id, entry.text)
    ):
        raise IdTaken
    return known


def _save_session(connection: sqlite3.Connection, show_id: str, session: Session) -> None:
    result = connection.execute(
        "UPDATE sessions SET movie_time = ?, target_id = ?, target_type = ?, duration = ?"
        " WHERE id = ? AND show_id = ?",
        (
            *(session.movie_time, session.target_id, session.target_type, session.duration),
            *(session.id, show_id),
        ),
    )
    if not result.rowcount:
        raise UnknownSession


def _move(connection: sqlite3.Connection, entry: Entry, timeline: Timeline) -> None:
    """Give a session the timeline of an entry: compare and set on the revision."""
    session = reads.session(connection, entry.session_id)
    if session is None or session.show_id != entry.show_id:
        raise UnknownSession
    # Two commands decided on the same timeline: the first wins, the other is decided anew.
    if timeline.revision != session.chain.newest.revision + 1:
        raise StaleRevision
    ends_at = ends_at_column(timeline, session.duration)
    moved = session.moved(timeline, entry.speed, entry.created_at)
    connection.execute(
        MOVE_SESSION,
        (timeline.revision, ends_at, due_at_column(moved), *standing_row(moved), session.id),
    )


def delete_message(connection: sqlite3.Connection, message_id: str, entry: Entry) -> AppendResult:
    """Empty a message's text and append the entry that says so."""
    message = reads.message(connection, entry.show_id, message_id)
    if message is None:
        raise UnknownMessage
    # Two people delete it at once: it is deleted once.
    if message.deleted:
        return AppendResult(reads.deletion_of(connection, message_id), new=False)
    connection.execute("UPDATE entries SET text = '', deleted = 1 WHERE id = ?", (message_id,))
    return append(connection, replace(entry, subject=message_id))
