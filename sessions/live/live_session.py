"""A session of an open show: its room, its waiting, and how well its viewers keep step.

A command only appends to the show's log. The room changes when the entry arrives from the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar, cast
from uuid import uuid4

from sessions.core.commands import Command, Next
from sessions.core.errors import IdTaken, NoNextSession, StaleRevision, StoreUnavailable
from sessions.core.events import Moved, MoveKind
from sessions.core.leads import lead_of
from sessions.core.records import NOBODY, Entry, EntryKind, Member, Session, Show
from sessions.core.roles import Control, Role, Waiting
from sessions.core.room import (
    Order,
    RoomState,
    decide,
    evolve,
    hold,
    is_leaving,
    leave,
    require_control,
    reschedule,
    shown_position,
)
from sessions.core.timeline import Timeline
from sessions.live.fanout import Audience
from sessions.live.late_moves import LateMoves
from sessions.live.link_reports import LinkReports
from sessions.live.listener import Listener
from sessions.live.live_delay import LiveDelay
from sessions.live.log_writer import LogWriter
from sessions.live.roster import Roster
from sessions.live.step_stats import StepStats
from sessions.live.view_log import ViewLog
from sessions.live.wait_monitor import WaitMonitor
from sessions.record_types import TimelinesRecord
from sessions.server_messages import ServerMessage, TimelineChanged
from sessions.stores.base import MAX_MOVE_WAIT_S
from sessions.wire import iso, timelines_record

__all__ = ["LiveSession", "SessionShow", "room_of"]

_T = TypeVar("_T")

RETRY_WITHIN_S = 1.0
"""After a failure that took longer than this a move is not tried again, seconds."""


class SessionShow(Protocol):
    """What a live session needs from its show."""

    show: Show
    members: dict[str, Member]
    audience: Audience
    roster: Roster
    writer: LogWriter

    def member(self, user_id: str) -> Member:
        """Return a member with their current role and rights. Raises UnknownShow."""
        ...

    def commanding_role(self, user_id: str) -> Role:
        """Return as what a member commands: who acts for the host as one. Raises UnknownShow."""
        ...

    def following(self, session_id: str) -> str | None:
        """Return the id of the session to which the room goes on from one; None: none follows."""
        ...

    async def carry_out(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run ``work`` to its end, even if the caller is cancelled meanwhile."""
        ...


@dataclass(frozen=True, slots=True)
class _Decision:
    """A move that is to be appended."""

    moved: Moved
    """The move."""

    member: Member | None
    """Who moves the film; None: the room itself."""

    subject: str | None = None
    """The session that the room goes on to, or does not go on to after all."""


