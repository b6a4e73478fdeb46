"""How a request says who asks, and whether the page that sent it is ours.

The same-origin rule of the contract (RFC 6454): what changes something and comes by cookie, and
every WebSocket, must come from a page of this server.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from streamer.delivery.host_names import is_authority
from streamer.web.http.app_keys import SETTINGS
from streamer.web.http.errors import ForeignOrigin

__all__ = [
    "PASSPORT_COOKIE",
    "Credential",
    "bearer_of",
    "check_origin",
    "credential_of",
    "is_secure",
]

PASSPORT_COOKIE = "passport"
"""Name of the cookie; its value is the token."""

Credential = Literal["bearer", "cookie"]

DEFAULT_PORTS = {"http": 80, "https": 443}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def bearer_of(request: web.BaseRequest) -> str | None:
    """Return the token of an ``Authorization: Bearer`` header (RFC 6750), if there is one."""
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def credential_of(request: web.BaseRequest) -> Credential | None:
    """Return by what the request says who asks; a header goes before the cookie."""
    if bearer_of(request) is not None:
        return "bearer"
    return "cookie" if request.cookies.get(PASSPORT_COOKIE) else None


def check_origin(request: web.Request, *, websocket: bool = False) -> None:
    """Raise ForeignOrigin where another site's page may be asking in somebody's name."""
    if not websocket and request.method in SAFE_METHODS:
        return
    credential = credential_of(request)
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        # Browsers send Origin with all of these; without it the request is not from a page.
        if credential == "cookie" or (websocket and credential is None):
            raise ForeignOrigin("an Origin is needed, or a Bearer token instead of the cookie")
        return
    # A browser adds no Authorization header by itself, so no other site can make this request.
    if credential == "bearer" and not websocket:
        return
    if not _ours(request, origin):
        raise ForeignOrigin


def is_secure(request: web.BaseRequest, public_url: str | None) -> bool:
    """Tell whether the person asks by https, directly or through what ``public_url`` names."""
    return request.secure or (public_url or "").lower().startswith("https:")


def _ours(request: web.Request, origin: str) -> bool:
    public_url = request.app[SETTINGS].public_url
    found = _origin(origin)
    # What a page sends is scheme and authority alone (RFC 6454 section 6.2): no user, no path.
    if found is None or not is_authority(origin.partition("://")[2].encode()):
        return False
    if public_url:
        return found == _origin(public_url)
    host = request.headers.get(hdrs.HOST)
    return host is not None and found == _origin(f"{found[0]}://{host}")


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """Return (scheme, host, port) of ``url``; None where it is no http address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not parts.hostname:
        return None
    return scheme, parts.hostname.lower(), port or DEFAULT_PORTS[scheme]
