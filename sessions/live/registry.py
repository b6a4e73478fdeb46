"""The open shows: opened from the store when first needed, closed when nobody is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

from sessions.background import log_failure, outlive_caller
from sessions.core.commands import Command
from sessions.core.errors import AlreadyBegun, Refused, UnknownShow
from sessions.core.rates import (
    CHANGE_LIMIT,
    COMMAND_LIMIT,
    REPLAY_LIMIT,
    REPORT_LIMIT,
    SHOW_COMMAND_LIMIT,
    Buckets,
    Floods,
)
from sessions.core.records import Entry, Member, Session, Show
from sessions.core.room import RoomState, SessionState
from sessions.core.show_events import Announce, ShowEvent, announce_to_nobody
from sessions.core.timeline import Timeline
from sessions.live.live_session import LiveSession, room_of
from sessions.live.live_show import LiveShow
from sessions.live.log import MAX_RECENT_ENTRIES
from sessions.live.log_writer import ShowLogStore
from sessions.live.outgoing_queue import OutgoingCounts
from sessions.live.person_links import PersonLinks
from sessions.live.step_stats import MetricsHistogram
from sessions.stores.base import ShowStore
from sessions.wire import Presence

__all__ = ["Counts", "LiveStore", "Registry"]

logger = logging.getLogger("seans.live")

TICK_S = 1.0
"""How often the open shows are ticked, seconds."""

SAVE_AT_STOP_S = 1.0
"""How long the end of what is watched may take to be kept when the server stops, seconds."""

MEMBERS_A_READ = 1000
"""How many members are read at a time when a show is opened."""

MAX_MAINTAINED = 32
"""How many shows may use the store in a tick at the same time; the others wait."""


@dataclass(slots=True)
class Counts:
    """Counters since the start, for the metrics."""

    messages: int = 0
    """Chat messages kept."""

    commands: int = 0
    """Commands accepted."""

    refused: int = 0
    """Messages from links that were refused."""

    outgoing: OutgoingCounts = field(default_factory=OutgoingCounts)
    """Links and messages that were dropped."""

    errors: MetricsHistogram = field(default_factory=MetricsHistogram)
    """How far pictures were off, as their viewers reported."""


class LiveStore(ShowStore, ShowLogStore, Protocol):
    """The store that a live show needs."""


class Registry:
    """All open shows, by id."""

    def __init__(
        self,
        store: LiveStore,
        clock: Callable[[], float],
        announce: Announce = announce_to_nobody,
    ) -> None:
        """``announce`` is told what happens to shows, open or not."""
        self.store = store
        self.announce = announce
        self.counts = Counts()
        self._clock = clock
        self._open_shows: dict[str, asyncio.Task[LiveShow]] = {}
        self.changes = Buckets(CHANGE_LIMIT, clock)
        self.replays = Buckets(REPLAY_LIMIT, clock)
        self.reports = Buckets(REPORT_LIMIT, clock)
        self.floods = Floods()
        self.links = PersonLinks()
        self._commands = Buckets(COMMAND_LIMIT, clock)
        self._show_commands = Buckets(SHOW_COMMAND_LIMIT, clock)
        self._being_maintained: set[str] = set()
        self._saving_views: set[str] = set()
        self._store_turns = asyncio.Semaphore(MAX_MAINTAINED)
        self._ticking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the ticks of the open shows."""
        self._ticking = asyncio.create_task(self._tick_forever())
        log_failure(self._ticking, logger, "the care of the open shows")

    async def stop(self) -> None:
        """Say goodbye to all; the store must still be open. A second call does nothing."""
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)
        for live in self.open_shows():
            live.say_goodbye(1001, "server_stops")
        saves = [each.view_log.save(self.store, at_once=True) for each in self.open_sessions()]
        try:
            async with asyncio.timeout(SAVE_AT_STOP_S):
                results = await asyncio.gather(*saves, return_exceptions=True)
        except TimeoutError as error:
            results = [error]
        if any(isinstance(result, BaseException) for result in results):
            logger.warning("the last seconds of what was watched are not kept")

    def open_shows(self) -> list[LiveShow]:
        """Return the shows that are open now."""
        return [live for task in self._open_shows.values() if (live := _opened(task)) is not None]

    def open_sessions(self) -> list[LiveSession]:
        """Return the sessions of the shows that are open now."""
        return [live for show in self.open_shows() for live in show.sessions.values()]

    async def live_show(self, show_id: str) -> LiveShow:
        """Return a live show, and open it if needed. Raises UnknownShow."""
        live = await outlive_caller(self._opening(show_id), logger, f"opening show {show_id}")
        live.used_at = self._clock()
        return live

    def _opening(self, show_id: str) -> asyncio.Task[LiveShow]:
        """Return the task that opens a show, or has opened it."""
        task = self._open_shows.get(show_id)
        if task is None:
            task = asyncio.create_task(self._open(show_id))
            self._open_shows[show_id] = task
            task.add_done_callback(lambda done: self._forget_failed(show_id, done))
        return task

    def _open_in_background(self, show_id: str) -> None:
        if show_id not in self._open_shows:
            log_failure(self._opening(show_id), logger, f"opening show {show_id}")

    def states(self, sessions: Sequence[Session]) -> list[SessionState]:
        """Return the state of each session now; the caller's stored sessions are enough."""
        now = self._clock()
        return [self._room_of(session).state(now) for session in sessions]

    def timeline(self, session: Session) -> tuple[float, Timeline, Timeline | None]:
        """Return the server's time, the timeline in force and the one ahead."""
        chain = self._room_of(session).chain
        now = self._clock()
        return now, chain.in_force(now), chain.next(now)

    async def live_session(self, session: Session) -> LiveSession:
        """Return a live session, and open its show if needed. Raises UnknownSession."""
        return (await self.live_show(session.show_id)).session(session.id)

    async def command(
        self, session: Session, user_id: str, command: Command, revision: int | None
    ) -> Timeline:
        """Carry out a member's command; return the timeline that it made, or the unchanged one."""
        self._commands.take(user_id)
        live = await self.live_session(session)
        # Who may not move the film takes nothing from those who may.
        live.require_control(user_id)
        self._show_commands.take(session.show_id)
        timeline = await live.command(user_id, command, revision)
        self.counts.commands += 1
        return timeline

    async def reschedule(self, session: Session, movie_time: float, by: Member) -> Session:
        """Move a session's start to ``movie_time``. Raises AlreadyBegun, RateLimited."""
        self._commands.take(by.user_id)
        self._show_commands.take(session.show_id)
        show = await self.live_show(session.show_id)
        if show.goes_to(session.id):
            raise AlreadyBegun("the room is on its way to it: stop that first")
        moved = await show.session(session.id).reschedule(by, movie_time)
        others = [live.session for live in show.sessions.values() if live.session.id != moved.id]
        in_time = sorted([*others, moved], key=lambda each: (each.movie_time, each.id))
        self.announce(ShowEvent("show.changed", self._clock(), show.show, in_time))
        return moved

    def show_changed(self, show: Show) -> None:
        """Apply new settings to a show, if it is open."""
        self._when_open(show.id, lambda live: live.changed(show))

    def session_added(self, session: Session) -> None:
        """Add a session that is stored already to its show, if it is open."""
        self._when_open(session.show_id, lambda live: live.add_session(session))

    def session_deleted(self, session: Session) -> None:
        """Remove a session that was deleted from its show, if it is open."""
        self._when_open(session.show_id, lambda live: live.remove_session(session.id))

    def show_deleted(self, show_id: str) -> None:
        """Close a show that was deleted."""
        self._when_open(show_id, lambda live: live.say_goodbye(4410, "deleted"))
        self._open_shows.pop(show_id, None)

    def members_changed(
        self, show_id: str, members: Sequence[Member], entries: Sequence[Entry] = ()
    ) -> None:
        """Apply members that are stored already, and their log entries, if the show is open."""
        self._when_open(show_id, lambda live: live.members_changed(members, entries))

    def member_moved(self, old_id: str, member: Member, entries: Sequence[Entry] = ()) -> None:
        """Apply that ``member`` had another id, as the store has it, if their show is open."""
        self._when_open(member.show_id, lambda live: live.member_moved(old_id, member, entries))

    def expect(self, show_id: str, members: Sequence[Member]) -> Callable[[], None]:
        """Let an open show use ``members`` before they are stored; return a function to undo it."""
        live = self.find_open(show_id)
        return live.expect(members) if live else lambda: None

    def find_open(self, show_id: str) -> LiveShow | None:
        """Return a show if it is open."""
        task = self._open_shows.get(show_id)
        return _opened(task) if task else None

    def find_session(self, session: Session) -> LiveSession | None:
        """Return a session if its show is open."""
        live = self.find_open(session.show_id)
        return live.sessions.get(session.id) if live else None

    def presence(self, show_id: str, user_id: str) -> Presence:
        """Return a user's presence in a show."""
        live = self.find_open(show_id)
        return live.roster.presence(user_id) if live else Presence()

    async def tick(self) -> None:
        """Tick every open show, and wait until all of it is done."""
        async with asyncio.TaskGroup() as group:
            self.begin_tick(group)

    def begin_tick(self, group: asyncio.TaskGroup) -> None:
        """Tick every open show: without the store now, with the store as tasks of ``group``.

        So the waits of a room do not depend on how fast the store answers for another room.
        """
        for live in self.open_shows():
            try:
                live.tick()
            except Exception:
                # An error in one show must not stop the ticks of the others.
                logger.exception("show %s was not looked after", live.show.id)
            # One task at a time for each show, or tasks would pile up while the store hangs.
            if live.show.id not in self._being_maintained:
                self._being_maintained.add(live.show.id)
                group.create_task(self._maintain(live))
            if live.show.id not in self._saving_views:
                self._saving_views.add(live.show.id)
                group.create_task(self._keep_views(live))

    async def _maintain(self, live: LiveShow) -> None:
        try:
            async with self._store_turns:
                await live.keep_log()
        except Refused as error:
            logger.warning("show %s was not looked after: %s", live.show.id, error.detail)
        except Exception:
            # Raising would end the TaskGroup, and with it the ticks of all shows.
            logger.exception("show %s was not looked after", live.show.id)
        finally:
            self._being_maintained.discard(live.show.id)
        # Meanwhile the show may have been closed and opened again.
        if live.idle and self.find_open(live.show.id) is live:
            live.close()
            self._open_shows.pop(live.show.id, None)

    async def _keep_views(self, live: LiveShow) -> None:
        try:
            async with self._store_turns:
                await live.keep_views()
        except Refused as error:
            logger.warning("what show %s watched is not kept: %s", live.show.id, error.detail)
        except Exception:
            logger.exception("what show %s watched is not kept", live.show.id)
        finally:
            self._saving_views.discard(live.show.id)

    async def _tick_forever(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                await asyncio.sleep(TICK_S)
                self.begin_tick(group)

    def _when_open(self, show_id: str, act: Callable[[LiveShow], None]) -> None:
        task = self._open_shows.get(show_id)
        if task is None:
            return

        def then(done: asyncio.Task[LiveShow]) -> None:
            if (live := _opened(done)) is not None:
                act(live)

        if task.done():
            then(task)
        else:
            task.add_done_callback(then)

    def _forget_failed(self, show_id: str, task: asyncio.Task[LiveShow]) -> None:
        if _opened(task) is None and self._open_shows.get(show_id) is task:
            del self._open_shows[show_id]

    def _room_of(self, session: Session) -> RoomState:
        live = self.find_session(session)
        if live is None and session.wait is not None:
            # Open a room that waits, so that its wait ends.
            self._open_in_background(session.show_id)
        return live.room if live else room_of(session)

    async def _members_of(self, show_id: str) -> Sequence[Member]:
        members: list[Member] = []
        cursor = None
        while True:
            page = await self.store.members_of(show_id, MEMBERS_A_READ, cursor)
            members += page.items
            if (cursor := page.next) is None:
                return members

    async def _open(self, show_id: str) -> LiveShow:
        # Show, sessions, log and presence are read as of one moment: later entries arrive from the
        # log, and no entry is applied twice.
        stored = await self.store.stored_show(show_id, MAX_RECENT_ENTRIES)
        if stored is None or not stored.sessions:
            raise UnknownShow
        members = await self._members_of(show_id)
        return LiveShow(self.store, self._clock, stored, members, self.counts.errors.add)


def _opened(task: asyncio.Task[LiveShow]) -> LiveShow | None:
    """Return the show that ``task`` has opened; None: it has not."""
    done = task.done() and not task.cancelled() and task.exception() is None
    return task.result() if done else None
