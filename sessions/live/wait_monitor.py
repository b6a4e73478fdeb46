"""The wait monitor of a session: stops the film and lets it go on, as the show's policy says.

It asks core/waiting.py for a decision when the state of a picture changes, when a viewer leaves,
when the film moves, when the policy changes, and at the time that the last decision named.
Many reports at once need one decision; a show that never waits needs none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from sessions.core.commands import Command, Pause, Play
from sessions.core.errors import Refused
from sessions.core.events import Moved
from sessions.core.records import Entry, Member
from sessions.core.roles import Waiting
from sessions.core.room import RoomState
from sessions.core.timeline import NEVER, Timeline
from sessions.core.viewers import PictureState, Viewer, after_report
from sessions.core.waiting import Situation, WaitState, after_command, decide_wait
from sessions.live.fanout import Link
from sessions.live.listener import Listener
from sessions.protocol import Report
from sessions.record_types import WaitingRecord
from sessions.server_messages import ServerMessage
from sessions.wire import waiting_record

__all__ = ["WaitMonitor", "WaitingSession"]

logger = logging.getLogger("seans.live")

MIN_SPACING_S = 0.05
"""Shortest time between two decisions, seconds: this limits the cost of a flood of reports."""

TIMER_WITHIN_S = 2.0
"""A decision that is due within this time gets a timer; ``tick`` handles later ones, seconds."""

TIMER_SLACK_S = 0.002
"""How much later than due a timer fires, seconds: if it fired early, nothing would be due."""

RETRY_AFTER_S = 0.25
"""After a failed append, how long until the next decision, seconds."""


class WaitingSession(Protocol):
    """What a wait monitor needs from a live session."""

    room: RoomState
    moving: asyncio.Lock
    """Held while somebody is about to move the film."""

    @property
    def policy(self) -> Waiting:
        """Whether the film waits for slow members."""
        ...

    @property
    def members(self) -> Mapping[str, Member]:
        """The members of the show, by user id."""
        ...

    def lead_of(self, command: Command) -> float:
        """Return how far ahead ``command`` would act now, seconds."""
        ...

    def publish(self, message: ServerMessage) -> None:
        """Send ``message`` to those who watch this session."""
        ...

    async def move(self, moved: Moved, member: Member | None, now: float) -> Timeline:
        """Append ``moved`` to the log; ``member`` is None if the room itself moves the film."""
        ...


class WaitMonitor(Listener):
    """Makes one live session wait and go on."""

    def __init__(
        self, live: WaitingSession, clock: Callable[[], float], present: Iterable[str] = ()
    ) -> None:
        """Start with a room that may be waiting already; ``present`` are the users present then."""
        self._live = live
        self._clock = clock
        self._pictures: dict[str, dict[Link, PictureState]] = {}
        self._viewers: dict[str, Viewer] = {}
        self._absent = set(present)
        self._state = WaitState(found_waiting_at=clock() if live.room.wait else -NEVER)
        self._published = waiting_record({}, None)
        self._decide_at = -NEVER
        self._timer: asyncio.Handle | None = None
        self._timer_due = 0.0
        self._decision: asyncio.Task[None] | None = None
        self._not_before = 0.0
        self._prompted = False
        self._failing = False
        self._closed = False

    @property
    def is_idle(self) -> bool:
        """Whether no decision is scheduled or being made."""
        return not self._prompted and self._decision is None

    @property
    def waiting(self) -> WaitingRecord | None:
        """For whom the room waits and until when, as a wire record; None: for nobody."""
        record = self._record()
        return record if record["for"] else None

    def reported(self, user_id: str, link: Link, report: Report) -> None:
        """Handle a report of one of a viewer's pages."""
        now = self._clock()
        pictures = self._pictures.setdefault(user_id, {})
        pictures[link] = PictureState(report.state, report.buffered)
        before = self._viewers.get(user_id)
        self._state = self._state.with_budget_restored(user_id, before, now)
        self._note_return(user_id)
        after = self._viewers[user_id] = after_report(before, pictures.values(), now)
        same = before is not None and before.picture.state == after.picture.state
        if self._live.room.wait is not None or not same:
            self.prompt()

    def left(self, user_id: str, link: Link) -> None:
        """Discard the report of a page that is gone."""
        pictures = self._pictures.get(user_id, {})
        if pictures.pop(link, None) is None:
            return
        if pictures:
            before = self._viewers[user_id]
            after = after_report(before, pictures.values(), self._clock())
            # The reports of the other pages have not become newer.
            self._viewers[user_id] = replace(after, reported_at=before.reported_at)
        else:
            del self._pictures[user_id], self._viewers[user_id]
        self.prompt()

    def moved(self, entry: Entry, made: Timeline, before: RoomState) -> None:
        """Handle a new timeline."""
        if made.by is not None:
            # For a move of the room itself, the decision has set the state already.
            self._state = after_command(
                self._state, before.wait, made, self._viewers, entry.created_at
            )
        self.prompt()

    def changed(self) -> None:
        """Handle a change of the policy or of members."""
        self.prompt()

    def prompt(self) -> None:
        """Schedule a decision as soon as the minimum spacing allows."""
        if self._live.policy != "never" or self._live.room.wait or self._published["for"]:
            self._prompted = True
            self._schedule(0.0)

    def tick(self) -> None:
        """Schedule the next decision if it is due soon, also if the clock has jumped."""
        wait = self._decide_at - self._clock()
        if wait <= TIMER_WITHIN_S:
            if wait > 0.0:
                self._schedule(wait + TIMER_SLACK_S)
            else:
                self.prompt()

    def closed(self) -> None:
        """Cancel all decisions."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._decision is not None:
            self._decision.cancel()

    def _note_return(self, user_id: str) -> None:
        """Note that a viewer reports; when all who were away have reported, the grace time ends."""
        if user_id in self._absent:
            self._absent.discard(user_id)
            if not self._absent:
                self._state = replace(self._state, found_waiting_at=-NEVER)

    def _schedule(self, wait: float) -> None:
        """Schedule a decision in ``wait`` seconds, unless one is scheduled before."""
        if self._closed:
            return
        loop = asyncio.get_running_loop()
        moment = max(loop.time() + wait, self._not_before)
        if self._timer is not None:
            if self._timer_due <= moment:
                return
            self._timer.cancel()
        # Stored here, because uvloop's handle has no time if its moment has already come.
        self._timer_due = moment
        self._timer = loop.call_at(moment, self._start_decision)

    def _start_decision(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        self._not_before = loop.time() + MIN_SPACING_S
        if self._decision is None:
            self._prompted = False
            self._decision = loop.create_task(self._decide())
        else:
            self._schedule(0.0)

    async def _decide(self) -> None:
        try:
            await self._decide_and_move()
        except Refused as error:
            self._failed("the room could not wait or go on: %s", error.detail)
        except Exception:
            # One error must not leave the film standing for ever.
            self._failed("the room could not wait or go on", exc_info=True)
        else:
            self._failing = False
        self._decision = None
        self.tick()

    def _failed(self, text: str, *values: object, exc_info: bool = False) -> None:
        self._decide_at = self._clock() + RETRY_AFTER_S
        if not self._failing:
            logger.warning(text, *values, exc_info=exc_info)
        self._failing = True

    async def _decide_and_move(self) -> None:
        async with self._live.moving:
            now = self._clock()
            decision = decide_wait(self._state, self._situation(now))
            if decision.moved is not None:
                await self._live.move(decision.moved, None, now)
            self._state = decision.state
            self._decide_at = decision.ask_again_at
        record = self._record()
        if record != self._published:
            self._published = record
            self._live.publish({"type": "waiting", **record})

    def _situation(self, now: float) -> Situation:
        live = self._live
        return Situation(
            now=now,
            policy=live.policy,
            room=live.room,
            viewers={u: v for u, v in self._viewers.items() if not live.members[u].removed},
            pause_lead=live.lead_of(Pause()),
            play_lead=live.lead_of(Play()),
        )

    def _record(self) -> WaitingRecord:
        names = {user_id: self._live.members[user_id].name for user_id in self._state.waiting_since}
        return waiting_record(names, self._state.until)
