"""How many connections there may be at once, and how long one may take to say what it wants.

A server without these is made deaf by a few hundred sockets that say nothing: each holds a
descriptor. Who waits for nothing gives way to who comes; what is being answered never does.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

__all__ = ["HEAD_TIMEOUT", "ConnectionLimiter"]

logger = logging.getLogger("seans.delivery")

HEAD_TIMEOUT = 10.0
"""How long a request's head may take to arrive, from the first byte or from being let in, seconds.
"""

AT_ONCE = 16
"""The part of all connections, one in so many, that gives way at once: looking is not for free."""


class Client(Protocol):
    """A connection as the limiter sees it."""

    @property
    def quiet_since(self) -> float | None:
        """Since when nothing of it is under way, the event loop's time; None while something is."""
        ...

    def evict(self) -> None:
        """End the connection at once."""
        ...


class Counters(Protocol):
    """What the limiter counts."""

    late: int
    """Connections ended because no head was whole in time."""

    gave_way: int
    """Quiet connections ended to make room."""

    turned_away: int
    """Connections ended as they came because there was no room."""


class ConnectionLimiter:
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
        self._here: dict[Client, None] = {}
        self._speaking: dict[Client, float] = {}
        self._next_look: asyncio.TimerHandle | None = None

    def enter(self, client: Client) -> None:
        """Take in a new connection; where there is no room, end it."""
        if len(self._here) >= self._most and not self._make_room():
            if not self._counters.turned_away:
                logger.warning(
                    "No room for more than %d connections: new ones are ended", self._most
                )
            self._counters.turned_away += 1
            client.evict()
            return
        self._here[client] = None
        self.begin(client)

    def leave(self, client: Client) -> None:
        """Forget a connection that is over."""
        self._here.pop(client, None)
        self._speaking.pop(client, None)

    def begin(self, client: Client) -> None:
        """Note that a connection owes a head from now on, if it did not before."""
        self._speaking.setdefault(client, self._loop.time())
        if self._next_look is None:
            self._look_later()

    def finish(self, client: Client) -> None:
        """Note that its head is whole."""
        self._speaking.pop(client, None)

    def _make_room(self) -> bool:
        quiet = [
            (since, client) for client in self._here if (since := client.quiet_since) is not None
        ]
        quiet.sort(key=lambda pair: pair[0])
        # Several at once: sorting all connections for each newcomer would be slow in a flood.
        leaving = quiet[: max(1, self._most // AT_ONCE)]
        for _, client in leaving:
            self._counters.gave_way += 1
            self._evict(client)
        return bool(leaving)

    def _evict(self, client: Client) -> None:
        self.leave(client)
        client.evict()

    def _look_later(self) -> None:
        self._next_look = self._loop.call_later(self._head_timeout / 4, self._look)

    def _look(self) -> None:
        self._next_look = None
        limit = self._loop.time() - self._head_timeout
        for client, since in list(self._speaking.items()):
            # A connection whose request is being answered owes no head.
            if since <= limit and client.quiet_since is not None:
                self._counters.late += 1
                self._evict(client)
        if self._speaking:
            self._look_later()
