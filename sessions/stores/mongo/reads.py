"""The reads of the database: each function answers one question, and raises NoAnswer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sessions.core.membership import presence_after
from sessions.core.records import Entry, EntryKind, Invite, Member, Session, Show
from sessions.stores.base import MemberPage, StoredShow
from sessions.stores.cursors import cursor_of, place_of
from sessions.stores.documents import (
    Document,
    date_of,
    entry_of,
    invite_of,
    member_of,
    session_of,
    show_of,
    with_plan,
)
from sessions.stores.mongo.driver import Database, Transaction
from sessions.stores.mongo.puts import GONE

__all__ = [
    "IN_TIME",
    "OWN_LINKS",
    "entries",
    "host_of",
    "invite",
    "invite_by_id",
    "invites_of",
    "member",
    "members_of",
    "message",
    "own_token",
    "session",
    "sessions_of",
    "show",
    "stored_show",
    "was_changed_by_hand",
]

MAX_INTEGER = 2**63 - 1
"""The largest integer of BSON: no ``seq`` is larger."""

IN_TIME = [("created_at", 1), ("id", 1)]
"""The oldest first."""

OWN_LINKS = {"own": True, "revoked": False}
"""What matches the links that shows have by themselves."""


async def show(database: Database, show_id: str) -> Show | None:
    """Return a show."""
    found = await database.find_one("shows", {"id": show_id, "creating": None})
    return None if found is None else show_of(found)


async def stored_show(database: Database, show_id: str, limit: int) -> StoredShow | None:
    """Return what a show is opened from.

    Read in the order in which it is written backwards: records follow the log, so the log, which
    is read last, says what they have yet to follow.
    """
    found = await show(database, show_id)
    if found is None:
        return None
    sessions = await sessions_of(database, show_id)
    here = await database.find(
        "members",
        {"target_id": show_id, "present": True, "removed": False},
        fields=("user_id",),
    )
    recent = await entries(database, show_id, None, None, limit, None, None)
    present = await _present(database, show_id, [row["user_id"] for row in here], recent)
    moved = [await _moved_to(database, each, recent) for each in sessions]
    return StoredShow(found, _in_time(moved), recent, present)


async def _present(
    database: Database, show_id: str, known: Sequence[str], recent: Sequence[Entry]
) -> Sequence[str]:
    """Return who is present as of the end of ``recent``; ``known`` may not have followed it."""
    told = dict(filter(None, map(presence_after, recent)))
    present = [user_id for user_id in known if told.get(user_id, True)]
    for user_id in (user_id for user_id, here in told.items() if here and user_id not in known):
        place = await member(database, show_id, user_id)
        if place is not None and not place.removed:
            present.append(user_id)
    return present


async def _moved_to(database: Database, session: Session, recent: Sequence[Entry]) -> Session:
    """Return a session as of the end of ``recent``, which its document may not have followed."""
    known = session.chain.newest.revision
    newest = max(
        (e.revision for e in recent if e.timeline is not None and e.session_id == session.id),
        default=known,
    )
    if newest <= known:
        return session
    moves = await database.find(
        "entries",
        {
            "session_id": session.id,
            "timeline": {"$exists": True},
            "revision": {"$gt": known, "$lte": newest},
        },
        sort=[("revision", 1)],
    )
    for document in moves:
        entry = entry_of(document)
        if (plan := document.get("plan")) is not None:
            session = with_plan(session, plan)
        if entry.timeline is not None:
            session = session.moved(entry.timeline, entry.speed, entry.created_at)
    return session


def _in_time(sessions: Sequence[Session]) -> Sequence[Session]:
    return sorted(sessions, key=lambda session: (session.movie_time, session.id))


async def session(database: Database, session_id: str) -> Session | None:
    """Return a session."""
    found = await database.find_one("sessions", {"id": session_id})
    return None if found is None else session_of(found)


async def sessions_of_shows(
    database: Database, show_ids: Collection[str]
) -> Mapping[str, Sequence[Session]]:
    """Return the sessions of several shows, each ascending by time."""
    of_shows = {"show_id": {"$in": list(show_ids)}}
    found: dict[str, list[Session]] = {show_id: [] for show_id in show_ids}
    for row in await database.find("sessions", of_shows):
        found[row["show_id"]].append(session_of(row))
    return {show_id: _in_time(sessions) for show_id, sessions in found.items()}


async def sessions_of(database: Database, show_id: str) -> Sequence[Session]:
    """Return a show's sessions, ascending by time."""
    return _in_time(
        [session_of(each) for each in await database.find("sessions", {"show_id": show_id})]
    )


