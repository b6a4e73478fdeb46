"""How many connections there may be at once, and how long one may take to say what it wants.

A server without these is made deaf by a few hundred sockets that say nothing: each holds a
descriptor. Who waits for nothing gives way to who comes; what is being answered never does.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

__all__ = ["HEAD_TIMEOUT", "Crowd"]

LOG = logging.getLogger(__name__)

HEAD_TIMEOUT = 10.0
"""How long a request's head may take to arrive, from the first byte or from being let in, seconds.
"""

AT_ONCE = 16
"""The part of all connections, one in so many, that gives way at once: looking is not for free."""


class Guest(Protocol):
    """A connection as the crowd sees it."""

    @property
    def quiet_since(self) -> float | None:
        """Since when nothing of it is under way, the event loop's time; None while something is."""
        ...

    def turn_out(self) -> None:
        """End the connection at once."""
        ...


class Counters(Protocol):
    """What the crowd counts."""

    late: int
    """Connections ended because no head was whole in time."""

    gave_way: int
    """Quiet connections ended to make room."""

    turned_away: int
    """Connections ended as they came because there was no room."""


class Crowd:
    """The connections of one server."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        most: int,
        head_timeout: float,
        counters: Counters,
    ) -> None:
        """Let in ``most`` at once, and give each ``head_timeout`` seconds for a request's head."""
        self._counters = counters
        self._loop = loop
        self._most = most
        self._head_timeout = head_timeout
        self._here: dict[Guest, None] = {}
        self._speaking: dict[Guest, float] = {}
        self._next_look: asyncio.TimerHandle | None = None

    def enter(self, guest: Guest) -> None:
        """Take in a new connection; where there is no room, end it."""
        if len(self._here) >= self._most and not self._make_room():
            if not self._counters.turned_away:
                LOG.warning("No room for more than %d connections: new ones are ended", self._most)
            self._counters.turned_away += 1
            guest.turn_out()
            return
        self._here[guest] = None
        self.begin(guest)

    def leave(self, guest: Guest) -> None:
        """Forget a connection that is over."""
        self._here.pop(guest, None)
        self._speaking.pop(guest, None)

    def begin(self, guest: Guest) -> None:
        """Note that a connection owes a head from now on, if it did not before."""
        self._speaking.setdefault(guest, self._loop.time())
        if self._next_look is None:
            self._look_later()

    def finish(self, guest: Guest) -> None:
        """Note that its head is whole."""
        self._speaking.pop(guest, None)

    def _make_room(self) -> bool:
        quiet = [(since, guest) for guest in self._here if (since := guest.quiet_since) is not None]
        quiet.sort(key=lambda pair: pair[0])
        leaving = quiet[: max(1, self._most // AT_ONCE)]
        for _, guest in leaving:
            self._counters.gave_way += 1
            self._turn_out(guest)
        return bool(leaving)

    def _turn_out(self, guest: Guest) -> None:
        self.leave(guest)
        guest.turn_out()

    def _look_later(self) -> None:
        self._next_look = self._loop.call_later(self._head_timeout / 4, self._look)

    def _look(self) -> None:
        self._next_look = None
        limit = self._loop.time() - self._head_timeout
        for guest, since in list(self._speaking.items()):
            if since <= limit and guest.quiet_since is not None:
                self._counters.late += 1
                self._turn_out(guest)
        if self._speaking:
            self._look_later()
