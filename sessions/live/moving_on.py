"""Moves a show's room on from one session to the next: at its time, or after ``next``.

A session that the room leaves gets a last timeline of the reason ``ended``; the entry that makes
it is the notice ``moved_to_session``. So all that a restart needs is in the log (ADR 0016).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID, uuid5

from sessions.core.errors import AlreadyBegun, IdTaken, StaleRevision
from sessions.core.room import RoomState
from sessions.core.timeline import Timeline
from sessions.live.fanout import Audience
from sessions.live.live_session import LiveSession
from sessions.live.show_sessions import ShowSessions

__all__ = ["MOVE_AHEAD_S", "NEXT_START_S", "MovingOn"]

logger = logging.getLogger("seans.live")

MOVE_AHEAD_S = 15.0
"""How long before a session begins everybody is told that the room goes on to it, seconds."""

NEXT_START_S = 5.0
"""How long after ``next`` has brought the room to a session its film begins, seconds."""

MIN_START_S = 2.0
"""How long from now it begins at least, so that pages can load it, seconds."""

PLAN_AHEAD_S = 1.5
"""How long before the room goes on by ``next`` the next film gets its new time, seconds."""

FORGOTTEN_S = 60.0
"""A ``next`` of longer ago gives the next film no new time: nobody was there any more, seconds."""

_NAMESPACE = UUID("2f0b7f5e-5f4c-4d0b-8c39-6d3d5c1c7b1d")


class MovingOn:
    """Looks after one show's way from session to session."""

    def __init__(
        self, sessions: ShowSessions, audience: Audience, clock: Callable[[], float]
    ) -> None:
        """``clock`` is server time, Unix seconds."""
        self._sessions = sessions
        self._audience = audience
        self._clock = clock
        self._done: set[str] = set()
        self._kept: set[str] = set()

    def arrived(self, live: LiveSession, before: RoomState, made: Timeline, at: float) -> None:
        """Note a move of ``live`` at ``at``, Unix seconds: perhaps the room stays after all."""
        left = before.chain.next(at)
        if left is not None and left.reason == "ended" and made.reason != "ended":
            self._kept.add(live.session.id)

    async def tick(self) -> None:
        """Do what is due. Raises StoreUnavailable; what is missing is done at the next tick."""
        if len(self._sessions) < 2:
            return
        for live in [self._sessions[each] for each in self._sessions if each in self._kept]:
            await self._hold_following(live)
        for live in list(self._sessions.values()):
            await self._begin_following(live)
        await self._announce_due()

    async def _hold_following(self, live: LiveSession) -> None:
        """Let the session that ``live`` was not left for wait until the room goes on to it."""
        following = self._sessions.following(live.session.id)
        if (
            following is not None
            and self._is_due(following)
            # One that runs for longer is watched by others.
            and following.room.position(self._clock()) < MOVE_AHEAD_S
        ):
            try:
                await following.hold(NEXT_START_S, live.session.id)
            except StaleRevision:
                # Somebody moved it at the same moment: their word counts.
                logger.info("session %s was moved meanwhile", following.session.id)
        self._kept.discard(live.session.id)

    async def _begin_following(self, live: LiveSession) -> None:
        """Give the session after ``live`` its time, where ``next`` has ended ``live``."""
        now, ended = self._clock(), live.room.chain.newest
        if ended.reason != "ended" or ended.by is None:
            return
        if not ended.instant - PLAN_AHEAD_S <= now <= ended.instant + FORGOTTEN_S:
            return
        following = self._sessions.following(live.session.id)
        if following is None or following.room.position(now) >= 0.0:
            return
        newest = following.room.chain.newest
        was_moved_since = newest.instant > ended.instant
        has_its_time = newest.rate > 0.0 and newest.instant >= ended.instant - PLAN_AHEAD_S
        if newest.revision > 1 and (was_moved_since or has_its_time):
            return
        try:
            await following.begin_at(max(ended.instant + NEXT_START_S, now + MIN_START_S))
        except (AlreadyBegun, StaleRevision):
            logger.info("session %s was moved meanwhile", following.session.id)
        self._sessions.sort()

    async def _announce_due(self) -> None:
        """Tell the log that the room goes on to the last session that is due."""
        now = self._clock()
        due = [live for live in list(self._sessions.values())[1:] if self._is_due(live)]
        if not due or due[-1].session.id in self._kept:
            return
        target = due[-1]
        earlier = self._sessions.before(target.session.id)
        left = [live for live in earlier if self._is_to_be_left(live, now)]
        has_just_begun = now < target.session.movie_time + MOVE_AHEAD_S
        if not left and len(self._audience) and has_just_begun:
            left = earlier[-1:]
        instant = max(now, now - min(target.room.position(now), 0.0))
        for live in left:
            await self._announce(live, target, instant)

    async def _announce(self, live: LiveSession, target: LiveSession, instant: float) -> None:
        if live.room.chain.newest.reason == "ended":
            return
        plan = f"{live.session.id} {target.session.id} {target.session.movie_time:.3f}"
        # The same in each process, and after a restart: a room moves to a session once.
        entry_id = str(uuid5(_NAMESPACE, plan))
        if entry_id in self._done:
            return
        try:
            await live.leave(instant, target.session.id, entry_id)
        except IdTaken:
            logger.info("the room of session %s has been moved on before", live.session.id)
        except StaleRevision:
            # Somebody moved the film at the same moment; the next tick decides anew.
            return
        self._done.add(entry_id)

    def _is_due(self, live: LiveSession) -> bool:
        """Tell whether a session begins within MOVE_AHEAD_S, or runs."""
        now = self._clock()
        line = live.room.chain.in_force(now)
        position = line.at(now, live.room.duration)
        if position >= 0.0:
            return live.room.state(now) != "ended"
        return line.rate > 0.0 and -position / line.rate <= MOVE_AHEAD_S

    def _is_to_be_left(self, live: LiveSession, now: float) -> bool:
        """Tell whether anybody could still take a session for the one to be in."""
        watched = any(
            self._audience.session_id_of(link) == live.session.id
            for link in (*self._audience.live, *self._audience.catching_up)
        )
        return watched or live.room.state(now) in ("running", "paused")
