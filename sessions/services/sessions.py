"""The sessions of shows: added, and deleted."""

from __future__ import annotations

from collections.abc import Callable

from sessions.core.errors import AlreadyBegun, Invalid, NotAHost, OnlySession
from sessions.core.records import Session, Show
from sessions.core.roles import may_edit_show, require
from sessions.core.room import SessionState
from sessions.core.show_events import ShowEvent
from sessions.live.registry import Registry
from sessions.services.locks import Locks
from sessions.services.membership import Membership, MembershipStore
from sessions.services.planning import MAX_SESSIONS, PlannedFilm, Titles, new_session

__all__ = ["Sessions"]


class Sessions:
    """The sessions of all shows."""

    def __init__(
        self,
        store: MembershipStore,
        registry: Registry,
        titles: Titles,
        clock: Callable[[], float],
        locks: Locks,
    ) -> None:
        """``titles`` is the library; ``clock`` the server's time, Unix seconds."""
        self._store = store
        self._membership = Membership(store)
        self._registry = registry
        self._titles = titles
        self._clock = clock
        self._locks = locks

    async def add(
        self, show_id: str, user_id: str, planned: PlannedFilm, *, may_host: bool
    ) -> tuple[Session, SessionState]:
        """Add a session to a show and tell its room; return it with how it stands.

        Who was handed the show but may not host adds no film that is not in it already. Raises
        UnknownShow, NotAllowed, NotAHost, UnknownTitle, NotPlayable, InPast, Invalid, RateLimited,
        StoreUnavailable.
        """
        async with self._locks.of(show_id):
            show, member = await self._membership.with_show(show_id, user_id)
            require(may_edit_show(member.role))
            now = self._clock()
            known = await self._store.sessions_of(show_id)
            is_other = planned.target_id not in {session.target_id for session in known}
            # Before the library is asked: its answer would tell which films there are.
            if is_other and not may_host:
                raise NotAHost
            show_of = show.target_id if show.target_type == "series" else None
            film = self._titles.film(planned, show_of, "", now)
            if len(known) >= MAX_SESSIONS:
                raise Invalid(f"a show has at most {MAX_SESSIONS} sessions", path="target_id")
            self._registry.changes.take(user_id)
            session = new_session(show, planned, film, user_id, now)
            await self._store.add_session(session)
            self._registry.session_added(session)
            await self._announce(show, now)
        (state,) = self._registry.states([session])
        return session, state

    async def delete(self, session_id: str, user_id: str) -> None:
        """Delete a session that does not run; who watches it is sent to the one to enter.

        Raises UnknownSession, NotAllowed, OnlySession, AlreadyBegun, RateLimited,
        StoreUnavailable.
        """
        session, _ = await self._membership.with_session(session_id, user_id)
        async with self._locks.of(session.show_id):
            # Once more: it may have begun while others held the lock.
            session, member = await self._membership.with_session(session_id, user_id)
            require(may_edit_show(member.role))
            if len(await self._store.sessions_of(session.show_id)) == 1:
                raise OnlySession
            (state,) = self._registry.states([session])
            if state in ("running", "paused"):
                raise AlreadyBegun("it runs: pause does not end it, the next session does")
            live = self._registry.find_open(session.show_id)
            if live is not None and live.goes_to(session.id):
                raise AlreadyBegun("the room is on its way to it: stop that first")
            self._registry.changes.take(member.user_id)
            await self._store.delete_session(session.id)
            self._registry.session_deleted(session)
            if (show := await self._store.show(session.show_id)) is not None:
                await self._announce(show, self._clock())

    async def _announce(self, show: Show, now: float) -> None:
        sessions = await self._store.sessions_of(show.id)
        self._registry.announce(ShowEvent("show.changed", now, show, sessions))
