"""An open show: the live end of its log, its roster, and its sessions.

A command only appends to the log. State follows from the log alone: each entry arrives once, in
the order of ``seq``, whoever wrote it. When it arrives, its session's room changes, and then it is
sent to the links. If an append fails, nothing has changed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from sessions.background import outlive_caller
from sessions.core.errors import Muted
from sessions.core.membership import require_member
from sessions.core.rates import SlowMode
from sessions.core.records import Entry, EntryKind, Member, Session, Show
from sessions.core.roles import Role
from sessions.core.room import is_leaving
from sessions.live.acting_host import ActingHost
from sessions.live.attendance import Attendance
from sessions.live.fanout import Audience, Link, close_link
from sessions.live.listener import Listener
from sessions.live.live_session import LiveSession
from sessions.live.log import LiveLog
from sessions.live.log_writer import LogWriter, ShowLogStore
from sessions.live.member_rows import changed_rows
from sessions.live.moving_on import MovingOn
from sessions.live.rights import tell_rights
from sessions.live.roster import Roster
from sessions.live.show_sessions import ShowSessions
from sessions.protocol import Report
from sessions.record_types import Person
from sessions.server_messages import ShowChanged
from sessions.stores.base import AppendResult, StoredShow
from sessions.wire import encode, entry_message, goodbye, session_record

__all__ = ["LINGER_S", "LiveShow"]

logger = logging.getLogger("seans.live")

LINGER_S = 30.0
"""How long an empty show stays open, seconds."""

_T = TypeVar("_T")


class LiveShow:
    """An open show with its sessions. The registry opens it from the store."""

    def __init__(
        self,
        store: ShowLogStore,
        clock: Callable[[], float],
        stored: StoredShow,
        members: Iterable[Member],
        on_error: Callable[[float], object],
    ) -> None:
        """Open a show. Users who are present by its log may come back without a new entry."""
        self._store = store
        self._clock = clock
        self.show = stored.show
        self.members = {member.user_id: member for member in members}
        self.audience = Audience()
        self.roster = Roster(clock, stored.present)
        self.log = LiveLog(
            stored.recent, stored.recent[-1].seq if stored.recent else 0, self._arrived
        )
        self.writer = LogWriter(store, stored.show.id, self.log, clock)
        self._on_error = on_error
        self.sessions = ShowSessions(map(self._live_session, stored.sessions), clock)
        self._moving_on = MovingOn(self.sessions, self.audience, clock)
        self.acting = ActingHost(self, clock, stored.recent)
        self._attendance = Attendance(self.roster, self.members, self.writer, self.entry)
        self._outdated_members: set[str] = set()
        self.closed_with: tuple[int, str] | None = None
        """Code and reason with which all links were closed; None while the show is open."""
        self.slow_mode = SlowMode()
        self.used_at = clock()
        """When the show was last requested, Unix seconds."""
        self._is_closed = False
        self._holds = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self.listeners: list[Listener] = [self.roster]
        """Listeners to all sessions; the listeners of one session are called after them."""

    @property
    def idle(self) -> bool:
        """Whether nobody has been here for a while."""
        waits = any(live.room.wait for live in self.sessions.values())
        busy = len(self.audience) or self.roster or self._tasks or self._holds or waits
        return not busy and self._clock() - self.used_at > LINGER_S

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep the show open inside the block, even if nobody is here; a deletion closes it."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
            self.used_at = self._clock()

    def member(self, user_id: str) -> Member:
        """Return a member with their current role. Raises UnknownShow if there is none."""
        return require_member(self.members.get(user_id))

    def commanding_role(self, user_id: str) -> Role:
        """Return as what a member commands: who acts for the host as one. Raises UnknownShow."""
        role = self.member(user_id).role
        return "host" if user_id == self.acting.user_id else role

    def session(self, session_id: str) -> LiveSession:
        """Return one of the show's sessions. Raises UnknownSession."""
        return self.sessions.require(session_id)

    def following(self, session_id: str) -> str | None:
        """Return the id of the session to which the room goes on from one; None: none follows."""
        found = self.sessions.following(session_id)
        return None if found is None else found.session.id

    def goes_to(self, session_id: str) -> bool:
        """Tell whether the room is about to leave a session for this one."""
        now = self._clock()
        return any(
            is_leaving(live.room, now) and self.following(live.session.id) == session_id
            for live in self.sessions.values()
        )

    def add_session(self, session: Session) -> None:
        """Add a session that is stored already, and tell the room."""
        self.sessions.add(self._live_session(session))
        self._publish_settings(with_sessions=True)

    def remove_session(self, session_id: str) -> None:
        """Remove a session that the store has no more; its links are closed, to enter anew."""
        live = self.sessions.remove(session_id)
        if live is None:
            return
        self._publish_settings(with_sessions=True)
        self.audience.settle()
        self._tell(live.listeners, lambda listener: listener.closed())
        last = goodbye(1012, "session_deleted")
        for link in (*self.audience.live, *self.audience.catching_up):
            if self.audience.session_id_of(link) == session_id:
                close_link(link, 1012, "session_deleted", last)

    def _live_session(self, session: Session) -> LiveSession:
        present = self.roster.user_ids()
        return LiveSession(self, session, self._clock, self._on_error, present)

    def entry(self, kind: EntryKind, member: Member, session_id: str | None = None) -> Entry:
        """Return a new entry without ``seq``; no ``session_id``: for the session to enter."""
        live = self.sessions.to_enter() if session_id is None else self.session(session_id)
        return live.entry(kind, member)

    async def carry_out(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run ``work`` to its end, even if the caller is cancelled meanwhile."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await outlive_caller(task, logger, f"work of show {self.show.id}")

    async def append(self, entry: Entry) -> AppendResult:
        """Append ``entry`` to the log; it is sent to the room when it arrives."""
        return await self.carry_out(self.writer.append(entry))

    async def delete_message(self, message_id: str, entry: Entry) -> AppendResult:
        """Delete a message for good; ``entry`` tells the room."""
        call = self._store.delete_message(message_id, entry)
        return await self.carry_out(self.writer.settle(entry, call))

    async def say(
        self, user_id: str, message_id: str, text: str, session_id: str | None = None
    ) -> AppendResult:
        """Store a member's message and send it to the room. Raises UnknownShow, Muted, IdTaken."""

        async def work() -> AppendResult:
            member = self.member(user_id)
            if member.muted:
                raise Muted
            entry = replace(self.entry("message", member, session_id), id=message_id, text=text)
            return await self.writer.append(entry)

        return await self.carry_out(work())

    def changed(self, show: Show) -> None:
        """Apply the show's new settings and send them to the room."""
        self.show = show
        self._publish_settings()
        self._tell_rights(self.members.values())
        for live in self.sessions.values():
            live.show_changed(show)
        self._notify_all(lambda listener: listener.changed())

    def _publish_settings(self, *, with_sessions: bool = False) -> None:
        settings: ShowChanged = {
            "type": "show",
            "title": self.show.title,
            "access": self.show.access,
            "control": self.show.control,
            "waiting": self.show.waiting,
            "slow_mode": self.show.slow_mode,
            "acting": self.acting.user_id,
        }
        if with_sessions:
            now = self._clock()
            settings["sessions"] = [
                session_record(live.session, live.room.state(now))
                for live in self.sessions.values()
            ]
        self.audience.publish(settings)

    def expect(self, members: Sequence[Member]) -> Callable[[], None]:
        """Use the new ``members`` before the store has saved them; return a function to undo it.

        So a request after a member's removal comes after it in the log, or is refused.
        """
        before = [known for m in members if (known := self.members.get(m.user_id)) is not None]
        self.members.update((member.user_id, member) for member in members)

        def take_back() -> None:
            self.members.update((member.user_id, member) for member in before)
            # A store that raised may have saved them nevertheless; then the log says so.
            self.writer.doubt()

        return take_back

    def members_changed(self, members: Sequence[Member], entries: Sequence[Entry]) -> None:
        """Apply changed members and their log entries; close the links of removed members."""
        self.expect(members)
        self.roster.touch(member.user_id for member in members)
        for entry in entries:
            self.log.arrived(entry)
        self._tell_rights(members)
        for member in members:
            if member.removed:
                last = encode({"type": "removed", "code": 4403, "reason": "removed"})
                for link in self.roster.links(member.user_id):
                    close_link(link, 4403, "removed", last)
                self._notify_removed(member.user_id)
        self._notify_all(lambda listener: listener.changed())

    def member_moved(self, old_id: str, member: Member, entries: Sequence[Entry]) -> None:
        """Apply that what ``old_id`` had and made is ``member``'s now.

        Their links are closed (4401): that passport is not accepted any more.
        """
        links = tuple(self.roster.links(old_id))
        self.members.pop(old_id, None)
        new_id = member.user_id
        if self.show.user_id == old_id:
            self.show = replace(self.show, user_id=new_id)
        for live in self.sessions.values():
            if live.session.user_id == old_id:
                live.session = replace(live.session, user_id=new_id)
            live.view_log.member_moved(old_id, new_id)
        self.roster.touch([old_id])
        self.members_changed([member], entries)
        for link in links:
            close_link(link, 4401, "passport_moved", goodbye(4401, "passport_moved"))
        self._notify_removed(old_id)

    def enter(self, user_id: str, link: Link, session_id: str) -> bool:
        """Add a link that watches a session; return whether the log still lacks a ``joined`` entry.

        Raises UnknownSession.
        """
        self.session(session_id)
        is_new = not self.roster.is_announced(user_id)
        self.audience.enter(link, session_id)
        self._notify(session_id, lambda listener: listener.entered(user_id, link))
        return is_new

    def report(self, user_id: str, link: Link, report: Report) -> None:
        """Handle a report of one of a user's pages."""
        session_id = self.audience.session_id_of(link)
        self._notify(session_id, lambda listener: listener.reported(user_id, link, report))

    def leave(self, user_id: str, link: Link) -> None:
        """Remove a link of a user."""
        session_id = self.audience.session_id_of(link)
        self.audience.discard(link)
        self._notify(session_id, lambda listener: listener.left(user_id, link))

    def tell_typing(self, user_id: str) -> None:
        """Tell the room that a member is typing, unless they are muted."""
        member = self.members[user_id]
        if not member.muted:
            person: Person = {"id": user_id, "name": member.name}
            self.audience.publish({"type": "typing", "user": person})

    def say_goodbye(self, code: int, reason: str) -> None:
        """Close all links with ``goodbye``, also those that connect from now on."""
        self.closed_with = code, reason
        self.close()
        self.audience.settle()
        last = goodbye(code, reason)
        for link in (*self.audience.live, *self.audience.catching_up):
            close_link(link, code, reason, last)

    def close(self) -> None:
        """Tell the listeners that the show is over; a second call changes nothing."""
        if not self._is_closed:
            self._is_closed = True
            self._notify_all(lambda listener: listener.closed())

    def tick(self) -> None:
        """Check what is due without the store: changed rows, waits, the film's end."""
        if rows := changed_rows(self.members, self.roster):
            self.audience.publish({"type": "members", **rows})
        self.acting.tick()
        for live in self.sessions.values():
            live.tick()

    async def keep_log(self) -> None:
        """Append who has left, read what never arrived, take back what came too late.

        Raises StoreUnavailable.
        """
        # Run to the end, like other appends, even if the registry's task is cancelled.
        await self.carry_out(self._attendance.append_left())
        await self.carry_out(self.acting.keep())
        await self.writer.tick()
        for live in self.sessions.values():
            await self.carry_out(live.take_back_late())
        await self.carry_out(self._moving_on.tick())
        for user_id in tuple(self._outdated_members):
            member = await self._store.member(self.show.id, user_id)
            self._outdated_members.discard(user_id)
            if member is not None:
                self.members_changed([member], ())

    async def keep_views(self) -> None:
        """Keep what was watched. Raises StoreUnavailable.

        By itself: a history that can't be written, or slowly, must not hold up the room.
        """
        for live in tuple(self.sessions.values()):
            await self.carry_out(live.view_log.save(self._store))

    async def append_joined(self, member: Member, session_id: str) -> None:
        """Append that ``member`` joined; if that fails, they are present nevertheless."""
        await self.carry_out(self._attendance.append_joined(member, session_id))

    def _arrived(self, entry: Entry) -> None:
        """Apply the next entry, whoever wrote it: only here does state change."""
        live = self.sessions.get(entry.session_id)
        before = live.room if live else None
        made = live.arrived(entry) if live else None
        if entry.kind in ("role", "removed") and not self._agrees(entry):
            # Another writer changed them, or a save whose answer was lost. The log does not contain
            # everything (who is muted, or that a host who gave the role away is a moderator now),
            # so both members are read from the store at the next tick.
            self._outdated_members.update((entry.subject or "", entry.user_id))
        self._attendance.arrived(entry)
        before_acting = self.acting.user_id
        self.acting.arrived(entry)
        if made is not None and before is not None and live is not None:
            self._moving_on.arrived(live, before, made, entry.created_at)
            self._notify(entry.session_id, lambda listener: listener.moved(entry, made, before))
        if entry.kind == "message":
            self._notify(entry.session_id, lambda listener: listener.said(entry))
        self.audience.publish(entry_message(entry), logged=True)
        if before_acting != self.acting.user_id:
            concerned = (self.members.get(each or "") for each in (before_acting, entry.subject))
            self._tell_rights([member for member in concerned if member is not None])
            self._publish_settings()
        if live is not None and made is not None:
            live.publish_timeline()
            if made.reason == "rescheduled" and len(self.sessions) > 1:
                self.sessions.sort()
                self._publish_settings(with_sessions=True)

    def _tell_rights(self, members: Iterable[Member]) -> None:
        acting = self.acting.user_id
        tell_rights(members, self.show.control, self.roster, self.audience, acting=acting)

    def _agrees(self, entry: Entry) -> bool:
        """Return whether the subject's role or removal here agrees with the entry."""
        member = self.members.get(entry.subject or "")
        if member is None or member.removed:
            return member is not None and entry.kind == "removed"
        return entry.kind == "role" and member.role == entry.role

    def _notify(self, session_id: str | None, tell: Callable[[Listener], None]) -> None:
        """Call the show's listeners, then those of the session; None: the link is gone."""
        live = self.sessions.get(session_id or "")
        self._tell([*self.listeners, *(live.listeners if live else ())], tell)

    def _notify_all(self, tell: Callable[[Listener], None]) -> None:
        """Call the show's listeners, then those of all sessions."""
        of_sessions = [each for live in self.sessions.values() for each in live.listeners]
        self._tell([*self.listeners, *of_sessions], tell)

    def _notify_removed(self, user_id: str) -> None:
        self._notify_all(lambda listener: listener.removed(user_id))

    def _tell(self, listeners: Iterable[Listener], tell: Callable[[Listener], None]) -> None:
        for listener in listeners:
            try:
                tell(listener)
            except Exception:
                # An error in one listener must not affect the other listeners or the links.
                logger.exception("a listener of show %s failed", self.show.id)
