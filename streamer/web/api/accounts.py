"""Accounts of an outside Auth service over HTTP: signing in and out, and a guest's shows taken."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, NotRequired

from aiohttp import hdrs, web
from pydantic import StringConstraints
from typing_extensions import TypedDict

from sessions.core.errors import (
    AlreadyMoved,
    AuthUnavailable,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    Unauthenticated,
)
from sessions.core.records import User
from sessions.record_types import Person
from sessions.services.compact_tokens import MAX_TOKEN
from streamer.auth.sign_in import path_of_return
from streamer.web.api.passports import person
from streamer.web.http.app_keys import CLOCK, PASSPORTS, PEOPLE, SETTINGS
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.fields import Body, Omittable, example
from streamer.web.http.identity import (
    GUEST_COOKIE,
    cookies_of,
    guest_besides,
    set_passport,
    sign_in_cookie,
)
from streamer.web.http.origin import PASSPORT_COOKIE, is_secure
from streamer.web.http.replies import Reply, no_content, reply

__all__ = ["MAX_COOKIE_TOKEN", "NoGuestPassport", "NotBegunHere", "endpoints"]

endpoints = Endpoints("passport")

MAX_COOKIE_TOKEN = 3900
"""Longest passport that a cookie holds, characters: browsers keep 4096 with name and attributes."""

GUEST_KEPT_S = 30 * 86_400.0
"""How long the guest passport of somebody who has signed in is kept, seconds."""

MAX_DOMAINS = 4
"""Domains above this host whose cookies are ended by signing out."""


EXAMPLE = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI3In0.c2ln"
"""What a token looks like."""


class NotBegunHere(Forbidden):
    """A return from the sign-in that this browser did not begin, or too long ago."""

    code = "sign_in_not_begun"
    title = "This sign-in was not begun in this browser, or too long ago"


class PassportTooLarge(Invalid):
    """A passport that no cookie holds."""

    code = "passport_too_large"
    title = "This passport is too large for a cookie"


class GuestsTakeNothing(Forbidden):
    """A guest wants to take the shows of another guest along."""

    code = "account_needed"
    title = "An account of the Auth service is needed for that"


class NoGuestPassport(NotFound):
    """No valid guest passport came along."""

    code = "no_guest_passport"
    title = "There is no guest passport to take shows from"


class SignInAnswer(TypedDict):
    """Who has signed in, where they wanted to go, and which guest they were before."""

    user: Person
    to: str
    before: NotRequired[Person]


class TakenAnswer(TypedDict):
    """How many shows came along."""

    shows: int


class SignInReturn(Body):
    """What the Auth service brought back: the token, unless it has set the cookie itself."""

    model_config = example(state="x5hQ", token=EXAMPLE)

    state: Annotated[str, StringConstraints(max_length=128)]
    token: Omittable[Annotated[str, StringConstraints(max_length=MAX_TOKEN)]] = None


class GuestToken(Body):
    """A guest passport, where no cookie carries it."""

    model_config = example(token=EXAMPLE)

    token: Omittable[Annotated[str, StringConstraints(max_length=MAX_TOKEN)]] = None


@endpoints.add(
    "POST",
    "/api/passport/outside",
    "Come back from the sign-in of the Auth service; sets the cookie",
    refuses=(NotFound, NotBegunHere, PassportTooLarge, AuthUnavailable, Unauthenticated),
    needs="nothing",
)
async def return_from_sign_in(call: Call[SignInReturn]) -> Reply[SignInAnswer]:
    """Exchange a token of the Auth service for the cookie, in the browser that left for it."""
    request, passports = call.request, call.app[PASSPORTS]
    if call.app[SETTINGS].sign_in_url is None:
        raise NotFound("there is no sign-in here")
    name = sign_in_cookie(request)
    paths = (path_of_return(cookie, call.body.state) for cookie in cookies_of(request, name))
    path = next((path for path in paths if path is not None), None)
    if path is None:
        raise NotBegunHere
    token = call.body.token
    user = call.visitor if token is None else await passports.identify(token)
    if user is None or user.guest:
        raise Unauthenticated("the Auth service has brought no passport")
    answer: SignInAnswer = {"user": person(user), "to": path}
    guest = guest_besides(request, user)
    if guest is not None:
        answer["before"] = person(guest)
    response = reply(answer)
    response.del_cookie(name, path="/", secure=name.startswith("__Host-"))
    if token is not None:
        _take_over(call, response, user, token)
    return response


def _take_over(
    call: Call[SignInReturn], response: web.StreamResponse, user: User, token: str
) -> None:
    """Let the browser show ``token``; the guest passport that it takes the place of is kept."""
    if len(token) > MAX_COOKIE_TOKEN:
        raise PassportTooLarge(f"it has {len(token)} characters of {MAX_COOKIE_TOKEN}")
    now = call.app[CLOCK]()
    for cookie in cookies_of(call.request, PASSPORT_COOKIE):
        guest = call.app[PASSPORTS].guest_of(cookie)
        if guest is not None:
            response.set_cookie(
                GUEST_COOKIE,
                cookie,
                max_age=int(min(guest.expires - now, GUEST_KEPT_S)),
                path="/",
                httponly=True,
                samesite="Lax",
                secure=is_secure(call.request, call.app[SETTINGS].public_url),
            )
            break
    set_passport(call.request, response, token, user.expires - now)


@endpoints.add(
    "DELETE",
    "/api/passport",
    "Sign out: ends the cookies of this browser",
    204,
    needs="nothing",
)
async def sign_out(call: Call) -> Reply[None]:
    """End the passport's cookies, also one that a site on a domain above has set."""
    response = no_content()
    response.del_cookie(PASSPORT_COOKIE, path="/")
    response.del_cookie(GUEST_COOKIE, path="/")
    for domain in _domains_above(call.request.url.host or ""):
        ended = f"{PASSPORT_COOKIE}=; Domain={domain}; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        response.headers.add(hdrs.SET_COOKIE, ended)
    return response


