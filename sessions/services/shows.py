"""Shows: planned, read, changed, called off."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import uuid4

from sessions.core.rates import PLAN_LIMIT, Buckets
from sessions.core.records import Invite, Member, Session, Show, User
from sessions.core.roles import Access, Control, Role, Waiting, may_edit_show, may_see_link, require
from sessions.core.room import SessionState, session_to_enter
from sessions.core.show_events import ShowEvent
from sessions.live.registry import Registry
from sessions.services.locks import Locks
from sessions.services.membership import Membership, MembershipStore
from sessions.services.planning import Plan, Titles, new_session
from sessions.stores.base import InviteStore, ListedPeople, When
from sessions.stores.personal import BookmarkStore

__all__ = [
    "Change",
    "ShowInviteStore",
    "ShowView",
    "Shows",
    "new_member",
    "new_token",
]

MAX_LISTED_SESSIONS = 10
"""Sessions of a show in a list of shows at most, from the one to enter on."""

TOKEN_BYTES = 24
"""Randomness of a link: 192 bits."""


class ShowInviteStore(MembershipStore, InviteStore, BookmarkStore, Protocol):
    """What planning a show, and coming into one, needs."""


@dataclass(frozen=True, slots=True)
class Change:
    """What shall be other in a show; None stays as it is."""

    title: str | None = None
    """What it is called."""

    access: Access | None = None
    """Who may come in."""

    control: Control | None = None
    """Who may move the film."""

    waiting: Waiting | None = None
    """Whether the film waits for slow members."""

    slow_mode: float | None = None
    """How long a guest waits from one message to the next, seconds; 0: not at all."""


@dataclass(frozen=True, slots=True)
class ShowView:
    """A show as one of its members sees it."""

    show: Show
    """The show."""

    sessions: Sequence[tuple[Session, SessionState]]
    """Its sessions, ascending by time, each with how it stands."""

    role: Role
    """The member's role."""

    token: str | None
    """What the show's link holds; None where it is not theirs to see."""

    people: ListedPeople | None = None
    """Who belongs to it, where it is one of a list."""

    entrance: str | None = None
    """What the show's link holds, by which a member comes in again; where it is one of a list."""


@dataclass(frozen=True, slots=True)
class ShowList:
    """One page of somebody's shows."""

    items: Sequence[ShowView]
    """In order of time."""

    next: str | None
    """Cursor of the page that follows."""


