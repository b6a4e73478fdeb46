"""The driver: the only file that names Motor or PyMongo, whose errors become ours here.

Motor is at the end of its life, and PyMongo's own async API is to follow it; their calls differ by
a few ``await``s, so either serves. Writes wait for a majority and its journal, reads ask the
primary. Each call ends within the limit around it (:func:`limit`), also where Motor's threads
carry it out: they get a copy of the caller's context.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar, copy_context
from typing import Any, Literal, TypeVar

import pymongo
from pymongo import ReadPreference, WriteConcern
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    DuplicateKeyError,
    InvalidURI,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.read_concern import ReadConcern

__all__ = ["Database", "Document", "Driver", "Duplicate", "NoAnswer", "Transaction", "limit"]

logger = logging.getLogger("seans.stores")

Driver = Literal["motor", "pymongo"]

Document = dict[str, Any]

Transaction = Any
"""What calls of one transaction are given; None: none."""

T = TypeVar("T")

CONNECT_WAIT_MS = 2000
"""How long a connection may take to come about, and a heartbeat to be answered, milliseconds."""

MAX_CLOSE_S = 1.0
"""How long the server may take to be told of the end, seconds."""

RETRY_PAUSE_S = 0.05
"""How long a transaction waits before it is tried again, seconds."""

NOT_FOR_OTHERS = {"_id": 0}
"""The driver's own key, which no record has."""


class NoAnswer(Exception):
    """The database did not answer, or not as it should; what was asked may have been done."""


class Duplicate(Exception):
    """A unique index refused a document; of several, those before it were inserted."""

    def __init__(self, index: int) -> None:
        super().__init__(f"document {index} is there already")
        self.index = index
        """Which of the documents."""


_end: ContextVar[float] = ContextVar("end", default=float("inf"))
"""When the limit around a call ends, in the time of the event loop, seconds."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Bound all calls in the block, together; of two limits the earlier one holds."""
    end = asyncio.get_running_loop().time() + seconds
    before = _end.set(min(_end.get(), end))
    try:
        # Of 0 the driver makes no limit at all.
        with pymongo.timeout(max(seconds, 0.001)):
            yield
    finally:
        _end.reset(before)


def _reason(error: PyMongoError) -> str:
    """Return why a call failed, in one line: the driver appends its settings and topology."""
    words = str(error).split(" (configured timeouts")[0].split(", Timeout:")[0]
    words = words.split(", full error:")[0].split(", connection pool")[0]
    return " ".join(words.split())[:300] or type(error).__name__


