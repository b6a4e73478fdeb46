"""From a request to who asks: the passport in its header or its cookie."""

from __future__ import annotations

from aiohttp import web

from sessions.core.errors import Unauthenticated
from sessions.core.records import User
from streamer.web.http.app_keys import PASSPORTS
from streamer.web.http.origin import PASSPORT_COOKIE, bearer_of

__all__ = ["visitor_of"]


async def visitor_of(request: web.Request) -> User | None:
    """Return who asks, or None.

    A header that is wrong raises PassportInvalid or PassportExpired: who sends one means it. A
    cookie comes along by itself; one that is wrong is none.
    """
    passports = request.app[PASSPORTS]
    token = bearer_of(request)
    if token is not None:
        return await passports.identify(token)
    cookie = request.cookies.get(PASSPORT_COOKIE)
    if not cookie:
        return None
    try:
        return await passports.identify(cookie)
    except Unauthenticated:
        return None
