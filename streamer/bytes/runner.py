"""How an application gets connections that know the fast path."""

from __future__ import annotations

import logging
from typing import Any

from aiohttp import web

from streamer.bytes.connection import RELIED_ON
from streamer.bytes.fastpath import FilmConnection
from streamer.bytes.serving import FilmServer
from streamer.bytes.transfer import StallWatch

__all__ = ["FilmRunner", "make_runner", "missing_in"]

_logger = logging.getLogger(__name__)


def missing_in(connection: type) -> list[str]:
    """Return what aiohttp's connection handler lacks of that on which the fast path relies."""
    return [name for name in RELIED_ON if not hasattr(connection, name)]


def make_runner(
    app: web.Application,
    films: FilmServer,
    *,
    connection: type = web.RequestHandler,
    **options: Any,  # noqa: ANN401 - aiohttp's own
) -> web.AppRunner:
    """Return a runner for ``app`` whose connections know the fast path and write the access log.

    ``options`` are those of :class:`aiohttp.web.AppRunner`. Where ``connection``, aiohttp's
    handler, is not as expected, films go by the ordinary handler alone: logged and counted.
    """
    options["access_log_class"] = films.access_log.for_aiohttp()
    if missing := missing_in(connection):
        films.counters.fallbacks += 1
        _logger.warning("No fast path for films: aiohttp has no %s", ", ".join(missing))
        return web.AppRunner(app, **options)
    return FilmRunner(app, films, **options)


class FilmRunner(web.AppRunner):
    """An application runner whose server makes :class:`FilmConnection` of its connections."""

    __slots__ = ("_films",)

    def __init__(
        self,
        app: web.Application,
        films: FilmServer,
        **options: Any,  # noqa: ANN401 - aiohttp's own
    ) -> None:
        super().__init__(app, **options)
        self._films = films

    async def _make_server(self) -> web.Server:
        plain = await super()._make_server()
        return _FilmWebServer(plain, self._films)


class _FilmWebServer(web.Server):
    """aiohttp's server with another class of connection."""

    def __init__(self, plain: web.Server, films: FilmServer) -> None:
        super().__init__(
            plain.request_handler,
            request_factory=plain.request_factory,
            handler_cancellation=plain.handler_cancellation,
            loop=plain._loop,
            **plain._kwargs,
        )
        self._films = films
        self._stalls = StallWatch(plain._loop, films.stall_timeout)

    def __call__(self) -> web.RequestHandler:
        return FilmConnection(
            self, films=self._films, stalls=self._stalls, loop=self._loop, **self._kwargs
        )
