"""The links of each person over all shows: bounded, so that nobody uses up all connections."""

from __future__ import annotations

from sessions.live.fanout import Link, close_link
from sessions.wire import goodbye

__all__ = ["MAX_LINKS", "PersonLinks"]

MAX_LINKS = 16
"""Largest number of links of one person on this server."""


class PersonLinks:
    """The links of each person, the oldest first."""

    def __init__(self) -> None:
        self._links: dict[str, dict[Link, None]] = {}

    def enter(self, user_id: str, link: Link) -> None:
        """Add a link of a user; if that is one too many, close their oldest (4409)."""
        links = self._links.setdefault(user_id, {})
        links[link] = None
        if len(links) > MAX_LINKS:
            oldest = next(iter(links))
            del links[oldest]
            reason = "too_many_links"
            close_link(oldest, 4409, reason, goodbye(4409, reason))

    def leave(self, user_id: str, link: Link) -> None:
        """Remove a link of a user; a second call changes nothing."""
        links = self._links.get(user_id)
        if links is None:
            return
        links.pop(link, None)
        if not links:
            del self._links[user_id]

    def count(self, user_id: str) -> int:
        """Return how many links a user has."""
        return len(self._links.get(user_id, ()))
