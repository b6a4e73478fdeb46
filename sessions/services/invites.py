"""Links into a show: its own, which it always has, and others with a role, uses and an end."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from sessions.core.errors import Invalid, InviteGone, NotAFriend, NotInvited, UnknownInvite
from sessions.core.membership import belongs
from sessions.core.rates import PLAN_LIMIT, SHOW_JOIN_LIMIT, Buckets
from sessions.core.records import Invite, Member, Session, Show, User
from sessions.core.roles import Role, may_invite, may_invite_as, require
from sessions.core.room import session_to_enter
from sessions.core.show_events import ShowEvent
from sessions.core.timeline import Timeline
from sessions.live.registry import Registry
from sessions.services.locks import Locks
from sessions.services.membership import Membership
from sessions.services.shows import ShowInviteStore, new_member, new_token

__all__ = ["TOKEN_PATTERN", "Invitation", "InviteRequest", "Invites"]

TOKEN_PATTERN = re.compile(r"[A-Za-z0-9_-]{22,64}")
"""What a token looks like; anything else is not even looked up."""


@dataclass(frozen=True, slots=True)
class InviteRequest:
    """What a new invite shall be."""

    role: Role = "guest"
    """What it makes of who accepts it."""

    uses: int | None = None
    """How many may be made members by it; None: any number."""

    expires: float | None = None
    """When it ends, Unix seconds; None: never."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link leads to, as far as its holder may know."""

    show: Show
    """The show."""

    session: Session
    """The session to enter."""

    now: float
    """Server time at which the timelines were read, Unix seconds."""

    timeline: Timeline
    """The timeline in force."""

    coming: Timeline | None
    """The one ahead."""

    role: Role | None
    """The holder's role, where they are a member already."""

    may_join: bool
    """Whether they are a member, or the link would make them one; for who is not known yet: whether
    it makes anybody one."""


