"""A person's own records in the database: bookmarks, history, calendar address, right to host.

Each is one document, which decides by its unique indexes; only several views at once need more
(see unfinished.py). The cinema's other services read and write bookmarks and views too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from sessions.core.errors import IdTaken, UnknownBookmark, UnknownView
from sessions.core.records import Bookmark, CalendarAddress, Owner, View
from sessions.stores.cursors import cursor_of, place_of
from sessions.stores.documents import UNREADABLE, Document, date_of, seconds_of
from sessions.stores.mongo.driver import Database, Duplicate
from sessions.stores.mongo.unfinished import begin, finish_all, put_views
from sessions.stores.personal import BookmarkPage, Friend, FriendPage, ViewPage
from sessions.stores.personal_documents import (
    bookmark_of,
    calendar_address_of,
    checked,
    personal_document,
    view_of,
)

__all__ = [
    "are_friends",
    "bookmarks_of",
    "calendar_address",
    "calendar_by_token",
    "delete_bookmark",
    "delete_view",
    "delete_views",
    "friends_of",
    "is_owner",
    "save_bookmark",
    "save_calendar_address",
    "save_owner",
    "save_views",
    "view",
    "views_of",
]

logger = logging.getLogger("seans.stores")

R = TypeVar("R", Bookmark, View)


async def save_owner(database: Database, owner: Owner) -> None:
    """Keep an owner, unless they are one. Raises IdTaken."""
    first = {"$setOnInsert": personal_document(owner)}
    try:
        await database.update("owners", {"user_id": owner.user_id}, first, upsert=True)
    except Duplicate:
        # Somebody else has kept them since; or another has the id.
        if not await is_owner(database, owner.user_id):
            raise IdTaken from None


async def is_owner(database: Database, user_id: str) -> bool:
    """Tell whether somebody is an owner."""
    return await database.find_one("owners", {"user_id": user_id}) is not None


async def save_bookmark(database: Database, bookmark: Bookmark) -> Bookmark:
    """Keep a bookmark, unless there is one of the same target. Raises IdTaken."""
    names = ("user_id", "target_type", "target_id")
    of_target = {name: getattr(bookmark, name) for name in names}
    first = {"$setOnInsert": personal_document(bookmark)}
    # Somebody else has kept one of it since, which is found then; or the id is taken.
    with suppress(Duplicate):
        await database.update("bookmarks", of_target, first, upsert=True)
    found = await database.find_one("bookmarks", of_target)
    if found is None:
        raise IdTaken
    return bookmark_of(found)


async def bookmarks_of(
    database: Database, user_id: str, limit: int, cursor: str | None
) -> BookmarkPage:
    """Return a page of somebody's bookmarks. Raises Invalid."""
    mine = {"user_id": user_id}
    found = await _newest(database, "bookmarks", mine, "created_at", limit, cursor)
    items = _readable(bookmark_of, found[:limit])
    return BookmarkPage(items, _next("bookmarks", found, limit, "created_at"))


async def delete_bookmark(database: Database, user_id: str, bookmark_id: str) -> None:
    """Forget a bookmark. Raises UnknownBookmark."""
    if not await database.delete("bookmarks", {"id": bookmark_id, "user_id": user_id}):
        raise UnknownBookmark


async def friends_of(
    database: Database, user_id: str, limit: int, cursor: str | None
) -> FriendPage:
    """Return a page of whom somebody has bookmarked. Raises Invalid."""
    mine = {"user_id": user_id, "target_type": "user"}
    found = await _newest(database, "bookmarks", mine, "created_at", limit, cursor, "friends")
    kept = _readable(bookmark_of, found[:limit])
    ids = [bookmark.target_id for bookmark in kept]
    names = await _names(database, ids)
    back = {"user_id": {"$in": ids}, "target_id": user_id, "target_type": "user"}
    mutual = {each["user_id"] for each in await database.find("bookmarks", back)} if ids else set()
    items = [
        Friend(bookmark, names.get(bookmark.target_id, ""), bookmark.target_id in mutual)
        for bookmark in kept
    ]
    return FriendPage(items, _next("friends", found, limit, "created_at"))


async def _names(database: Database, ids: Sequence[str]) -> Mapping[str, str]:
    """Return what people were called when they joined a show last, or else made a bookmark."""
    names: dict[str, str] = {}
    for collection, field in (("members", "name"), ("bookmarks", "maker_name")):
        unknown = [user_id for user_id in ids if user_id not in names]
        if not unknown:
            break
        found = await database.aggregate(
            collection,
            [
                {"$match": {"user_id": {"$in": unknown}}},
                {"$sort": {"user_id": 1, "created_at": 1, "id": 1}},
                {"$group": {"_id": "$user_id", "name": {"$last": f"${field}"}}},
            ],
        )
        names |= {each["_id"]: each["name"] or "" for each in found}
    return names


