"""Passports over HTTP: a name makes a guest; who one is can be asked."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from typing_extensions import TypedDict

from sessions.core.errors import NotFound, RateLimited
from sessions.core.records import User
from sessions.fields import line
from sessions.record_types import Person
from sessions.services.passports import MAX_NAME, PASSPORT_LIFETIME_S
from streamer.web.http.app_keys import HOSTS, PASSPORT_BUCKETS, PASSPORTS, SETTINGS
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.fields import Body, example
from streamer.web.http.origin import PASSPORT_COOKIE, is_secure
from streamer.web.http.peer_address import counted_address
from streamer.web.http.replies import Reply, reply

__all__ = ["endpoints", "me"]

endpoints = Endpoints("passport")


class PassportAnswer(TypedDict):
    """A new guest, and what they show from now on."""

    user: Person
    token: str


class May(TypedDict):
    """What the asker may do, whatever show it is."""

    host: bool


class Me(TypedDict):
    """Who is asking."""

    id: str
    name: str
    guest: bool
    may: May


class NewPassport(Body):
    """What a guest is to be called."""

    model_config = example(name="Anna")

    name: Annotated[str, line(MAX_NAME)]


@endpoints.add(
    "POST",
    "/api/passport",
    "Become a guest by a name; sets the cookie too",
    201,
    refuses=(NotFound, RateLimited),
    needs="nothing",
)
async def make_passport(call: Call[NewPassport]) -> Reply[PassportAnswer]:
    """Make a guest passport."""
    settings = call.app[SETTINGS]
    if not settings.guests:
        raise NotFound("guests are switched off here")
    call.app[PASSPORT_BUCKETS].take(counted_address(call.request.remote or ""))
    user, token = call.app[PASSPORTS].issue(call.body.name)
    answer: PassportAnswer = {"user": {"id": user.id, "name": user.name}, "token": token}
    response = reply(answer, status=201)
    response.set_cookie(
        PASSPORT_COOKIE,
        token,
        max_age=int(PASSPORT_LIFETIME_S),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=is_secure(call.request, settings.public_url),
    )
    return response


@endpoints.add("GET", "/api/me", "Who the passport says is asking")
async def read_me(call: Call) -> Reply[Me]:
    """Answer with the asker."""
    return reply(await me(call.app, call.user))


async def me(app: web.Application, user: User) -> Me:
    """Return what somebody is told of themselves."""
    may: May = {"host": await app[HOSTS].may_host(user)}
    return {"id": user.id, "name": user.name, "guest": user.guest, "may": may}
