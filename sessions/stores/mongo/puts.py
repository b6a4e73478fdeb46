"""Records put into the database or taken out of it; done again, each changes nothing more."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sessions.core.errors import IdTaken
from sessions.stores.documents import Document
from sessions.stores.mongo.driver import Database, Duplicate, Transaction

__all__ = [
    "GONE",
    "erase_entries",
    "erase_records",
    "finish_deletion",
    "finish_puts",
    "hosts_first",
    "put_all",
    "put_invite",
    "put_member",
]

logger = logging.getLogger("seans.stores")

GONE = "gone"
"""Kind of the entry that ends a deleted show's log, so that nobody writes behind it."""


async def put_member(
    database: Database,
    row: Mapping[str, Any],
    *,
    seq: int | None = None,
    within: Transaction = None,
) -> None:
    """Keep a place in a show, new or changed; a known one keeps its id and date.

    With ``seq`` it is what the log said there, and nothing where the place follows a later entry.
    Raises IdTaken where another place has its id.
    """
    changed = {name: row[name] for name in ("name", "role", "muted", "removed")}
    match: Document = {"target_id": row["target_id"], "user_id": row["user_id"]}
    first = {name: row[name] for name in row if name not in changed and name not in match}
    if seq is not None:
        changed["log_seq"] = seq
        match["log_seq"] = {"$not": {"$gte": seq}}
    change = {"$set": changed, "$inc": {"rev": 1}}
    try:
        upsert = {**change, "$setOnInsert": first}
        await database.update("members", match, upsert, upsert=True, within=within)
    except Duplicate:
        # It ends a transaction, which is then begun anew.
        if within is not None:
            raise
        # The place follows a later entry already; or two made it at the same moment.
        if not await database.update("members", match, change) and seq is None:
            raise IdTaken from None


async def put_invite(
    database: Database, row: Mapping[str, Any], *, within: Transaction = None
) -> None:
    """Keep an invite, new or changed; a known one keeps what it counts. Raises IdTaken."""
    names = ("token", "role", "own", "uses", "expires", "seconds", "revoked")
    changed = {name: row[name] for name in names if name in row}
    missing = {name: "" for name in names if name not in row}
    first = {name: row[name] for name in row if name not in names and name != "id"}
    change: Document = {"$set": changed, "$inc": {"rev": 1}, "$setOnInsert": first}
    if missing:
        change["$unset"] = missing
    try:
        await database.update("invites", {"id": row["id"]}, change, upsert=True, within=within)
    except Duplicate:
        raise IdTaken from None


async def finish_puts(database: Database) -> None:
    """Finish what a process that was killed had begun; no transaction undid it.

    A show that was being created is taken back: nobody was told of it. Members and invites that
    were to be kept together are kept, and so is who had used an invite.
    """
    for show in await database.find("shows", {"pending": {"$exists": True}}):
        if show.get("creating"):
            await erase_records(database, show["id"])
            continue
        await _finish(database, "shows", show, show["pending"])
    for invite in await database.find("invites", {"pending": {"$exists": True}}):
        await _finish(database, "invites", invite, {"members": [invite["pending"]]})


async def _finish(
    database: Database, collection: str, decided: Mapping[str, Any], rows: Mapping[str, Any]
) -> None:
    try:
        await put_all(database, rows)
    except IdTaken:
        logger.warning("what %s %s had begun is left: an id is taken", collection, decided["id"])
    await database.update(collection, {"id": decided["id"]}, {"$unset": {"pending": ""}})


def hosts_first(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return places in the order in which they are kept: at no moment a show is without a host."""
    return sorted(rows, key=lambda row: row["role"] != "host")


async def put_all(
    database: Database, rows: Mapping[str, Any], *, within: Transaction = None
) -> None:
    """Keep the ``members`` and ``invites`` of ``rows``."""
    for row in hosts_first(rows.get("members", ())):
        await put_member(database, row, within=within)
    for row in rows.get("invites", ()):
        await put_invite(database, row, within=within)


async def erase_records(database: Database, show_id: str, *, within: Transaction = None) -> None:
    """Forget a show and what belongs to it but its log."""
    await database.delete("shows", {"id": show_id}, within=within)
    await database.delete("sessions", {"show_id": show_id}, within=within)
    for collection in ("members", "invites"):
        await database.delete(collection, {"target_id": show_id}, within=within)


async def erase_entries(database: Database, show_id: str) -> None:
    """Forget a show's log but for the entry that ends it."""
    await database.delete("entries", {"target_id": show_id, "kind": {"$ne": GONE}})


async def finish_deletion(database: Database, last: Mapping[str, Any]) -> None:
    """Forget a deleted show; ``last`` is the entry that ended its log, and goes a day later."""
    show_id = last["target_id"]
    if database.transactions:

        async def erase(within: Transaction) -> None:
            await erase_records(database, show_id, within=within)

        await database.transaction(erase)
    else:
        await erase_records(database, show_id)
    # Not in the transaction: a long log would take longer than one may.
    await erase_entries(database, show_id)
    await database.update(
        "entries",
        {"id": last["id"]},
        {"$unset": {"pending": ""}, "$currentDate": {"gone_at": True}},
    )
