"""The embedded store's part on a person's own records: bookmarks and history."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from sessions.core.errors import IdTaken, UnknownBookmark, UnknownView
from sessions.core.records import Bookmark, View
from sessions.stores.cursors import cursor_of, place_of
from sessions.stores.personal import BookmarkPage, Friend, FriendPage, ViewPage
from sessions.stores.sqlite.rows import insert, select

__all__ = [
    "BOOKMARK_COLUMNS",
    "VIEW_COLUMNS",
    "are_friends",
    "bookmarks_of",
    "delete_bookmark",
    "delete_view",
    "delete_views",
    "friends_of",
    "save_bookmark",
    "save_views",
    "view",
    "view_of",
    "view_row",
    "views_of",
]

BOOKMARK_COLUMNS = ("id", "created_at", "user_id", "target_id", "target_type", "maker_name")
"""Columns of ``bookmarks`` that make a Bookmark, in this order."""

VIEW_COLUMNS = (
    *("id", "created_at", "user_id", "target_id", "target_type", "show_id", "session_id"),
    *("title", "position", "duration", "watched", "updated_at"),
)
"""Columns of ``views`` that make a View, in this order; ``company`` follows, as JSON."""

SAVE_BOOKMARK = insert(
    "bookmarks", BOOKMARK_COLUMNS, "ON CONFLICT (user_id, target_type, target_id) DO NOTHING"
)
SAVE_VIEW = insert(
    "views",
    (*VIEW_COLUMNS, "company"),
    "ON CONFLICT (user_id, session_id) DO UPDATE SET title = excluded.title,"
    " position = excluded.position, duration = excluded.duration, watched = excluded.watched,"
    " updated_at = excluded.updated_at, company = excluded.company,"
    " target_id = excluded.target_id, target_type = excluded.target_type",
)

NAME = """coalesce(
    (SELECT name FROM members WHERE user_id = mine.target_id
        ORDER BY created_at DESC, id DESC LIMIT 1),
    (SELECT maker_name FROM bookmarks AS back WHERE back.user_id = mine.target_id
        ORDER BY created_at DESC, id DESC LIMIT 1),
    '')"""
"""What somebody was called last."""

BACK = (
    "EXISTS (SELECT 1 FROM bookmarks AS back WHERE back.user_id = mine.target_id"
    " AND back.target_type = 'user' AND back.target_id = mine.user_id)"
)
"""Whether somebody who was bookmarked has bookmarked back."""

OF_USER = "WHERE mine.user_id = ? AND (mine.{time}, mine.id) < (?, ?)"
NEWEST_FIRST = "ORDER BY mine.{time} DESC, mine.id DESC LIMIT ?"
BOOKMARKS = f"FROM bookmarks AS mine {OF_USER} {NEWEST_FIRST}".format(time="created_at")
FRIENDS = (f"FROM bookmarks AS mine {OF_USER} AND mine.target_type = 'user' {NEWEST_FIRST}").format(
    time="created_at"
)
VIEWS = f"FROM views AS mine {OF_USER} {NEWEST_FIRST}".format(time="updated_at")

_bookmark_row = attrgetter(*BOOKMARK_COLUMNS)
_plain_view_row = attrgetter(*VIEW_COLUMNS)


def save_bookmark(connection: sqlite3.Connection, bookmark: Bookmark) -> Bookmark:
    """Insert a bookmark, unless there is one of the same target."""
    try:
        connection.execute(SAVE_BOOKMARK, _bookmark_row(bookmark))
    except sqlite3.IntegrityError as error:
        raise IdTaken(f"a record of that id is kept already ({error})") from error
    sql = select(
        BOOKMARK_COLUMNS,
        "FROM bookmarks WHERE user_id = ? AND target_type = ? AND target_id = ?",
    )
    of_target = (bookmark.user_id, bookmark.target_type, bookmark.target_id)
    return Bookmark(*connection.execute(sql, of_target).fetchone())


def bookmarks_of(
    connection: sqlite3.Connection, user_id: str, limit: int, cursor: str | None
) -> BookmarkPage:
    """Return a page of somebody's bookmarks."""
    rows = _rows(
        connection, "bookmarks", select(BOOKMARK_COLUMNS, BOOKMARKS), user_id, limit, cursor
    )
    items = [Bookmark(*row) for row in rows[:limit]]
    if len(rows) <= limit:
        return BookmarkPage(items, None)
    return BookmarkPage(items, cursor_of("bookmarks", (items[-1].created_at, items[-1].id)))


