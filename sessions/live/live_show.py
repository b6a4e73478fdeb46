"""An open show: its session's room, the live end of its log, and who is in it.

A command only appends to the log. State follows from the log alone: each entry arrives once, in
the order of ``seq``, whoever wrote it; there the room evolves, and from there the links hear of
it. If an append fails, nothing has changed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast
from uuid import uuid4

from sessions.core.commands import Command
from sessions.core.errors import (
    IdTaken,
    Muted,
    Refused,
    StaleRevision,
    StoreUnavailable,
    UnknownShow,
)
from sessions.core.events import Moved, MoveKind
from sessions.core.leads import lead_of
from sessions.core.records import NOBODY, Entry, EntryKind, Member, Session, Show
from sessions.core.room import Order, RoomState, decide, evolve, reschedule, shown_position
from sessions.core.timeline import Timeline
from sessions.live.fanout import Audience, Link
from sessions.live.listener import Listener
from sessions.live.log import LiveLog
from sessions.live.log_writer import LogWriter
from sessions.live.member_rows import changed_rows
from sessions.live.roster import Roster
from sessions.live.step_stats import StepStats
from sessions.live.wait_monitor import WaitMonitor
from sessions.protocol import Report
from sessions.stores.base import Appended, Store
from sessions.wire import encode, entry_message, iso, timeline_message

__all__ = ["LiveShow"]

logger = logging.getLogger("seans.live")

LINGER = 30.0
"""How long an empty show stays open, seconds."""

_T = TypeVar("_T")


class LiveShow:
    """An open show with one session. Opened by the registry from what the store keeps."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float],
        show: Show,
        session: Session,
        room: RoomState,
        members: Iterable[Member],
        recent: Sequence[Entry],
        seq: int,
        announced: Iterable[str],
        heard: Callable[[float], object],
    ) -> None:
        self._store = store
        self._clock = clock
        self.show = show
        self.session = session
        self.room = room
        self.members = {member.user_id: member for member in members}
        self.audience = Audience()
        self.roster = Roster(clock, announced)
        self.step_stats = StepStats(lambda: self.room, clock, heard)
        self.log = LiveLog(recent, seq, self._arrived)
        self._writer = LogWriter(store, show.id, self.log, clock)
        self._leaving: dict[str, Entry] = {}
        self._outdated: set[str] = set()
        self.over: tuple[int, str] | None = None
        """Code and reason with which all links were closed; None while the show is open."""
        self.used_at = clock()
        """When somebody last asked for it, Unix seconds."""
        self.moving = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.wait_monitor = WaitMonitor(self, clock, self.roster.known())
        # The roster first: the others ask it who is here and how far away.
        self.listeners: list[Listener] = [self.roster, self.step_stats, self.wait_monitor]

    @property
    def idle(self) -> bool:
        """Whether nobody is here, and nobody was for a while."""
        busy = len(self.audience) or self.roster or self._tasks or self.room.held
        return not busy and self._clock() - self.used_at > LINGER

    def place(self, user_id: str) -> Member:
        """Return a member as they stand this very moment. Raises UnknownShow for who is none."""
        member = self.members.get(user_id)
        if member is None or member.removed:
            raise UnknownShow
        return member

    def entry(self, kind: EntryKind, member: Member | None) -> Entry:
        """Return an entry of this moment, without its place; None: by the room itself."""
        now = self._clock()
        return Entry(
            id=str(uuid4()),
            show_id=self.show.id,
            session_id=self.session.id,
            kind=kind,
            user_id=member.user_id if member else NOBODY,
            name=member.name if member else "",
            created_at=now,
            position=self.room.position(now),
            revision=self.room.chain.newest.revision,
        )

    async def carry_out(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run ``work`` to its end, though the asker should go away meanwhile."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._settled)
        return await asyncio.shield(task)

    def _settled(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        # Who asked may be gone; then nobody else looks at what it raised.
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, Refused):
            logger.error("work of show %s failed", self.show.id, exc_info=error)

    async def append(self, entry: Entry) -> Appended:
        """Append ``entry`` to the log; the room hears of it when it arrives."""
        return await self.carry_out(self._writer.append(entry))

    async def delete_message(self, message_id: str, entry: Entry) -> Appended:
        """Take a message back for good and tell the room by ``entry``."""
        call = self._store.delete_message(message_id, entry)
        return await self.carry_out(self._writer.settle(entry, call))

    async def say(self, user_id: str, message_id: str, text: str) -> Appended:
        """Keep a member's message and tell the room. Raises UnknownShow, Muted, IdTaken."""

        async def work() -> Appended:
            member = self.place(user_id)
            if member.muted:
                raise Muted
            entry = replace(self.entry("message", member), id=message_id, text=text)
            return await self._writer.append(entry)

        return await self.carry_out(work())

    async def command(self, user_id: str, command: Command, revision: int | None) -> Timeline:
        """Carry a member's command out and return the timeline that it made, or that stands."""
        return await self.carry_out(self._command(user_id, command, revision))

    async def reschedule(self, member: Member, movie_time: float) -> Session:
        """Let the film begin at ``movie_time`` instead, Unix seconds."""
        return await self.carry_out(self._reschedule(member, movie_time))

    def changed(self, show: Show) -> None:
        """Take the show's new settings and tell the room."""
        self.show = show
        self.room = replace(self.room, control=show.control)
        settings = {
            "type": "show",
            "title": show.title,
            "access": show.access,
            "control": show.control,
            "waiting": show.waiting,
        }
        self.audience.publish(encode(settings), logged=False)
        self.wait_monitor.prompt()

    def expect(self, members: Sequence[Member]) -> Callable[[], None]:
        """Judge by ``members`` from here on, though they are only being kept; return the way back.

        What a member asks behind their removal then stands behind it in the log, or nowhere.
        """
        before = [known for m in members if (known := self.members.get(m.user_id)) is not None]
        self.members.update((member.user_id, member) for member in members)

        def take_back() -> None:
            self.members.update((member.user_id, member) for member in before)
            # A store that raised may have kept them all the same; then the log will say so.
            self._writer.doubt()

        return take_back

    def members_changed(self, members: Sequence[Member], entries: Sequence[Entry]) -> None:
        """Take changed members and what the log says of it; see the removed out."""
        self.expect(members)
        self.roster.touch(member.user_id for member in members)
        for entry in entries:
            self.log.arrived(entry)
        for member in members:
            if member.removed:
                last = encode({"type": "removed", "reason": "removed"})
                for link in self.roster.links(member.user_id):
                    link.close(4403, "removed", last)
        self.wait_monitor.prompt()

    def enter(self, user_id: str, link: Link) -> bool:
        """Take a link of somebody in; True where the log does not know yet that they came."""
        news = not self.roster.is_announced(user_id)
        self._notify(lambda listener: listener.entered(user_id, link))
        return news

    def report(self, user_id: str, link: Link, report: Report) -> None:
        """Take what one of somebody's pages says of itself."""
        self._notify(lambda listener: listener.reported(user_id, link, report))

    def leave(self, user_id: str, link: Link) -> None:
        """Take a link of somebody away."""
        self.audience.discard(link)
        self._notify(lambda listener: listener.left(user_id, link))

    def tell_typing(self, user_id: str) -> None:
        """Tell the room that somebody writes; of the muted nobody hears."""
        member = self.members[user_id]
        if not member.muted:
            person = {"id": user_id, "name": member.name}
            self.audience.publish(encode({"type": "typing", "user": person}), logged=False)

    def say_goodbye(self, code: int, reason: str) -> None:
        """Close all links with ``goodbye``, and those that come to it still."""
        self.over = code, reason
        self.wait_monitor.close()
        self.audience.settle()
        last = encode({"type": "goodbye", "reason": reason})
        for link in (*self.audience.live, *self.audience.catching_up):
            link.close(code, reason, last)

    def timeline_record(self) -> dict[str, Any]:
        """Return the timeline in force and the one ahead, as the wire carries them."""
        now = self._clock()
        chain = self.room.chain
        return timeline_message(now, chain.in_force(now), chain.next(now))

    def tick(self) -> None:
        """Do what time brings and no store is asked for: rows that changed, waiting, the end."""
        if rows := changed_rows(self.members, self.roster):
            self.audience.publish(encode({"type": "members", **rows}), logged=False)
        self.wait_monitor.tick()
        if summary := self.step_stats.news():
            self.audience.publish(encode({"type": "summary", **summary}), logged=False)

    async def keep_log(self) -> None:
        """Append who has left, and read what never arrived. Raises StoreUnavailable."""
        # Carried out even when the care of the shows is cancelled, as appends of others are.
        await self.carry_out(self._append_left())
        await self._writer.tick()
        for user_id in tuple(self._outdated):
            member = await self._store.member(self.show.id, user_id)
            self._outdated.discard(user_id)
            if member is not None:
                self.members_changed([member], ())

    async def tell_joined(self, member: Member) -> None:
        """Let the log say that ``member`` came; where it can't, they are here all the same."""
        try:
            await self.append(self.entry("joined", member))
        except StoreUnavailable:
            self.roster.told(member.user_id, False)

    async def _append_left(self) -> None:
        gone = self.roster.gone()
        # Kept from one attempt to the next: one that was carried out late is then known by its
        # id. Who came back since is dropped.
        known = {user_id: self._leaving.get(user_id) for user_id in gone}
        # Noted before the store answers, so that who comes back meanwhile is news again.
        announced = [user_id for user_id in gone if self.roster.told(user_id, False)]
        self._leaving = {
            user_id: known[user_id] or self.entry("left", member)
            for user_id in announced
            if (member := self.members.get(user_id)) is not None and not member.removed
        }
        try:
            if self._leaving:
                await self._writer.append_all(list(self._leaving.values()))
        except StoreUnavailable:
            for user_id in self._leaving:
                self.roster.told(user_id, True)
            raise
        for user_id in gone:
            self.roster.forget(user_id)

    def _arrived(self, entry: Entry) -> None:
        """Apply an entry whose turn it is, own or foreign: the only place where state changes."""
        before = self.room
        made = entry.timeline if entry.session_id == self.session.id else None
        if made is not None and made.revision > before.chain.newest.revision:
            # A session may be read later than its log's end: what it has is not applied twice.
            self._evolve(entry, made)
        if entry.kind in ("role", "removed") and not self._agrees(entry):
            # Changed by another writer, or by a save whose answer was lost. The log does not say
            # all of it (who is muted, that a host who gave the role away is moderator now), so
            # the store is asked for both who are concerned, at the next tick.
            self._outdated.update((entry.subject or "", entry.user_id))
        if (leaving := self._leaving.get(entry.user_id)) and leaving.id == entry.id:
            # It landed after its attempt had failed: it must not be appended again.
            del self._leaving[entry.user_id]
            self.roster.told(entry.user_id, False)
        moved = made if self.room is not before else None
        if moved is not None:
            self._notify(lambda listener: listener.moved(entry, moved, before))
        if entry.kind == "message":
            self._notify(lambda listener: listener.said(entry))
        self.audience.publish(encode(entry_message(entry)), logged=True)
        if moved is not None:
            message = {"type": "timeline", **self.timeline_record()}
            if moved.reason == "rescheduled":
                message["movie_time"] = iso(self.session.movie_time)
            self.audience.publish(encode(message), logged=False, urgent=True)

    def _agrees(self, entry: Entry) -> bool:
        """Tell whether its subject stands here as an entry on their role or removal says."""
        member = self.members.get(entry.subject or "")
        if member is None or member.removed:
            return member is not None and entry.kind == "removed"
        return entry.kind == "role" and member.role == entry.role

    def _notify(self, tell: Callable[[Listener], None]) -> None:
        for listener in tuple(self.listeners):
            try:
                tell(listener)
            except Exception:
                # One listener's fault must keep neither the others nor the links from hearing.
                logger.exception("a listener of show %s failed", self.show.id)

    def _evolve(self, entry: Entry, made: Timeline) -> None:
        if made.reason == "rescheduled":
            # Exact: times of this century and their difference are multiples of 2**-22 s.
            self.session = replace(self.session, movie_time=made.instant - made.position)
        speed = self.room.speed if entry.speed is None else entry.speed
        moved = Moved(cast("MoveKind", entry.kind), made, speed, entry.origin)
        # At the time of its making, so that every reader of the log evolves alike.
        self.room = evolve(self.room, moved, entry.created_at)

    async def _command(self, user_id: str, command: Command, revision: int | None) -> Timeline:
        def decided(now: float) -> tuple[Moved, Member] | None:
            member = self.place(user_id)
            lead = lead_of(command, self.roster.delays(), self.roster.seek_costs())
            order = Order(command, member.user_id, member.role, lead, revision)
            moved = decide(self.room, order, now)
            return None if moved is None else (moved, member)

        async with self.moving:
            if revision is not None and revision > self.room.chain.newest.revision:
                # Its asker heard of another writer's move, of which this room has not heard yet.
                await self._writer.read_tail()
            return await self._decide_and_move(decided) or self.room.chain.newest

    async def _reschedule(self, member: Member, movie_time: float) -> Session:
        def decided(now: float) -> tuple[Moved, Member]:
            return reschedule(self.room, movie_time, member.user_id, now), member

        async with self.moving:
            await self._decide_and_move(decided, movie_time)
            return replace(self.session, movie_time=movie_time)

    async def _decide_and_move(
        self,
        decided: Callable[[float], tuple[Moved, Member] | None],
        movie_time: float | None = None,
    ) -> Timeline | None:
        """Append what ``decided`` says, decide anew once where that is in doubt; None: nothing.

        Both attempts have one id: should the store carry the first one out late, the second is
        refused, and the tail then shows the first as done.
        """
        entry_id = str(uuid4())
        anew = False
        while True:
            now = self._clock()
            if (decision := decided(now)) is None:
                return None
            moved, member = decision
            session = None
            if movie_time is not None:
                session = replace(self.session, movie_time=movie_time)
            try:
                return await self.move(moved, member, now, session, entry_id)
            except (StaleRevision, IdTaken, StoreUnavailable):
                if anew:
                    raise
                anew = True

    async def move(
        self,
        moved: Moved,
        member: Member | None,
        now: float,
        session: Session | None = None,
        entry_id: str | None = None,
    ) -> Timeline:
        """Append ``moved`` and return the timeline that the log has; None: by the room itself."""
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
        )
        appended = await self._writer.append(entry, session)
        return appended.entry.timeline or moved.timeline
