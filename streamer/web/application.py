"""The aiohttp application: all routes, the middlewares around them, and the headers they get."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from aiohttp import hdrs, web

from streamer.web import (
    health,
    invites,
    keys,
    later,
    messages,
    openapi,
    pages,
    passport,
    people,
    sessions,
    shows,
    socket,
    sync,
    titles,
)
from streamer.web.endpoints import Endpoint
from streamer.web.film_operation import FILM_PATH
from streamer.web.meters import Meters
from streamer.web.middlewares import answer_refusals, count, secure
from streamer.web.replies import encoded

__all__ = ["all_endpoints", "make_application"]

NOUNS = (
    passport.endpoints,
    titles.endpoints,
    shows.endpoints,
    sessions.endpoints,
    sync.endpoints,
    socket.endpoints,
    people.endpoints,
    invites.endpoints,
    messages.endpoints,
    openapi.endpoints,
    health.endpoints,
)


def all_endpoints() -> Iterable[Endpoint]:
    """Return every endpoint, noun by noun."""
    return chain.from_iterable(NOUNS)


def make_application(static: Path) -> web.Application:
    """Return the application, to be given the parts that streamer.web.keys names.

    ``static`` is the folder of what the pages are made of.
    """
    app = web.Application(middlewares=[count, answer_refusals])
    app[keys.STATIC] = static.resolve()
    app[keys.METERS] = Meters()
    app[keys.OPENAPI] = encoded(openapi.document(all_endpoints()))
    for noun in NOUNS:
        app.router.add_routes(noun.routes())
    app.router.add_routes(later.routes)
    app.router.add_routes(pages.routes)
    app.router.add_route(hdrs.METH_ANY, FILM_PATH, _film)
    app.on_response_prepare.append(secure)
    app.on_startup.append(_start)
    app.on_shutdown.append(_stop)
    return app


async def _film(request: web.Request) -> web.StreamResponse:
    return await request.app[keys.FILMS].handler(request)


async def _start(app: web.Application) -> None:
    await app[keys.LOBBY].start()


async def _stop(app: web.Application) -> None:
    await app[keys.LOBBY].stop()
