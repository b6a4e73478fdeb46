"""Moves that were refused, and that the store made all the same, much later (ADR 0009).

A disk that hangs in the middle of a commit leaves the outcome open. Where it lands after minutes,
everybody has watched on: what was refused then must not throw them back now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sessions.core.errors import StoreUnavailable
from sessions.core.events import Moved
from sessions.core.records import Entry
from sessions.core.room import RoomState, without
from sessions.core.timeline import Timeline

__all__ = ["MAX_LATE_S", "LateMoves"]

MAX_LATE_S = 1.0
"""A refused move that lands with its instant further behind than this is taken back, seconds."""

MAX_GIVEN_UP = 64
"""Refused moves that are remembered: of those that wait for one disk only the first can land."""


class LateMoves:
    """The refused moves of one session. ``clock`` gives Unix seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._given_up: set[str] = set()
        self._found: tuple[RoomState, Timeline] | None = None

    @property
    def found(self) -> bool:
        """Whether one has landed that is still to be taken back."""
        return self._found is not None

    @contextmanager
    def watch(self, entry_id: str) -> Iterator[None]:
        """Note a move that is being appended as given up where the store does not answer."""
        # Tried again, it is refused no more.
        self._given_up.discard(entry_id)
        try:
            yield
        except StoreUnavailable:
            if len(self._given_up) < MAX_GIVEN_UP:
                self._given_up.add(entry_id)
            raise
        # The others asked for its revision, or an older one: none of them lands any more.
        self._given_up.clear()

    def arrived(self, entry: Entry, made: Timeline, before: RoomState) -> None:
        """Look at a move that has its place in the log; the room stood as ``before``."""
        # A plan is the same whenever it is made, so nobody is thrown back by it.
        late = made.reason != "rescheduled" and self._clock() - made.instant > MAX_LATE_S
        self._found = (before, made) if late and entry.id in self._given_up else None

    def undoing(self, now: float) -> Moved | None:
        """Return the move that takes back what was found; None: nothing."""
        return None if self._found is None else without(*self._found, now)

    def forget(self, entry_id: str) -> None:
        """Take a move as it comes, however late: one that undoes another is right at any time."""
        self._given_up.discard(entry_id)