async def are_friends(database: Database, one: str, other: str) -> bool:
    """Tell whether two people have bookmarked each other."""
    both = [{"user_id": one, "target_id": other}, {"user_id": other, "target_id": one}]
    found = await database.find("bookmarks", {"target_type": "user", "$or": both})
    return len(found) == len(both)


async def save_views(database: Database, views: Sequence[View]) -> None:
    """Keep entries of history, whole or not at all. Raises IdTaken."""
    rows = [personal_document(view) for view in views]
    if not rows:
        return
    try:
        if database.transactions:
            await database.transaction(lambda within: put_views(database, rows, within=within))
            return
        # Those that were begun before must not come after these.
        await finish_all(database)
        if len(rows) == 1:
            await put_views(database, rows)
            return
        await _require_ids(database, rows)
        await begin(database, {"work": "views", "rows": rows})
    except Duplicate:
        raise IdTaken from None


async def _require_ids(database: Database, rows: Sequence[Document]) -> None:
    """Raise IdTaken where another session's view has the id of one of ``rows``."""
    sessions = {row["id"]: (row["user_id"], row["session_id"]) for row in rows}
    for found in await database.find("views", {"id": {"$in": list(sessions)}}):
        if (found["user_id"], found.get("session_id")) != sessions[found["id"]]:
            raise IdTaken


async def view(database: Database, user_id: str, session_id: str) -> View | None:
    """Return somebody's entry of a session."""
    found = await database.find_one("views", {"user_id": user_id, "session_id": session_id})
    return next(iter(_readable(view_of, [] if found is None else [found])), None)


async def views_of(database: Database, user_id: str, limit: int, cursor: str | None) -> ViewPage:
    """Return a page of somebody's history. Raises Invalid."""
    mine = {"user_id": user_id}
    found = await _newest(database, "views", mine, "updated_at", limit, cursor)
    items = _readable(view_of, found[:limit])
    return ViewPage(items, _next("views", found, limit, "updated_at"))


async def delete_view(database: Database, user_id: str, view_id: str) -> View:
    """Forget an entry of history and return it. Raises UnknownView."""
    mine = {"id": view_id, "user_id": user_id}
    found = await database.find_one("views", mine)
    if found is None or not await database.delete("views", mine):
        raise UnknownView
    return view_of(found)


async def delete_views(database: Database, user_id: str) -> None:
    """Forget somebody's history."""
    await database.delete("views", {"user_id": user_id})


async def calendar_address(database: Database, user_id: str) -> CalendarAddress | None:
    """Return somebody's address."""
    found = await database.find_one("calendar_addresses", {"user_id": user_id})
    return None if found is None else calendar_address_of(found)


async def calendar_by_token(database: Database, token: str) -> CalendarAddress | None:
    """Return the address that holds ``token``."""
    found = await database.find_one("calendar_addresses", {"token": token})
    return None if found is None else calendar_address_of(found)


async def save_calendar_address(database: Database, address: CalendarAddress) -> None:
    """Put an address in the place of the one that the person had. Raises IdTaken."""
    change: Document = {"$set": personal_document(address)}
    if "seconds" not in change["$set"]:
        change["$unset"] = {"seconds": ""}
    mine = {"user_id": address.user_id}
    try:
        await database.update("calendar_addresses", mine, change, upsert=True)
    except Duplicate:
        # Two made the first one at the same moment; or the id or the token is another's.
        with suppress(Duplicate):
            if await database.update("calendar_addresses", mine, change):
                return
        raise IdTaken from None


def _readable(read: Callable[[Document], R], documents: Sequence[Document]) -> Sequence[R]:
    """Return the records of documents; one that another service wrote wrongly hides no others."""
    records = []
    for document in documents:
        try:
            record = read(document)
            checked(record)
            records.append(record)
        except UNREADABLE:
            logger.warning(
                "A %s cannot be read, and is left out: %s", document.get("type"), document.get("id")
            )
    return records


def _next(name: str, found: Sequence[Document], limit: int, time_field: str) -> str | None:
    """Return the cursor of the page behind the first ``limit`` documents; None: there is none."""
    if len(found) <= limit:
        return None
    last = found[limit - 1]
    try:
        return cursor_of(name, (seconds_of(last, time_field), last["id"]))
    except UNREADABLE:
        # Those without a date or an id stand last: nothing that can be read is behind it.
        return None


async def _newest(
    database: Database,
    collection: str,
    match: Mapping[str, Any],
    time_field: str,
    limit: int,
    cursor: str | None,
    name: str | None = None,
) -> list[Document]:
    """Return the documents of a page, the newest first, and one more where there is another."""
    behind: Document = {}
    if cursor is not None:
        time, record_id = place_of(name or collection, cursor)
        date = date_of(time)
        # The first bound is for the index alone: the page begins there, however long the list is.
        behind = {
            time_field: {"$lte": date},
            "$or": [{time_field: {"$lt": date}}, {"id": {"$lt": record_id}}],
        }
    order = [(time_field, -1), ("id", -1)]
    return await database.find(collection, {**match, **behind}, sort=order, most=limit + 1)
