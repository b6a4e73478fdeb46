"""The aiohttp application: all routes, the middlewares around them, and the headers they get."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

from streamer.web import pages
from streamer.web.api import (
    accounts,
    bookmarks,
    calendars,
    health,
    history,
    invites,
    members,
    messages,
    passports,
    room_socket,
    sessions,
    shows,
    sync,
    titles,
    unsupported,
    whep,
)
from streamer.web.api.film_operation import FILM_PATH, film_operations
from streamer.web.http import app_keys, openapi
from streamer.web.http.endpoints import Endpoint
from streamer.web.http.http_metrics import Meters
from streamer.web.http.middlewares import answer_refusals, count, renew, secure
from streamer.web.http.replies import encoded
from streamer.web.page_files import PageFiles
from streamer.webhooks.payloads import TOLD

__all__ = ["all_endpoints", "make_application", "openapi_document"]

ENDPOINT_GROUPS = (
    passports.endpoints,
    accounts.endpoints,
    titles.endpoints,
    shows.endpoints,
    sessions.endpoints,
    sync.endpoints,
    room_socket.endpoints,
    whep.endpoints,
    members.endpoints,
    invites.endpoints,
    messages.endpoints,
    bookmarks.endpoints,
    history.endpoints,
    calendars.endpoints,
    openapi.endpoints,
    health.endpoints,
)


def all_endpoints() -> Iterable[Endpoint]:
    """Return every endpoint, noun by noun."""
    return chain.from_iterable(ENDPOINT_GROUPS)


def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI document of all calls, films included."""
    return openapi.document(all_endpoints(), {FILM_PATH: film_operations}, TOLD)


def _encoded_openapi() -> bytes:
    return encoded(openapi_document())


# Made when it is first asked for: it takes a tenth of a second that each start would pay.
_openapi: Callable[[], bytes] = cache(_encoded_openapi)


def make_application(static: Path) -> web.Application:
    """Return the application, to be given the parts that streamer.web.http.app_keys names.

    ``static`` is the folder of what the pages are made of.
    """
    app = web.Application(middlewares=[count, renew, answer_refusals])
    app[app_keys.STATIC] = static.resolve()
    app[app_keys.PAGE_FILES] = PageFiles(static.resolve())
    app[app_keys.METERS] = Meters()
    app[app_keys.OPENAPI] = _openapi
    for noun in ENDPOINT_GROUPS:
        app.router.add_routes(noun.routes())
    app.router.add_routes(unsupported.routes)
    app.router.add_routes(pages.routes)
    app.router.add_route(hdrs.METH_ANY, "/media/{title_id}/{resource:.+}", _film)
    app.on_response_prepare.append(secure)
    # Before the connections are closed: each link is told goodbye while it can be.
    app.on_shutdown.append(_say_goodbye)
    return app


async def _film(request: web.Request) -> web.StreamResponse:
    return await request.app[app_keys.FILMS].handler(request)


async def _say_goodbye(app: web.Application) -> None:
    await app[app_keys.REGISTRY].stop()