async def member(
    database: Database, show_id: str, user_id: str, within: Transaction = None
) -> Member | None:
    """Return somebody's place in a show."""
    match = {"target_id": show_id, "user_id": user_id}
    found = await database.find_one("members", match, within=within)
    return None if found is None else member_of(found)


async def host_of(database: Database, show_id: str) -> Member | None:
    """Return a show's host."""
    found = await database.find_one("members", {"target_id": show_id, "role": "host"})
    return None if found is None else member_of(found)


def _behind(time_field: str, place: tuple[float, str] | None) -> Document:
    """Return what matches behind a place in a list: a time and an id."""
    if place is None:
        return {}
    date, record_id = date_of(place[0]), place[1]
    return {
        "$or": [
            {time_field: {"$gt": date}},
            {time_field: date, "id": {"$gt": record_id}},
        ]
    }


async def members_of(
    database: Database, show_id: str, limit: int, cursor: str | None, removed: bool
) -> MemberPage:
    """Return a page of the places in a show; one more is read to know whether there is another."""
    place = None if cursor is None else place_of("members", cursor)
    match: Document = {"target_id": show_id, **_behind("created_at", place)}
    if not removed:
        match["removed"] = False
    found = await database.find("members", match, sort=IN_TIME, most=limit + 1)
    items = [member_of(each) for each in found[:limit]]
    if len(found) <= limit:
        return MemberPage(items, None)
    return MemberPage(items, cursor_of("members", (items[-1].created_at, items[-1].id)))


async def invite(database: Database, token: str) -> Invite | None:
    """Return an invite by its token."""
    found = await database.find_one("invites", {"token": token})
    return None if found is None else invite_of(found)


async def invite_by_id(database: Database, invite_id: str) -> Invite | None:
    """Return an invite by its id."""
    found = await database.find_one("invites", {"id": invite_id})
    return None if found is None else invite_of(found)


async def invites_of(database: Database, show_id: str) -> Sequence[Invite]:
    """Return a show's invites, the oldest first."""
    found = await database.find("invites", {"target_id": show_id}, sort=IN_TIME)
    return [invite_of(each) for each in found]


async def own_token(database: Database, show_id: str) -> str | None:
    """Return the token of a show's own link."""
    match = {"target_id": show_id, **OWN_LINKS}
    found = await database.find_one("invites", match, sort=IN_TIME)
    return None if found is None else str(found["token"])


async def entries(
    database: Database,
    show_id: str,
    after: int | None,
    before: int | None,
    limit: int,
    kinds: Collection[EntryKind] | None,
    session_id: str | None,
) -> Sequence[Entry]:
    """Return entries ascending by ``seq``, from ``after`` on or else the last ones."""
    if limit <= 0:
        # The driver takes 0 as no limit.
        return []
    places = {"$gt": _clamp(after or 0), "$lt": _clamp(MAX_INTEGER if before is None else before)}
    match: Document = {"target_id": show_id, "seq": places}
    if kinds is not None:
        match["kind"] = {"$in": list(kinds)}
    if session_id is not None:
        match["session_id"] = session_id
    order = -1 if after is None else 1
    found = await database.find("entries", match, sort=[("seq", order)], most=limit)
    items = [entry_of(each) for each in found if each["kind"] != GONE]
    return items[::-1] if after is None else items


def _clamp(seq: int) -> int:
    # A client may ask for any integer; BSON has none beyond 64 bits.
    return max(0, min(seq, MAX_INTEGER))


async def message(database: Database, show_id: str, message_id: str) -> Entry | None:
    """Return a message of a show."""
    match = {"id": message_id, "target_id": show_id, "kind": "message"}
    found = await database.find_one("entries", match)
    return None if found is None else entry_of(found)


async def was_changed_by_hand(
    database: Database, invite: Mapping[str, Any], user_id: str, within: Transaction = None
) -> bool:
    """Tell whether somebody was given a role, or removed, by hand since an invite was made.

    Judged by the order of the log, not by time: a server's clock may be set back. What was done to
    a guest counts for the account that their shows were taken along to.
    """
    guests = await database.find("moved_users", {"user_id": user_id}, within=within)
    match = {
        "target_id": invite["target_id"],
        "subject": {"$in": [user_id, *(guest["target_id"] for guest in guests)]},
        "seq": {"$gt": invite.get("log_seq", 0)},
        "kind": {"$in": ["role", "removed"]},
    }
    return await database.find_one("entries", match, within=within) is not None
