"""Around every handler: refusals become problem documents or pages, answers carry their headers.

Nothing leaves without the security headers, and no exception reaches a client as such.
"""

from __future__ import annotations

import logging
import re
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from sessions.core.errors import NotFound, Refused
from streamer.delivery.host_names import is_authority
from streamer.web.error_pages import words
from streamer.web.http.app_keys import CLOCK, HOST_NAMES, METERS
from streamer.web.http.errors import (
    BadHost,
    MethodNotAllowed,
    Unexpected,
    UnknownHost,
    plain_problem,
    problem,
    status_of,
)
from streamer.web.http.identity import renew_passport

__all__ = ["answer_refusals", "count", "renew", "secure", "security_headers"]

logger = logging.getLogger("seans.web")

API_PATHS = re.compile(r"/(api|media|healthz|readyz|metrics)(/|$)")
"""Where programs ask: problem documents. Elsewhere people do: pages in words."""

CONTENT_SECURITY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # media-chrome styles its elements inline.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self' {sockets}",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)

PEER_LEFT: Final = 499
"""What stands in the log, as nginx has it, where nobody was left to be answered."""

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}
"""On every answer; the Content-Security-Policy besides, which names the host asked."""


@web.middleware
async def answer_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into an answer."""
    try:
        _check_host(request)
        return await handler(request)
    except Refused as refusal:
        return _answer(request, refusal)
    except web.HTTPNotFound:
        return _answer(request, NotFound("there is nothing at this address"))
    except web.HTTPMethodNotAllowed as error:
        response = _answer(request, MethodNotAllowed())
        response.headers[hdrs.ALLOW] = ", ".join(sorted(error.allowed_methods))
        return response
    except web.HTTPException as error:
        if error.status < 400 or not _for_programs(request):
            raise
        return plain_problem(error.status, {})
    except Exception as error:
        if _says_that_the_peer_left(request, error):
            request.app[METERS].aborted.inc()
            return web.Response(status=PEER_LEFT)
        logger.exception("%s %s failed", request.method, _template(request))
        request.app[METERS].failures.inc()
        if request.writer.output_size > 0 and request.transport is not None:
            # A second head in the middle of an answer would be read as its content: only a reset
            # tells the peer that this is not the whole, and on a closed transport nothing is sent.
            request.transport.abort()
        return _answer(request, Unexpected("the server's log says more"))


@web.middleware
async def renew(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Renew a guest's passport that came by cookie, past half of its life."""
    response = await handler(request)
    renew_passport(request, response)
    return response


@web.middleware
async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count the answer and how long it took."""
    clock, meters = request.app[CLOCK], request.app[METERS]
    began = clock()
    status = 500
    response: web.StreamResponse | None = None
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        # A film or a WebSocket lasts as long as its viewer stays, which is no latency.
        at_once = isinstance(response, web.Response)
        meters.answered(request.method, status, clock() - began if at_once else None)


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on an answer that is about to be sent (a signal's receiver)."""
    response.headers[hdrs.SERVER] = "seans"
    for name, value in security_headers(request.host).items():
        response.headers.setdefault(name, value)


def security_headers(host: str) -> dict[str, str]:
    """Return what every answer carries, to who asked by the name ``host``."""
    sockets = f"ws://{host} wss://{host}" if is_authority(_bytes_of(host)) else ""
    policy = CONTENT_SECURITY.format(sockets=sockets).strip()
    return {**SECURITY_HEADERS, "Content-Security-Policy": policy}


def _check_host(request: web.Request) -> None:
    """Raise BadHost or UnknownHost: a name that is not ours may be another site's, pointed here."""
    host = _bytes_of(request.host)
    if not is_authority(host):
        raise BadHost
    if not request.app[HOST_NAMES].answers(host):
        raise UnknownHost("the setting --allow-host names further hosts")


def _bytes_of(host: str) -> bytes:
    return host.encode("utf-8", "surrogateescape")


def _template(request: web.Request) -> str:
    """Return the path with names in braces, which holds no id and no token."""
    resource = request.match_info.route.resource
    return "an unknown path" if resource is None else resource.canonical


def _says_that_the_peer_left(request: web.Request, error: Exception) -> bool:
    """Tell whether ``error`` says no more than that the peer is gone."""
    transport = request.transport
    if transport is not None and not transport.is_closing():
        return False
    # What a body is cut short with is whatever the transport ended with.
    if error is request.content.exception():
        return True
    # A store may raise ConnectionError too, while the peer happens to be gone.
    return isinstance(error, ConnectionError) and _raised_in(error).startswith("aiohttp.")


def _raised_in(error: BaseException) -> str:
    """Return the name of the module that raised ``error``."""
    frame, name = error.__traceback__, ""
    while frame is not None:
        name, frame = frame.tb_frame.f_globals.get("__name__", ""), frame.tb_next
    return name


def _for_programs(request: web.Request) -> bool:
    return API_PATHS.match(request.path) is not None


def _answer(request: web.Request, refusal: Refused) -> web.StreamResponse:
    if _for_programs(request):
        return problem(refusal)
    return words(request, status_of(type(refusal)))
