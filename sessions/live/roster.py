"""Who is present, the state of their picture, and who is present according to the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sessions.live.fanout import Link
from sessions.live.link_reports import LinkReports
from sessions.protocol import Report
from sessions.wire import Presence

__all__ = ["RETURN_GRACE_S", "Roster"]

RETURN_GRACE_S = 30.0
"""Coming back within this time makes no entries ``left`` and ``joined``, seconds."""

AWAY = Presence()


@dataclass(slots=True)
class _Presence:
    since: float
    """Since when they are present, Unix seconds."""

    left_at: float | None = None
    """When the last link was closed, Unix seconds; None while there is one."""

    announced: bool = True
    """Whether they are present according to the log."""


class Roster(LinkReports):
    """The people of one show who are present, or left less than RETURN_GRACE_S ago."""

    def __init__(self, clock: Callable[[], float], announced: Iterable[str] = ()) -> None:
        """Start with those who are present according to the log, and away now."""
        super().__init__(clock)
        now = clock()
        self._presences = {user_id: _Presence(now, left_at=now) for user_id in announced}
        self._changed: set[str] = set()
        self._streams: Counter[str] = Counter()

    def __bool__(self) -> bool:
        """Whether anybody is present, or may still come back without a new entry."""
        return bool(self._presences)

    def is_announced(self, user_id: str) -> bool:
        """Return whether a user is present according to the log."""
        presence = self._presences.get(user_id)
        return presence is not None and presence.announced

    def entered(self, user_id: str, link: Link) -> None:
        """Add a link of a user."""
        super().entered(user_id, link)
        before = self._presences.get(user_id)
        self._presences[user_id] = _Presence(before.since if before else self._clock())
        self._changed.add(user_id)

    def left(self, user_id: str, link: Link) -> None:
        """Remove a link of a user, with its report."""
        before = self.presence(user_id)
        had_links = bool(self.links(user_id))
        super().left(user_id, link)
        if had_links and not self.links(user_id):
            self._presences[user_id].left_at = self._clock()
        if self.presence(user_id) != before:
            self._changed.add(user_id)

    def reported(self, user_id: str, link: Link, report: Report) -> None:
        """Handle a report of one of a user's pages."""
        before = self.presence(user_id)
        super().reported(user_id, link, report)
        if self.presence(user_id) != before:
            self._changed.add(user_id)

    def stream_began(self, user_id: str) -> None:
        """Note that a user watches the live stream, whatever carries their link."""
        self._streams[user_id] += 1
        self._changed.add(user_id)

    def stream_ended(self, user_id: str) -> None:
        """Note the end of one of a user's live streams."""
        self._streams[user_id] -= 1
        if self._streams[user_id] <= 0:
            del self._streams[user_id]
        self._changed.add(user_id)

    def presence(self, user_id: str) -> Presence:
        """Return a user's presence, by the link with the best picture."""
        best = self.best(user_id)
        if best is None:
            return AWAY
        link, report, _ = best
        transport = "webrtc" if user_id in self._streams else link.transport
        if report is None:
            return Presence(state="waiting", transport=transport)
        return Presence(
            state=report.state,
            error=None if report.error is None else round(report.error, 2) + 0.0,
            transport=transport,
        )

    def user_ids(self) -> tuple[str, ...]:
        """Return who is present, or may still come back without a new entry."""
        return tuple(self._presences)

    def since(self, user_id: str) -> float:
        """Return since when a user is present, Unix seconds; a short absence does not count."""
        return self._presences[user_id].since

    def touch(self, user_ids: Iterable[str]) -> None:
        """Mark the rows of users as changed."""
        self._changed.update(user_ids)

    def take_changed(self) -> set[str]:
        """Return whose rows changed since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def away_too_long(self) -> list[str]:
        """Return who has been away for longer than RETURN_GRACE_S."""
        until = self._clock() - RETURN_GRACE_S
        return [
            u for u, p in self._presences.items() if p.left_at is not None and p.left_at <= until
        ]

    def announce(self, user_id: str, announced: bool) -> None:
        """Note whether a user is present according to the log."""
        presence = self._presences.get(user_id)
        if presence is not None:
            presence.announced = announced

    def forget(self, user_id: str) -> None:
        """Forget a user who is away."""
        if not self.links(user_id):
            self._presences.pop(user_id, None)
