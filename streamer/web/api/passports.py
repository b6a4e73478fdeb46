"""Passports over HTTP: a name makes a guest; who one is can be asked, and a guest be renamed."""

from __future__ import annotations

from typing import Annotated, NotRequired

from aiohttp import web
from typing_extensions import TypedDict

from sessions.core.errors import NameFromAuth, NotFound, RateLimited
from sessions.core.records import User
from sessions.fields import line
from sessions.record_types import Person
from sessions.services.passports import MAX_NAME, PASSPORT_LIFETIME_S
from streamer.web.http.app_keys import HOSTS, PASSPORT_BUCKETS, PASSPORTS, PEOPLE, SETTINGS
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.fields import Body, example
from streamer.web.http.identity import guest_besides, set_passport
from streamer.web.http.peer_address import counted_address
from streamer.web.http.replies import Reply, reply

__all__ = ["endpoints", "me", "person"]

endpoints = Endpoints("passport")


class PassportAnswer(TypedDict):
    """A new guest, and what they show from now on."""

    user: Person
    token: str


class May(TypedDict):
    """What the asker may do, whatever show it is."""

    host: bool


class Me(TypedDict):
    """Who is asking: ``token`` is a new passport, ``before`` a guest whose shows can be taken."""

    id: str
    name: str
    guest: bool
    may: May
    token: NotRequired[str]
    before: NotRequired[Person]


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
    if not call.app[SETTINGS].guests:
        raise NotFound("guests are switched off here")
    call.app[PASSPORT_BUCKETS].take(counted_address(call.request.remote or ""))
    user, token = call.app[PASSPORTS].issue(call.body.name)
    answer: PassportAnswer = {"user": person(user), "token": token}
    response = reply(answer, status=201)
    set_passport(call.request, response, token, PASSPORT_LIFETIME_S)
    return response


@endpoints.add(
    "GET", "/api/me", "Who the passport says is asking; a guest's new one where theirs is old"
)
async def read_me(call: Call) -> Reply[Me]:
    """Answer with the asker."""
    answer = await me(call.request, call.user)
    renewed = call.app[PASSPORTS].renewed(call.user)
    if renewed is not None:
        answer["token"] = renewed
    return reply(answer)


@endpoints.add(
    "PATCH",
    "/api/me",
    "Be called otherwise, as a guest, in all shows; sets the cookie too",
    refuses=(NameFromAuth, RateLimited),
)
async def rename_me(call: Call[NewPassport]) -> Reply[Me]:
    """Give a guest another name."""
    if not call.user.guest:
        raise NameFromAuth
    await call.app[PEOPLE].rename(call.user, call.body.name)
    user, token = call.app[PASSPORTS].issue_for(call.user.id, call.body.name)
    answer = await me(call.request, user)
    answer["token"] = token
    response = reply(answer)
    set_passport(call.request, response, token, PASSPORT_LIFETIME_S)
    return response


async def me(request: web.Request, user: User) -> Me:
    """Return what somebody is told of themselves."""
    may: May = {"host": await request.app[HOSTS].may_host(user)}
    answer: Me = {"id": user.id, "name": user.name, "guest": user.guest, "may": may}
    guest = guest_besides(request, user)
    if guest is not None:
        answer["before"] = person(guest)
    return answer


def person(user: User) -> Person:
    """Return who somebody is, as others see it."""
    return {"id": user.id, "name": user.name}
