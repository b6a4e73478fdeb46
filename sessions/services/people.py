"""What changes for a person in all their shows at once: another name, or an account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace

from sessions.core.errors import RateLimited
from sessions.core.membership import merge
from sessions.core.rates import RENAME_LIMIT, Buckets
from sessions.core.records import Entry, Member, User
from sessions.live.registry import Registry
from sessions.services.locks import Locks
from sessions.stores.base import PeopleStore

__all__ = ["People"]


class People:
    """The people of this server, over all shows."""

    def __init__(
        self, store: PeopleStore, registry: Registry, clock: Callable[[], float], locks: Locks
    ) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock
        self._locks = locks
        self._renamings = Buckets(RENAME_LIMIT, clock)

    async def rename(self, user: User, name: str) -> None:
        """Call ``user`` by ``name`` in all their shows; open rooms are told by a notice.

        Raises RateLimited, StoreUnavailable.
        """
        places = await self._store.places_of(user.id)
        if all(place.name == name for place in places):
            return
        self._renamings.take(user.id)
        async with self._locked(places):
            entries = [entry for place in places for entry in self._notices(place, user.id, name)]
            changed = await self._store.rename_user(user.id, name, entries)
        for member in changed.members:
            told = _of_show(changed.entries, member.show_id)
            self._registry.members_changed(member.show_id, [member], told)

    async def follow_name(self, user: User) -> None:
        """Call ``user`` as the Auth service does now, where places have another name yet.

        Not more often than ``rename`` allows: two tokens of one person may differ in the name.
        """
        if user.guest:
            return
        with suppress(RateLimited):
            await self.rename(user, user.name)

    async def take_along(self, guest: User, user: User) -> int:
        """Give the shows of ``guest`` to ``user``, who they are now; return how many there were.

        Again for the same two: nothing happens. Raises AlreadyMoved, RateLimited,
        StoreUnavailable.
        """
        self._registry.changes.take(user.id)
        places = await self._store.places_of(guest.id)
        own = await self._store.places_of(user.id)
        known = {place.show_id: place for place in own}
        async with self._locked([*places, *own]):
            entries: list[Entry] = []
            for place in places:
                member = merge(place, known.get(place.show_id), user.id, user.name)
                entries += self._notices(place, user.id, member.name)
            changed = await self._store.move_user(
                guest.id, user.id, user.name, self._clock(), entries
            )
        for member in changed.members:
            told = _of_show(changed.entries, member.show_id)
            self._registry.member_moved(guest.id, member, told)
        return sum(not place.removed for place in changed.members)

    def _notices(self, place: Member, user_id: str, name: str) -> Sequence[Entry]:
        """Return what an open room is told: who is called ``name`` now, perhaps under another id.

        A muted member's new name stands in the list of people alone: it would be a way to write.
        """
        live = self._registry.find_open(place.show_id)
        if live is None or place.removed or place.muted:
            return ()
        return (replace(live.entry("renamed", place), subject=user_id, subject_name=name),)

    def _locked(self, places: Iterable[Member]) -> AsyncExitStack:
        """Return a block in which nobody else changes members of these shows."""
        return _Locked(self._locks, sorted({place.show_id for place in places}))


class _Locked(AsyncExitStack):
    """The locks of several shows, taken one after the other.

    In the order of their ids, and everybody else takes one at most: nobody waits in a circle.
    """

    def __init__(self, locks: Locks, show_ids: Sequence[str]) -> None:
        super().__init__()
        self._wanted = [locks.of(show_id) for show_id in show_ids]

    async def __aenter__(self) -> _Locked:
        await super().__aenter__()
        try:
            for lock in self._wanted:
                await self.enter_async_context(lock)
        except BaseException:
            await self.aclose()
            raise
        return self


def _of_show(entries: Sequence[Entry], show_id: str) -> Sequence[Entry]:
    return [entry for entry in entries if entry.show_id == show_id]
