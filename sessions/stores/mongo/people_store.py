"""The store's calls on what belongs to people, and on what other services are told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TypeVar

from sessions.core.records import (
    Announced,
    Bookmark,
    CalendarAddress,
    Entry,
    Member,
    Owner,
    Session,
    View,
)
from sessions.stores.base import PeopleChange
from sessions.stores.mongo import announcements, people, personal, reads
from sessions.stores.mongo.driver import Database
from sessions.stores.mongo.log import ShowLog
from sessions.stores.personal import BookmarkPage, FriendPage, ViewPage

__all__ = ["PeopleCalls"]

T = TypeVar("T")

PEOPLE = "people"
"""The queue of what changes records of several people or shows."""

ANNOUNCEMENTS = "announcements"
"""The queue of what changes sessions of several shows."""


class PeopleCalls(ABC):
    """See sessions.stores.base and personal, which say what each call promises.

    What is one person's own waits in a queue of that person.
    """

    @abstractmethod
    async def _write(self, key: str, work: Callable[[Database, ShowLog], Awaitable[T]]) -> T:
        """Carry out ``work`` in the turn of the queue ``key``."""

    @abstractmethod
    async def _read(self, query: Callable[[Database], Awaitable[T]]) -> T:
        """Return what ``query`` answers."""

    async def places_of(self, user_id: str) -> Sequence[Member]:
        """Return somebody's places in all shows, the oldest first."""
        return await self._read(lambda database: people.places_of(database, user_id))

    async def rename_user(
        self, user_id: str, name: str, entries: Sequence[Entry] = ()
    ) -> PeopleChange:
        """Give somebody a name in all their places; keep ``entries``."""
        return await self._write(
            PEOPLE, lambda database, _log: people.rename_user(database, user_id, name, entries)
        )

    async def move_user(
        self, guest_id: str, user_id: str, name: str, now: float, entries: Sequence[Entry] = ()
    ) -> PeopleChange:
        """Give all that a guest has to ``user_id``, once; keep ``entries``."""
        return await self._write(
            PEOPLE,
            lambda database, _log: people.move_user(
                database, guest_id, user_id, name, now, entries
            ),
        )

    async def moved_users(self, since: float) -> Collection[str]:
        """Return the ids of guests that were moved at ``since`` or later."""
        return await self._read(lambda database: people.moved_users(database, since))

    async def save_owner(self, owner: Owner) -> None:
        """Keep that somebody is an owner; who is one already keeps their record."""
        await self._write(
            owner.user_id, lambda database, _log: personal.save_owner(database, owner)
        )

    async def is_owner(self, user_id: str) -> bool:
        """Tell whether somebody is an owner."""
        return await self._read(lambda database: personal.is_owner(database, user_id))

    async def save_bookmark(self, bookmark: Bookmark) -> Bookmark:
        """Keep a bookmark, or return the one that there is of the same target."""
        return await self._write(
            bookmark.user_id,
            lambda database, _log: personal.save_bookmark(database, bookmark),
        )

    async def bookmarks_of(self, user_id: str, limit: int, cursor: str | None) -> BookmarkPage:
        """Return bookmarks of a person, the newest first."""
        return await self._read(
            lambda database: personal.bookmarks_of(database, user_id, limit, cursor)
        )

    async def delete_bookmark(self, user_id: str, bookmark_id: str) -> None:
        """Forget a bookmark."""
        await self._write(
            user_id,
            lambda database, _log: personal.delete_bookmark(database, user_id, bookmark_id),
        )

    async def friends_of(self, user_id: str, limit: int, cursor: str | None) -> FriendPage:
        """Return whom a person has bookmarked, the newest first."""
        return await self._read(
            lambda database: personal.friends_of(database, user_id, limit, cursor)
        )

    async def are_friends(self, one: str, other: str) -> bool:
        """Tell whether each of two people has bookmarked the other."""
        return await self._read(lambda database: personal.are_friends(database, one, other))

    async def save_views(self, views: Sequence[View]) -> None:
        """Keep entries of history, whole or not at all."""
        await self._write(PEOPLE, lambda database, _log: personal.save_views(database, views))

    async def view(self, user_id: str, session_id: str) -> View | None:
        """Return what somebody has watched of a session."""
        return await self._read(lambda database: personal.view(database, user_id, session_id))

    async def views_of(self, user_id: str, limit: int, cursor: str | None) -> ViewPage:
        """Return a person's history, the newest first."""
        return await self._read(
            lambda database: personal.views_of(database, user_id, limit, cursor)
        )

    async def delete_view(self, user_id: str, view_id: str) -> View:
        """Forget an entry of history and return it."""
        # In the queue of those that are saved, so that none comes after it that came before.
        return await self._write(
            PEOPLE, lambda database, _log: personal.delete_view(database, user_id, view_id)
        )

    async def delete_views(self, user_id: str) -> None:
        """Forget a person's history."""
        await self._write(PEOPLE, lambda database, _log: personal.delete_views(database, user_id))

    async def calendar_address(self, user_id: str) -> CalendarAddress | None:
        """Return somebody's address."""
        return await self._read(lambda database: personal.calendar_address(database, user_id))

    async def calendar_by_token(self, token: str) -> CalendarAddress | None:
        """Return the address that holds ``token``."""
        return await self._read(lambda database: personal.calendar_by_token(database, token))

    async def save_calendar_address(self, address: CalendarAddress) -> None:
        """Keep somebody's new address in place of the one that they had."""
        await self._write(
            address.user_id,
            lambda database, _log: personal.save_calendar_address(database, address),
        )

    async def due_sessions(self, now: float, limit: int) -> Sequence[Session]:
        """Return at most ``limit`` sessions whose ``due_at`` has come, ascending by it."""
        return await self._read(lambda database: announcements.due_sessions(database, now, limit))

    async def announce(self, session_id: str, before: Announced, after: Announced) -> bool:
        """Note what is told of a session from now on; of many who do so, one does."""
        session = await self._read(lambda database: reads.session(database, session_id))
        if session is None:
            return False
        # In the turn of the show's moves, which change what is due.
        return await self._write(
            session.show_id,
            lambda database, _log: announcements.announce(database, session_id, before, after),
        )

    async def skip_announcements(self, before: float) -> None:
        """Note that all is told of sessions that ended before then."""
        await self._write(
            ANNOUNCEMENTS, lambda database, _log: announcements.skip(database, before)
        )
