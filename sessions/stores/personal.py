"""What every store promises of a person's own records: bookmarks and history.

They belong to one person alone, whatever becomes of films and shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sessions.core.records import Bookmark, View

__all__ = [
    "BookmarkPage",
    "BookmarkStore",
    "Friend",
    "FriendPage",
    "ViewPage",
    "ViewStore",
]


class Friend(NamedTuple):
    """Somebody whom a person has bookmarked."""

    bookmark: Bookmark
    """The bookmark."""

    name: str
    """What they were called when they last joined a show, or else made a bookmark; may be empty."""

    mutual: bool
    """Whether they have bookmarked that person too."""


@dataclass(frozen=True, slots=True)
class BookmarkPage:
    """Some of somebody's bookmarks."""

    items: Sequence[Bookmark]
    """The newest first."""

    next: str | None
    """Cursor of the page that follows."""


@dataclass(frozen=True, slots=True)
class FriendPage:
    """Some of somebody's friends."""

    items: Sequence[Friend]
    """The newest first."""

    next: str | None
    """Cursor of the page that follows."""


@dataclass(frozen=True, slots=True)
class ViewPage:
    """Some of somebody's history."""

    items: Sequence[View]
    """The newest first."""

    next: str | None
    """Cursor of the page that follows."""


class BookmarkStore(Protocol):
    """What people want to find again."""

    async def save_bookmark(self, bookmark: Bookmark) -> Bookmark:
        """Keep a bookmark; where the same person has one of the same target, return that instead.

        Raises IdTaken where its id is another record's.
        """
        ...

    async def bookmarks_of(self, user_id: str, limit: int, cursor: str | None) -> BookmarkPage:
        """Return bookmarks of a person. Raises Invalid on a cursor that is none of this list."""
        ...

    async def delete_bookmark(self, user_id: str, bookmark_id: str) -> None:
        """Forget a bookmark. Raises UnknownBookmark where the person has none of that id."""
        ...

    async def friends_of(self, user_id: str, limit: int, cursor: str | None) -> FriendPage:
        """Return whom a person has bookmarked. Raises Invalid as ``bookmarks_of``."""
        ...

    async def are_friends(self, one: str, other: str) -> bool:
        """Tell whether each of two people has bookmarked the other."""
        ...


class ViewStore(Protocol):
    """What people have watched."""

    async def save_views(self, views: Sequence[View]) -> None:
        """Keep entries of history, whole or not at all.

        A person has one entry of a session: a later one takes its place, but not its id and date.
        """
        ...

    async def view(self, user_id: str, session_id: str) -> View | None:
        """Return what somebody has watched of a session."""
        ...

    async def views_of(self, user_id: str, limit: int, cursor: str | None) -> ViewPage:
        """Return a person's history. Raises Invalid on a cursor that is none of this list."""
        ...

    async def delete_view(self, user_id: str, view_id: str) -> View:
        """Forget an entry and return it. Raises UnknownView where the person has none such."""
        ...

    async def delete_views(self, user_id: str) -> None:
        """Forget a person's history."""
        ...
