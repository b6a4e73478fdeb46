"""The links of each person over all shows: bounded, so that nobody holds every connection."""

from __future__ import annotations

from sessions.live.fanout import Link
from sessions.wire import encode

__all__ = ["MAX_LINKS", "PersonLinks"]

MAX_LINKS = 16
"""Links that one person may have on this server."""


class PersonLinks:
    """Who has which links, the oldest first."""

    def __init__(self) -> None:
        self._links: dict[str, dict[Link, None]] = {}

    def enter(self, user_id: str, link: Link) -> None:
        """Add a link of somebody; where that is one too many, their oldest gives way (4409)."""
        links = self._links.setdefault(user_id, {})
        links[link] = None
        if len(links) > MAX_LINKS:
            oldest = next(iter(links))
            del links[oldest]
            reason = "too_many_links"
            oldest.close(4409, reason, encode({"type": "goodbye", "reason": reason}))

    def leave(self, user_id: str, link: Link) -> None:
        """Take a link of somebody away; once more changes nothing."""
        links = self._links.get(user_id)
        if links is None:
            return
        links.pop(link, None)
        if not links:
            del self._links[user_id]

    def count(self, user_id: str) -> int:
        """Return how many links somebody has."""
        return len(self._links.get(user_id, ()))
