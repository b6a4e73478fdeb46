"""What the database changes besides the log; each call is one write of a show's queue.

What is kept whole or not at all goes by a transaction where the server has them. Where it has
none, one document decides, and holds as ``pending`` what has to follow; see finish_puts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import uuid4

from sessions.core.errors import IdTaken, StoreUnavailable, UnknownInvite, UnknownShow
from sessions.core.membership import accept
from sessions.core.records import Invite, Member, Session, Show
from sessions.stores.documents import (
    Document,
    dates,
    invite_document,
    invite_of,
    member_document,
    member_of,
    session_document,
    show_document,
)
from sessions.stores.mongo.driver import Database, Duplicate, Transaction
from sessions.stores.mongo.log import ShowLog
from sessions.stores.mongo.puts import (
    GONE,
    erase_records,
    finish_deletion,
    put_all,
    put_member,
)
from sessions.stores.mongo.reads import was_changed_by_hand

__all__ = [
    "accept_invite",
    "create_show",
    "delete_show",
    "save_invites",
    "save_members",
    "save_show",
]

MAX_TRIES = 50
"""How often an invite is accepted anew because others changed it or the member meanwhile."""

RETRY_PAUSE_S = 0.01
"""How long it waits before that, seconds."""

Rows = dict[str, list[Document]]
"""New documents by collection."""


class _Changed(Exception):
    """Somebody else has changed a record since it was read."""


async def create_show(
    database: Database, show: Show, sessions: Sequence[Session], host: Member, invite: Invite
) -> None:
    """Insert a new show with all that belongs to it. Raises IdTaken."""
    rows: Rows = {
        "shows": [{**show_document(show), "rev": 1}],
        "sessions": [session_document(session) for session in sessions],
        "members": [{**member_document(host), "rev": 1}],
        "invites": [{**invite_document(invite), "rev": 1, "log_seq": 0}],
    }

    async def insert(within: Transaction) -> None:
        for collection, documents in rows.items():
            await database.insert(collection, documents, within=within)

    try:
        if database.transactions:
            await database.transaction(insert)
        else:
            await _create_in_steps(database, show.id, rows)
    except Duplicate as error:
        raise IdTaken("a record of that id is kept already") from error


async def _create_in_steps(database: Database, show_id: str, rows: Rows) -> None:
    """Insert a show that nobody sees until all of it is there. Raises Duplicate."""
    (show,) = rows.pop("shows")
    await database.insert("shows", [{**show, "creating": True, "pending": {}}])
    try:
        for collection, documents in rows.items():
            await database.insert(collection, documents)
    except Duplicate:
        await erase_records(database, show_id)
        raise
    created = {"$unset": {"creating": "", "pending": ""}}
    await database.update("shows", {"id": show_id}, created)


async def save_show(database: Database, show: Show) -> None:
    """Update a show. Raises UnknownShow."""
    names = ("title", "access", "control", "waiting", "revision", "slow_mode")
    changed = {name: getattr(show, name) for name in names}
    if show.changed_at:
        times = dates(changed_at=show.changed_at)
        changed["changed_at"] = times["changed_at"]
        # An older one holds no longer where the date is another (see documents.py).
        if "seconds" in times:
            changed["seconds.changed_at"] = show.changed_at
    change = {"$set": changed, "$inc": {"rev": 1}}
    if not await database.update("shows", {"id": show.id, "creating": None}, change):
        raise UnknownShow


async def delete_show(database: Database, log: ShowLog, show_id: str) -> None:
    """Forget a show. Raises UnknownShow.

    First its log is ended, so that no other process writes behind that.
    """
    last: Document = {
        "id": str(uuid4()),
        "kind": GONE,
        "type": "notice",
        "target_id": show_id,
        "target_type": "show",
        "pending": True,
    }
    await log.end(last)
    await finish_deletion(database, last)


async def save_members(database: Database, show_id: str, members: Sequence[Member]) -> None:
    """Keep new or changed places of which the log says nothing. Raises UnknownShow."""
    await _require_show(database, show_id)
    rows = [member_document(member) for member in members]
    await _put_together(database, show_id, {"members": rows})


async def save_invites(database: Database, invites: Sequence[Invite]) -> None:
    """Keep new or changed invites. Raises UnknownShow, IdTaken."""
    rows = []
    for invite in invites:
        await _require_show(database, invite.show_id)
        in_log = {"target_id": invite.show_id}
        last = await database.find_one("entries", in_log, sort=[("seq", -1)])
        # What was decided of somebody since is told by the log's order: clocks may be put back.
        rows.append({**invite_document(invite), "log_seq": last["seq"] if last else 0})
    if rows:
        await _put_together(database, invites[0].show_id, {"invites": rows})


async def _require_show(database: Database, show_id: str) -> None:
    if not await database.find_one("shows", {"id": show_id, "creating": None}):
        raise UnknownShow


async def _put_together(database: Database, show_id: str, rows: Rows) -> None:
    """Keep members and invites whole or not at all."""
    if sum(map(len, rows.values())) == 1:
        await put_all(database, rows)
        return
    if database.transactions:

        async def put(within: Transaction) -> None:
            await put_all(database, rows, within=within)

        try:
            await database.transaction(put)
        except Duplicate as error:
            raise IdTaken from error
        return
    await database.update("shows", {"id": show_id}, {"$set": {"pending": rows}})
    taken: IdTaken | None = None
    try:
        await put_all(database, rows)
    except IdTaken as error:
        taken = error
    # Where the database is away it stays, and whoever opens that next finishes all.
    await database.update("shows", {"id": show_id}, {"$unset": {"pending": ""}})
    if taken is not None:
        raise taken


async def accept_invite(database: Database, invite_id: str, member: Member, now: float) -> Member:
    """Make ``member`` a member by an invite, using it once where that changes anything.

    Each record is changed only as it was read: compare and set on its ``rev``.
    """

    async def use(within: Transaction) -> Member:
        return await _use_invite(database, invite_id, member, now, within)

    for _ in range(MAX_TRIES):
        try:
            return await (database.transaction(use) if database.transactions else use(None))
        except (_Changed, Duplicate):
            await asyncio.sleep(RETRY_PAUSE_S)
    raise StoreUnavailable("others use this link all the time")


async def _use_invite(
    database: Database, invite_id: str, member: Member, now: float, within: Transaction
) -> Member:
    invite = await database.find_one("invites", {"id": invite_id}, within=within)
    if invite is None:
        raise UnknownInvite
    if "pending" in invite:
        # A process was killed before it could keep whom it let in.
        await _let_in(database, invite, invite["pending"])
        raise _Changed
    place = {"target_id": invite["target_id"], "user_id": member.user_id}
    known = await database.find_one("members", place, within=within)
    judged = await was_changed_by_hand(database, invite, member.user_id, within)
    before = None if known is None else member_of(known)
    accepted = accept(invite_of(invite), before, member, judged=judged, now=now)
    if accepted is before:
        return accepted
    row = member_document(accepted)
    change: Document = {"$inc": {"used": 1, "rev": 1}}
    if within is None:
        change["$set"] = {"pending": row}
    as_read = {"id": invite_id, "rev": invite.get("rev")}
    if not await database.update("invites", as_read, change, within=within):
        raise _Changed
    if within is None:
        await _let_in(database, invite, row)
    elif known is None:
        await database.insert("members", [{**row, "rev": 1}], within=within)
    elif not await database.update(
        "members",
        {**place, "rev": known.get("rev")},
        {"$set": {"role": accepted.role}, "$inc": {"rev": 1}},
        within=within,
    ):
        raise _Changed
    return accepted


async def _let_in(database: Database, invite: Document, row: Document) -> None:
    await put_member(database, row)
    await database.update("invites", {"id": invite["id"]}, {"$unset": {"pending": ""}})
