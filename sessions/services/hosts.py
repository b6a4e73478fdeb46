"""Who may host: see the films and schedule shows. A guest with a link sees one show, no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from uuid import uuid4

from sessions.core.errors import NotAHost, Unauthenticated
from sessions.core.records import Owner, User
from sessions.stores.base import OwnerStore

__all__ = ["Hosts", "WhoMayHost"]

WhoMayHost = Literal["everyone", "users", "owner"]
"""Everyone; people with a passport of the outside Auth service; who opened the owner's address."""


class Hosts:
    """Answers whether somebody may host."""

    def __init__(self, who: WhoMayHost, store: OwnerStore, clock: Callable[[], float]) -> None:
        self.who = who
        self._store = store
        self._clock = clock

    async def may_host(self, user: User) -> bool:
        """Tell whether ``user`` may host. Raises StoreUnavailable."""
        if self.who == "owner":
            return await self._store.is_owner(user.id)
        return self.who == "everyone" or not user.guest

    async def require(self, user: User | None) -> None:
        """Raise NotAHost unless ``user`` may host, Unauthenticated where nobody is known."""
        if user is None:
            raise Unauthenticated
        if not await self.may_host(user):
            raise NotAHost

    async def make_owner(self, user: User) -> None:
        """Let ``user``, who has opened the owner's address, host for good."""
        await self._store.save_owner(Owner(str(uuid4()), self._clock(), user.id))
