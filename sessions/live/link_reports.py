"""The last report of each link, by user. A show has one of these, and so does each session."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sessions.core.viewers import picture_rank
from sessions.live.fanout import Link
from sessions.live.listener import Listener
from sessions.protocol import Report

__all__ = ["LinkReports"]


class LinkReports(Listener):
    """The links of users with their reports; the link with the best picture counts for the user."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock`` is the server's time, Unix seconds."""
        self._clock = clock
        self._links: dict[str, dict[Link, tuple[Report, float] | None]] = {}
        """Each link with its last report and the time of it, Unix seconds."""

    def entered(self, user_id: str, link: Link) -> None:
        """Add a link of a user."""
        self._links.setdefault(user_id, {}).setdefault(link)

    def left(self, user_id: str, link: Link) -> None:
        """Remove a link of a user, with its report."""
        links = self._links.get(user_id, {})
        links.pop(link, None)
        if not links:
            self._links.pop(user_id, None)

    def reported(self, user_id: str, link: Link, report: Report) -> None:
        """Handle a report of one of a user's pages."""
        links = self._links.get(user_id, {})
        # A report may arrive after its link was removed, and would then stay for ever.
        if link in links:
            links[link] = report, self._clock()

    def best(self, user_id: str) -> tuple[Link, Report | None, float] | None:
        """Return a user's link with the best picture, its report, and when that arrived.

        None if the user has no link.
        """
        links = self._links.get(user_id)
        if not links:
            return None
        reported = [(link, *said) for link, said in links.items() if said is not None]
        if not reported:
            return next(iter(links)), None, 0.0
        return min(reported, key=lambda r: picture_rank(r[1].state, r[1].buffered))

    def last_report(self, user_id: str) -> tuple[Report, float] | None:
        """Return the last report of a user's best link and its time, Unix seconds."""
        best = self.best(user_id)
        return None if best is None or best[1] is None else best[1:]  # type: ignore[return-value]

    def present(self) -> Iterator[str]:
        """Iterate over the ids of those who have a link."""
        return iter(self._links)

    def links(self, user_id: str) -> tuple[Link, ...]:
        """Return a user's links."""
        return tuple(self._links.get(user_id, ()))

    def delays(self) -> Iterator[float]:
        """Iterate over the one-way delays that present users report, seconds."""
        return (r.delay for r in self._reports() if r.delay is not None)

    def seek_costs(self) -> Iterator[float]:
        """Iterate over the costs of a seek that present users report, seconds."""
        return (r.seek_cost for r in self._reports() if r.seek_cost is not None)

    def _reports(self) -> Iterator[Report]:
        best = (self.best(user_id) for user_id in self._links)
        return (found[1] for found in best if found is not None and found[1] is not None)
