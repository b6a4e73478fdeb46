"""aiohttp's handler of one connection, which also knows when it is idle and allows half-close.

Everything undocumented that the fast path uses of aiohttp is here and in
:data:`REQUIRED_ATTRIBUTES`, which :mod:`streamer.delivery.runner` checks at start.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader

from streamer.delivery.connection_limit import ConnectionLimiter
from streamer.delivery.message_fields import OWN_FIELDS

__all__ = ["REQUIRED_ATTRIBUTES", "Connection"]

REQUIRED_ATTRIBUTES = (
    "_buffer_paused",
    "_close",
    "_current_request",
    "_force_close",
    "_keepalive_handle",
    "_keepalive_timeout",
    "_loop",
    "_messages",
    "_next_keepalive_close_time",
    "_process_keepalive",
    "_request_count",
    "_upgraded",
    "_waiter",
    "transport",
)
"""Undocumented attributes of :class:`aiohttp.web.RequestHandler` that are used here."""


class Connection(web.RequestHandler):
    """A connection as aiohttp handles it."""

    __slots__ = (
        "_at_boundary",
        "_evictable_since",
        "_expects_head",
        "_is_evictable",
        "_limiter",
        "_patience",
        "server",
    )

    def __init__(
        self,
        server: web.Server,
        *,
        limiter: ConnectionLimiter,
        patience: float,
        **options: Any,  # noqa: ANN401 - aiohttp's own
    ) -> None:
        """Create a connection of ``server``, counted by ``limiter``.

        The kernel drops a peer that takes nothing for about ``patience`` seconds, if it supports
        TCP's user timeout (RFC 5482): for every response, also while the peer's window is closed.
        Films have their own, shorter, timeout.
        """
        super().__init__(server, **options)
        self.server = server
        self._limiter = limiter
        self._patience = patience
        self._at_boundary = True
        self._expects_head = True
        self._evictable_since = 0.0
        self._is_evictable: Callable[[], bool] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register with the limiter."""
        super().connection_made(transport)
        peer = transport.get_extra_info("socket")
        # macOS has no such option; there only films and WebSocket heartbeats detect a dead peer.
        if hasattr(socket, "TCP_USER_TIMEOUT") and peer and peer.family != socket.AF_UNIX:
            milliseconds = int(self._patience * 1000)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
        self._limiter.enter(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Unregister from the limiter."""
        self._limiter.leave(self)
        self._is_evictable = None
        super().connection_lost(exc)

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """Answer the requests that came before the peer closed its half."""
        return self.close_after_pending()

    @property
    def quiet_since(self) -> float | None:
        """Since when there is no current request, the event loop's time; None: there is one."""
        if self._is_evictable is not None and self._is_evictable():
            return self._evictable_since
        if self._upgraded:
            return None
        waiter = self._waiter
        # Before its first request aiohttp has made no waiter yet.
        waits = not self._request_count if waiter is None else not waiter.done()
        if self._messages or not waits:
            return None
        return self._next_keepalive_close_time - self._keepalive_timeout

    def allow_eviction_while(self, is_evictable: Callable[[], bool]) -> None:
        """Let the limiter evict the connection, as if it were quiet, while ``is_evictable()``."""
        self._evictable_since = self._loop.time()
        self._is_evictable = is_evictable

    def allow_eviction_until_eof(self, body: StreamReader) -> None:
        """Let the limiter evict the connection until ``body`` has arrived, unless forbidden.

        A peer can send a body a byte at a time, and aiohttp also waits for one that nobody reads.
        """
        if not body.is_eof():
            self.allow_eviction_while(lambda: not body.is_eof())

    def forbid_eviction(self) -> None:
        """Keep the connection: somebody with a passport made the current request."""
        self._is_evictable = None

    def evict(self) -> None:
        """Close the connection at once, without sending the rest."""
        transport = self.transport
        self.force_close()
        if transport is not None:
            # close() would wait until the peer has taken the buffered data, which may be never.
            transport.abort()

    def head_arrived(self) -> None:
        """Note that the head of a request has arrived."""
        if self._expects_head:
            self._expects_head = False
            self._limiter.head_complete(self)

    def _is_between_requests(self) -> bool:
        """Return whether every request has arrived completely, answered or not."""
        if self._upgraded:
            return False
        if self._messages:
            return self._messages[-1][1].is_eof()
        current = self._current_request
        return current is None or current.content.is_eof()

    def is_idle(self) -> bool:
        """Return whether aiohttp waits for a request and has nothing left to send.

        On a new connection, data may arrive before aiohttp has begun to wait.
        """
        waiter = self._waiter
        return (
            self._at_boundary
            and (not self._request_count if waiter is None else not waiter.done())
            and not self._messages
            and not self._close
            and not self._force_close
            and self.transport is not None
            and not self.transport.get_write_buffer_size()
        )

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what no handler was asked: aiohttp would repeat the line, and say what it is."""
        super().handle_error(request, status, exc, message)
        text = f"{status} {HTTPStatus(status).phrase}\n"
        answer = web.Response(status=status, text=text, headers=OWN_FIELDS)
        answer.force_close()
        return answer

    def delegate(self, data: bytes) -> None:
        """Pass ``data`` to aiohttp, and note whether its parser is then between requests."""
        before, between = self._request_count, self._is_between_requests()
        super().data_received(data)
        if self._request_count > before:
            self.head_arrived()
        elif data and between and not self._expects_head:
            self._expects_head = True
            self._limiter.head_expected(self)
        # Only then may the fast path take the next bytes: aiohttp's parser keeps data after a
        # message, so it must also get the rest of a pipelined or incomplete request.
        self._at_boundary = (
            self._request_count > before
            and data.endswith(b"\r\n\r\n")
            and not self._upgraded
            and not self._buffer_paused
            and bool(self._messages)
            and self._messages[-1][1] is EMPTY_PAYLOAD
        )

    def close_after_pending(self) -> bool:
        """Close after the last complete request; return whether there is one."""
        if self._upgraded or not self._request_count:
            return False
        if self._messages:
            message, payload = self._messages[-1]
            # Its body has not arrived. (aiohttp does not guarantee that messages are named tuples.)
            if payload is not EMPTY_PAYLOAD or not hasattr(message, "_replace"):
                return False
            self._messages[-1] = (message._replace(should_close=True), payload)
            return True
        current, waiter = self._current_request, self._waiter
        if waiter is not None and not waiter.done():
            return False
        if current is not None and not current.content.is_eof():
            return False
        self.close()
        return True