class Database:
    """One database, by one of the two drivers. Every call raises NoAnswer."""

    def __init__(self, url: str, name: str, driver: Driver) -> None:
        """Name the database; nothing is asked of it yet.

        Raises ValueError, in words that hold no part of ``url``, where that is no address.
        """
        self.transactions = False
        """Whether the server can do transactions: it is part of a replica set, or a router."""
        self._driver = driver
        self._failing = False
        self._greeted = False
        options: dict[str, Any] = {
            "tz_aware": True,
            "appname": "seans",
            "connectTimeoutMS": CONNECT_WAIT_MS,
        }
        try:
            if driver == "motor":
                # Here, because a server uses one of the two.
                from motor.motor_asyncio import AsyncIOMotorClient

                self._client: Any = AsyncIOMotorClient(url, **options)
            else:
                self._client = pymongo.AsyncMongoClient(url, **options)
        except (InvalidURI, ConfigurationError, ValueError) as error:
            # The driver's words may quote a password.
            raise ValueError(
                "its address is not valid (user and password must be percent-encoded)"
            ) from error
        self._database = self._client.get_database(
            name,
            write_concern=WriteConcern(w="majority", j=True),
            read_preference=ReadPreference.PRIMARY,
        )

    async def greet(self) -> None:
        """Ask the server what it can do."""
        hello = await self._answer(self._database.command("hello"))
        self.transactions = "setName" in hello or hello.get("msg") == "isdbgrid"
        self._greeted = True

    async def close(self) -> None:
        """End all connections; the server is told, but not waited for long."""
        with limit(MAX_CLOSE_S):
            if self._driver == "pymongo":
                await self._client.close()
                return
            # Motor tells it in the thread that asks, which must not be the event loop's. One of its
            # own, because the loop's may all hang in the film folder's disk.
            with ThreadPoolExecutor(1, thread_name_prefix="store-closer") as closing:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(closing, copy_context().run, self._client.close)

    async def find(
        self,
        collection: str,
        match: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] = (),
        most: int = 0,
        fields: Sequence[str] = (),
        within: Transaction = None,
        settled: bool = False,
    ) -> list[Document]:
        """Return the documents that match; at most ``most``, 0: all of them.

        ``settled``: only as a majority has them, so that no change of the primary undoes them.
        """
        wanted = {**dict.fromkeys(fields, 1), **NOT_FOR_OTHERS}
        asked = self._database[collection]
        if settled and self.transactions:
            asked = asked.with_options(read_concern=ReadConcern("majority"))
        cursor = asked.find(match, wanted, session=within)
        if sort:
            cursor = cursor.sort(list(sort))
        if most:
            cursor = cursor.limit(most)
        documents: list[Document] = await self._answer(cursor.to_list(None))
        return documents

    async def find_one(
        self,
        collection: str,
        match: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] = (),
        within: Transaction = None,
    ) -> Document | None:
        """Return the first document that matches."""
        found = await self.find(collection, match, sort=sort, most=1, within=within)
        return found[0] if found else None

    async def aggregate(
        self, collection: str, pipeline: Sequence[Mapping[str, Any]]
    ) -> list[Document]:
        """Return what the pipeline makes of a collection."""
        cursor = self._database[collection].aggregate(list(pipeline))
        if self._driver == "pymongo":
            cursor = await self._answer(cursor)
        documents: list[Document] = await self._answer(cursor.to_list(None))
        return documents

    async def insert(
        self, collection: str, documents: Sequence[Document], *, within: Transaction = None
    ) -> None:
        """Insert documents in this order, up to the first that fails. Raises Duplicate."""
        # The driver writes its own key into what it is given.
        copies = [dict(document) for document in documents]
        await self._answer(self._database[collection].insert_many(copies, session=within))

    async def update(
        self,
        collection: str,
        match: Mapping[str, Any],
        change: Mapping[str, Any],
        *,
        upsert: bool = False,
        within: Transaction = None,
    ) -> bool:
        """Change the document that matches; return whether there was one. Raises Duplicate."""
        result = await self._answer(
            self._database[collection].update_one(match, change, upsert=upsert, session=within)
        )
        return bool(result.matched_count)

    async def update_all(
        self,
        collection: str,
        match: Mapping[str, Any],
        change: Mapping[str, Any],
        *,
        within: Transaction = None,
    ) -> None:
        """Change all documents that match. Raises Duplicate."""
        await self._answer(self._database[collection].update_many(match, change, session=within))

    async def upsert_each(
        self,
        collection: str,
        changes: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
        *,
        within: Transaction = None,
    ) -> None:
        """Change or insert a document for each pair of match and change. Raises Duplicate."""
        updates = [pymongo.UpdateOne(match, change, upsert=True) for match, change in changes]
        await self._answer(self._database[collection].bulk_write(updates, session=within))

    async def delete(
        self, collection: str, match: Mapping[str, Any], *, within: Transaction = None
    ) -> int:
        """Delete the documents that match; return how many there were."""
        result = await self._answer(self._database[collection].delete_many(match, session=within))
        return int(result.deleted_count)

    async def add_index(
        self, collection: str, keys: Sequence[tuple[str, int]], **options: object
    ) -> None:
        """Make an index where there is none like it."""
        await self._answer(self._database[collection].create_index(list(keys), **options))

    async def transaction(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Do ``work`` whole or not at all, and again where the server asks for that.

        What ``work`` raises undoes it. The limit around it bounds all tries together.
        """
        starting = self._client.start_session()
        session = await self._answer(starting) if self._driver == "motor" else starting
        try:
            while True:
                try:
                    return await self._try_transaction(session, work)
                except NoAnswer as error:
                    # A call that its limit ended fails in the same way as one worth repeating.
                    is_over = asyncio.get_running_loop().time() >= _end.get()
                    if is_over or not _may_repeat(error):
                        raise
                await asyncio.sleep(RETRY_PAUSE_S)
        finally:
            # It ends on the server by itself too, where that cannot be told.
            await session.end_session()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        """Let the reads in the block see one moment, where the server can do that."""
        if not self.transactions:
            yield None
            return
        starting = self._client.start_session(snapshot=True)
        session = await self._answer(starting) if self._driver == "motor" else starting
        try:
            yield session
        finally:
            await session.end_session()

    async def _try_transaction(
        self,
        session: Any,  # noqa: ANN401 - of either driver
        work: Callable[[Transaction], Awaitable[T]],
    ) -> T:
        starting = session.start_transaction(write_concern=WriteConcern(w="majority", j=True))
        if self._driver == "pymongo":
            await self._answer(starting)
        try:
            result = await work(session)
        except BaseException:
            await session.abort_transaction()
            raise
        await self._answer(session.commit_transaction())
        return result

    async def _answer(self, call: Awaitable[T]) -> T:
        """Return what the driver answers, or raise our errors for its own."""
        try:
            answer = await self._errors_of(call)
        except NoAnswer as error:
            # Logged once, not for each call while it is away; a start says by itself why it fails.
            if self._greeted and not self._failing and not _may_repeat(error):
                self._failing = True
                logger.error("The database does not answer as it should: %s", error)
            raise
        if self._failing:
            self._failing = False
            logger.warning("The database answers again")
        return answer

    async def _errors_of(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except DuplicateKeyError as error:
            raise Duplicate(0) from error
        except BulkWriteError as error:
            refused = (error.details or {}).get("writeErrors") or []
            if refused and refused[0].get("code") == DUPLICATE_KEY:
                raise Duplicate(int(refused[0]["index"])) from error
            raise NoAnswer(_reason(error)) from error
        except ServerSelectionTimeoutError as error:
            raise NoAnswer(f"no primary answers: {_reason(error)}") from error
        except PyMongoError as error:
            raise NoAnswer(_reason(error)) from error


DUPLICATE_KEY = 11000
"""MongoDB's code of a unique index that refuses."""


def _may_repeat(error: NoAnswer) -> bool:
    """Tell whether a transaction failed in a way that another try may not, with time left."""
    cause = error.__cause__
    return isinstance(cause, PyMongoError) and cause.has_error_label("TransientTransactionError")
