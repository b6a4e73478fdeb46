"""Tells when shows begin and end, whether or not anybody watches.

No timer is set for a film: its session's timelines say when it begins. So the store is asked, once
a second, which sessions have something to tell; it notes what was told, so each thing is told once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, Self

from sessions.background import log_failure
from sessions.core.errors import Refused
from sessions.core.records import Announced, Session
from sessions.core.show_events import Announce, EventType, ShowEvent
from sessions.stores.base import AnnouncementStore, ShowStore

__all__ = ["MAX_LATE_S", "ShowWatch", "WatchStore"]

logger = logging.getLogger("seans.webhooks")

LOOK_S = 1.0
"""How often is looked, seconds."""

MAX_AT_ONCE = 100
"""Sessions looked at in one go."""

MAX_LATE_S = 86_400.0
"""How late something is still told after the server was down, seconds."""


class WatchStore(ShowStore, AnnouncementStore, Protocol):
    """What tells how shows stand, and what was told of them."""


class ShowWatch:
    """Looks which shows have begun or ended."""

    def __init__(
        self,
        store: WatchStore,
        clock: Callable[[], float],
        announce: Announce,
        *,
        pause: float = LOOK_S,
    ) -> None:
        """``clock`` gives the server's time, Unix seconds; ``announce`` is told.

        ``pause`` seconds pass between two looks.
        """
        self._pause = pause
        self._store = store
        self._clock = clock
        self._announce = announce
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch())
        log_failure(self._watching, logger, "watching for shows that begin and end")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    async def _watch(self) -> None:
        skipped = False
        while True:
            try:
                if not skipped:
                    # What happened while nobody wanted to hear of it is no news.
                    await self._store.skip_announcements(self._clock() - MAX_LATE_S)
                    skipped = True
                await self.look()
            except Refused as error:
                logger.warning("no look at what has begun: %s", error.detail)
            except Exception:
                # What one record has wrong must not end the news of all others.
                logger.exception("no look at what has begun")
            await asyncio.sleep(self._pause)

    async def look(self) -> None:
        """Tell what has happened since the last look. Raises StoreUnavailable."""
        for session in await self._store.due_sessions(self._clock(), MAX_AT_ONCE):
            await self._tell(session)

    async def _tell(self, session: Session) -> None:
        happened_at = session.due_at
        if happened_at > self._clock():
            # It was noted too early, by an older version: note it anew.
            await self._store.announce(session.id, session.announced, session.announced)
            return
        after: Announced = "begun" if session.announced == "nothing" else "ended"
        # First: who is killed in between has told nothing, rather than tells it twice.
        if not await self._store.announce(session.id, session.announced, after):
            return
        show = await self._store.show(session.show_id)
        sessions = await self._store.sessions_of(session.show_id)
        if show is None or self._clock() - happened_at > MAX_LATE_S:
            return
        others = [each.announced for each in sessions if each.id != session.id]
        event: EventType | None = None
        if after == "begun" and all(told == "nothing" for told in others):
            event = "show.begun"
        if after == "ended" and all(told == "ended" for told in others):
            event = "show.ended"
        if event is not None:
            self._announce(ShowEvent(event, happened_at, show, sessions))
