"""The embedded store: one SQLite file in the data folder, one thread that writes, some that read.

With ``synchronous=FULL`` a commit is on disk when it returns; writes that wait meanwhile share the
next one. Reads have connections of their own and see all that was acknowledged (ADR 0002).
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Self, TypeVar

from sessions.background import outlive_caller
from sessions.core.errors import StoreUnavailable, TooNew
from sessions.core.records import (
    Announced,
    Bookmark,
    CalendarAddress,
    Entry,
    EntryKind,
    Invite,
    Job,
    JobKind,
    Member,
    Owner,
    Session,
    Show,
    View,
)
from sessions.stores.base import (
    MAX_MOVE_WAIT_S,
    MAX_WRITE_WAIT_S,
    AppendResult,
    MemberPage,
    PeopleChange,
    ShowPage,
    StoreCounts,
    StoredShow,
    When,
)
from sessions.stores.personal import BookmarkPage, FriendPage, ViewPage
from sessions.stores.sqlite import announcements, calendars, jobs, people, personal, reads, writes
from sessions.stores.sqlite.folder import Folder, check, connect
from sessions.stores.sqlite.schema import migrate
from sessions.stores.sqlite.writer import Writer, is_damage, of_the_disk

__all__ = ["SqliteStore"]

logger = logging.getLogger("seans.stores")

T = TypeVar("T")

READER_THREADS = 2
"""How many reads run at once."""

MAX_READ_WAIT_S = 5.0
"""How long a read may take before it is given up, seconds."""


class SqliteStore:
    """A Store (see sessions.stores.base, which says what each call promises) in one folder."""

    def __init__(
        self,
        folder: Path,
        *,
        bound: int = 4096,
        read_wait: float = MAX_READ_WAIT_S,
        write_wait: float = MAX_WRITE_WAIT_S,
    ) -> None:
        """Name the data ``folder``; at most ``bound`` writes and as many reads may wait.

        More are turned away, and so is a read that took ``read_wait`` seconds or a write that took
        ``write_wait``.
        """
        self.reads_turned_away = 0
        """Reads refused so far because too many waited, or they took too long."""
        self.writes_given_up = 0
        """Writes refused so far because they took too long."""
        self._folder = Folder(folder)
        self._bound = bound
        self._connections: list[sqlite3.Connection] = []
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None
        self._writer: Writer | None = None
        self._damaged = False
        self._read_wait = read_wait
        self._write_wait = write_wait
        self._reads_waiting = 0
        self._free_readers = asyncio.Semaphore(READER_THREADS)

    @property
    def writer(self) -> Writer:
        """What carries out the writes, with its counts. Raises StoreUnavailable while closed."""
        if self._writer is None:
            raise StoreUnavailable("the store is closed")
        return self._writer

    async def open(self) -> None:
        """Make ready: lock, migrate. Raises TooNew, or StoreUnavailable with words."""
        await asyncio.to_thread(self._open)
        self._threads = ThreadPoolExecutor(READER_THREADS, thread_name_prefix="store-reader")
        self._writer = Writer(self._connections[0], asyncio.get_running_loop(), self._bound)
        self._writer.start()

    def _open(self) -> None:
        where = f"the store in {self._folder.path} cannot be used"
        try:
            self._folder.take()
            writer = connect(self._folder.file, writes=True)
            self._connections.append(writer)
            check(writer)
            migrate(writer)
            # A process that was killed may have left deleted text there.
            writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for _ in range(READER_THREADS):
                self._connections.append(connect(self._folder.file, writes=False))
                self._idle.put(self._connections[-1])
            self._folder.note()
        except (sqlite3.Error, OSError) as error:
            self._release()
            raise StoreUnavailable(f"{where}: {error}") from error
        except TooNew as error:
            self._release()
            raise TooNew(f"{where}: {error}") from error
        except StoreUnavailable:
            self._release()
            raise

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def counts(self) -> StoreCounts:
        """Return what was done since the store was opened."""
        writer = self.writer
        refused = writer.turned_away + self.writes_given_up
        return StoreCounts(writer.written, refused, self.reads_turned_away)

    async def close(self) -> None:
        """Write what was accepted, then let go of everything."""
        if self._writer is None or self._threads is None:
            return
        # From here on nothing more is accepted.
        writer, threads = self._writer, self._threads
        self._writer = self._threads = None
        # A thread of its own: those of the event loop may all hang in the film folder's disk.
        with ThreadPoolExecutor(1, thread_name_prefix="store-closer") as closing:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(closing, self._end, writer, threads)

    def _end(self, writer: Writer, threads: ThreadPoolExecutor) -> None:
        writer.stop()
        threads.shutdown()
        self._release()

    def _release(self) -> None:
        self._idle = SimpleQueue()
        while self._connections:
            self._connections.pop().close()
        self._folder.give_back()

    async def _write(
        self,
        job: Callable[[sqlite3.Connection], T],
        *,
        within: float = MAX_WRITE_WAIT_S,
        scrub: Callable[[T], bool] = lambda _result: False,
    ) -> T:
        within = min(within, self._write_wait)
        future = self.writer.submit(job, within=within, scrub=scrub)
        # A timer of its own: asyncio.timeout costs an append a tenth more.
        timer = asyncio.get_running_loop().call_later(within, self._give_up, future)
        try:
            return await future
        finally:
            timer.cancel()

    def _give_up(self, future: asyncio.Future[T]) -> None:
        """Answer a caller that has waited for too long; the writer does not begin the job then."""
        if not future.done():
            self.writes_given_up += 1
            future.set_exception(StoreUnavailable("nothing could be saved for too long"))

    async def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        try:
            async with asyncio.timeout(self._read_wait):
                return await self._query(query)
        except TimeoutError as error:
            self.reads_turned_away += 1
            raise StoreUnavailable("nothing could be read for too long") from error

    async def _query(self, query: Callable[[sqlite3.Connection], T]) -> T:
        await self._acquire_reader()
        # The store may have been closed during the wait.
        if self._threads is None:
            self._free_readers.release()
            raise StoreUnavailable("the store is closed")
        loop = asyncio.get_running_loop()
        reading = loop.run_in_executor(self._threads, self._run_query, query)
        reading.add_done_callback(lambda _: self._free_readers.release())
        # The caller may be cancelled; the thread stays busy until its query ends all the same.
        return await outlive_caller(reading, logger, "a read of the store")

    async def _acquire_reader(self) -> None:
        """Wait until a reader is free. Raises StoreUnavailable where too many wait already.

        Not in the executor's queue, which has neither a bound nor an end.
        """
        if self._threads is None:
            raise StoreUnavailable("the store is closed")
        if self._reads_waiting >= self._bound:
            self.reads_turned_away += 1
            raise StoreUnavailable("too much is waiting to be read")
        self._reads_waiting += 1
        try:
            await self._free_readers.acquire()
        finally:
            self._reads_waiting -= 1

    def _run_query(self, query: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._idle.get()
        try:
            return query(connection)
        except sqlite3.Error as error:
            if not of_the_disk(error):
                raise
            self._damaged |= is_damage(error)
            raise StoreUnavailable(f"nothing can be read at the moment: {error}") from error
        finally:
            self._idle.put(connection)

    async def healthy(self) -> bool:
        """Tell whether the store can write now, by writing, and into the files it opened.

        One that has met damage is not healthy until it is opened anew, for a write touches one page
        and the damage may be on another.
        """
        if self._damaged or self.writer_met_damage():
            return False
        try:
            await self._write(writes.touch)
        except StoreUnavailable:
            return False
        return await asyncio.to_thread(self._folder.is_in_place)

    def writer_met_damage(self) -> bool:
        """Tell whether a write has met damage in the file."""
        return self._writer is not None and self._writer.damaged

    async def create_show(
        self, show: Show, sessions: Sequence[Session], host: Member, invite: Invite
    ) -> None:
        """Keep a new show with all that belongs to it, whole or not at all."""
        await self._write(
            partial(writes.create_show, show=show, sessions=sessions, host=host, invite=invite)
        )

    async def show(self, show_id: str) -> Show | None:
        """Return a show."""
        return await self._read(partial(reads.show, show_id=show_id))

    async def stored_show(self, show_id: str, limit: int) -> StoredShow | None:
        """Return what a show is opened from, with the last ``limit`` entries."""
        return await self._read(partial(reads.stored_show, show_id=show_id, limit=limit))

    async def shows_of(
        self, user_id: str, when: When, now: float, limit: int, cursor: str | None
    ) -> ShowPage:
        """Return shows of which ``user_id`` is a member and not removed."""
        return await self._read(
            partial(reads.shows_of, user_id=user_id, when=when, now=now, limit=limit, cursor=cursor)
        )

    async def save_show(self, show: Show) -> None:
        """Keep a changed show."""
        await self._write(partial(writes.save_show, show=show))

    async def delete_show(self, show_id: str) -> None:
        """Forget a show and all that belongs to it."""
        await self._write(partial(writes.delete_show, show_id=show_id), scrub=lambda _result: True)

    async def session(self, session_id: str) -> Session | None:
        """Return a session."""
        return await self._read(partial(reads.session, session_id=session_id))

    async def sessions_of(self, show_id: str) -> Sequence[Session]:
        """Return a show's sessions, ascending by time."""
        return await self._read(partial(reads.sessions_of, show_id=show_id))

    async def member(self, show_id: str, user_id: str) -> Member | None:
        """Return somebody's place in a show, removed or not."""
        return await self._read(partial(reads.member, show_id=show_id, user_id=user_id))

    async def members_of(
        self, show_id: str, limit: int, cursor: str | None = None, *, removed: bool = True
    ) -> MemberPage:
        """Return places in a show, the oldest first."""
        return await self._read(
            partial(reads.members_of, show_id=show_id, limit=limit, cursor=cursor, removed=removed)
        )

    async def host_of(self, show_id: str) -> Member | None:
        """Return a show's host."""
        return await self._read(partial(reads.host_of, show_id=show_id))

    async def save_members(
        self, show_id: str, members: Sequence[Member], entries: Sequence[Entry] = ()
    ) -> Sequence[Entry]:
        """Keep changed places and what the log says of it, whole or not at all."""
        return await self._write(
            partial(writes.save_members, show_id=show_id, members=members, entries=entries)
        )

    async def invite(self, token: str) -> Invite | None:
        """Return an invite by its token."""
        return await self._read(partial(reads.invite, token=token))

    async def invites_of(self, show_id: str) -> Sequence[Invite]:
        """Return a show's invites, the oldest first."""
        return await self._read(partial(reads.invites_of, show_id=show_id))

    async def own_token(self, show_id: str) -> str | None:
        """Return the token of a show's own link."""
        return await self._read(partial(reads.own_token, show_id=show_id))

    async def save_invites(self, invites: Sequence[Invite]) -> None:
        """Keep new or changed invites, whole or not at all."""
        await self._write(partial(writes.save_invites, invites=invites))

    async def accept_invite(self, invite_id: str, member: Member, now: float) -> Member:
        """Make ``member`` a member by an invite, using it once."""
        return await self._write(
            partial(writes.accept_invite, invite_id=invite_id, member=member, now=now)
        )

    async def append(self, entry: Entry, session: Session | None = None) -> AppendResult:
        """Give ``entry`` its place in its show's log; with ``session``, keep that changed too."""
        within = MAX_WRITE_WAIT_S if entry.timeline is None else MAX_MOVE_WAIT_S
        job = partial(writes.append, entry=entry, session=session)
        return await self._write(job, within=within)

    async def delete_message(self, message_id: str, entry: Entry) -> AppendResult:
        """Take a message's text back for good and append ``entry``, which says so."""
        return await self._write(
            partial(writes.delete_message, message_id=message_id, entry=entry),
            scrub=lambda appended: appended.new,
        )

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
            partial(
                reads.entries,
                show_id=show_id,
                after=after,
                before=before,
                limit=limit,
                kinds=kinds,
                session_id=session_id,
            )
        )

    async def message(self, show_id: str, message_id: str) -> Entry | None:
        """Return a message of a show."""
        return await self._read(partial(reads.message, show_id=show_id, message_id=message_id))

    async def places_of(self, user_id: str) -> Sequence[Member]:
        """Return somebody's places in all shows, the oldest first."""
        return await self._read(partial(people.places_of, user_id=user_id))

    async def rename_user(
        self, user_id: str, name: str, entries: Sequence[Entry] = ()
    ) -> PeopleChange:
        """Give somebody a name in all their places; keep what the logs say of it."""
        return await self._write(
            partial(people.rename_user, user_id=user_id, name=name, entries=entries)
        )

    async def move_user(
        self, guest_id: str, user_id: str, name: str, now: float, entries: Sequence[Entry] = ()
    ) -> PeopleChange:
        """Give all that a guest has to ``user_id``, once."""
        return await self._write(
            partial(
                people.move_user,
                guest_id=guest_id,
                user_id=user_id,
                name=name,
                now=now,
                entries=entries,
            )
        )

    async def moved_users(self, since: float) -> Collection[str]:
        """Return the ids of guests that were moved at ``since`` or later."""
        return await self._read(partial(people.moved_users, since=since))

    async def take_job(self, job: Job, now: float) -> Job | None:
        """Give a job to its owner, unless another has it."""
        return await self._write(partial(jobs.take_job, wanted=job, now=now))

    async def renew_job(self, job_id: str, owner: str, until: float, progress: float) -> bool:
        """Let the owner keep a job; False where it is not theirs."""
        return await self._write(
            partial(jobs.renew_job, job_id=job_id, owner=owner, until=until, progress=progress)
        )

    async def give_back_job(self, job_id: str, owner: str, progress: float) -> None:
        """Let others take a job."""
        await self._write(
            partial(jobs.give_back_job, job_id=job_id, owner=owner, progress=progress)
        )

    async def job(self, kind: JobKind, target_id: str) -> Job | None:
        """Return the job of a kind for a film."""
        return await self._read(partial(jobs.job, kind=kind, target_id=target_id))

    async def free_jobs(self, now: float, limit: int) -> Sequence[Job]:
        """Return jobs that are not done and that nobody has, the oldest first."""
        return await self._read(partial(jobs.free_jobs, now=now, limit=limit))

    async def save_owner(self, owner: Owner) -> None:
        """Keep that somebody is an owner."""
        await self._write(partial(writes.save_owner, owner=owner))

    async def is_owner(self, user_id: str) -> bool:
        """Tell whether somebody is an owner."""
        return await self._read(partial(reads.is_owner, user_id=user_id))

    async def save_bookmark(self, bookmark: Bookmark) -> Bookmark:
        """Keep a bookmark, unless there is one of the same target."""
        return await self._write(partial(personal.save_bookmark, bookmark=bookmark))

    async def bookmarks_of(self, user_id: str, limit: int, cursor: str | None) -> BookmarkPage:
        """Return bookmarks of a person."""
        return await self._read(
            partial(personal.bookmarks_of, user_id=user_id, limit=limit, cursor=cursor)
        )

    async def delete_bookmark(self, user_id: str, bookmark_id: str) -> None:
        """Forget a bookmark."""
        await self._write(
            partial(personal.delete_bookmark, user_id=user_id, bookmark_id=bookmark_id)
        )

    async def friends_of(self, user_id: str, limit: int, cursor: str | None) -> FriendPage:
        """Return whom a person has bookmarked."""
        return await self._read(
            partial(personal.friends_of, user_id=user_id, limit=limit, cursor=cursor)
        )

    async def are_friends(self, one: str, other: str) -> bool:
        """Tell whether each of two people has bookmarked the other."""
        return await self._read(partial(personal.are_friends, one=one, other=other))

    async def save_views(self, views: Sequence[View]) -> None:
        """Keep entries of history, whole or not at all."""
        await self._write(partial(personal.save_views, views=views))

    async def view(self, user_id: str, session_id: str) -> View | None:
        """Return what somebody has watched of a session."""
        return await self._read(partial(personal.view, user_id=user_id, session_id=session_id))

    async def views_of(self, user_id: str, limit: int, cursor: str | None) -> ViewPage:
        """Return a person's history."""
        return await self._read(
            partial(personal.views_of, user_id=user_id, limit=limit, cursor=cursor)
        )

    async def delete_view(self, user_id: str, view_id: str) -> View:
        """Forget an entry of history."""
        return await self._write(
            partial(personal.delete_view, user_id=user_id, view_id=view_id),
            scrub=lambda _view: True,
        )

    async def delete_views(self, user_id: str) -> None:
        """Forget a person's history."""
        await self._write(
            partial(personal.delete_views, user_id=user_id), scrub=lambda _result: True
        )

    async def calendar_address(self, user_id: str) -> CalendarAddress | None:
        """Return somebody's calendar address."""
        return await self._read(partial(calendars.address_of, user_id=user_id))

    async def calendar_by_token(self, token: str) -> CalendarAddress | None:
        """Return the calendar address that holds a token."""
        return await self._read(partial(calendars.by_token, token=token))

    async def save_calendar_address(self, address: CalendarAddress) -> None:
        """Keep somebody's new calendar address in place of the one that they had."""
        await self._write(partial(calendars.save_address, address=address))

    async def due_sessions(self, now: float, limit: int) -> Sequence[Session]:
        """Return sessions of which there is something to tell."""
        return await self._read(partial(announcements.due_sessions, now=now, limit=limit))

    async def announce(self, session_id: str, before: Announced, after: Announced) -> bool:
        """Note what is told of a session from now on; False where another did."""
        return await self._write(
            partial(announcements.announce, session_id=session_id, before=before, after=after)
        )

    async def skip_announcements(self, before: float) -> None:
        """Note that all is told of sessions that ended before then."""
        await self._write(partial(announcements.skip, before=before))
