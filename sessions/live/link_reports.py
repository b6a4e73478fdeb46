"""What each link reported last, by person: a show keeps one of these, and so does each session."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sessions.core.viewers import picture_rank
from sessions.live.fanout import Link
from sessions.live.listener import Listener
from sessions.protocol import Report

__all__ = ["LinkReports"]


class LinkReports(Listener):
    """The links of people with their reports; the one whose picture does best speaks for them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock`` is the server's time, Unix seconds."""
        self._clock = clock
        self._links: dict[str, dict[Link, tuple[Report, float] | None]] = {}
        """Each with what it reported last and when, Unix seconds; a link takes its report along."""

    def entered(self, user_id: str, link: Link) -> None:
        """Add a link of somebody."""
        self._links.setdefault(user_id, {}).setdefault(link)

    def left(self, user_id: str, link: Link) -> None:
        """Take a link of somebody away, and what it reported."""
        links = self._links.get(user_id, {})
        links.pop(link, None)
        if not links:
            self._links.pop(user_id, None)

    def reported(self, user_id: str, link: Link, report: Report) -> None:
        """Take what one of somebody's pages says of itself."""
        links = self._links.get(user_id, {})
        # Its last words may come after it is gone; they would stay for ever.
        if link in links:
            links[link] = report, self._clock()

    def best(self, user_id: str) -> tuple[Link, Report | None, float] | None:
        """Return somebody's link whose picture does best, its report and when that came.

        None where they have no link.
        """
        links = self._links.get(user_id)
        if not links:
            return None
        reported = [(link, *said) for link, said in links.items() if said is not None]
        if not reported:
            return next(iter(links)), None, 0.0
        return min(reported, key=lambda r: picture_rank(r[1].state, r[1].buffered))

    def last_report(self, user_id: str) -> tuple[Report, float] | None:
        """Return what somebody's best page said last and when, Unix seconds; None: nothing yet."""
        best = self.best(user_id)
        return None if best is None or best[1] is None else best[1:]  # type: ignore[return-value]

    def present(self) -> Iterator[str]:
        """Iterate over the ids of those who have a link."""
        return iter(self._links)

    def links(self, user_id: str) -> tuple[Link, ...]:
        """Return somebody's links."""
        return tuple(self._links.get(user_id, ()))

    def delays(self) -> Iterator[float]:
        """Iterate over the one-way delays that the present report, seconds."""
        return (r.delay for r in self._reports() if r.delay is not None)

    def seek_costs(self) -> Iterator[float]:
        """Iterate over the costs of a seek that the present report, seconds."""
        return (r.seek_cost for r in self._reports() if r.seek_cost is not None)

    def _reports(self) -> Iterator[Report]:
        best = (self.best(user_id) for user_id in self._links)
        return (found[1] for found in best if found is not None and found[1] is not None)
