"""Log first, records follow: what an entry of the log says of records is brought there after it.

An entry with something to follow is ``pending`` until that is done. Who finds one does it: after a
crash between the two writes the records are made again from the log. Doing it again, or late,
changes nothing: each record knows up to which revision or ``seq`` it has followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sessions.core.membership import presence_after
from sessions.core.records import Entry, Member, Session
from sessions.stores.documents import (
    Document,
    entry_of,
    member_document,
    plan_fields,
    session_of,
    standing_fields,
)
from sessions.stores.mongo.driver import Database, Duplicate
from sessions.stores.mongo.puts import GONE, finish_deletion, put_member

__all__ = ["follow_all", "follows", "recover"]

MAX_RECOVERED = 500
"""How many pending entries are read at a time."""


def follows(entry: Entry, session: Session | None, members: Sequence[Member]) -> Document:
    """Return what a log's document holds for its records; empty where nothing follows.

    A changed plan stays in the log: with the moves it makes the session again.
    """
    more: Document = {}
    if session is not None:
        more["plan"] = {"id": session.id, **plan_fields(session)}
    if members:
        more["members"] = [member_document(member) for member in members]
    if more or entry.timeline is not None or presence_after(entry) or entry.kind == "deleted":
        more["pending"] = True
    return more


async def follow_all(database: Database, documents: Sequence[Mapping[str, Any]]) -> None:
    """Bring records to what pending entries of one show say, in the order of the log."""
    pending = [document for document in documents if document.get("pending")]
    for document in pending:
        await _follow(database, document)
    if pending:
        await database.update_all(
            "entries",
            {"id": {"$in": [document["id"] for document in pending]}},
            {"$unset": {"pending": "", "members": "", "rest": ""}},
        )


async def _follow(database: Database, document: Mapping[str, Any]) -> None:
    entry = entry_of(document)
    plan: Mapping[str, Any] | None = document.get("plan")
    if entry.timeline is not None:
        await _follow_move(database, entry, plan)
    elif plan is not None:
        await _set_plan(database, plan)
    for row in document.get("members", ()):
        await put_member(database, row, seq=entry.seq)
    if (presence := presence_after(entry)) is not None:
        user_id, here = presence
        await database.update(
            "members",
            {
                "target_id": entry.show_id,
                "user_id": user_id,
                "presence_seq": {"$not": {"$gte": entry.seq}},
            },
            {"$set": {"present": here, "presence_seq": entry.seq}},
        )
    if entry.kind == "deleted":
        await database.update(
            "entries",
            {"id": entry.subject, "target_id": entry.show_id},
            {"$set": {"text": "", "deleted": True}},
        )


async def _follow_move(database: Database, entry: Entry, plan: Mapping[str, Any] | None) -> None:
    found = await database.find_one("sessions", {"id": entry.session_id})
    if found is None or entry.timeline is None or found.get("revision", 1) >= entry.revision:
        return
    planned = _planned(found, plan)
    moved = session_of(planned).moved(entry.timeline, entry.speed, entry.created_at)
    change = {**_fields_of(plan), **standing_fields(moved)}
    # Somebody else may have brought it further meanwhile.
    older = {"id": entry.session_id, "revision": found.get("revision")}
    await database.update("sessions", older, {"$set": change})


async def _set_plan(database: Database, plan: Mapping[str, Any]) -> None:
    found = await database.find_one("sessions", {"id": plan["id"]})
    if found is not None:
        ends = {"ends_at": standing_fields(session_of(_planned(found, plan)))["ends_at"]}
        change = {**_fields_of(plan), **ends}
        await database.update("sessions", {"id": plan["id"]}, {"$set": change})


def _fields_of(plan: Mapping[str, Any] | None) -> Document:
    return {name: value for name, value in (plan or {}).items() if name != "id"}


def _planned(session: Mapping[str, Any], plan: Mapping[str, Any] | None) -> Document:
    """Return a session's document with a changed plan."""
    return {**session, **_fields_of(plan)}


async def recover(database: Database, show_id: str | None = None) -> None:
    """Do what pending entries say, of one show or of all: a process may have been killed."""
    match = {"pending": True} if show_id is None else {"target_id": show_id, "pending": True}
    order = [("target_id", 1), ("seq", 1)]
    while found := await database.find("entries", match, sort=order, most=MAX_RECOVERED):
        for document in found:
            if document["kind"] == GONE:
                await finish_deletion(database, document)
            else:
                await _append_rest(database, document.get("rest", ()))
                await follow_all(database, [document])


async def _append_rest(database: Database, rest: Sequence[Mapping[str, Any]]) -> None:
    """Append what belongs to an entry and was not written behind it, at the log's end."""
    for document in rest:
        while not await database.find_one("entries", {"id": document["id"]}):
            last = await database.find_one(
                "entries", {"target_id": document["target_id"]}, sort=[("seq", -1)]
            )
            placed = {**document, "seq": (last["seq"] if last else 0) + 1}
            try:
                await database.insert("entries", [placed])
            except Duplicate:
                continue
