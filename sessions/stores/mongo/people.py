"""The database's part on people over all shows: their places, new names, other ids.

By a transaction where the server has them. Where it has none, a new name is noted as unfinished
(see unfinished.py), and a guest's move in the document that says to whom: there it is ``pending``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar
from uuid import uuid4

from sessions.core.errors import AlreadyMoved, IdTaken, StoreUnavailable
from sessions.core.membership import merge
from sessions.core.records import Entry, Member, MovedUser
from sessions.stores.base import PeopleChange
from sessions.stores.documents import Document, date_of, entry_document, member_of
from sessions.stores.mongo.driver import Database, Duplicate, Transaction
from sessions.stores.mongo.follow import recover
from sessions.stores.mongo.reads import IN_TIME
from sessions.stores.mongo.unfinished import append_rows, begin, finish_all, put_name
from sessions.stores.personal_documents import moved_user_of, personal_document

__all__ = ["finish_moves", "move_user", "moved_users", "places_of", "rename_user"]

T = TypeVar("T")

MAX_TRIES = 50
"""How often a change is begun anew because others changed the same meanwhile."""

RETRY_PAUSE_S = 0.01
"""How long it waits before that, seconds."""

Personal = tuple[str, str, Mapping[str, Any], Sequence[str]]

PERSONAL: Sequence[Personal] = (
    ("owners", "user_id", {}, ()),
    ("views", "user_id", {}, ("session_id",)),
    ("bookmarks", "user_id", {}, ("target_type", "target_id")),
)
"""What somebody keeps for themselves: collection, the field that holds
their id, what else matches, and the fields of which a person has each value once."""


async def places_of(database: Database, user_id: str) -> Sequence[Member]:
    """Return somebody's places in all shows, the oldest first."""
    return [member_of(each) for each in await _places(database, user_id, None)]


async def _places(database: Database, user_id: str, within: Transaction) -> Sequence[Document]:
    return await database.find("members", {"user_id": user_id}, sort=IN_TIME, within=within)


async def moved_users(database: Database, since: float) -> Collection[str]:
    """Return the ids of guests that were moved at ``since`` or later."""
    found = await database.find("moved_users", {"created_at": {"$gte": date_of(since)}})
    moved = [moved_user_of(each) for each in found]
    # Dates hold milliseconds alone.
    return {each.target_id for each in moved if each.created_at >= since}


async def rename_user(
    database: Database, user_id: str, name: str, entries: Sequence[Entry]
) -> PeopleChange:
    """Give somebody a name in all their places. Raises IdTaken."""
    rows = [entry_document(entry) for entry in entries]
    # What the log says of places has yet to be kept: it would bring the old name back later.
    await _follow_logs(database, [user_id])
    if database.transactions:

        async def rename(within: Transaction) -> Sequence[Entry]:
            await put_name(database, user_id, name, within=within)
            return await append_rows(database, rows, within=within)

        appended = await _repeated(database, rows, lambda: database.transaction(rename))
    else:
        # Another name that was begun before must not come after this one.
        await finish_all(database)
        await _require_new(database, rows)
        work = {"work": "rename", "user_id": user_id, "name": name, "rows": rows}
        appended = await begin(database, work)
    return PeopleChange(await places_of(database, user_id), appended)


async def move_user(
    database: Database,
    guest_id: str,
    user_id: str,
    name: str,
    now: float,
    entries: Sequence[Entry],
) -> PeopleChange:
    """Give all that a guest has to ``user_id``, once. Raises AlreadyMoved, IdTaken."""
    rows = [entry_document(entry) for entry in entries]
    moved = personal_document(MovedUser(str(uuid4()), now, user_id, guest_id))
    # What the log says of places has yet to be kept: it would bring the guest's back later.
    await _follow_logs(database, [guest_id, user_id])

    async def move(within: Transaction) -> PeopleChange:
        await database.insert("moved_users", [moved], within=within)
        return await _move(database, guest_id, user_id, name, rows, within)

    async def move_once() -> PeopleChange:
        known = await database.find_one("moved_users", {"target_id": guest_id})
        if known is not None:
            if known["user_id"] != user_id:
                raise AlreadyMoved
            await _finish_move(database, known)
            return PeopleChange()
        if database.transactions:
            return await database.transaction(move)
        # A name that was begun before must not come after this one.
        await finish_all(database)
        await _require_new(database, rows)
        pending = {**moved, "pending": {"name": name, "rows": rows}}
        await database.insert("moved_users", [pending])
        return await _finish_move(database, pending)

    return await _repeated(database, rows, move_once)


async def _repeated(
    database: Database, rows: Sequence[Document], work: Callable[[], Awaitable[T]]
) -> T:
    """Do ``work``, and again where others were first. Raises IdTaken where one of ``rows`` is."""
    for _ in range(MAX_TRIES):
        try:
            return await work()
        except Duplicate:
            await _require_new(database, rows)
            await asyncio.sleep(RETRY_PAUSE_S)
    raise StoreUnavailable("others change the same all the time")


