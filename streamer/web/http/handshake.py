"""Whether a request opens a WebSocket (RFC 6455 section 4.2.1)."""

from __future__ import annotations

from aiohttp import web

from streamer.web.http.errors import BadHandshake

__all__ = ["can_open"]

WEBSOCKET_VERSION = "13"
"""The version of the protocol that is spoken."""


def can_open(response: web.WebSocketResponse, request: web.Request) -> bool:
    """Tell whether ``request`` asks for a WebSocket that can be opened, as ``response``.

    Raises BadHandshake where it asks for one and its key is none.
    """
    try:
        if response.can_prepare(request):
            return True
    except ValueError as error:
        # aiohttp 3.14 reads key and version as ASCII and as a number, whatever they are.
        if request.headers.get("Sec-WebSocket-Version") == WEBSOCKET_VERSION:
            raise BadHandshake from error
    return False
