"""The indexes of the database, and how an older one becomes one of this version.

Unique indexes hold what every append relies on; the partial ones named ``pending`` find what a
process that was killed left half done, however long the logs are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sessions.core.errors import StoreUnavailable, TooNew
from sessions.stores.documents import session_of, standing_fields
from sessions.stores.mongo.driver import Database, Duplicate

__all__ = ["IMPORT", "MIGRATIONS", "Migration", "migrate", "require_whole", "version_of"]

Migration = Callable[[Database], Awaitable[None]]
"""Makes a version of the one before; it may be done again, where a process was killed in it."""

KEPT_AFTER_DELETION_S = 86_400
"""How long a deleted show's last entry, which keeps other processes from writing, is kept."""

MAX_FILLED = 500
"""How many sessions are read at a time where one field is filled in."""

Index = tuple[str, Sequence[str], dict[str, Any]]

EXISTS = {"$exists": True}

FIRST_INDEXES: Sequence[Index] = (
    ("shows", ("id",), {"unique": True}),
    ("shows", ("user_id",), {"name": "pending", "partialFilterExpression": {"pending": EXISTS}}),
    ("sessions", ("id",), {"unique": True}),
    ("sessions", ("show_id", "movie_time", "id", "ends_at"), {}),
    ("members", ("id",), {"unique": True}),
    ("members", ("target_id", "user_id"), {"unique": True}),
    ("members", ("user_id", "removed", "target_id"), {}),
    ("members", ("target_id", "created_at", "id"), {}),
    (
        "members",
        ("target_id", "present", "user_id"),
        {"name": "present", "partialFilterExpression": {"present": True}},
    ),
    ("invites", ("id",), {"unique": True}),
    ("invites", ("token",), {"unique": True}),
    ("invites", ("target_id", "created_at", "id"), {}),
    ("invites", ("user_id",), {"name": "pending", "partialFilterExpression": {"pending": EXISTS}}),
    ("entries", ("id",), {"unique": True}),
    ("entries", ("target_id", "seq"), {"unique": True}),
    (
        "entries",
        ("session_id", "revision"),
        {"name": "moves", "unique": True, "partialFilterExpression": {"timeline": EXISTS}},
    ),
    (
        "entries",
        ("subject",),
        {"name": "deletions", "unique": True, "partialFilterExpression": {"kind": "deleted"}},
    ),
    (
        "entries",
        ("target_id", "subject", "seq"),
        {"name": "judgements", "partialFilterExpression": {"subject": EXISTS}},
    ),
    (
        "entries",
        ("pending", "target_id", "seq"),
        {"name": "pending", "partialFilterExpression": {"pending": True}},
    ),
    ("entries", ("gone_at",), {"expireAfterSeconds": KEPT_AFTER_DELETION_S}),
    ("jobs", ("id",), {"unique": True}),
    ("jobs", ("kind", "target_id"), {"unique": True}),
    (
        "jobs",
        ("created_at", "id"),
        {"name": "not_done", "partialFilterExpression": {"progress": {"$lt": 1}}},
    ),
)


async def _make_indexes(database: Database) -> None:
    await _add_indexes(database, FIRST_INDEXES)


async def _add_indexes(database: Database, indexes: Sequence[Index]) -> None:
    for collection, names, options in indexes:
        await database.add_index(collection, [(name, 1) for name in names], **options)


PERSONAL_INDEXES: Sequence[Index] = (
    ("sessions", ("due_at",), {}),
    ("members", ("user_id", "created_at", "id"), {}),
    (
        "members",
        ("target_id", "role"),
        {"name": "hosts", "partialFilterExpression": {"role": "host"}},
    ),
    ("owners", ("id",), {"unique": True}),
    ("owners", ("user_id",), {"unique": True}),
    ("bookmarks", ("id",), {"unique": True}),
    ("bookmarks", ("user_id", "target_type", "target_id"), {"unique": True}),
    ("bookmarks", ("user_id", "created_at", "id"), {}),
    ("bookmarks", ("user_id", "target_type", "created_at", "id"), {}),
    ("bookmarks", ("target_id", "target_type"), {}),
    ("views", ("id",), {"unique": True}),
    # Other services may write what was watched without a show, and so without a session.
    (
        "views",
        ("user_id", "session_id"),
        {"name": "once", "unique": True, "partialFilterExpression": {"session_id": EXISTS}},
    ),
    ("views", ("user_id", "updated_at", "id"), {}),
    ("calendar_addresses", ("id",), {"unique": True}),
    ("calendar_addresses", ("user_id",), {"unique": True}),
    ("calendar_addresses", ("token",), {"unique": True}),
    ("moved_users", ("id",), {"unique": True}),
    ("moved_users", ("target_id",), {"unique": True}),
    ("moved_users", ("user_id", "target_id"), {}),
    ("moved_users", ("created_at", "target_id"), {}),
    (
        "moved_users",
        ("pending",),
        {"name": "pending", "partialFilterExpression": {"pending": EXISTS}},
    ),
    ("unfinished", ("id",), {"unique": True}),
)


async def _keep_people(database: Database) -> None:
    """Make indexes of what belongs to people, and note when there is something to tell of shows."""
    await _add_indexes(database, PERSONAL_INDEXES)
    lacking = {"due_at": {"$exists": False}}
    while found := await database.find("sessions", lacking, most=MAX_FILLED):
        for session in found:
            due_at = standing_fields(session_of(session))["due_at"]
            await database.update("sessions", {"id": session["id"]}, {"$set": {"due_at": due_at}})


MIGRATIONS: Sequence[Migration] = (_make_indexes, _keep_people)
"""What makes each version of the one before; the first makes the database itself."""

VERSION = {"id": "schema"}

IMPORT = {"id": "import"}
"""What is noted of an import for as long as it runs."""


async def version_of(database: Database) -> int:
    """Return the version of a database; 0: there is nothing of Seans in it. Raises NoAnswer."""
    found = await database.find_one("meta", VERSION)
    return int(found["version"]) if found else 0


async def require_whole(database: Database) -> None:
    """Raise StoreUnavailable where an import into the database was begun and not finished."""
    if await database.find_one("meta", IMPORT):
        raise StoreUnavailable(
            "an import into it runs, or was not finished: then drop the database, and import anew"
        )


async def migrate(database: Database, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the database up to the last of ``migrations``.

    Raises TooNew, and has changed nothing, where it is of a version that is not known yet;
    NoAnswer.
    """
    current = await version_of(database)
    if current > len(migrations):
        raise TooNew(
            f"it was written by a newer version of Seans (schema {current}; this version knows"
            f" {len(migrations)}): install that version, or name another database"
        )
    await database.add_index("meta", [("id", 1)], unique=True)
    for version, migration in enumerate(migrations[current:], start=current + 1):
        await migration(database)
        try:
            # Never back: another process may have come further meanwhile.
            older = {**VERSION, "version": {"$lt": version}}
            await database.update("meta", older, {"$set": {"version": version}}, upsert=True)
        except Duplicate:
            continue
