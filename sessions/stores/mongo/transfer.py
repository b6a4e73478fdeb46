"""All that a MongoDB database keeps, read show by show, or written into an empty one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from sessions.core.errors import Invalid, StoreUnavailable, TooNew
from sessions.core.membership import presence_after
from sessions.core.records import (
    Bookmark,
    CalendarAddress,
    Entry,
    Job,
    Member,
    MovedUser,
    Owner,
    Session,
    Show,
    View,
)
from sessions.stores.documents import (
    UNREADABLE,
    Document,
    entry_document,
    entry_of,
    invite_document,
    invite_of,
    job_document,
    job_of,
    member_document,
    member_of,
    session_document,
    session_of,
    show_document,
    show_of,
)
from sessions.stores.mongo.address import parse_address
from sessions.stores.mongo.driver import Database, Driver, Duplicate, NoAnswer, Transaction, limit
from sessions.stores.mongo.follow import recover
from sessions.stores.mongo.people import finish_moves
from sessions.stores.mongo.puts import GONE
from sessions.stores.mongo.reads import IN_TIME
from sessions.stores.mongo.schema import IMPORT, MIGRATIONS, migrate, require_whole, version_of
from sessions.stores.personal_documents import PERSONAL, moved_user_of, personal_document
from sessions.stores.transfer import KeptInvite, Record

__all__ = ["read_all", "write_all"]

MAX_CALL_S = 30.0
"""How long one call may take, seconds: here nobody waits at a page."""

MAX_TRIES = 100
"""How often a show is read anew because its records were about to follow its log."""

PAGE = 1000
"""Entries that are read, and documents that are written, at a time."""

COLLECTIONS = (
    *("shows", "sessions", "members", "invites", "entries", "jobs"),
    *(kind.name for kind in PERSONAL),
)
"""All collections of records."""

COLLECTION_OF = {kind.record: kind.name for kind in PERSONAL}


async def read_all(url: str, driver: Driver) -> AsyncIterator[Record]:
    """Yield all records of a database, each show as it stood at one moment.

    A server may write meanwhile; without a replica set a show is of one moment only where nobody
    changes it then. Raises StoreUnavailable.
    """
    async with _connected(url, driver) as database:
        with limit(MAX_CALL_S):
            version = await version_of(database)
            await require_whole(database)
        if version != len(MIGRATIONS):
            raise StoreUnavailable(
                f"it is of another version of Seans (schema {version}; this version has"
                f" {len(MIGRATIONS)}): start this version on it once, or use that one"
            )
        # First: a guest who moves meanwhile may move once more where this is imported.
        moved = await _moved_users(database)
        with limit(MAX_CALL_S):
            shows = await database.find("shows", {"creating": None}, sort=IN_TIME, fields=("id",))
        for show in shows:
            async for record in _of_show(database, show["id"]):
                yield record
        with limit(MAX_CALL_S):
            jobs = await database.find("jobs", {}, sort=IN_TIME)
        for job in jobs:
            yield job_of(job)
        async for record in _personal(database):
            yield record
        for guest in moved:
            yield guest


async def _moved_users(database: Database) -> Sequence[MovedUser]:
    """Return the guests that were moved, and finish what a process that was killed left of it."""
    with limit(MAX_CALL_S):
        # Twice does no harm. What is unfinished else is left to the server: done here, late, an
        # older name or view could come after a newer one.
        await finish_moves(database)
        found = await database.find("moved_users", {"pending": None}, sort=[("id", 1)])
    return [moved_user_of(each) for each in found]


async def _personal(database: Database) -> AsyncIterator[Record]:
    """Return what else belongs to people, each kind ascending by id."""
    for kind in (kind for kind in PERSONAL if kind.record is not MovedUser):
        last, more = "", True
        while more:
            behind, in_order = {"id": {"$gt": last}}, [("id", 1)]
            with limit(MAX_CALL_S):
                page = await database.find(kind.name, behind, sort=in_order, most=PAGE)
            for document in page:
                try:
                    last = document["id"]
                    record = kind.read(document)
                except UNREADABLE as error:
                    which = f"{document.get('id')} of {kind.name}"
                    raise StoreUnavailable(f"record {which} cannot be read: {error!r}") from error
                yield record
            more = len(page) == PAGE


@asynccontextmanager
async def _connected(url: str, driver: Driver) -> AsyncIterator[Database]:
    """Connect, and say where it failed. Raises StoreUnavailable, TooNew."""
    address = parse_address(url)
    where = f"the store {address.shown} cannot be used"
    try:
        database = Database(url, address.database, driver)
    except ValueError as error:
        raise StoreUnavailable(f"{where}: {error}") from error
    try:
        with limit(MAX_CALL_S):
            await database.greet()
        yield database
    except NoAnswer as error:
        raise StoreUnavailable(f"{where}: {error}") from error
    except StoreUnavailable as error:
        raise StoreUnavailable(f"{where}: {error}") from error
    except TooNew as error:
        raise TooNew(f"{where}: {error}") from error
    finally:
        await database.close()


async def _of_show(database: Database, show_id: str) -> AsyncIterator[Record]:
    for _ in range(MAX_TRIES):
        with limit(MAX_CALL_S):
            await recover(database, show_id)
        async with database.snapshot() as moment:
            with limit(MAX_CALL_S):
                tail = await _tail(database, show_id, moment)
                records = await _records(database, show_id, moment)
                pending = {"target_id": show_id, "pending": True}
                # Records that are about to follow the log; or, without snapshots, that have.
                if await database.find_one(
                    "entries", pending, within=moment
                ) or tail != await _tail(database, show_id, moment):
                    continue
            for record in records:
                yield record
            async for entry in _log(database, show_id, tail, moment):
                yield entry
            return
    raise StoreUnavailable(f"the show {show_id} changes all the time")


async def _tail(database: Database, show_id: str, moment: Transaction) -> int:
    match = {"target_id": show_id}
    last = await database.find_one("entries", match, sort=[("seq", -1)], within=moment)
    return int(last["seq"]) if last else 0


async def _records(database: Database, show_id: str, moment: Transaction) -> list[Record]:
    """Return a show and what belongs to it but its log; none where it was deleted meanwhile."""
    show = await database.find_one("shows", {"id": show_id}, within=moment)
    if show is None:
        return []
    in_time = [("movie_time", 1), ("id", 1)]
    sessions = await database.find("sessions", {"show_id": show_id}, sort=in_time, within=moment)
    of_show = {"target_id": show_id}
    members = await database.find("members", of_show, sort=IN_TIME, within=moment)
    invites = await database.find("invites", of_show, sort=IN_TIME, within=moment)
    return [
        show_of(show),
        *map(session_of, sessions),
        *map(member_of, members),
        *(KeptInvite(invite_of(each), each.get("log_seq", 0)) for each in invites),
    ]


async def _log(
    database: Database, show_id: str, tail: int, moment: Transaction
) -> AsyncIterator[Entry]:
    seq, more = 0, True
    while more:
        match = {"target_id": show_id, "seq": {"$gt": seq, "$lte": tail}}
        with limit(MAX_CALL_S):
            page = await database.find(
                "entries", match, sort=[("seq", 1)], most=PAGE, within=moment
            )
        for document in page:
            seq = document["seq"]
            if document["kind"] != GONE:
                yield entry_of(document)
        more = len(page) == PAGE


async def write_all(url: str, driver: Driver, records: Iterable[Record]) -> int:
    """Write all records into an empty database; return how many.

    Where that fails, what was written is taken out again; until then no server opens the database.
    Raises what ``records`` raises; Invalid where they do not fit together; StoreUnavailable where
    it is not empty or does not answer; TooNew.
    """
    async with _connected(url, driver) as database:
        with limit(MAX_CALL_S):
            await migrate(database)
            await require_whole(database)
            for collection in COLLECTIONS:
                if await database.find_one(collection, {}):
                    raise StoreUnavailable("it is not empty")
            await database.insert("meta", [{**IMPORT}])
        try:
            count = await _write(database, records)
        except BaseException:
            for collection in COLLECTIONS:
                with limit(MAX_CALL_S):
                    await database.delete(collection, {})
            await _end_import(database)
            raise
        await _end_import(database)
        return count


async def _end_import(database: Database) -> None:
    """Let servers open the database."""
    with limit(MAX_CALL_S):
        await database.delete("meta", IMPORT)


async def _write(database: Database, records: Iterable[Record]) -> int:
    writer = _Writer(database)
    count = 0
    for record in records:
        count += 1
        await writer.take(record)
    await writer.flush()
    return count


class _Writer:
    """Writes documents of one collection after another, many at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._collection = ""
        self._waiting: list[Document] = []
        self._present: dict[tuple[str, str], tuple[bool, int]] = {}

    async def take(self, record: Record) -> None:
        collection, document = _document(record)
        if isinstance(record, Show):
            await self.flush()
        elif collection != self._collection or len(self._waiting) >= PAGE:
            await self._insert()
        if isinstance(record, Entry) and (presence := presence_after(record)) is not None:
            user_id, here = presence
            self._present[record.show_id, user_id] = here, record.seq
        self._collection = collection
        self._waiting.append(document)

    async def flush(self) -> None:
        """Write what waits, and who is present by the log of the show that ends here."""
        await self._insert()
        present, self._present = self._present, {}
        for (show_id, user_id), (here, seq) in present.items():
            with limit(MAX_CALL_S):
                await self._database.update(
                    "members",
                    {"target_id": show_id, "user_id": user_id},
                    {"$set": {"present": here, "presence_seq": seq}},
                )

    async def _insert(self) -> None:
        documents, self._waiting = self._waiting, []
        if not documents:
            return
        try:
            with limit(MAX_CALL_S):
                await self._database.insert(self._collection, documents)
        except Duplicate as error:
            wrong = documents[error.index]
            raise Invalid(f"{wrong['type']} {wrong['id']} stands there twice") from error
        except OverflowError as error:
            raise Invalid("a number is too large") from error


def _document(record: Record) -> tuple[str, Document]:
    """Return the collection of a record, and its document."""
    match record:
        case Show():
            return "shows", {**show_document(record), "rev": 1}
        case Session():
            return "sessions", session_document(record)
        case Member():
            return "members", {**member_document(record), "rev": 1}
        case KeptInvite():
            document = {**invite_document(record.invite), "log_seq": record.log_seq, "rev": 1}
            return "invites", document
        case Entry():
            return "entries", entry_document(record)
        case Job():
            return "jobs", job_document(record)
        case Owner() | Bookmark() | View() | CalendarAddress() | MovedUser():
            return COLLECTION_OF[type(record)], personal_document(record)