def new_token() -> str:
    """Return what makes a link that nobody guesses."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_member(show_id: str, user: User, role: Role, now: float) -> Member:
    """Return the place of somebody who comes to belong to a show at ``now``, Unix seconds."""
    return Member(
        id=str(uuid4()),
        created_at=now,
        user_id=user.id,
        show_id=show_id,
        name=user.name,
        role=role,
    )


class Shows:
    """All shows, as far as the asker belongs to them."""

    def __init__(
        self,
        store: ShowInviteStore,
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
        self._planned = Buckets(PLAN_LIMIT, clock)

    async def create(self, user: User, plan: Plan) -> ShowView:
        """Plan a show, of which ``user`` is the host.

        Raises UnknownTitle, NotPlayable, InPast, Invalid, RateLimited, StoreUnavailable.
        """
        now = self._clock()
        name, films = self._titles.of_plan(plan, now)
        self._planned.take(user.id)
        show = _new_show(user, plan, name, now)
        sessions = [
            new_session(show, planned, film, user.id, now)
            for planned, film in zip(plan.films, films, strict=True)
        ]
        host = new_member(show.id, user, "host", now)
        invite = _own_invite(show.id, user.id, now)
        await self._store.create_show(show, sessions, host, invite)
        self._registry.announce(ShowEvent("show.scheduled", now, show, sessions))
        states = self._registry.states(sessions)
        return ShowView(show, list(zip(sessions, states, strict=True)), host.role, invite.token)

    async def read(self, show_id: str, user_id: str) -> ShowView:
        """Return a show. Raises UnknownShow for who is no member."""
        show, member = await self._membership.with_show(show_id, user_id)
        return await self._view(show, await self._store.sessions_of(show_id), member.role)

    async def list(self, user_id: str, when: When, limit: int, cursor: str | None) -> ShowList:
        """Return a page of the shows of which ``user_id`` is a member. Raises Invalid."""
        page = await self._store.shows_of(user_id, when, self._clock(), limit, cursor)
        sessions = await self._store.sessions_of_shows([listed.show.id for listed in page.items])
        views = []
        for listed in page.items:
            # Whoever deletes a show between the two reads leaves its first session.
            of_show = sessions[listed.show.id] or [listed.first]
            states = self._registry.states(of_show)
            # A page of long series would else hold tens of thousands of sessions.
            first = max(0, min(session_to_enter(states), len(states) - MAX_LISTED_SESSIONS))
            shown = slice(first, first + MAX_LISTED_SESSIONS)
            token = listed.token if may_see_link(listed.member.role, listed.show.access) else None
            view = ShowView(
                listed.show,
                list(zip(of_show[shown], states[shown], strict=True)),
                listed.member.role,
                token,
                listed.people,
                listed.token,
            )
            views.append(view)
        return ShowList(views, page.next)

    async def change(self, show_id: str, user_id: str, change: Change) -> ShowView:
        """Change a show and tell its room.

        Raises UnknownShow, NotAllowed, RateLimited, StoreUnavailable.
        """
        async with self._locks.of(show_id):
            show, member = await self._membership.with_show(show_id, user_id)
            require(may_edit_show(member.role))
            changed = replace(
                show,
                title=change.title or show.title,
                access=change.access or show.access,
                control=change.control or show.control,
                waiting=change.waiting or show.waiting,
                slow_mode=show.slow_mode if change.slow_mode is None else change.slow_mode,
            )
            now = self._clock()
            if changed != show:
                self._registry.changes.take(user_id)
                changed = replace(changed, revision=show.revision + 1, changed_at=now)
                await self._store.save_show(changed)
                self._registry.show_changed(changed)
            sessions = await self._store.sessions_of(show_id)
            if changed != show:
                self._registry.announce(ShowEvent("show.changed", now, changed, sessions))
        return await self._view(changed, sessions, member.role)

    async def delete(self, show_id: str, user_id: str) -> None:
        """Call a show off and tell its room. Raises UnknownShow, NotAllowed, StoreUnavailable."""
        show, member = await self._membership.with_show(show_id, user_id)
        require(may_edit_show(member.role))
        sessions = await self._store.sessions_of(show_id)
        await self._store.delete_show(show_id)
        self._registry.show_deleted(show_id)
        self._registry.announce(ShowEvent("show.deleted", self._clock(), show, sessions))

    async def token_for(self, show: Show, role: Role) -> str | None:
        """Return what the show's own link holds; None where ``role`` does not see it."""
        if not may_see_link(role, show.access):
            return None
        return await self._store.own_token(show.id)

    async def _view(self, show: Show, sessions: Sequence[Session], role: Role) -> ShowView:
        states = self._registry.states(sessions)
        token = await self.token_for(show, role)
        return ShowView(show, list(zip(sessions, states, strict=True)), role, token)


def _new_show(user: User, plan: Plan, name: str, now: float) -> Show:
    return Show(
        id=str(uuid4()),
        created_at=now,
        user_id=user.id,
        target_id=plan.target_id,
        target_type=plan.target_type,
        title=plan.title or name,
        access=plan.access,
        control=plan.control,
        waiting=plan.waiting,
    )


def _own_invite(show_id: str, user_id: str, now: float) -> Invite:
    return Invite(
        id=str(uuid4()),
        created_at=now,
        user_id=user_id,
        show_id=show_id,
        token=new_token(),
        role="guest",
        own=True,
    )