@endpoints.add(
    "POST",
    "/api/me/guest",
    "Take along the shows of the guest that one was before, once",
    refuses=(GuestsTakeNothing, NoGuestPassport, AlreadyMoved, RateLimited),
)
async def take_shows_along(call: Call[GuestToken]) -> Reply[TakenAnswer]:
    """Give a guest's shows to the account that asks."""
    user, passports = call.user, call.app[PASSPORTS]
    if user.guest:
        raise GuestsTakeNothing
    token = call.body.token
    guest = guest_besides(call.request, user) if token is None else passports.guest_of(token)
    if guest is None:
        raise NoGuestPassport
    shows = await call.app[PEOPLE].take_along(guest, user)
    response: Reply[TakenAnswer] = reply({"shows": shows})
    _forget_guest(call.request, response, guest)
    passports.refuse_moved(guest.id)
    return response


@endpoints.add(
    "DELETE", "/api/me/guest", "Leave the guest's shows where they are: forgets the passport", 204
)
async def leave_guest(call: Call) -> Reply[None]:
    """Forget the guest passport that was kept."""
    response = no_content()
    guest = guest_besides(call.request, call.user)
    if guest is not None:
        _forget_guest(call.request, response, guest)
    return response


def _forget_guest(request: web.Request, response: web.StreamResponse, guest: User) -> None:
    """End the cookies by which the passport of ``guest`` came along with that of an account.

    They are this host's own: where the account's cookie has the same name, it is of a domain above,
    and stays.
    """
    for name in (GUEST_COOKIE, PASSPORT_COOKIE):
        found = map(request.app[PASSPORTS].guest_of, cookies_of(request, name))
        if any(other is not None and other.id == guest.id for other in found):
            response.del_cookie(name, path="/")


def _domains_above(host: str) -> list[str]:
    """Return ``host`` and the domains above it, where a site may have set a cookie for both."""
    try:
        ip_address(host)
    except ValueError:
        labels = host.split(".")
        return [".".join(labels[first:]) for first in range(len(labels) - 1)][:MAX_DOMAINS]
    return []
