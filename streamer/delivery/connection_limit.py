"""Limits the number of connections, and the time that a request's head may take.

Without these limits, a few hundred sockets that send nothing would use up all descriptors, and
block the server. A new connection evicts quiet ones, but never one with a current request.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

__all__ = ["HEAD_TIMEOUT_S", "ConnectionLimiter"]

logger = logging.getLogger("seans.delivery")

HEAD_TIMEOUT_S = 10.0
"""How long a request's head may take to arrive, from its first byte or the connect, seconds."""

EVICTED_SHARE = 16
"""One in so many connections is evicted at a time, because sorting them is not free."""


class Client(Protocol):
    """A connection as the limiter sees it."""

    @property
    def quiet_since(self) -> float | None:
        """Since when it has no current request, the event loop's time; None while it has one."""
        ...

    def evict(self) -> None:
        """Close the connection at once."""
        ...


class Counters(Protocol):
    """The counters of the limiter."""

    head_timeouts: int
    """Connections closed because a head did not arrive in time."""

    evicted: int
    """Quiet connections closed to make room."""

    refused: int
    """New connections closed because there was no room."""


class ConnectionLimiter:
    """The connections of one server."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        max_connections: int,
        head_timeout: float,
        counters: Counters,
    ) -> None:
        """Allow ``max_connections``; each has ``head_timeout`` seconds to send a request's head."""
        self._counters = counters
        self._loop = loop
        self._max_connections = max_connections
        self._head_timeout = head_timeout
        self._clients: dict[Client, None] = {}
        self._awaiting_head: dict[Client, float] = {}
        self._next_look: asyncio.TimerHandle | None = None

    def enter(self, client: Client) -> None:
        """Add a new connection; if there is no room, close it."""
        if len(self._clients) >= self._max_connections and not self._make_room():
            if not self._counters.refused:
                logger.warning(
                    "No room for more than %d connections: new ones are ended",
                    self._max_connections,
                )
            self._counters.refused += 1
            client.evict()
            return
        self._clients[client] = None
        self.head_expected(client)

    def leave(self, client: Client) -> None:
        """Remove a closed connection."""
        self._clients.pop(client, None)
        self._awaiting_head.pop(client, None)

    def head_expected(self, client: Client) -> None:
        """Note that a head of this connection must arrive within the timeout from now on."""
        self._awaiting_head.setdefault(client, self._loop.time())
        if self._next_look is None:
            self._look_later()

    def head_complete(self, client: Client) -> None:
        """Note that the head has arrived."""
        self._awaiting_head.pop(client, None)

    def _make_room(self) -> bool:
        quiet = [
            (since, client) for client in self._clients if (since := client.quiet_since) is not None
        ]
        quiet.sort(key=lambda pair: pair[0])
        # Several at once: sorting all connections for each newcomer would be slow in a flood.
        evicted = quiet[: max(1, self._max_connections // EVICTED_SHARE)]
        for _, client in evicted:
            self._counters.evicted += 1
            self._evict(client)
        return bool(evicted)

    def _evict(self, client: Client) -> None:
        self.leave(client)
        client.evict()

    def _look_later(self) -> None:
        self._next_look = self._loop.call_later(self._head_timeout / 4, self._look)

    def _look(self) -> None:
        self._next_look = None
        limit = self._loop.time() - self._head_timeout
        for client, since in list(self._awaiting_head.items()):
            # A connection with a current request is not waiting for a head.
            if since <= limit and client.quiet_since is not None:
                self._counters.head_timeouts += 1
                self._evict(client)
        if self._awaiting_head:
            self._look_later()