class Invites:
    """The invites of shows."""

    def __init__(
        self, store: ShowInviteStore, registry: Registry, clock: Callable[[], float], locks: Locks
    ) -> None:
        self._store = store
        self._membership = Membership(store)
        self._registry = registry
        self._clock = clock
        self._locks = locks
        self._made = Buckets(PLAN_LIMIT, clock)
        self._joins = Buckets(SHOW_JOIN_LIMIT, clock)

    async def make(self, show_id: str, user: User, request: InviteRequest) -> Invite:
        """Make a further link.

        Raises UnknownShow, NotAllowed, Invalid, RateLimited, StoreUnavailable.
        """
        # Under the show's lock: who is removed meanwhile makes no link that outlives it.
        async with self._locks.of(show_id):
            return await self._make(show_id, user, request)

    async def _make(self, show_id: str, user: User, request: InviteRequest) -> Invite:
        role = await self._inviting_role(show_id, user.id)
        require(may_invite_as(role, request.role))
        now = self._clock()
        if request.expires is not None and request.expires <= now:
            raise Invalid("must lie ahead", path="expires")
        self._made.take(user.id)
        invite = Invite(
            id=str(uuid4()),
            created_at=now,
            user_id=user.id,
            show_id=show_id,
            token=new_token(),
            role=request.role,
            uses=request.uses,
            expires=request.expires,
        )
        await self._store.save_invites([invite])
        return invite

    async def list(self, show_id: str, user_id: str) -> Sequence[Invite]:
        """Return the invites that were not revoked, the show's own first, then the oldest.

        A moderator does not see links that make moderators: they could pass them on. Raises
        UnknownShow, NotAllowed.
        """
        role = await self._inviting_role(show_id, user_id)
        invites = await self._store.invites_of(show_id)
        valid = [i for i in invites if not i.revoked and may_invite_as(role, i.role)]
        return sorted(valid, key=lambda invite: not invite.own)

    async def revoke(self, show_id: str, user_id: str, invite_id: str) -> None:
        """Take an invite back; members stay. The show's own link is replaced by a new one.

        Once more changes nothing. Raises UnknownShow, NotAllowed, UnknownInvite, RateLimited,
        StoreUnavailable.
        """
        async with self._locks.of(show_id):
            await self._revoke(show_id, user_id, invite_id)

    async def _revoke(self, show_id: str, user_id: str, invite_id: str) -> None:
        role = await self._inviting_role(show_id, user_id)
        invites = await self._store.invites_of(show_id)
        invite = next((i for i in invites if i.id == invite_id), None)
        if invite is None:
            raise UnknownInvite
        require(may_invite_as(role, invite.role))
        if invite.revoked:
            return
        self._registry.changes.take(user_id)
        changed = [replace(invite, revoked=True)]
        if invite.own:
            changed.append(
                replace(
                    invite,
                    id=str(uuid4()),
                    created_at=self._clock(),
                    user_id=user_id,
                    token=new_token(),
                    used=0,
                )
            )
        await self._store.save_invites(changed)

    async def look(self, token: str, user_id: str | None) -> Invitation:
        """Return what a link leads to, changing nothing. Raises UnknownInvite, InviteGone.

        Any link that once led there still tells those who are members.
        """
        invite, show = await self._find(token)
        known = await self._store.member(show.id, user_id) if user_id else None
        role = known.role if belongs(known) else None
        if role is None and (invite.gone(self._clock()) or invite.used_up()):
            raise InviteGone
        try:
            await self._require_access(invite, show, known, user_id)
            may_join = known is None or belongs(known)
        except (NotInvited, NotAFriend):
            may_join = False
        session = await self._session_of(show)
        now, timeline, coming = self._registry.timeline(session)
        return Invitation(show, session, now, timeline, coming, role, may_join)

    async def accept(self, token: str, user: User) -> tuple[Session, Role]:
        """Make ``user`` a member; return the session to enter and their role.

        Again: the same, and nothing used up. Raises UnknownInvite, InviteGone, Removed,
        NotInvited, NotAFriend, RateLimited, StoreUnavailable.
        """
        self._registry.changes.take(user.id)
        invite, show = await self._find(token)
        now = self._clock()
        member = new_member(show.id, user, invite.role, now)
        async with self._locks.of(show.id):
            known = await self._store.member(show.id, user.id)
            await self._require_access(invite, show, known, user.id)
            if known is None and not invite.gone(now):
                # Anybody can make many guests, so a limit for each person is none on a show.
                self._joins.take(show.id)
            made = await self._store.accept_invite(invite.id, member, now)
            live = self._registry.find_open(show.id)
            # Also where an earlier answer was lost: the store knows them then, the room does not.
            if made != known or (live is not None and live.members.get(user.id) != made):
                self._registry.members_changed(show.id, [made])
            if known is None:
                self._registry.announce(ShowEvent("member.joined", now, show, [], made))
        return await self._session_of(show), made.role

    async def _find(self, token: str) -> tuple[Invite, Show]:
        invite = await self._store.invite(token) if TOKEN_PATTERN.fullmatch(token) else None
        show = await self._store.show(invite.show_id) if invite else None
        if invite is None or show is None:
            raise UnknownInvite
        return invite, show

    async def _require_access(
        self, invite: Invite, show: Show, known: Member | None, user_id: str | None
    ) -> None:
        """Raise NotInvited or NotAFriend where the show's own link is not enough for somebody."""
        # A removed member is refused as such, and who made another link has invited by it.
        if known is not None or not invite.own or invite.gone(self._clock()):
            return
        if show.access == "invited":
            raise NotInvited
        if show.access == "friends":
            host = await self._store.host_of(show.id)
            if host is None or user_id is None:
                raise NotAFriend
            if not await self._store.are_friends(user_id, host.user_id):
                raise NotAFriend

    async def _session_of(self, show: Show) -> Session:
        """Return the session that is running, else the next, else the last."""
        sessions = await self._store.sessions_of(show.id)
        if not sessions:
            raise UnknownInvite
        states = self._registry.states(sessions)
        return sessions[session_to_enter(states)]

    async def _inviting_role(self, show_id: str, user_id: str) -> Role:
        member = await self._membership.in_show(show_id, user_id)
        require(may_invite(member.role))
        return member.role
