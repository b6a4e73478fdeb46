"""Who is here, and how their picture stands: what the links report, by person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sessions.core.viewers import picture_rank
from sessions.live.fanout import Link
from sessions.live.listener import Listener
from sessions.protocol import Report
from sessions.wire import Presence

__all__ = ["GRACE", "Roster"]

GRACE = 30.0
"""Coming back within this time is no coming and going, seconds."""

AWAY = Presence()


@dataclass(slots=True)
class _Place:
    links: dict[Link, tuple[Report, float] | None] = field(default_factory=dict)
    """Each with what it reported last and when, Unix seconds; a link takes its report along."""

    left_at: float | None = None
    told: bool = True

    def best(self) -> tuple[Link, Report | None, float]:
        """Return the link of which the picture does best, with its report and when that came."""
        reported = [(link, *said) for link, said in self.links.items() if said is not None]
        if not reported:
            return next(iter(self.links)), None, 0.0
        return min(reported, key=lambda r: picture_rank(r[1].state, r[1].buffered))


class Roster(Listener):
    """The people of one show whose coming was told and whose leaving was not yet."""

    def __init__(self, clock: Callable[[], float], announced: Iterable[str] = ()) -> None:
        """Begin with those ``announced`` as come before, who are away now."""
        self._clock = clock
        now = clock()
        self._places = {user_id: _Place(left_at=now) for user_id in announced}
        self._changed: set[str] = set()

    def is_announced(self, user_id: str) -> bool:
        """Tell whether the log knows somebody as here."""
        place = self._places.get(user_id)
        return place is not None and place.told

    def entered(self, user_id: str, link: Link) -> None:
        """Add a link of somebody, whose coming is told from here on."""
        place = self._places.setdefault(user_id, _Place())
        place.told = True
        place.links.setdefault(link)
        place.left_at = None
        self._changed.add(user_id)

    def left(self, user_id: str, link: Link) -> None:
        """Take a link of somebody away, and what it reported."""
        place = self._places.get(user_id)
        if place is None or link not in place.links:
            return
        before = self.presence(user_id)
        del place.links[link]
        if not place.links:
            place.left_at = self._clock()
        if self.presence(user_id) != before:
            self._changed.add(user_id)

    def reported(self, user_id: str, link: Link, report: Report) -> None:
        """Take what one of somebody's pages says of itself."""
        place = self._places.get(user_id)
        if place is None or link not in place.links:
            # Its last words may come after it is gone; they would stay for ever.
            return
        before = self.presence(user_id)
        place.links[link] = report, self._clock()
        if self.presence(user_id) != before:
            self._changed.add(user_id)

    def presence(self, user_id: str) -> Presence:
        """Return how somebody is there: as the link whose picture does best says."""
        place = self._places.get(user_id)
        if place is None or not place.links:
            return AWAY
        link, report, _ = place.best()
        if report is None:
            return Presence(state="waiting", transport=link.transport)
        return Presence(
            state=report.state,
            error=None if report.error is None else round(report.error, 2) + 0.0,
            transport=link.transport,
        )

    def last_report(self, user_id: str) -> tuple[Report, float] | None:
        """Return what somebody's best page said last and when, Unix seconds; None: nothing yet."""
        place = self._places.get(user_id)
        if place is None or not place.links:
            return None
        _, report, at = place.best()
        return None if report is None else (report, at)

    def present(self) -> Iterator[str]:
        """Iterate over the ids of those who have a link."""
        return (user_id for user_id, place in self._places.items() if place.links)

    def known(self) -> tuple[str, ...]:
        """Return who is here, or may still come back without news."""
        return tuple(self._places)

    def links(self, user_id: str) -> Iterable[Link]:
        """Return somebody's links."""
        place = self._places.get(user_id)
        return tuple(place.links) if place else ()

    def delays(self) -> Iterator[float]:
        """Iterate over the one-way delays that the present report, seconds."""
        return (r.delay for r in self._reports() if r.delay is not None)

    def seek_costs(self) -> Iterator[float]:
        """Iterate over the costs of a seek that the present report, seconds."""
        return (r.seek_cost for r in self._reports() if r.seek_cost is not None)

    def touch(self, user_ids: Iterable[str]) -> None:
        """Count somebody's row as changed."""
        self._changed.update(user_ids)

    def take_changed(self) -> set[str]:
        """Return whose rows changed since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def gone(self) -> list[str]:
        """Return who has been away for longer than GRACE."""
        until = self._clock() - GRACE
        return [u for u, p in self._places.items() if p.left_at is not None and p.left_at <= until]

    def told(self, user_id: str, told: bool) -> bool:
        """Note whether the log knows somebody as here; return whether it did before."""
        place = self._places.get(user_id)
        if place is None:
            return False
        before, place.told = place.told, told
        return before

    def forget(self, user_id: str) -> None:
        """Forget somebody who is away."""
        place = self._places.get(user_id)
        if place is not None and not place.links:
            del self._places[user_id]

    def __bool__(self) -> bool:
        """Whether anybody is here, or may still come back without news."""
        return bool(self._places)

    def _reports(self) -> Iterator[Report]:
        best = (place.best()[1] for place in self._places.values() if place.links)
        return (report for report in best if report is not None)
