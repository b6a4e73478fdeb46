"""Who is here, and how their picture stands: what the links report, by person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sessions.live.fanout import Link
from sessions.protocol import Report
from sessions.wire import Presence

__all__ = ["GRACE", "Roster"]

GRACE = 30.0
"""Coming back within this time is no coming and going, seconds."""

AWAY = Presence()


@dataclass(slots=True)
class _Place:
    links: set[Link] = field(default_factory=set)
    report: Report | None = None
    reported_at: float = 0.0
    left_at: float | None = None
    told: bool = True


class Roster:
    """The people of one show whose coming was told and whose leaving was not yet."""

    def __init__(self, clock: Callable[[], float], announced: Iterable[str] = ()) -> None:
        """Begin with those ``announced`` as come before, who are away now."""
        self._clock = clock
        now = clock()
        self._places = {user_id: _Place(left_at=now) for user_id in announced}
        self._changed: set[str] = set()

    def arrive(self, user_id: str, link: Link) -> bool:
        """Add a link of somebody; True where their coming is news."""
        place = self._places.setdefault(user_id, _Place(told=False))
        news = not place.told
        place.told = True
        place.links.add(link)
        place.left_at = None
        self._changed.add(user_id)
        return news

    def leave(self, user_id: str, link: Link) -> None:
        """Take a link of somebody away."""
        place = self._places.get(user_id)
        if place is None or link not in place.links:
            return
        place.links.discard(link)
        if not place.links:
            place.report = None
            place.left_at = self._clock()
            self._changed.add(user_id)

    def report(self, user_id: str, report: Report) -> None:
        """Take what somebody's page says of itself."""
        place = self._places.get(user_id)
        if place is None or not place.links:
            return
        before = self.presence(user_id)
        place.report, place.reported_at = report, self._clock()
        if self.presence(user_id) != before:
            self._changed.add(user_id)

    def presence(self, user_id: str) -> Presence:
        """Return how somebody is there."""
        place = self._places.get(user_id)
        if place is None or not place.links:
            return AWAY
        transport = next(iter(place.links)).transport
        if place.report is None:
            return Presence(state="waiting", transport=transport)
        error = place.report.error
        return Presence(
            state=place.report.state,
            error=None if error is None else round(error, 2) + 0.0,
            transport=transport,
        )

    def reported(self, user_id: str) -> tuple[Report, float] | None:
        """Return what somebody's page said last and when, Unix seconds; None: nothing yet."""
        place = self._places.get(user_id)
        if place is None or place.report is None:
            return None
        return place.report, place.reported_at

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
        return (p.report for p in self._places.values() if p.report is not None)
