"""What belongs to people in the embedded store: all of it read, or written into empty tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from operator import attrgetter

from sessions.core.records import Bookmark, CalendarAddress, MovedUser, Owner, View
from sessions.stores.personal_documents import PersonalRecord
from sessions.stores.sqlite.personal import BOOKMARK_COLUMNS, VIEW_COLUMNS, view_of, view_row
from sessions.stores.sqlite.rows import CALENDAR_COLUMNS, calendar_row, insert, select

__all__ = ["PERSONAL_TABLES", "read_personal", "write_personal"]

OWNER_COLUMNS = ("id", "created_at", "user_id")
MOVED_USER_COLUMNS = ("id", "created_at", "user_id", "target_id")

PERSONAL_TABLES = ("owners", "bookmarks", "views", "calendar_addresses", "moved_users")
"""Their tables, in the order of an export."""

_owner_row = attrgetter(*OWNER_COLUMNS)
_bookmark_row = attrgetter(*BOOKMARK_COLUMNS)
_moved_user_row = attrgetter(*MOVED_USER_COLUMNS)


def read_personal(connection: sqlite3.Connection) -> Iterator[PersonalRecord]:
    """Return all records of people, each kind ascending by id."""
    for row in connection.execute(select(OWNER_COLUMNS, "FROM owners ORDER BY id")):
        yield Owner(*row)
    for row in connection.execute(select(BOOKMARK_COLUMNS, "FROM bookmarks ORDER BY id")):
        yield Bookmark(*row)
    for row in connection.execute(select((*VIEW_COLUMNS, "company"), "FROM views ORDER BY id")):
        yield view_of(row)
    sql = select(CALENDAR_COLUMNS, "FROM calendar_addresses ORDER BY id")
    for row in connection.execute(sql):
        yield CalendarAddress(*row)
    for row in connection.execute(select(MOVED_USER_COLUMNS, "FROM moved_users ORDER BY id")):
        yield MovedUser(*row)


def write_personal(connection: sqlite3.Connection, record: PersonalRecord) -> None:
    """Insert a record."""
    match record:
        case Owner():
            connection.execute(insert("owners", OWNER_COLUMNS), _owner_row(record))
        case Bookmark():
            connection.execute(insert("bookmarks", BOOKMARK_COLUMNS), _bookmark_row(record))
        case View():
            connection.execute(insert("views", (*VIEW_COLUMNS, "company")), view_row(record))
        case CalendarAddress():
            sql = insert("calendar_addresses", CALENDAR_COLUMNS)
            connection.execute(sql, calendar_row(record))
        case MovedUser():
            connection.execute(insert("moved_users", MOVED_USER_COLUMNS), _moved_user_row(record))
