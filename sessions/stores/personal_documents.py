"""What belongs to a person as documents, and back; see documents.py.

The cinema's other services write bookmarks and views too, so what has a default may be missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from sessions.core.records import NOBODY, Bookmark, CalendarAddress, MovedUser, Owner, View
from sessions.stores.documents import Document, dates, fields, seconds_of, values

__all__ = [
    "PERSONAL",
    "PersonalKind",
    "PersonalRecord",
    "bookmark_of",
    "calendar_address_of",
    "checked",
    "moved_user_of",
    "owner_of",
    "personal_document",
    "view_of",
]

PersonalRecord = Owner | Bookmark | View | CalendarAddress | MovedUser
"""What belongs to a person and to no show."""

OWNER = ("id", "user_id")
BOOKMARK = ("id", "user_id", "target_id", "target_type", "maker_name")
VIEW = (
    *("id", "user_id", "target_id", "target_type", "show_id", "session_id"),
    *("title", "position", "duration", "watched"),
)
CALENDAR_ADDRESS = ("id", "user_id", "token")
MOVED_USER = ("id", "user_id", "target_id")

_ADAPTERS: dict[type[Bookmark | View], TypeAdapter[Any]] = {
    Bookmark: TypeAdapter(Bookmark),
    View: TypeAdapter(View),
}

OPTIONAL_OF_BOOKMARK = {"maker_name": ""}
OPTIONAL_OF_VIEW = {"show_id": NOBODY, "duration": 0.0, "watched": 0.0}
"""What other services may leave out."""


def personal_document(record: PersonalRecord) -> Document:
    """Return a record as it is stored."""
    at = dates(created_at=record.created_at)
    match record:
        case Owner():
            return {**fields(record, OWNER), **at, "type": "owner"}
        case Bookmark():
            return {**fields(record, BOOKMARK), **at, "type": "bookmark"}
        case View():
            times = dates(created_at=record.created_at, updated_at=record.updated_at)
            more = {"company": list(record.company), "type": "view"}
            return {**fields(record, VIEW), **times, **more}
        case CalendarAddress():
            return {**fields(record, CALENDAR_ADDRESS), **at, "type": "calendar_address"}
        case MovedUser():
            more = {"type": "moved_user", "target_type": "user"}
            return {**fields(record, MOVED_USER), **at, **more}


def owner_of(document: Mapping[str, Any]) -> Owner:
    """Return the owner of a document."""
    return Owner(created_at=seconds_of(document, "created_at"), **values(document, OWNER))


def bookmark_of(document: Mapping[str, Any]) -> Bookmark:
    """Return the bookmark of a document."""
    known = {**OPTIONAL_OF_BOOKMARK, **values(document, BOOKMARK)}
    return Bookmark(created_at=seconds_of(document, "created_at"), **known)


def view_of(document: Mapping[str, Any]) -> View:
    """Return the view of a document."""
    company = document.get("company", [])
    # What was watched without a show has no session: it is one by itself.
    known = {"session_id": document["id"], **OPTIONAL_OF_VIEW, **values(document, VIEW)}
    return View(
        created_at=seconds_of(document, "created_at"),
        updated_at=seconds_of(document, "updated_at"),
        # What is no list is left as it is: an import refuses it.
        company=tuple(company) if isinstance(company, list) else company,
        **known,
    )


def checked(record: Bookmark | View) -> Bookmark | View:
    """Return ``record``. Raises ValueError where a field is of another type than declared."""
    text = json.dumps(asdict(record), allow_nan=False)
    # As JSON, because only there "strict" takes a list for a tuple.
    _ADAPTERS[type(record)].validate_json(text, strict=True)
    UUID(record.target_id)
    return record


def calendar_address_of(document: Mapping[str, Any]) -> CalendarAddress:
    """Return the calendar address of a document."""
    at = seconds_of(document, "created_at")
    return CalendarAddress(created_at=at, **values(document, CALENDAR_ADDRESS))


def moved_user_of(document: Mapping[str, Any]) -> MovedUser:
    """Return the moved guest of a document."""
    return MovedUser(created_at=seconds_of(document, "created_at"), **values(document, MOVED_USER))


@dataclass(frozen=True, slots=True)
class PersonalKind:
    """A kind of records that belong to a person."""

    name: str
    """Its collection, or table."""

    record: type[PersonalRecord]
    """Its records."""

    kind: str
    """What the ``type`` of its documents says."""

    read: Callable[[Mapping[str, Any]], PersonalRecord]
    """Makes a record of a document."""


PERSONAL = (
    PersonalKind("owners", Owner, "owner", owner_of),
    PersonalKind("bookmarks", Bookmark, "bookmark", bookmark_of),
    PersonalKind("views", View, "view", view_of),
    PersonalKind("calendar_addresses", CalendarAddress, "calendar_address", calendar_address_of),
    PersonalKind("moved_users", MovedUser, "moved_user", moved_user_of),
)
"""All of them, in the order of an export."""
