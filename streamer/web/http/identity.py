"""From a request to who asks: the passport in its header or its cookies."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import hdrs, web

from sessions.core.errors import Unauthenticated
from sessions.core.records import User
from sessions.services.passports import PASSPORT_LIFETIME_S
from streamer.web.http.app_keys import PASSPORTS, SETTINGS
from streamer.web.http.origin import PASSPORT_COOKIE, bearer_of, is_secure

__all__ = [
    "GUEST_COOKIE",
    "cookies_of",
    "guest_besides",
    "renew_passport",
    "set_passport",
    "sign_in_cookie",
    "visitor_of",
]

GUEST_COOKIE = "guest_passport"
"""Where the passport of a guest is kept who signed in since, until they take their shows along."""

MAX_COOKIES = 4
"""Cookies of one name that are looked at: this host's own, and those of the domains above it."""

RENEWED: web.RequestKey[str] = web.RequestKey("renewed")
"""Where a request carries the token that its answer is to bring."""


async def visitor_of(request: web.Request) -> User | None:
    """Return who asks, or None.

    A header that is wrong raises PassportInvalid or another Unauthenticated: who sends one means
    it. A cookie comes along by itself; one that is wrong is none. Of several, as a site on the
    domain above sets one for all its hosts, that of an Auth service goes before a guest's. Raises
    AuthUnavailable.
    """
    passports = request.app[PASSPORTS]
    token = bearer_of(request)
    if token is not None:
        return await passports.identify(token)
    found: User | None = None
    for cookie in cookies_of(request, PASSPORT_COOKIE):
        try:
            user = await passports.identify(cookie)
        except Unauthenticated:
            continue
        if not user.guest:
            return user
        found = found or user
    if found is not None and (renewed := passports.renewed(found)) is not None:
        request[RENEWED] = renewed
    return found


def guest_besides(request: web.Request, user: User) -> User | None:
    """Return the guest whose passport comes along with that of ``user``, who is no guest."""
    if user.guest:
        return None
    passports = request.app[PASSPORTS]
    for name in (GUEST_COOKIE, PASSPORT_COOKIE):
        for cookie in cookies_of(request, name):
            if (guest := passports.guest_of(cookie)) is not None:
                return guest
    return None


def cookies_of(request: web.BaseRequest, name: str) -> Sequence[str]:
    """Return the values of all cookies called ``name``, in the order in which they came.

    aiohttp's own mapping knows the last one alone.
    """
    found: list[str] = []
    for field in request.headers.getall(hdrs.COOKIE, ()):
        for part in field.split(";"):
            key, _, value = part.strip().partition("=")
            if key == name and value and len(found) < MAX_COOKIES:
                found.append(value.strip('"'))
    return found


def sign_in_cookie(request: web.Request) -> str:
    """Return the name of the cookie that is kept while somebody signs in.

    With its prefix, no host of the same domain can plant it (RFC 6265bis section 4.1.3.2).
    """
    secure = is_secure(request, request.app[SETTINGS].public_url)
    return "__Host-sign_in" if secure else "sign_in"


def set_passport(
    request: web.Request, response: web.StreamResponse, token: str, lifetime: float
) -> None:
    """Let the browser show ``token`` from now on, for ``lifetime`` seconds."""
    response.set_cookie(
        PASSPORT_COOKIE,
        token,
        max_age=int(lifetime),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=is_secure(request, request.app[SETTINGS].public_url),
    )


def renew_passport(request: web.Request, response: web.StreamResponse) -> None:
    """Put a guest's new passport on an answer that is not sent yet, unless it brings another."""
    token = request.get(RENEWED)
    if token is not None and not response.prepared and PASSPORT_COOKIE not in response.cookies:
        set_passport(request, response, token, PASSPORT_LIFETIME_S)
