"""The chat of a show: saying, taking back, reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sessions.core.errors import Muted, Refused, UnknownMessage
from sessions.core.rates import SAY_LIMIT, SHOW_SAY_LIMIT, Buckets
from sessions.core.records import Entry
from sessions.core.roles import may_delete_message, require
from sessions.live.registry import Registry
from sessions.services.membership import Membership
from sessions.stores.base import AppendResult

__all__ = ["Chat"]


class Chat:
    """What is said in the shows."""

    def __init__(self, registry: Registry, clock: Callable[[], float]) -> None:
        self._registry = registry
        self._clock = clock
        self._membership = Membership(registry.store)
        self._says = Buckets(SAY_LIMIT, clock)
        self._show_says = Buckets(SHOW_SAY_LIMIT, clock)

    async def say(
        self,
        show_id: str,
        user_id: str,
        message_id: str,
        text: str,
        session_id: str | None = None,
    ) -> AppendResult:
        """Keep a message and tell the room; the same one again is kept once.

        Without ``session_id`` it belongs to the session that one would enter now.
        Raises RateLimited, UnknownShow, Muted, IdTaken, StoreUnavailable.
        """
        self._says.take(user_id)
        live = await self._registry.live_show(show_id)
        # Who may not say anything takes nothing from those who may.
        member = live.member(user_id)
        if member.muted:
            raise Muted
        # Before anything is awaited: two messages at once are no way around it.
        pause = live.show.slow_mode if member.role == "guest" else 0.0
        taken = live.slow_mode.take(user_id, message_id, pause, self._clock())
        try:
            self._show_says.take(show_id)
            appended = await live.say(user_id, message_id, text, session_id)
        except Refused:
            if taken:
                live.slow_mode.give_back(user_id, message_id)
            raise
        self._registry.counts.messages += appended.new
        return appended

    async def delete(self, show_id: str, user_id: str, message_id: str) -> None:
        """Take a message back for good.

        Raises UnknownShow, RateLimited, UnknownMessage, NotAllowed, StoreUnavailable.
        """
        live = await self._registry.live_show(show_id)
        member = live.member(user_id)
        self._registry.changes.take(user_id)
        message = await self._registry.store.message(show_id, message_id)
        if message is None:
            raise UnknownMessage
        require(may_delete_message(member.role, own=message.user_id == user_id))
        entry = replace(live.entry("deleted", member), subject=message_id)
        await live.delete_message(message_id, entry)

    async def history(
        self,
        show_id: str,
        user_id: str,
        *,
        after: int | None,
        before: int | None,
        limit: int,
        session_id: str | None,
    ) -> Sequence[Entry]:
        """Return messages ascending by ``seq``; see ``Store.entries``. Raises UnknownShow."""
        await self._membership.in_show(show_id, user_id)
        return await self._registry.store.entries(
            show_id,
            after=after,
            before=before,
            limit=limit,
            kinds={"message"},
            session_id=session_id,
        )
