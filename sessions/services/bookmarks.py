"""Bookmarks, and the friends among them: a friend is a bookmark of a user."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sessions.core.errors import Invalid
from sessions.core.membership import belongs
from sessions.core.records import Bookmark, BookmarkTarget, Show, User
from sessions.live.live_show import LiveShow
from sessions.live.registry import Registry
from sessions.stores.personal import BookmarkPage, BookmarkStore, Friend

__all__ = ["Bookmarks", "FriendList", "FriendView"]


@dataclass(frozen=True, slots=True)
class FriendView:
    """A friend, and where one may join them."""

    friend: Friend
    """Whom."""

    watching: Show | None
    """What they watch now, where the asker could come in; else None."""


@dataclass(frozen=True, slots=True)
class FriendList:
    """One page of somebody's friends."""

    items: Sequence[FriendView]
    """The newest first."""

    next: str | None
    """Cursor of the page that follows."""


class Bookmarks:
    """The bookmarks of people; each sees their own."""

    def __init__(
        self, store: BookmarkStore, registry: Registry, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock

    async def add(
        self, user: User, target_id: str, target_type: BookmarkTarget
    ) -> tuple[Bookmark, bool]:
        """Keep a bookmark; return it and whether it is new.

        A user need not agree to be followed. Raises Invalid, RateLimited, StoreUnavailable.
        """
        if target_type == "user" and target_id == user.id:
            raise Invalid("that is yourself", path="target_id")
        self._registry.changes.take(user.id)
        bookmark = Bookmark(
            str(uuid4()), self._clock(), user.id, target_id, target_type, maker_name=user.name
        )
        kept = await self._store.save_bookmark(bookmark)
        return kept, kept.id == bookmark.id

    async def list(self, user_id: str, limit: int, cursor: str | None) -> BookmarkPage:
        """Return a page of one's bookmarks, the newest first. Raises Invalid."""
        return await self._store.bookmarks_of(user_id, limit, cursor)

    async def delete(self, user_id: str, bookmark_id: str) -> None:
        """Forget a bookmark. Raises UnknownBookmark, RateLimited, StoreUnavailable."""
        self._registry.changes.take(user_id)
        await self._store.delete_bookmark(user_id, bookmark_id)

    async def friends(self, user_id: str, limit: int, cursor: str | None) -> FriendList:
        """Return a page of one's friends, the newest first. Raises Invalid."""
        page = await self._store.friends_of(user_id, limit, cursor)
        watching = self._watching({friend.bookmark.target_id for friend in page.items})
        items: list[FriendView] = []
        for friend in page.items:
            shows = watching.get(friend.bookmark.target_id, ())
            items.append(FriendView(friend, await self._first_open_to(user_id, shows)))
        return FriendList(items, page.next)

    def _watching(self, user_ids: set[str]) -> Mapping[str, Iterable[LiveShow]]:
        """Return which of the open shows each of some people watches now."""
        now = self._clock()
        found: dict[str, list[LiveShow]] = {}
        for live in self._registry.open_shows():
            if live.session_to_enter().room.state(now) not in ("running", "paused"):
                continue
            for user_id in user_ids.intersection(live.roster.user_ids()):
                if live.roster.presence(user_id).state != "away":
                    found.setdefault(user_id, []).append(live)
        return found

    async def _first_open_to(self, user_id: str, shows: Iterable[LiveShow]) -> Show | None:
        for live in shows:
            if await self._is_open_to(user_id, live):
                return live.show
        return None

    async def _is_open_to(self, user_id: str, live: LiveShow) -> bool:
        """Tell whether somebody is in a show, or could come in without being given a link."""
        known = live.members.get(user_id)
        if known is not None or live.show.access != "friends":
            return belongs(known)
        host = next((m.user_id for m in live.members.values() if m.role == "host"), None)
        return host is not None and await self._store.are_friends(user_id, host)
