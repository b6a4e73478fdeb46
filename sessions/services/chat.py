"""The chat of a show: saying, taking back, reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sessions.core.errors import UnknownMessage, UnknownShow
from sessions.core.records import Entry
from sessions.core.roles import may_delete_message, require
from sessions.services.lobby import Lobby
from sessions.services.rates import SAYS, Buckets
from sessions.stores.base import Appended

__all__ = ["Chat"]


class Chat:
    """What is said in the shows."""

    def __init__(self, lobby: Lobby, clock: Callable[[], float]) -> None:
        self._lobby = lobby
        self._says = Buckets(SAYS, clock)

    async def say(self, show_id: str, user_id: str, message_id: str, text: str) -> Appended:
        """Keep a message and tell the room; the same one again is kept once.

        Raises RateLimited, UnknownShow, Muted, IdTaken, StoreUnavailable.
        """
        self._says.take(user_id)
        hall = await self._lobby.hall(show_id)
        appended = await hall.say(user_id, message_id, text)
        self._lobby.counts.messages += appended.new
        return appended

    async def delete(self, show_id: str, user_id: str, message_id: str) -> None:
        """Take a message back for good. Raises UnknownShow, UnknownMessage, NotAllowed."""
        hall = await self._lobby.hall(show_id)
        member = hall.place(user_id)
        message = await self._lobby.store.message(show_id, message_id)
        if message is None:
            raise UnknownMessage
        require(may_delete_message(member.role, own=message.user_id == user_id))
        entry = replace(hall.entry("deleted", member), subject=message_id)
        await hall.delete_message(message_id, entry)

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
        member = await self._lobby.store.member(show_id, user_id)
        if member is None or member.removed:
            raise UnknownShow
        return await self._lobby.store.entries(
            show_id,
            after=after,
            before=before,
            limit=limit,
            kinds={"message"},
            session_id=session_id,
        )
