"""What other services were told of sessions, in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sessions.core.records import Announced, Session
from sessions.stores.documents import session_of, standing_fields
from sessions.stores.mongo.driver import Database

__all__ = ["announce", "as_read", "due_sessions", "skip"]


async def due_sessions(database: Database, now: float, limit: int) -> Sequence[Session]:
    """Return sessions whose ``due_at`` has come, ascending by it."""
    if limit <= 0:
        # The driver takes 0 as no limit.
        return []
    due = {"due_at": {"$lte": now}}
    found = await database.find("sessions", due, sort=[("due_at", 1)], most=limit)
    return [session_of(each) for each in found]


def as_read(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what matches a session for as long as it stands as it was read."""
    # None matches what is missing: another service may have planned the session.
    names = ("id", "revision", "announced")
    return {name: document.get(name) for name in names}


async def announce(
    database: Database, session_id: str, before: Announced, after: Announced
) -> bool:
    """Note what is told of a session: compare and set."""
    while True:
        found = await database.find_one("sessions", {"id": session_id})
        if found is None or session_of(found).announced != before:
            return False
        told = replace(session_of(found), announced=after)
        change = {"announced": after, "due_at": standing_fields(told)["due_at"]}
        # A move in between has changed what is due.
        if await database.update("sessions", as_read(found), {"$set": change}):
            return True


async def skip(database: Database, before: float) -> None:
    """Note that all is told of sessions that ended before then."""
    over = {"due_at": {"$lte": before}, "ends_at": {"$lte": before}}
    change = {"$set": {"announced": "ended", "due_at": None}}
    await database.update_all("sessions", over, change)
