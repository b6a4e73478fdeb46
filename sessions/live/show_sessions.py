"""The sessions of an open show, ascending by time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from sessions.core.errors import UnknownSession
from sessions.core.room import session_to_enter
from sessions.live.live_session import LiveSession

__all__ = ["ShowSessions"]


class ShowSessions(Mapping[str, LiveSession]):
    """The live sessions of one show, by id; at least one."""

    def __init__(self, sessions: Iterable[LiveSession], clock: Callable[[], float]) -> None:
        """``clock`` is server time, Unix seconds."""
        self._by_id: dict[str, LiveSession] = {}
        self._clock = clock
        for live in sessions:
            self.add(live)

    def __getitem__(self, session_id: str) -> LiveSession:
        return self._by_id[session_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, live: LiveSession) -> None:
        """Add a session, where it is not there yet."""
        self._by_id.setdefault(live.session.id, live)
        self.sort()

    def remove(self, session_id: str) -> LiveSession | None:
        """Remove a session and return it; None: it is not there, or the only one."""
        return self._by_id.pop(session_id, None) if len(self._by_id) > 1 else None

    def sort(self) -> None:
        """Put the sessions in order, after the time of one has changed."""
        by_time = sorted(
            self._by_id.values(), key=lambda live: (live.session.movie_time, live.session.id)
        )
        self._by_id = {live.session.id: live for live in by_time}

    def require(self, session_id: str) -> LiveSession:
        """Return a session. Raises UnknownSession."""
        found = self._by_id.get(session_id)
        if found is None:
            raise UnknownSession
        return found

    def to_enter(self) -> LiveSession:
        """Return the session that runs, else the next one, else the last."""
        now = self._clock()
        ordered = list(self._by_id.values())
        return ordered[session_to_enter([live.room.state(now) for live in ordered])]

    def before(self, session_id: str) -> list[LiveSession]:
        """Return the sessions before one, ascending by time."""
        ordered = list(self._by_id)
        return [self._by_id[each] for each in ordered[: ordered.index(session_id)]]

    def following(self, session_id: str) -> LiveSession | None:
        """Return the first session after one that is not over; None: there is none."""
        now = self._clock()
        ordered = list(self._by_id)
        later = (self._by_id[each] for each in ordered[ordered.index(session_id) + 1 :])
        return next((live for live in later if live.room.state(now) != "ended"), None)
