"""The embedded store's part on people over all shows: their places, new names, other ids."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from uuid import uuid4

from sessions.core.errors import AlreadyMoved
from sessions.core.membership import merge
from sessions.core.records import Entry, Member
from sessions.stores.base import PeopleChange
from sessions.stores.sqlite import reads
from sessions.stores.sqlite.rows import MEMBER_COLUMNS, insert, member_of, member_row, select
from sessions.stores.sqlite.writes import SAVE_MEMBER, append

__all__ = ["move_user", "moved_users", "places_of", "rename_user"]

PLACES = select(MEMBER_COLUMNS, "FROM members WHERE user_id = ? ORDER BY created_at, id")

INSERT_MOVED = insert("moved_users", ("id", "created_at", "user_id", "target_id"))

AUTHORSHIP = (
    "UPDATE shows SET user_id = ? WHERE user_id = ? AND id = ?",
    "UPDATE sessions SET user_id = ? WHERE user_id = ? AND show_id = ?",
    "UPDATE invites SET user_id = ? WHERE user_id = ? AND target_id = ?",
)
"""What somebody made in a show. Each show by itself, by its index: a show's maker has a place."""

PERSONAL = tuple(
    statement
    for table, column, more in (
        ("owners", "user_id", ""),
        ("views", "user_id", ""),
        ("bookmarks", "user_id", ""),
    )
    for statement in (
        # Names of this module; values are always bound.
        f"UPDATE OR IGNORE {table} SET {column} = :user WHERE {column} = :guest {more}",  # noqa: S608
        f"DELETE FROM {table} WHERE {column} = :guest {more}",  # noqa: S608
    )
)
"""What somebody keeps for themselves; what the account has already stays as it is."""

FORGOTTEN = (
    "DELETE FROM calendar_addresses WHERE user_id = ?",
    "DELETE FROM bookmarks WHERE target_id = ? AND target_type = 'user'",
)
"""What would open the account's shows to whoever knew the guest: others may hold the address, and
have bookmarked the guest."""

SELF_BOOKMARK = "DELETE FROM bookmarks WHERE user_id = ? AND target_id = ?"


def places_of(connection: sqlite3.Connection, user_id: str) -> Sequence[Member]:
    """Return somebody's places in all shows, the oldest first."""
    return [member_of(row) for row in connection.execute(PLACES, (user_id,))]


def rename_user(
    connection: sqlite3.Connection, user_id: str, name: str, entries: Sequence[Entry]
) -> PeopleChange:
    """Give somebody a name in all their places."""
    connection.execute("UPDATE members SET name = ? WHERE user_id = ?", (name, user_id))
    return PeopleChange(places_of(connection, user_id), _appended(connection, entries))


def move_user(
    connection: sqlite3.Connection,
    guest_id: str,
    user_id: str,
    name: str,
    now: float,
    entries: Sequence[Entry],
) -> PeopleChange:
    """Give all that a guest has to ``user_id``, once."""
    known = "SELECT user_id FROM moved_users WHERE target_id = ?"
    moved = connection.execute(known, (guest_id,)).fetchone()
    if moved is not None:
        if moved[0] != user_id:
            raise AlreadyMoved
        return PeopleChange()
    connection.execute(INSERT_MOVED, (str(uuid4()), now, user_id, guest_id))
    members = []
    for guest in places_of(connection, guest_id):
        own = reads.member(connection, guest.show_id, user_id)
        member = merge(guest, own, user_id, name)
        # First: the place keeps its id, which no other row may have.
        connection.execute("DELETE FROM members WHERE id = ?", (guest.id,))
        connection.execute(SAVE_MEMBER, member_row(member))
        for statement in AUTHORSHIP:
            connection.execute(statement, (user_id, guest_id, guest.show_id))
        members.append(member)
    for statement in PERSONAL:
        connection.execute(statement, {"user": user_id, "guest": guest_id})
    for statement in FORGOTTEN:
        connection.execute(statement, (guest_id,))
    # The guest may have bookmarked the account.
    connection.execute(SELF_BOOKMARK, (user_id, user_id))
    return PeopleChange(members, _appended(connection, entries))


def moved_users(connection: sqlite3.Connection, since: float) -> Collection[str]:
    """Return the ids of guests that were moved at ``since`` or later."""
    sql = "SELECT target_id FROM moved_users WHERE created_at >= ?"
    return {guest_id for (guest_id,) in connection.execute(sql, (since,))}


def _appended(connection: sqlite3.Connection, entries: Sequence[Entry]) -> Sequence[Entry]:
    there = [entry for entry in entries if reads.show(connection, entry.show_id) is not None]
    return [append(connection, entry).entry for entry in there]