class LiveSession:
    """One session of an open show; the show passes it the entries of its log that concern it."""

    def __init__(
        self,
        live_show: SessionShow,
        session: Session,
        clock: Callable[[], float],
        on_error: Callable[[float], object],
        present: Iterable[str] = (),
    ) -> None:
        """Start with a stored session; ``present`` are the users who were present then.

        ``on_error`` is called with each viewer's error that counts, seconds.
        """
        self.live_show = live_show
        self.session = session
        self.room = room_of(session, live_show.show.control)
        self._clock = clock
        self.moving = asyncio.Lock()
        """Held while somebody is about to move this session's film."""
        self.max_turn = MAX_MOVE_WAIT_S
        """How long a command waits for those before it, seconds."""
        self._late_moves = LateMoves(clock)
        self.reports = LinkReports(clock)
        self.live_delay = LiveDelay()
        self.step_stats = StepStats(lambda: self.room, clock, on_error)
        self.wait_monitor = WaitMonitor(self, clock, present)
        # The reports come first, because the others ask them who is present and with which delay.
        self.sent_live: Callable[[], Iterable[str]] = tuple
        """Returns the ids of those whom the server sends the film live."""
        self.view_log = ViewLog(self, clock)
        self.listeners: list[Listener] = [
            self.reports,
            self.step_stats,
            self.wait_monitor,
            self.view_log,
        ]

    @property
    def policy(self) -> Waiting:
        """Whether the film waits for slow members."""
        return self.live_show.show.waiting

    @property
    def members(self) -> Mapping[str, Member]:
        """The members of the show, by user id."""
        return self.live_show.members

    @property
    def show(self) -> Show:
        """The show that it is of."""
        return self.live_show.show

    def viewers(self) -> Iterable[Member]:
        """Return the members who watch this session now."""
        found = (self.members.get(user_id) for user_id in self.reports.present())
        return (member for member in found if member is not None)

    def publish(self, message: ServerMessage, *, urgent: bool = False) -> None:
        """Send ``message``, which is no log entry, to those who watch this session."""
        self.live_show.audience.publish(message, session_id=self.session.id, urgent=urgent)

    def show_changed(self, show: Show) -> None:
        """Apply the show's new settings."""
        self.room = replace(self.room, control=show.control)

    def entry(self, kind: EntryKind, member: Member | None) -> Entry:
        """Return a new entry without ``seq``; ``member`` is None if the room itself makes it."""
        now = self._clock()
        return Entry(
            id=str(uuid4()),
            show_id=self.session.show_id,
            session_id=self.session.id,
            kind=kind,
            user_id=member.user_id if member else NOBODY,
            name=member.name if member else "",
            created_at=now,
            position=self.room.position(now),
            revision=self.room.chain.newest.revision,
        )

    def timelines_record(self) -> TimelinesRecord:
        """Return the timeline in force and the next one, as a wire record."""
        now = self._clock()
        chain = self.room.chain
        return timelines_record(now, chain.in_force(now), chain.next(now))

    def publish_timeline(self) -> None:
        """Tell those who watch where the film stands, at once."""
        if self._late_moves.found:
            # Pages go on as they do; they are told once it was taken back.
            return
        record = self.timelines_record()
        message: TimelineChanged = {
            "type": "timeline",
            "now": record["now"],
            "timeline": record["timeline"],
            "next": record["next"],
        }
        if self.room.chain.newest.reason == "rescheduled":
            message["movie_time"] = iso(self.session.movie_time)
        self.publish(message, urgent=True)

    def tick(self) -> None:
        """Check what is due: the wait, the film's end, and what players are sent."""
        self.wait_monitor.tick()
        self.view_log.tick()
        if summary := self.step_stats.take_summary():
            self.publish({"type": "summary", **summary})

    def require_control(self, user_id: str) -> None:
        """Raise UnknownShow or NotAllowed where somebody may not move the film."""
        require_control(self.live_show.commanding_role(user_id), self.room.control)

    def lead_of(self, command: Command) -> float:
        """Return how far ahead ``command`` would act now, seconds."""
        reports = self.reports
        return lead_of(
            command,
            reports.delays(),
            reports.seek_costs(),
            at_least=self.live_delay.shortest_lead,
        )

    async def command(self, user_id: str, command: Command, revision: int | None) -> Timeline:
        """Carry out a member's command; return the timeline that it made, or the unchanged one."""
        return await self.live_show.carry_out(self._command(user_id, command, revision))

    async def reschedule(self, member: Member, movie_time: float) -> Session:
        """Let the film begin at ``movie_time`` instead, Unix seconds."""
        return await self.live_show.carry_out(self._reschedule(member, movie_time))

    async def begin_at(self, movie_time: float) -> None:
        """Let the film begin at ``movie_time``, Unix seconds, by the room itself."""
        await self.live_show.carry_out(self._reschedule(None, movie_time))

    async def leave(self, instant: float, following: str, entry_id: str) -> None:
        """Let the room go on to the session ``following`` at ``instant``, by the room itself.

        Raises IdTaken where the entry was made before, StaleRevision, StoreUnavailable.
        """
        async with self._turn():
            now = self._clock()
            moved = leave(self.room, instant, None)
            await self.move(moved, None, now, entry_id=entry_id, subject=following)

    async def hold(self, before: float, stays_in: str) -> None:
        """Let the film stand ``before`` seconds before its begin: the room stays elsewhere.

        Raises StaleRevision, StoreUnavailable.
        """
        async with self._turn():
            now = self._clock()
            await self.move(hold(self.room, now, before), None, now, subject=stays_in)

    def arrived(self, entry: Entry) -> Timeline | None:
        """Apply an entry of this session, whoever wrote it; return the timeline that it made."""
        made = entry.timeline
        if made is None or made.revision <= self.room.chain.newest.revision:
            # A session may be read after the log's tail, and must not apply entries twice.
            return None
        if made.reason == "rescheduled":
            # Exact: times of this century and their difference are multiples of 2**-22 s.
            self.session = replace(self.session, movie_time=made.instant - made.position)
        speed = self.room.speed if entry.speed is None else entry.speed
        moved = Moved(cast("MoveKind", entry.kind), made, speed, entry.origin)
        self._late_moves.arrived(entry, made, self.room)
        # At the entry's time, so that every reader of the log gets the same state.
        self.room = evolve(self.room, moved, entry.created_at)
        return made

    async def move(
        self,
        moved: Moved,
        member: Member | None,
        now: float,
        session: Session | None = None,
        entry_id: str | None = None,
        subject: str | None = None,
    ) -> Timeline:
        """Append ``moved`` and return the timeline that the log has; None: by the room itself.

        ``subject`` is the session that the room goes on to, or does not go on to after all.

        Raises StoreUnavailable; should the store make it much later, it is taken back then.
        """
        entry = self.entry(moved.kind, member)
        entry = replace(
            entry,
            id=entry_id or entry.id,
            created_at=now,
            position=shown_position(self.room, moved, now),
            revision=moved.timeline.revision,
            timeline=moved.timeline,
            speed=moved.speed,
            origin=moved.origin,
            subject=subject,
        )
        with self._late_moves.watch(entry.id):
            appended = await self.live_show.writer.append(entry, session)
        return appended.entry.timeline or moved.timeline

    async def take_back_late(self) -> None:
        """Let the film stand as if a move that landed late had never been. Raises StoreUnavailable.

        Its asker was told that nothing has changed, and all watched on.
        """
        if self._late_moves.found:
            async with self._turn():
                await self._take_back_late()

    async def _take_back_late(self) -> None:
        now, entry_id = self._clock(), str(uuid4())
        if (undoing := self._late_moves.undoing(now)) is None:
            return
        try:
            await self.move(undoing, None, now, entry_id=entry_id)
        except StaleRevision:
            # Another writer's move came first and has arrived: that one holds.
            return
        finally:
            self._late_moves.forget(entry_id)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Hold ``moving``; raise StoreUnavailable where those before take too long."""
        try:
            async with asyncio.timeout(self.max_turn):
                await self.moving.acquire()
        except TimeoutError as error:
            raise StoreUnavailable("those who asked before are still waiting") from error
        try:
            yield
        finally:
            self.moving.release()

    async def _command(self, user_id: str, command: Command, revision: int | None) -> Timeline:
        def decided(now: float) -> _Decision | None:
            member = self.live_show.member(user_id)
            role = self.live_show.commanding_role(user_id)
            order = Order(command, member.user_id, role, self.lead_of(command), revision)
            was_leaving = is_leaving(self.room, now)
            moved = decide(self.room, order, now)
            if moved is None:
                return None
            if not was_leaving and not isinstance(command, Next):
                return _Decision(moved, member)
            following = self.live_show.following(self.session.id)
            if following is None and isinstance(command, Next):
                raise NoNextSession
            return _Decision(moved, member, following)

        async with self._turn():
            if revision is not None and revision > self.room.chain.newest.revision:
                # The client knows of another writer's move that has not arrived here yet.
                await self.live_show.writer.read_tail()
            return await self._decide_and_move(decided) or self.room.chain.newest

    async def _reschedule(self, member: Member | None, movie_time: float) -> Session:
        def decided(now: float) -> _Decision:
            by = None if member is None else member.user_id
            return _Decision(reschedule(self.room, movie_time, by, now), member)

        async with self._turn():
            await self._decide_and_move(decided, movie_time)
            return replace(self.session, movie_time=movie_time)

    async def _decide_and_move(
        self,
        decided: Callable[[float], _Decision | None],
        movie_time: float | None = None,
    ) -> Timeline | None:
        """Append what ``decided`` returns; decide once more if the outcome is unknown.

        Returns None if there is nothing to append. Both attempts have the same id: if the store
        carries out the first one late, it refuses the second, and the tail shows the first.
        """
        entry_id = str(uuid4())
        anew = False
        while True:
            await self._take_back_late()
            now = self._clock()
            if (decision := decided(now)) is None:
                return None
            session = None
            if movie_time is not None:
                session = replace(self.session, movie_time=movie_time)
            try:
                return await self.move(
                    decision.moved, decision.member, now, session, entry_id, decision.subject
                )
            except (StaleRevision, IdTaken, StoreUnavailable) as error:
                slow = self._clock() - now > RETRY_WITHIN_S
                if anew or (slow and isinstance(error, StoreUnavailable)):
                    raise
                anew = True


def room_of(session: Session, control: Control = "host") -> RoomState:
    """Return the room of a stored session; ``control`` matters only for commands."""
    return RoomState(session.duration, session.chain, session.speed, control, session.wait)