def delete_bookmark(connection: sqlite3.Connection, user_id: str, bookmark_id: str) -> None:
    """Remove a bookmark."""
    sql = "DELETE FROM bookmarks WHERE user_id = ? AND id = ?"
    if not connection.execute(sql, (user_id, bookmark_id)).rowcount:
        raise UnknownBookmark


def friends_of(
    connection: sqlite3.Connection, user_id: str, limit: int, cursor: str | None
) -> FriendPage:
    """Return a page of whom somebody has bookmarked."""
    columns = (*(f"mine.{name}" for name in BOOKMARK_COLUMNS), NAME, BACK)
    rows = _rows(connection, "friends", select(columns, FRIENDS), user_id, limit, cursor)
    items = [Friend(Bookmark(*row[:-2]), row[-2], bool(row[-1])) for row in rows[:limit]]
    if len(rows) <= limit:
        return FriendPage(items, None)
    last = items[-1].bookmark
    return FriendPage(items, cursor_of("friends", (last.created_at, last.id)))


def are_friends(connection: sqlite3.Connection, one: str, other: str) -> bool:
    """Tell whether two people have bookmarked each other."""
    sql = (
        "SELECT count(*) FROM bookmarks WHERE target_type = 'user'"
        " AND ((user_id = ? AND target_id = ?) OR (user_id = ? AND target_id = ?))"
    )
    (found,) = connection.execute(sql, (one, other, other, one)).fetchone()
    return bool(found == 2)


def save_views(connection: sqlite3.Connection, views: Sequence[View]) -> None:
    """Insert or update entries of history."""
    for one in views:
        connection.execute(SAVE_VIEW, view_row(one))


def view(connection: sqlite3.Connection, user_id: str, session_id: str) -> View | None:
    """Return somebody's entry of a session."""
    sql = select((*VIEW_COLUMNS, "company"), "FROM views WHERE user_id = ? AND session_id = ?")
    row = connection.execute(sql, (user_id, session_id)).fetchone()
    return view_of(row) if row else None


def views_of(
    connection: sqlite3.Connection, user_id: str, limit: int, cursor: str | None
) -> ViewPage:
    """Return a page of somebody's history."""
    rows = _rows(
        connection, "views", select((*VIEW_COLUMNS, "company"), VIEWS), user_id, limit, cursor
    )
    items = [view_of(row) for row in rows[:limit]]
    if len(rows) <= limit:
        return ViewPage(items, None)
    return ViewPage(items, cursor_of("views", (items[-1].updated_at, items[-1].id)))


def delete_view(connection: sqlite3.Connection, user_id: str, view_id: str) -> View:
    """Remove an entry of history."""
    sql = select((*VIEW_COLUMNS, "company"), "FROM views WHERE user_id = ? AND id = ?")
    row = connection.execute(sql, (user_id, view_id)).fetchone()
    if row is None:
        raise UnknownView
    connection.execute("DELETE FROM views WHERE id = ?", (view_id,))
    return view_of(row)


def delete_views(connection: sqlite3.Connection, user_id: str) -> None:
    """Remove somebody's history."""
    connection.execute("DELETE FROM views WHERE user_id = ?", (user_id,))


def _rows(
    connection: sqlite3.Connection,
    name: str,
    sql: str,
    user_id: str,
    limit: int,
    cursor: str | None,
) -> Sequence[Any]:
    """Return the rows of a page, and one more where there is another page."""
    time, record_id = (math.inf, "") if cursor is None else place_of(name, cursor)
    return connection.execute(sql, (user_id, time, record_id, limit + 1)).fetchall()


def view_row(view: View) -> Sequence[Any]:
    """Return a view's values in the order of VIEW_COLUMNS, then ``company``."""
    return (*_plain_view_row(view), json.dumps(view.company))


def view_of(row: Sequence[Any]) -> View:
    """Return the view of such a row."""
    return replace(View(*row[:-1]), company=tuple(json.loads(row[-1])))
