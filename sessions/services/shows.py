"""Shows: planned, read, changed, called off."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import uuid4

from sessions.core.errors import NotPlayable, UnknownTitle
from sessions.core.rates import PLAN_LIMIT, Buckets
from sessions.core.records import Invite, Member, Session, Show, User
from sessions.core.roles import Access, Control, Role, Waiting, may_edit_show, may_see_link, require
from sessions.core.room import SessionState, require_time_left
from sessions.core.show_events import ShowEvent
from sessions.live.registry import Registry
from sessions.services.locks import Locks
from sessions.services.membership import Membership, MembershipStore
from sessions.stores.base import InviteStore, ListedPeople, When
from sessions.stores.personal import BookmarkStore

__all__ = [
    "MAX_TITLE",
    "Change",
    "Film",
    "Plan",
    "ShowInviteStore",
    "ShowView",
    "Shows",
    "new_member",
    "new_token",
]

MAX_TITLE = 200
"""Longest title of a show, characters."""

TOKEN_BYTES = 24
"""Randomness of a link: 192 bits."""


class ShowInviteStore(MembershipStore, InviteStore, BookmarkStore, Protocol):
    """What planning a show, and coming into one, needs."""


@dataclass(frozen=True, slots=True)
class Film:
    """What planning a show needs to know of a film."""

    title: str
    """What it is called."""

    duration: float | None
    """Its length, seconds; None where that is not known."""

    refusal: str | None = None
    """Why it can't be shown, in words; None where it can."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants to watch with others."""

    target_id: str
    """The film: UUID."""

    movie_time: float
    """When it begins, Unix seconds."""

    title: str | None = None
    """What the show is called; None: as the film."""

    access: Access = "link"
    """Who may come in."""

    control: Control = "host"
    """Who may move the film."""

    waiting: Waiting = "never"
    """Whether the film waits for slow members."""


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
        find_film: Callable[[str], Film | None],
        clock: Callable[[], float],
        locks: Locks,
    ) -> None:
        """``find_film`` returns the film of a UUID; ``clock`` the server's time, Unix seconds."""
        self._store = store
        self._membership = Membership(store)
        self._registry = registry
        self._find_film = find_film
        self._clock = clock
        self._locks = locks
        self._planned = Buckets(PLAN_LIMIT, clock)

    async def create(self, user: User, plan: Plan) -> ShowView:
        """Plan a show, of which ``user`` is the host.

        Raises UnknownTitle, NotPlayable, InPast, RateLimited, StoreUnavailable.
        """
        film = self._find_film(plan.target_id)
        if film is None:
            raise UnknownTitle
        if film.refusal is not None or film.duration is None:
            raise NotPlayable(film.refusal or "its length is not known", path="target_id")
        now = self._clock()
        require_time_left(plan.movie_time, film.duration, now)
        self._planned.take(user.id)
        show = _new_show(user, plan, film, now)
        session = _new_session(show, plan, film.duration)
        host = new_member(show.id, user, "host", now)
        invite = _own_invite(show.id, user.id, now)
        await self._store.create_show(show, [session], host, invite)
        self._registry.announce(ShowEvent("show.scheduled", now, show, [session]))
        (state,) = self._registry.states([session])
        return ShowView(show, [(session, state)], host.role, invite.token)

    async def read(self, show_id: str, user_id: str) -> ShowView:
        """Return a show. Raises UnknownShow for who is no member."""
        show, member = await self._membership.with_show(show_id, user_id)
        return await self._view(show, await self._store.sessions_of(show_id), member.role)

    async def list(self, user_id: str, when: When, limit: int, cursor: str | None) -> ShowList:
        """Return a page of the shows of which ``user_id`` is a member. Raises Invalid."""
        page = await self._store.shows_of(user_id, when, self._clock(), limit, cursor)
        states = self._registry.states([listed.first for listed in page.items])
        views = [
            ShowView(
                listed.show,
                [(listed.first, state)],
                listed.member.role,
                listed.token if may_see_link(listed.member.role, listed.show.access) else None,
                listed.people,
            )
            for listed, state in zip(page.items, states, strict=True)
        ]
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


def _new_show(user: User, plan: Plan, film: Film, now: float) -> Show:
    return Show(
        id=str(uuid4()),
        created_at=now,
        user_id=user.id,
        target_id=plan.target_id,
        target_type="movie",
        title=plan.title or film.title[:MAX_TITLE],
        access=plan.access,
        control=plan.control,
        waiting=plan.waiting,
    )


def _new_session(show: Show, plan: Plan, duration: float) -> Session:
    return Session(
        id=str(uuid4()),
        created_at=show.created_at,
        user_id=show.user_id,
        show_id=show.id,
        movie_time=plan.movie_time,
        target_id=plan.target_id,
        target_type="movie",
        duration=duration,
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
