"""Runs an application with connections that have the fast path."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader

from streamer.delivery.connection import REQUIRED_ATTRIBUTES, Connection
from streamer.delivery.connection_limit import HEAD_TIMEOUT_S, ConnectionLimiter
from streamer.delivery.descriptors import MOST_CONNECTIONS
from streamer.delivery.fast_path import FilmConnection
from streamer.delivery.message_fields import readable
from streamer.delivery.serving import FilmServer
from streamer.delivery.transfer import StallWatch

__all__ = ["FilmRunner", "make_runner", "missing_in"]

logger = logging.getLogger("seans.delivery")


def missing_in(connection: type) -> list[str]:
    """Return the attributes that the fast path needs and aiohttp's handler does not have."""
    return [name for name in REQUIRED_ATTRIBUTES if not hasattr(connection, name)]


def make_runner(
    app: web.Application,
    films: FilmServer,
    *,
    connection: type = web.RequestHandler,
    most_connections: int = MOST_CONNECTIONS,
    head_timeout: float = HEAD_TIMEOUT_S,
    **options: Any,  # noqa: ANN401 - aiohttp's own
) -> web.AppRunner:
    """Return a runner for ``app`` whose connections have the fast path and the access log.

    There are at most ``most_connections`` at once; each has ``head_timeout`` seconds for the head
    of a request. ``options`` are those of :class:`aiohttp.web.AppRunner`. If ``connection``,
    aiohttp's handler, is not as expected, there is only the ordinary handler and no limit of
    connections; this is logged and counted.
    """
    options["access_log_class"] = films.access_log.for_aiohttp()
    if missing := missing_in(connection):
        films.counters.fallbacks += 1
        logger.warning("No fast path for films: aiohttp has no %s", ", ".join(missing))
        return web.AppRunner(app, **options)
    return FilmRunner(
        app, films, most_connections=most_connections, head_timeout=head_timeout, **options
    )


class FilmRunner(web.AppRunner):
    """An application runner whose connections are :class:`FilmConnection`."""

    __slots__ = ("_films", "_head_timeout", "_most_connections")

    def __init__(
        self,
        app: web.Application,
        films: FilmServer,
        *,
        most_connections: int,
        head_timeout: float,
        **options: Any,  # noqa: ANN401 - aiohttp's own
    ) -> None:
        super().__init__(app, **options)
        self._films = films
        self._most_connections = most_connections
        self._head_timeout = head_timeout

    async def _make_server(self) -> web.Server:
        plain = await super()._make_server()
        limiter = ConnectionLimiter(
            plain._loop, self._most_connections, self._head_timeout, self._films.counters
        )
        return _FilmWebServer(plain, self._films, limiter)


def _lenient(make_request: Callable[..., web.BaseRequest]) -> Callable[..., web.BaseRequest]:
    """Return a request factory that first removes fields that aiohttp can't read.

    The sender of a body counts as unknown until a handler forbids eviction.
    """

    def make(
        message: RawRequestMessage,
        body: StreamReader,
        connection: Connection,
        *rest: Any,  # noqa: ANN401
    ) -> web.BaseRequest:
        connection.allow_eviction_until_eof(body)
        return make_request(readable(message), body, connection, *rest)

    return make


class _FilmWebServer(web.Server):
    """aiohttp's server with another class of connection."""

    def __init__(self, plain: web.Server, films: FilmServer, limiter: ConnectionLimiter) -> None:
        super().__init__(
            plain.request_handler,
            # aiohttp raises for a date that it cannot read, before any handler is called.
            request_factory=_lenient(plain.request_factory),
            handler_cancellation=plain.handler_cancellation,
            loop=plain._loop,
            **plain._kwargs,
        )
        self._films = films
        self._limiter = limiter
        self._stalls = StallWatch(plain._loop, films.stall_timeout)

    def __call__(self) -> web.RequestHandler:
        return FilmConnection(
            self,
            films=self._films,
            stalls=self._stalls,
            limiter=self._limiter,
            loop=self._loop,
            **self._kwargs,
        )
