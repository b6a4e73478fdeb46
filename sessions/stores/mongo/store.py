"""The store in a MongoDB database: each show's writes in a queue of their own (ADR 0015).

Reads ask the primary and see all that was acknowledged; a majority has that in its journals.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Self, TypeVar

from sessions.core.errors import StoreUnavailable, TooNew, UnknownInvite, UnknownSession
from sessions.core.records import Entry, EntryKind, Invite, Job, JobKind, Member, Session, Show
from sessions.stores.base import (
    MAX_MOVE_WAIT_S,
    MAX_WRITE_WAIT_S,
    AppendResult,
    MemberPage,
    ShowPage,
    StoreCounts,
    StoredShow,
    When,
)
from sessions.stores.mongo import jobs, reads, show_lists, writes
from sessions.stores.mongo.address import parse_address
from sessions.stores.mongo.driver import Database, Driver, NoAnswer, limit
from sessions.stores.mongo.follow import recover
from sessions.stores.mongo.log import ShowLog
from sessions.stores.mongo.people import finish_moves
from sessions.stores.mongo.people_store import PeopleCalls
from sessions.stores.mongo.puts import finish_puts
from sessions.stores.mongo.queue import ShowQueue, WriteCounts
from sessions.stores.mongo.schema import MIGRATIONS, Migration, migrate, require_whole
from sessions.stores.mongo.unfinished import finish_all

__all__ = ["MongoStore"]

logger = logging.getLogger("seans.stores")

T = TypeVar("T")

MAX_READ_WAIT_S = 5.0
"""How long a read may take before it is given up, seconds."""

MAX_OPEN_WAIT_S = 5.0
"""How long the server may take to answer when the store is opened, seconds."""

MAX_MIGRATION_S = 600.0
"""How long a migration may take, seconds."""

MAX_QUEUES = 1024
"""Shows whose ends of the log are remembered; more only while they are being written."""

JOBS = "jobs"
"""The queue of what belongs to no show."""


class MongoStore(PeopleCalls):
    """A Store (see sessions.stores.base, which says what each call promises) in one database."""

    def __init__(
        self,
        url: str,
        *,
        driver: Driver = "motor",
        bound: int = 4096,
        read_wait: float = MAX_READ_WAIT_S,
        write_wait: float = MAX_WRITE_WAIT_S,
        open_wait: float = MAX_OPEN_WAIT_S,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> None:
        """Name the database by its ``url``; at most ``bound`` writes and as many reads may wait.

        More are turned away, and so is a read that took ``read_wait`` seconds or a write that took
        ``write_wait``; a server that does not answer in ``open_wait`` seconds cannot be opened.
        Raises ValueError where ``url`` is no such address.
        """
        self.reads_turned_away = 0
        """Reads refused so far because too many waited, or they took too long."""
        self._address = parse_address(url)
        self._driver = driver
        self._bound = bound
        self._read_wait = read_wait
        self._write_wait = write_wait
        self._open_wait = open_wait
        self._migrations = migrations
        self._database: Database | None = None
        self._queues: dict[str, ShowQueue] = {}
        self._counts = WriteCounts()
        self._reads_waiting = 0
        self._failing = False

    async def open(self) -> None:
        """Make ready: connect, migrate, finish what was left. Raises TooNew, StoreUnavailable."""
        where = f"the store {self._address.shown} cannot be used"
        try:
            database = Database(self._address.url, self._address.database, self._driver)
        except ValueError as error:
            raise StoreUnavailable(f"{where}: {error}") from error
        try:
            with limit(self._open_wait):
                await database.greet()
            with limit(MAX_MIGRATION_S):
                await migrate(database, self._migrations)
                await require_whole(database)
                await finish_puts(database)
                await recover(database)
                await finish_all(database)
                await finish_moves(database)
        except BaseException as error:
            await database.close()
            if isinstance(error, NoAnswer | StoreUnavailable):
                raise StoreUnavailable(f"{where}: {error}") from error
            if isinstance(error, TooNew):
                raise TooNew(f"{where}: {error}") from error
            raise
        self._database, self._counts, self._queues = database, WriteCounts(), {}

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Write what was accepted, then let go of everything."""
        if self._database is None:
            return
        # From here on nothing more is accepted.
        database, self._database = self._database, None
        await asyncio.gather(*(queue.close() for queue in self._queues.values()))
        await database.close()

    def counts(self) -> StoreCounts:
        """Return what was done since the store was opened."""
        return StoreCounts(self._counts.written, self._counts.refused, self.reads_turned_away)

    @property
    def _open_database(self) -> Database:
        if self._database is None:
            raise StoreUnavailable("the store is closed")
        return self._database

    async def healthy(self) -> bool:
        """Tell whether the store can write now, by writing."""
        touch = {"$inc": {"touched": 1}}
        try:
            async with asyncio.timeout(self._write_wait):
                with limit(self._write_wait):
                    await self._open_database.update("meta", {"id": "health"}, touch, upsert=True)
        except (NoAnswer, StoreUnavailable, TimeoutError):
            return False
        return True

    def _queue(self, key: str) -> ShowQueue:
        """Return the queue of a show; those that do nothing are forgotten where there are many."""
        database = self._open_database
        if key not in self._queues:
            if len(self._queues) >= MAX_QUEUES:
                self._queues = {
                    known: queue for known, queue in self._queues.items() if not queue.idle
                }
            self._queues[key] = ShowQueue(database, key, self._counts, self._bound)
        return self._queues[key]

    async def _write(self, key: str, work: Callable[[Database, ShowLog], Awaitable[T]]) -> T:
        """Carry out ``work`` in the turn of a show's queue."""
        database = self._open_database

        async def run(log: ShowLog) -> T:
            return await work(database, log)

        return await self._queue(key).run(run, min(MAX_WRITE_WAIT_S, self._write_wait))

    async def _read(self, query: Callable[[Database], Awaitable[T]]) -> T:
        database = self._open_database
        if self._reads_waiting >= self._bound:
            self.reads_turned_away += 1
            raise StoreUnavailable("too much is waiting to be read")
        self._reads_waiting += 1
        try:
            # Both: Motor's threads obey the driver's limit alone, and all of them may be busy.
            async with asyncio.timeout(self._read_wait):
                with limit(self._read_wait):
                    return await query(database)
        except TimeoutError as error:
            self.reads_turned_away += 1
            raise StoreUnavailable("nothing could be read for too long") from error
        except NoAnswer as error:
            self.reads_turned_away += 1
            raise StoreUnavailable(f"nothing can be read at the moment: {error}") from error
        finally:
            self._reads_waiting -= 1

    async def create_show(
        self, show: Show, sessions: Sequence[Session], host: Member, invite: Invite
    ) -> None:
        """Keep a new show with all that belongs to it, whole or not at all."""
        await self._write(
            show.id,
            lambda database, _log: writes.create_show(database, show, sessions, host, invite),
        )

    async def show(self, show_id: str) -> Show | None:
        """Return a show."""
        return await self._read(lambda database: reads.show(database, show_id))

    async def stored_show(self, show_id: str, limit: int) -> StoredShow | None:
        """Return what a show is opened from, with the last ``limit`` entries."""
        return await self._read(lambda database: reads.stored_show(database, show_id, limit))

    async def shows_of(
        self, user_id: str, when: When, now: float, limit: int, cursor: str | None
    ) -> ShowPage:
        """Return shows of which ``user_id`` is a member and not removed."""
        return await self._read(
            lambda database: show_lists.shows_of(database, user_id, when, now, limit, cursor)
        )

    async def save_show(self, show: Show) -> None:
        """Keep a changed show."""
        await self._write(show.id, lambda database, _log: writes.save_show(database, show))

    async def delete_show(self, show_id: str) -> None:
        """Forget a show and all that belongs to it."""
        await self._write(show_id, lambda database, log: writes.delete_show(database, log, show_id))

    async def session(self, session_id: str) -> Session | None:
        """Return a session."""
        return await self._read(lambda database: reads.session(database, session_id))

    async def sessions_of(self, show_id: str) -> Sequence[Session]:
        """Return a show's sessions, ascending by time."""
        return await self._read(lambda database: reads.sessions_of(database, show_id))

    async def sessions_of_shows(self, show_ids: Collection[str]) -> Mapping[str, Sequence[Session]]:
        """Return the sessions of several shows, each ascending by time."""
        return await self._read(lambda database: reads.sessions_of_shows(database, show_ids))

    async def add_session(self, session: Session) -> None:
        """Keep a further session of a show."""
        await self._write(
            session.show_id, lambda database, _log: writes.add_session(database, session)
        )

    async def delete_session(self, session_id: str) -> None:
        """Forget a session; what the log says of it stays."""
        # In the queue of the session's own show.
        found = await self._read(lambda database: reads.session(database, session_id))
        if found is None:
            raise UnknownSession
        show_id = found.show_id
        await self._write(
            show_id, lambda database, _log: writes.delete_session(database, show_id, session_id)
        )

    async def member(self, show_id: str, user_id: str) -> Member | None:
        """Return somebody's place in a show, removed or not."""
        return await self._read(lambda database: reads.member(database, show_id, user_id))

    async def members_of(
        self, show_id: str, limit: int, cursor: str | None = None, *, removed: bool = True
    ) -> MemberPage:
        """Return places in a show, the oldest first."""
        return await self._read(
            lambda database: reads.members_of(database, show_id, limit, cursor, removed)
        )

    async def host_of(self, show_id: str) -> Member | None:
        """Return the host of a show."""
        return await self._read(lambda database: reads.host_of(database, show_id))

    async def save_members(
        self, show_id: str, members: Sequence[Member], entries: Sequence[Entry] = ()
    ) -> Sequence[Entry]:
        """Keep changed places and what the log says of it, whole or not at all."""
        if not entries:
            await self._write(
                show_id, lambda database, _log: writes.save_members(database, show_id, members)
            )
            return []
        within = min(MAX_WRITE_WAIT_S, self._write_wait)
        results = await self._queue(show_id).append(entries, within, members=members)
        return [result.entry for result in results]

    async def invite(self, token: str) -> Invite | None:
        """Return an invite by its token."""
        return await self._read(lambda database: reads.invite(database, token))

    async def invites_of(self, show_id: str) -> Sequence[Invite]:
        """Return a show's invites, the oldest first."""
        return await self._read(lambda database: reads.invites_of(database, show_id))

    async def own_token(self, show_id: str) -> str | None:
        """Return the token of a show's own link."""
        return await self._read(lambda database: reads.own_token(database, show_id))

    async def save_invites(self, invites: Sequence[Invite]) -> None:
        """Keep new or changed invites, whole or not at all."""
        if invites:
            await self._write(
                invites[0].show_id, lambda database, _log: writes.save_invites(database, invites)
            )

    async def accept_invite(self, invite_id: str, member: Member, now: float) -> Member:
        """Make ``member`` a member by an invite, using it once."""
        # In the queue of the invite's own show, whatever show the member names.
        found = await self._read(lambda database: reads.invite_by_id(database, invite_id))
        if found is None:
            raise UnknownInvite
        return await self._write(
            found.show_id,
            lambda database, _log: writes.accept_invite(database, invite_id, member, now),
        )

    async def append(self, entry: Entry, session: Session | None = None) -> AppendResult:
        """Give ``entry`` its place in its show's log; with ``session``, keep that changed too."""
        within = MAX_WRITE_WAIT_S if entry.timeline is None else MAX_MOVE_WAIT_S
        queue = self._queue(entry.show_id)
        (result,) = await queue.append([entry], min(within, self._write_wait), session=session)
        return result

    async def delete_message(self, message_id: str, entry: Entry) -> AppendResult:
        """Take a message's text back for good and append ``entry``, which says so."""
        deletion = replace(entry, subject=message_id)
        within = min(MAX_WRITE_WAIT_S, self._write_wait)
        queue = self._queue(entry.show_id)
        (result,) = await queue.append([deletion], within, message_id=message_id)
        return result

    async def entries(
        self,
        show_id: str,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int,
        kinds: Collection[EntryKind] | None = None,
        session_id: str | None = None,
    ) -> Sequence[Entry]:
        """Return entries ascending by ``seq``, from ``after`` on or else the last ones."""
        return await self._read(
            lambda database: reads.entries(
                database, show_id, after, before, limit, kinds, session_id
            )
        )

    async def message(self, show_id: str, message_id: str) -> Entry | None:
        """Return a message of a show."""
        return await self._read(lambda database: reads.message(database, show_id, message_id))

    async def take_job(self, job: Job, now: float) -> Job | None:
        """Give a job to its owner, unless another has it."""
        return await self._write(JOBS, lambda database, _log: jobs.take_job(database, job, now))

    async def renew_job(self, job_id: str, owner: str, until: float, progress: float) -> bool:
        """Let the owner keep a job; False where it is not theirs."""
        return await self._write(
            JOBS,
            lambda database, _log: jobs.renew_job(database, job_id, owner, until, progress),
        )

    async def give_back_job(self, job_id: str, owner: str, progress: float) -> None:
        """Let others take a job."""
        await self._write(
            JOBS, lambda database, _log: jobs.give_back_job(database, job_id, owner, progress)
        )

    async def job(self, kind: JobKind, target_id: str) -> Job | None:
        """Return the job of a kind for a film."""
        return await self._read(lambda database: jobs.job(database, kind, target_id))

    async def free_jobs(self, now: float, limit: int) -> Sequence[Job]:
        """Return jobs that are not done and that nobody has, the oldest first."""
        return await self._read(lambda database: jobs.free_jobs(database, now, limit))