async def _require_new(database: Database, rows: Sequence[Document]) -> None:
    ids = [row["id"] for row in rows]
    twice = len(set(ids)) < len(ids)
    if twice or (ids and await database.find_one("entries", {"id": {"$in": ids}})):
        raise IdTaken


async def _follow_logs(database: Database, user_ids: Sequence[str]) -> None:
    theirs = {"user_id": {"$in": list(user_ids)}}
    places = await database.find("members", theirs, fields=("target_id",))
    shows = {"$in": sorted({place["target_id"] for place in places})}
    pending = {"pending": True, "target_id": shows}
    left = await database.find("entries", pending, fields=("target_id",))
    for show_id in {entry["target_id"] for entry in left}:
        await recover(database, show_id)


async def finish_moves(database: Database) -> None:
    """Finish the moves of guests that a process had begun when it was killed."""
    for moved in await database.find("moved_users", {"pending": {"$exists": True}}):
        await _finish_move(database, moved)


async def _finish_move(database: Database, moved: Mapping[str, Any]) -> PeopleChange:
    """Do what is still to be done of a guest's move; again, nothing more changes."""
    pending: Mapping[str, Any] | None = moved.get("pending")
    if pending is None:
        return PeopleChange()
    guest_id, user_id = moved["target_id"], moved["user_id"]
    for _ in range(MAX_TRIES):
        try:
            changed = await _move(
                database, guest_id, user_id, pending["name"], pending["rows"], None
            )
        except Duplicate:
            # Somebody has made a place or a record of the account meanwhile.
            await asyncio.sleep(RETRY_PAUSE_S)
            continue
        await database.update("moved_users", {"id": moved["id"]}, {"$unset": {"pending": ""}})
        return changed
    raise StoreUnavailable("others change the same all the time")


async def _move(
    database: Database,
    guest_id: str,
    user_id: str,
    name: str,
    rows: Sequence[Document],
    within: Transaction,
) -> PeopleChange:
    """Move what a guest has. Raises Duplicate."""
    members = [
        await _move_place(database, place, user_id, name, within)
        for place in await _places(database, guest_id, within)
    ]
    for kind in PERSONAL:
        await _move_personal(database, kind, guest_id, user_id, within)
    # What would open the account's shows to whoever knew the guest: others may hold the address
    # of their calendar, and have bookmarked them.
    await database.delete("calendar_addresses", {"user_id": guest_id}, within=within)
    followed = {"target_id": guest_id, "target_type": "user"}
    await database.delete("bookmarks", followed, within=within)
    # The guest may have bookmarked the account.
    itself = {"user_id": user_id, "target_id": user_id}
    await database.delete("bookmarks", itself, within=within)
    return PeopleChange(members, await append_rows(database, rows, within=within))


async def _move_place(
    database: Database, place: Document, user_id: str, name: str, within: Transaction
) -> Member:
    """Move a guest's place in a show, the place itself last: by it the rest is found again."""
    guest_id, show_id = place["user_id"], place["target_id"]
    for collection, field in (("shows", "id"), ("sessions", "show_id"), ("invites", "target_id")):
        theirs = {field: show_id, "user_id": guest_id}
        await database.update_all(collection, theirs, {"$set": {"user_id": user_id}}, within=within)
    own = {"target_id": show_id, "user_id": user_id}
    found = await database.find_one("members", own, within=within)
    known = None if found is None else member_of(found)
    member = merge(member_of(place), known, user_id, name)
    this = {"id": place["id"], "user_id": guest_id}
    if known is None:
        # The account has yet to come in.
        change: Document = {"$set": {"user_id": user_id, "name": name}, "$unset": {"present": ""}}
        await database.update("members", this, {**change, "$inc": {"rev": 1}}, within=within)
        return member
    changed = {field: getattr(member, field) for field in ("role", "muted", "removed")}
    change = {"$set": changed, "$inc": {"rev": 1}}
    await database.update("members", own, change, within=within)
    await database.delete("members", this, within=within)
    return member


async def _move_personal(
    database: Database, kind: Personal, guest_id: str, user_id: str, within: Transaction
) -> None:
    """Move a guest's records of a kind; what the account has already stays as it is."""
    collection, field, more, once = kind
    theirs, own = {field: guest_id, **more}, {field: user_id, **more}
    found = await database.find(collection, theirs, within=within)
    if not found:
        return
    if once:
        # Only those that may be the same: the account may have many more.
        values = [each[once[-1]] for each in found if once[-1] in each]
        own[once[-1]] = {"$in": values}
    kept = {_key(each, once) for each in await database.find(collection, own, within=within)}
    double = [each["id"] for each in found if _key(each, once) in kept]
    if double:
        await database.delete(collection, {"id": {"$in": double}}, within=within)
    await database.update_all(collection, theirs, {"$set": {field: user_id}}, within=within)


def _key(document: Mapping[str, Any], names: Sequence[str]) -> Sequence[Any]:
    return tuple(document.get(name) for name in names)
