"""Lists of somebody's shows: few queries a page, however many shows there are in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sessions.stores.base import MAX_LISTED_PEOPLE, ListedPeople, ListedShow, ShowPage, When
from sessions.stores.cursors import cursor_of, place_of
from sessions.stores.documents import Document, date_of, member_of, session_of, show_of
from sessions.stores.mongo.driver import Database
from sessions.stores.mongo.reads import IN_TIME, OWN_LINKS

__all__ = ["shows_of"]

Place = tuple[datetime, str]
"""Where a show stands in a list: its first session's time, and its id."""


async def shows_of(
    database: Database, user_id: str, when: When, now: float, limit: int, cursor: str | None
) -> ShowPage:
    """Return a page of somebody's shows. Raises Invalid, NoAnswer."""
    after: Place | None = None
    if cursor is not None:
        time, show_id = place_of(when, cursor)
        after = date_of(time), show_id
    mine = {"user_id": user_id, "removed": False}
    joined = await database.find("members", mine, fields=("target_id",))
    firsts = await _places(database, [row["target_id"] for row in joined], when, now)
    behind = [
        (place, first)
        for place, first in firsts
        if after is None or (place > after if when == "coming" else place < after)
    ]
    items = await _listed(database, user_id, [first for _, first in behind[:limit]])
    if len(behind) <= limit or not items:
        return ShowPage(items, None)
    last = items[-1]
    return ShowPage(items, cursor_of(when, (last.first.movie_time, last.show.id)))


async def _places(
    database: Database, show_ids: Sequence[str], when: When, now: float
) -> list[tuple[Place, str]]:
    """Return the places of the shows that are coming or past, in order, with first sessions."""
    planned = ("show_id", "movie_time", "id", "ends_at")
    rows = await database.find("sessions", {"show_id": {"$in": list(show_ids)}}, fields=planned)
    shows: dict[str, list[Document]] = {}
    for row in rows:
        shows.setdefault(row["show_id"], []).append(row)
    places = []
    for show_id, sessions in shows.items():
        ends = [session.get("ends_at") for session in sessions]
        over = all(end is not None and end <= now for end in ends)
        if over == (when == "past"):
            first = min(sessions, key=lambda session: (session["movie_time"], session["id"]))
            places.append(((first["movie_time"], show_id), str(first["id"])))
    return sorted(places, reverse=when == "past")


async def _listed(
    database: Database, user_id: str, session_ids: Sequence[str]
) -> Sequence[ListedShow]:
    """Return the shows of these first sessions, in their order."""
    found = await database.find("sessions", {"id": {"$in": list(session_ids)}})
    firsts = {row["id"]: session_of(row) for row in found}
    show_ids = [session.show_id for session in firsts.values()]
    known = {"id": {"$in": show_ids}, "creating": None}
    shows = {row["id"]: show_of(row) for row in await database.find("shows", known)}
    theirs = {"target_id": {"$in": show_ids}}
    mine = await database.find("members", {**theirs, "user_id": user_id})
    members = {row["target_id"]: member_of(row) for row in mine}
    tokens: dict[str, str] = {}
    for row in await database.find("invites", {**theirs, **OWN_LINKS}, sort=IN_TIME):
        tokens.setdefault(row["target_id"], row["token"])
    people = await _people(database, show_ids)
    # A show may have been deleted since the first query.
    present = [firsts[each] for each in session_ids if each in firsts]
    return [
        ListedShow(
            shows[first.show_id],
            first,
            members[first.show_id],
            tokens.get(first.show_id),
            people.get(first.show_id, ListedPeople(0, {})),
        )
        for first in present
        if first.show_id in shows and first.show_id in members
    ]


async def _people(database: Database, show_ids: Sequence[str]) -> Mapping[str, ListedPeople]:
    """Return who belongs to shows, as far as a list tells."""
    first = {"$firstN": {"n": MAX_LISTED_PEOPLE, "input": {"id": "$user_id", "name": "$name"}}}
    pipeline: Sequence[Mapping[str, Any]] = (
        {"$match": {"target_id": {"$in": list(show_ids)}, "removed": False}},
        {"$sort": {"target_id": 1, "created_at": 1, "id": 1}},
        {"$group": {"_id": "$target_id", "total": {"$sum": 1}, "first": first}},
    )
    found = await database.aggregate("members", pipeline)
    return {
        row["_id"]: ListedPeople(row["total"], {each["id"]: each["name"] for each in row["first"]})
        for row in found
    }
