"""Writes of many documents, whole or not at all, on a server without transactions.

What is to be done is kept first, as one document of ``unfinished``; then it is done, and the
document goes. Done again, each changes nothing more. Who opens the store, or writes something of
the same kind, finishes what a process that was killed had begun.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from sessions.core.records import Entry
from sessions.stores.documents import Document, entry_of
from sessions.stores.mongo.driver import Database, Duplicate, Transaction
from sessions.stores.mongo.puts import GONE

__all__ = ["append_rows", "begin", "finish_all", "put_name", "put_views"]

logger = logging.getLogger("seans.stores")

CHANGING = (
    *("title", "position", "duration", "watched", "updated_at", "company"),
    *("target_id", "target_type"),
)
"""What a later view of the same session changes; id and date stay."""


async def begin(database: Database, work: Document) -> Sequence[Entry]:
    """Note what is to be done, do it, and return the entries that it appended.

    Raises Duplicate where an id was taken meanwhile; then some of it may have been done.
    """
    noted = {"id": str(uuid4()), **work}
    await database.insert("unfinished", [noted])
    return await _finish(database, noted)


async def finish_all(database: Database) -> None:
    """Finish all that was begun, in any order: there is more than one only after a crash."""
    for noted in await database.find("unfinished", {}):
        try:
            await _finish(database, noted)
        except Duplicate:
            logger.exception("A write that was begun before is left: an id of it is taken")


async def _finish(database: Database, noted: Mapping[str, Any]) -> Sequence[Entry]:
    appended: Sequence[Entry] = ()
    try:
        if noted["work"] == "views":
            await put_views(database, noted["rows"])
        else:
            await put_name(database, noted["user_id"], noted["name"])
            appended = await append_rows(database, noted["rows"])
    except Duplicate:
        # It would be refused each time it is tried.
        await database.delete("unfinished", {"id": noted["id"]})
        raise
    await database.delete("unfinished", {"id": noted["id"]})
    return appended


async def put_views(
    database: Database, rows: Sequence[Mapping[str, Any]], *, within: Transaction = None
) -> None:
    """Keep entries of history; a person has one of a session. Raises Duplicate."""
    changes = []
    for row in rows:
        changed = {name: row[name] for name in CHANGING}
        mine = {name: row[name] for name in ("user_id", "session_id")}
        exact = row.get("seconds", {})
        first = {
            name: value
            for name, value in row.items()
            if name not in changed and name not in mine and name != "seconds"
        }
        # An older one holds no longer where the date is another (see documents.py).
        if "created_at" in exact:
            first["seconds.created_at"] = exact["created_at"]
        if "updated_at" in exact:
            changed["seconds.updated_at"] = exact["updated_at"]
        changes.append((mine, {"$set": changed, "$setOnInsert": first}))
    await database.upsert_each("views", changes, within=within)


async def put_name(
    database: Database, user_id: str, name: str, *, within: Transaction = None
) -> None:
    """Give somebody a name in all their places."""
    change = {"$set": {"name": name}, "$inc": {"rev": 1}}
    await database.update_all("members", {"user_id": user_id}, change, within=within)


async def append_rows(
    database: Database, rows: Sequence[Mapping[str, Any]], *, within: Transaction = None
) -> Sequence[Entry]:
    """Append entries to the ends of their shows' logs; those of shows that are gone are left out.

    Without a transaction one that stands there already is left, and returned as it stands. In one,
    raises Duplicate.
    """
    appended = []
    for row in rows:
        placed = await _append(database, row, within)
        if placed is not None:
            appended.append(entry_of(placed))
    return appended


async def _append(
    database: Database, row: Mapping[str, Any], within: Transaction
) -> Mapping[str, Any] | None:
    show_id = row["target_id"]
    while True:
        if within is None and (found := await database.find_one("entries", {"id": row["id"]})):
            return found
        show = {"id": show_id, "creating": None}
        if not await database.find_one("shows", show, within=within):
            return None
        log = {"target_id": show_id}
        last = await database.find_one("entries", log, sort=[("seq", -1)], within=within)
        if last is not None and last["kind"] == GONE:
            return None
        placed = {**row, "seq": (last["seq"] if last else 0) + 1}
        try:
            await database.insert("entries", [placed], within=within)
        except Duplicate:
            # Somebody else was first. A transaction is begun anew.
            if within is not None:
                raise
            continue
        return placed
