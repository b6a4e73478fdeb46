"""Who a caller is in a show: what every call about a show or a session asks first."""

from __future__ import annotations

from typing import Protocol

from sessions.core.errors import UnknownSession, UnknownShow
from sessions.core.membership import belongs, require_may_enter, require_member
from sessions.core.records import Member, Session, Show
from sessions.stores.base import MemberStore, ShowStore

__all__ = ["Membership", "MembershipStore"]


class MembershipStore(ShowStore, MemberStore, Protocol):
    """What says who has a place in which show."""


class Membership:
    """The places of callers in shows, as the store has them."""

    def __init__(self, store: MembershipStore) -> None:
        self._store = store

    async def in_show(self, show_id: str, user_id: str) -> Member:
        """Return somebody's place in a show. Raises UnknownShow for who has none."""
        return require_member(await self._store.member(show_id, user_id))

    async def with_show(self, show_id: str, user_id: str) -> tuple[Show, Member]:
        """Return a show and somebody's place in it. Raises UnknownShow for who has none."""
        show = await self._store.show(show_id)
        if show is None:
            raise UnknownShow
        return show, await self.in_show(show_id, user_id)

    async def with_session(self, session_id: str, user_id: str) -> tuple[Session, Member]:
        """Return a session and somebody's place in its show.

        Raises UnknownSession for who has none.
        """
        session = await self._session(session_id)
        member = await self._store.member(session.show_id, user_id)
        return session, require_member(member, UnknownSession)

    async def session_for_room(self, session_id: str, user_id: str | None) -> Session:
        """Return a session whose room somebody asks for; None: they say who they are later.

        Raises UnknownSession, NotMember, Removed.
        """
        session = await self._session(session_id)
        if user_id is not None:
            require_may_enter(await self._store.member(session.show_id, user_id))
        return session

    async def find(self, show_id: str, user_id: str | None) -> Member | None:
        """Return somebody's place in a show; None for who has none, or is not known."""
        member = await self._store.member(show_id, user_id) if user_id else None
        return member if belongs(member) else None

    async def _session(self, session_id: str) -> Session:
        session = await self._store.session(session_id)
        if session is None:
            raise UnknownSession
        return session
