"""The sessions of shows: added, and deleted."""

from __future__ import annotations

from collections.abc import Callable

from sessions.core.errors import AlreadyBegun, Invalid, OnlySession
from sessions.core.records import Member, Session, Show
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
        self, show_id: str, user_id: str, planned: PlannedFilm
    ) -> tuple[Session, SessionState]:
        """Add a session to a show and tell its room; return it with how it stands.

        Raises UnknownShow, NotAllowed, UnknownTitle, NotPlayable, InPast, Invalid, RateLimited,
        StoreUnavailable.
        """
        async with self._locks.of(show_id):
            show, member = await self._membership.with_show(show_id, user_id)
            require(may_edit_show(member.role))
            now = self._clock()
            show_of = show.target_id if show.target_type == "series" else None
            film = self._titles.film(planned, show_of, "", now)
            if len(await self._store.sessions_of(show_id)) >= MAX_SESSIONS:
                raise Invalid(f"a show has at most {MAX_SESSIONS} sessions", path="target_id")
            self._registry.changes.take(user_id)
            session = new_session(show, planned, film, user_id, now)
            await self._store.add_session(session)
            self._registry.session_added(session)
            await self._announce(show, now)
        (state,) = self._registry.states([session])
        return session, state

    async def delete(self, session: Session, member: Member) -> None:
        """Delete a session that does not run; who watches it is sent to the one to enter.

        Raises UnknownSession, NotAllowed, OnlySession, AlreadyBegun, RateLimited,
        StoreUnavailable.
        """
        require(may_edit_show(member.role))
        async with self._locks.of(session.show_id):
            if len(await self._store.sessions_of(session.show_id)) == 1:
                raise OnlySession
            (state,) = self._registry.states([session])
            if state in ("running", "paused"):
                raise AlreadyBegun("it runs: pause does not end it, the next session does")
            self._registry.changes.take(member.user_id)
            await self._store.delete_session(session.id)
            self._registry.session_deleted(session)
            if (show := await self._store.show(session.show_id)) is not None:
                await self._announce(show, self._clock())

    async def _announce(self, show: Show, now: float) -> None:
        sessions = await self._store.sessions_of(show.id)
        self._registry.announce(ShowEvent("show.changed", now, show, sessions))
