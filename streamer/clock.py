"""The server's clock: steady, and corrected towards wall time so slowly that no page notices.

Server time is a function of a steady clock that nobody sets. After each look at the wall clock it
runs a little faster or slower than the steady clock until the difference is corrected, and then
exactly as fast. It never goes back. The decision and its figures: docs/adr/0003-server-clock.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from sessions.core.room import RoomState

__all__ = [
    "IDLE_SLEW",
    "MAX_SLEW",
    "MIN_JUMP_S",
    "SOON_S",
    "TOLERANCE_S",
    "Activity",
    "ServerClock",
    "activity_of",
]

Activity = Literal["nobody", "pages", "film"]
"""What a step would disturb: nobody (no show is open), pages (shows are open), or a film that runs
or begins soon."""

MAX_SLEW = 20e-6
"""By how much the clock may run fast or slow while anybody looks on, s per s."""

IDLE_SLEW = 0.5
"""By how much it runs slow where it is ahead and nobody looks on, s per s."""

MIN_JUMP_S = 1.0
"""Smallest step that open pages are asked to bear, seconds: above any round trip, so that it
contradicts all that they know, and they ask anew instead of mixing two times."""

TOLERANCE_S = 100e-6
"""A difference that is let be, seconds."""

SOON_S = 60.0
"""A film that begins within this time is treated as one that runs, seconds."""

MAX_READING_S = 500e-6
"""Longest time that a look at both clocks may take, seconds; a slower one was interrupted."""


@dataclass(frozen=True, slots=True)
class _Line:
    """The time since the last decision."""

    steady: float
    """The steady clock at the decision, seconds."""

    server: float
    """Server time at the decision, Unix seconds."""

    owed: float
    """What is to be made up, seconds; negative where the server is ahead of the wall."""

    slew: float
    """How fast, s per s; below 1."""

    def at(self, steady: float) -> float:
        passed = steady - self.steady
        made_up = min(passed * self.slew, abs(self.owed))
        return self.server + (passed + made_up if self.owed > 0.0 else passed - made_up)


class ServerClock:
    """Server time as a function of a steady clock. Call ``follow_wall`` once a second.

    ``steady`` gives seconds from any origin and never goes back; ``wall`` gives Unix seconds. A
    late call of ``follow_wall`` does no harm: a line never corrects more than the difference that
    was measured. Any thread may read the clock.
    """

    def __init__(self, steady: Callable[[], float], wall: Callable[[], float]) -> None:
        self._steady = steady
        self._wall = wall
        self._line = _Line(steady=steady(), server=wall(), owed=0.0, slew=MAX_SLEW)

    def __call__(self) -> float:
        """Return server time, Unix seconds."""
        return self._line.at(self._steady())

    def follow_wall(self, activity: Activity) -> float:
        """Look at the wall clock and decide; return by how much the time was stepped, seconds."""
        before = self._steady()
        wall = self._wall()
        steady = self._steady()
        if steady - before > MAX_READING_S:
            return 0.0
        server = self._line.at(steady)
        owed = wall - server
        if abs(owed) <= TOLERANCE_S:
            self._line = _Line(steady, server, 0.0, MAX_SLEW)
            return 0.0
        smallest_step = {"nobody": TOLERANCE_S, "pages": MIN_JUMP_S, "film": float("inf")}[activity]
        if owed > smallest_step:
            self._line = _Line(steady, wall, 0.0, MAX_SLEW)
            return owed
        slew = IDLE_SLEW if owed < 0.0 and activity == "nobody" else MAX_SLEW
        self._line = _Line(steady, server, owed, slew)
        return 0.0


def activity_of(rooms: Iterable[RoomState], now: float) -> Activity:
    """Return what a step at ``now``, Unix seconds, disturbs; ``rooms`` are of the open shows."""
    rooms = tuple(rooms)
    if any(-SOON_S <= room.position(now) < room.duration for room in rooms):
        return "film"
    return "pages" if rooms else "nobody"
