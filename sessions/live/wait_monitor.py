"""The wait monitor of a show: sees that its film waits as the show's policy says, and no longer.

It looks when a picture gets better or worse, when somebody goes, when the film was moved, when the
policy changes, and when the rules of core/waiting.py say that something is due. Many reports at
once are looked at once; a show that never waits costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Protocol

from sessions.core.commands import Pause, Play
from sessions.core.errors import Refused
from sessions.core.events import Moved
from sessions.core.leads import lead_of
from sessions.core.records import Entry, Member, Show
from sessions.core.room import RoomState
from sessions.core.timeline import NEVER, Timeline
from sessions.core.viewers import Glimpse, Viewer, heard
from sessions.core.waiting import Patience, Scene, judge, ordered
from sessions.live.fanout import Audience, Link
from sessions.live.listener import Listener
from sessions.live.roster import Roster
from sessions.protocol import Report
from sessions.wire import encode, waiting_record

__all__ = ["WaitMonitor", "WaitingShow"]

logger = logging.getLogger("seans.live")

SPACING = 0.05
"""Shortest time between two looks, seconds: a flood of reports costs no more."""

SOON = 2.0
"""What is due within this has a timer; what is due later is left to ``tick``, seconds."""

AFTER = 0.002
"""So much later timers go off, seconds: a moment too early, nothing would be due yet."""

RETRY = 0.25
"""When what could not be kept is tried again, seconds."""


class WaitingShow(Protocol):
    """What a wait monitor asks of an open show."""

    show: Show
    room: RoomState
    members: dict[str, Member]
    roster: Roster
    audience: Audience
    moving: asyncio.Lock
    """Held by whoever is about to move the film."""

    async def move(self, moved: Moved, member: Member | None, now: float) -> Timeline:
        """Append ``moved`` to the log; None: by the room itself."""
        ...


class WaitMonitor(Listener):
    """Looks after the waiting of one open show."""

    def __init__(
        self, live: WaitingShow, clock: Callable[[], float], here: Iterable[str] = ()
    ) -> None:
        """Begin with a room that may be found waiting, ``here`` being who was here then."""
        self._live = live
        self._clock = clock
        self._glimpses: dict[str, dict[Link, Glimpse]] = {}
        self._viewers: dict[str, Viewer] = {}
        self._missing = set(here)
        self._patience = Patience(found=clock() if live.room.held else -NEVER)
        self._told = waiting_record({}, None)
        self._wake = -NEVER
        self._timer: asyncio.Handle | None = None
        self._due = 0.0
        self._looking: asyncio.Task[None] | None = None
        self._rested = 0.0
        self._asked = False
        self._failing = False
        self._closed = False

    @property
    def at_rest(self) -> bool:
        """Whether it has looked at all that it was prompted for."""
        return not self._asked and self._looking is None

    @property
    def waiting(self) -> dict[str, Any] | None:
        """For whom the room waits and until when, as the wire has it; None: for nobody."""
        record = self._record()
        return record if record["for"] else None

    def reported(self, user_id: str, link: Link, report: Report) -> None:
        """Take what one of somebody's pages says of itself."""
        now = self._clock()
        glimpses = self._glimpses.setdefault(user_id, {})
        glimpses[link] = Glimpse(report.state, report.buffered)
        before = self._viewers.get(user_id)
        self._patience = self._patience.forgiving(user_id, before, now)
        self._found(user_id)
        after = self._viewers[user_id] = heard(before, glimpses.values(), now)
        same = before is not None and before.glimpse.state == after.glimpse.state
        if self._live.room.held is not None or not same:
            self.prompt()

    def left(self, user_id: str, link: Link) -> None:
        """Forget what one of somebody's pages said: it is gone."""
        glimpses = self._glimpses.get(user_id, {})
        if glimpses.pop(link, None) is None:
            return
        if glimpses:
            before = self._viewers[user_id]
            after = heard(before, glimpses.values(), self._clock())
            # What the other pages said is no newer for it.
            self._viewers[user_id] = replace(after, heard=before.heard)
        else:
            del self._glimpses[user_id], self._viewers[user_id]
        self.prompt()

    def moved(self, entry: Entry, made: Timeline, before: RoomState) -> None:
        """Take note of another timeline, by whomever."""
        if made.by is not None:
            # What the room does by itself is in the verdict that it follows from.
            self._patience = ordered(
                self._patience, before.held, made, self._viewers, entry.created_at
            )
        self.prompt()

    def prompt(self) -> None:
        """Have it look now: at once, or as soon as it has rested."""
        if self._live.show.waiting != "never" or self._live.room.held or self._told["for"]:
            self._asked = True
            self._set(0.0)

    def tick(self) -> None:
        """Do what time brings, also where the clock has jumped."""
        wait = self._wake - self._clock()
        if wait <= SOON:
            if wait > 0.0:
                self._set(wait + AFTER)
            else:
                self.prompt()

    def close(self) -> None:
        """Look no more."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()

    def _found(self, user_id: str) -> None:
        """Note that somebody reports; the last who was missing ends the time to come back."""
        if user_id in self._missing:
            self._missing.discard(user_id)
            if not self._missing:
                self._patience = replace(self._patience, found=-NEVER)

    def _set(self, wait: float) -> None:
        """See to it that it looks within ``wait`` seconds."""
        if self._closed:
            return
        loop = asyncio.get_running_loop()
        moment = max(loop.time() + wait, self._rested)
        if self._timer is not None:
            if self._due <= moment:
                return
            self._timer.cancel()
        # Kept here: what uvloop returns for a moment that has come knows none.
        self._due = moment
        self._timer = loop.call_at(moment, self._begin)

    def _begin(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        self._rested = loop.time() + SPACING
        if self._looking is None:
            self._asked = False
            self._looking = loop.create_task(self._look())
        else:
            self._set(0.0)

    async def _look(self) -> None:
        try:
            await self._judge()
        except Refused as error:
            self._failed("the room could not wait or go on: %s", error.detail)
        except Exception:
            # One fault must not end the care of a room that stands.
            self._failed("the room could not wait or go on", exc_info=True)
        else:
            self._failing = False
        self._looking = None
        self.tick()

    def _failed(self, text: str, *values: object, exc_info: bool = False) -> None:
        self._wake = self._clock() + RETRY
        if not self._failing:
            logger.warning(text, *values, exc_info=exc_info)
        self._failing = True

    async def _judge(self) -> None:
        async with self._live.moving:
            now = self._clock()
            verdict = judge(self._patience, self._scene(now))
            if verdict.moved is not None:
                await self._live.move(verdict.moved, None, now)
            self._patience = verdict.patience
            self._wake = verdict.wake
        record = self._record()
        if record != self._told:
            self._told = record
            self._live.audience.publish(encode({"type": "waiting", **record}), logged=False)

    def _scene(self, now: float) -> Scene:
        live = self._live
        return Scene(
            now=now,
            policy=live.show.waiting,
            room=live.room,
            viewers={u: v for u, v in self._viewers.items() if not live.members[u].removed},
            pause_lead=lead_of(Pause(), live.roster.delays()),
            play_lead=lead_of(Play(), live.roster.delays()),
        )

    def _record(self) -> dict[str, Any]:
        names = {user_id: self._live.members[user_id].name for user_id in self._patience.waited}
        return waiting_record(names, self._patience.until)
