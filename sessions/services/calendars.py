"""Somebody's shows for their calendar app, which has no passport but an address of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from sessions.core.errors import UnknownCalendar
from sessions.core.rates import CHANGE_LIMIT, FEED_LIMIT, Buckets
from sessions.core.records import CalendarAddress, Session, Show, User
from sessions.core.roles import may_see_link
from sessions.services.invites import TOKEN_PATTERN
from sessions.services.membership import Membership
from sessions.services.shows import ShowInviteStore, new_token
from sessions.stores.base import CalendarStore, When

__all__ = ["MAX_COMING", "MAX_PAST", "CalendarShow", "CalendarShowStore", "Calendars"]

MAX_COMING = 200
"""Coming shows of one calendar."""

MAX_PAST = 50
"""Shows of the past in one calendar: those that were last."""


class CalendarShowStore(ShowInviteStore, CalendarStore, Protocol):
    """What calendars are made of."""


@dataclass(frozen=True, slots=True)
class CalendarShow:
    """A show as it stands in somebody's calendar."""

    show: Show
    """The show."""

    sessions: Sequence[Session]
    """Its sessions, ascending by time."""

    token: str | None
    """What the show's link holds; None where it is not theirs to see."""


class Calendars:
    """The calendars of people."""

    def __init__(self, store: CalendarShowStore, clock: Callable[[], float]) -> None:
        """``clock`` gives the server's time, Unix seconds."""
        self._store = store
        self._membership = Membership(store)
        self._clock = clock
        self._renewed = Buckets(CHANGE_LIMIT, clock)
        self._read = Buckets(FEED_LIMIT, clock)

    async def address(self, user_id: str) -> CalendarAddress | None:
        """Return somebody's address; None: they never asked for one."""
        return await self._store.calendar_address(user_id)

    async def renew(self, user: User) -> CalendarAddress:
        """Give somebody a new address; an old one opens nothing any more.

        Raises RateLimited, StoreUnavailable.
        """
        self._renewed.take(user.id)
        address = CalendarAddress(
            id=str(uuid4()), created_at=self._clock(), user_id=user.id, token=new_token()
        )
        await self._store.save_calendar_address(address)
        return address

    async def show(self, show_id: str, user_id: str) -> CalendarShow:
        """Return one show. Raises UnknownShow for who is no member."""
        show, member = await self._membership.with_show(show_id, user_id)
        sees = may_see_link(member.role, show.access)
        token = await self._store.own_token(show_id) if sees else None
        return CalendarShow(show, await self._store.sessions_of(show_id), token)

    async def feed(self, token: str) -> Sequence[CalendarShow]:
        """Return the shows to which the holder of an address belongs now, ascending by time.

        Raises UnknownCalendar, RateLimited, StoreUnavailable.
        """
        known = TOKEN_PATTERN.fullmatch(token) is not None
        address = await self._store.calendar_by_token(token) if known else None
        if address is None:
            raise UnknownCalendar
        self._read.take(address.user_id)
        past = await self._some("past", address.user_id, MAX_PAST)
        coming = await self._some("coming", address.user_id, MAX_COMING)
        return [*reversed(past), *coming]

    async def _some(self, when: When, user_id: str, limit: int) -> list[CalendarShow]:
        page = await self._store.shows_of(user_id, when, self._clock(), limit, None)
        return [
            CalendarShow(
                listed.show,
                await self._store.sessions_of(listed.show.id),
                listed.token if may_see_link(listed.member.role, listed.show.access) else None,
            )
            for listed in page.items
        ]
