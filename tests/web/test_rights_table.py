"""Every right of every role, by every call and carrier: one table, walked whole."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from harness.live.counter_rendition import FakeRendition
from harness.live.whep_player import whep_player
from harness.rooms import T0
from sessions.core.roles import COMMANDERS, Control, Role
from streamer.web.application import all_endpoints
from tests.web.app_harness import AppHarness, Person, at, token_of
from tests.web.conftest import Open
from tests.web.seats import seated

ALL = frozenset({"host", "moderator", "guest"})
STAFF = frozenset({"host", "moderator"})
HOST = frozenset({"host"})

TABLE: dict[tuple[str, str], tuple[frozenset[str], object]] = {
    ("GET", "/api/shows/{show}"): (ALL, None),
    ("PATCH", "/api/shows/{show}"): (HOST, {"title": "Another"}),
    ("DELETE", "/api/shows/{show}"): (HOST, None),
    ("PATCH", "/api/shows/{show}?access"): (HOST, {"access": "invited"}),
    ("PATCH", "/api/shows/{show}?slow"): (HOST, {"slow_mode": 10}),
    ("GET", "/api/shows/{show}/calendar.ics"): (ALL, None),
    ("POST", "/api/shows/{show}/sessions"): (HOST, {"target_id": "{film}", "movie_time": at(T0)}),
    ("GET", "/api/shows/{show}/members"): (ALL, None),
    ("PATCH", "/api/shows/{show}/members/{target}"): (STAFF, {"muted": True}),
    ("PATCH", "/api/shows/{show}/members/{target}?role"): (HOST, {"role": "moderator"}),
    ("PATCH", "/api/shows/{show}/members/{target}?host"): (HOST, {"role": "host"}),
    ("PATCH", "/api/shows/{show}/members/{other}"): (HOST, {"muted": True}),
    ("DELETE", "/api/shows/{show}/members/{target}"): (STAFF, None),
    ("DELETE", "/api/shows/{show}/members/{other}"): (HOST, None),
    ("DELETE", "/api/shows/{show}/members/{owner}"): (frozenset(), None),
    ("GET", "/api/shows/{show}/invites"): (STAFF, None),
    ("POST", "/api/shows/{show}/invites"): (STAFF, {"uses": 1}),
    ("POST", "/api/shows/{show}/invites?moderator"): (HOST, {"role": "moderator"}),
    ("DELETE", "/api/shows/{show}/invites/{own_link}"): (STAFF, None),
    ("DELETE", "/api/shows/{show}/invites/{moderators}"): (HOST, None),
    ("GET", "/api/shows/{show}/messages"): (ALL, None),
    ("POST", "/api/shows/{show}/messages"): (ALL, {"id": "{new}", "text": "Hello"}),
    ("DELETE", "/api/shows/{show}/messages/{message}"): (STAFF, None),
    ("GET", "/api/sessions/{session}"): (ALL, None),
    ("PATCH", "/api/sessions/{session}"): (HOST, {"movie_time": at(T0 + 60)}),
    ("DELETE", "/api/sessions/{later}"): (HOST, None),
    ("GET", "/api/sessions/{session}/timeline"): (ALL, None),
    ("GET", "/api/sessions/{session}/sync"): (STAFF, None),
    ("POST", "/api/sessions/{session}/commands"): (HOST, {"action": "pause"}),
    ("POST", "/api/sessions/{session}/commands?next"): (HOST, {"action": "next"}),
}
"""Who may, and with which body; what stands behind a question mark only tells two rows apart."""

CARRIERS = {
    "/api/sessions/{session_id}/socket",
    "/api/sessions/{session_id}/whep",
    "/api/sessions/{session_id}/whep/{stream_id}",
}
"""Carriers of the room, which are walked below."""


@dataclass(frozen=True, slots=True)
class Company:
    """A show with somebody of each kind."""

    people: dict[str, Person]
    names: dict[str, str]


async def company(cinema: AppHarness) -> Company:
    """Return a new show and who has to do with it, or has not."""
    host = await cinema.guest("Host")
    show = await cinema.show(host)
    path = f"/api/shows/{show['id']}"
    people = {"host": host, "stranger": await cinema.guest("Stranger")}
    for name in ("moderator", "other", "guest", "target", "removed"):
        people[name] = await cinema.member(name, show)
    for name in ("moderator", "other"):
        await host.patch(f"{path}/members/{people[name].id}", {"role": "moderator"})
    await host.delete(f"{path}/members/{people['removed'].id}")
    said = {"id": str(uuid4()), "text": "by the target"}
    await people["target"].post(f"{path}/messages", said)
    link = next(i for i in (await host.get(f"{path}/invites")).json["items"] if i["own"])
    later = {"target_id": cinema.film, "movie_time": at(T0 + 7200.0)}
    added = (await host.post(f"{path}/sessions", later)).json
    moderators = (await host.post(f"{path}/invites", {"role": "moderator"})).json
    return Company(
        people,
        {
            "show": show["id"],
            "session": show["sessions"][0]["id"],
            "later": added["id"],
            "film": cinema.film,
            "target": people["target"].id,
            "other": people["other"].id,
            "owner": host.id,
            "own_link": link["id"],
            "moderators": moderators["id"],
            "message": said["id"],
        },
    )


@pytest.mark.parametrize("row", TABLE, ids=lambda row: " ".join(row))
async def test_each_call_is_open_to_whom_the_table_says(
    cinema: AppHarness, row: tuple[str, str]
) -> None:
    method, path = row
    allowed, body = TABLE[row]
    for who in ("host", "moderator", "guest", "removed", "stranger"):
        made = await company(cinema)
        filled = {"{new}": str(uuid4()), "{film}": cinema.film}
        sent = body
        if isinstance(body, dict):
            sent = {name: filled.get(value, value) for name, value in body.items()}
        answer = await made.people[who].ask(
            method, path.partition("?")[0].format(**made.names), sent
        )

        if who in allowed:
            assert answer.status < 300, (who, answer.text)
        elif who in ALL:
            assert answer.said == (403, "not_allowed"), who
        else:
            assert answer.status == 404, who
            assert answer.code in {"unknown_show", "unknown_session"}


def test_the_table_has_every_call_of_a_show() -> None:
    walked = {(method, re.sub(r"{\w+}", "{}", path.partition("?")[0])) for method, path in TABLE}
    declared = {
        (endpoint.method, re.sub(r"{\w+}", "{}", endpoint.path))
        for endpoint in all_endpoints()
        if endpoint.path.startswith(("/api/shows/{show_id}", "/api/sessions/{session_id}"))
        and endpoint.path not in CARRIERS
        and endpoint.published
    }

    assert walked == declared


CONTROLS: tuple[Control, ...] = ("host", "moderators", "everyone")
ROLES: tuple[Role, ...] = ("host", "moderator", "guest")


async def by_http(cinema: AppHarness, show: dict[str, Any], person: Person) -> str:
    answer = await person.post(
        f"/api/sessions/{show['sessions'][0]['id']}/commands", {"action": "pause"}
    )
    return "accepted" if answer.status == 202 else answer.code


async def by_socket(cinema: AppHarness, show: dict[str, Any], person: Person) -> str:
    path = f"/api/sessions/{show['sessions'][0]['id']}/socket"
    async with cinema.client.ws_connect(path, headers=person.headers) as opened:
        await opened.send_json({"type": "hello", "protocol": 1})
        await opened.send_json({"type": "command", "ref": 1, "action": "pause"})
        async with asyncio.timeout(30.0):
            while True:
                message = await opened.receive_json()
                if message["type"] in {"accepted", "refused"}:
                    return str(message.get("code", message["type"]))


async def by_channel(cinema: AppHarness, show: dict[str, Any], person: Person) -> str:
    async def post(sdp: str) -> str:
        answer = await person.ask(
            "POST",
            f"/api/sessions/{show['sessions'][0]['id']}/whep",
            raw=sdp.encode(),
            headers={"Content-Type": "application/sdp"},
        )
        assert answer.status == 201, answer.text
        return answer.text

    async with whep_player(post, channel=True) as player:
        await player.say(type="hello", protocol=1)
        await player.hears("welcome")
        await player.say(type="command", ref=1, action="pause")
        message = await player.hears("accepted", "refused")
        return str(message.get("code", message["type"]))


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("carrier", [by_http, by_socket, by_channel])
async def test_the_film_obeys_whom_its_control_names_on_every_carrier(
    open_cinema: Open,
    control: Control,
    carrier: Callable[[AppHarness, dict[str, Any], Person], Awaitable[str]],
) -> None:
    cinema = await open_cinema(rendition=FakeRendition(60))
    host = await cinema.guest("Host")
    for role in ROLES:
        show = await cinema.show(host, control=control)
        person = host if role == "host" else await cinema.member(role, show)
        if role == "moderator":
            await host.patch(f"/api/shows/{show['id']}/members/{person.id}", {"role": "moderator"})

        said = await carrier(cinema, show, person)

        assert said == ("accepted" if role in COMMANDERS[control] else "not_allowed"), role


async def test_who_is_muted_is_so_on_every_carrier(cinema: AppHarness) -> None:
    made = await company(cinema)
    show = (await made.people["host"].get(f"/api/shows/{made.names['show']}")).json
    target = made.people["target"]
    await made.people["moderator"].patch(
        f"/api/shows/{show['id']}/members/{target.id}", {"muted": True}
    )

    assert (await cinema.say(target, show, "over HTTP")).said == (403, "muted")
    async with seated(cinema, show, target) as seat:
        await seat.say("by the socket")
        assert (await seat.hears("refused"))["code"] == "muted"


async def test_a_removed_member_opens_no_carrier(cinema: AppHarness) -> None:
    made = await company(cinema)
    removed, session = made.people["removed"], made.names["session"]

    socket = await removed.get(f"/api/sessions/{session}/socket", Upgrade="websocket")
    whep = await removed.ask(
        "POST",
        f"/api/sessions/{session}/whep",
        raw=b"v=0",
        headers={"Content-Type": "application/sdp"},
    )

    assert socket.status in {400, 403}
    assert whep.status in {403, 404}
    link = token_of((await made.people["host"].get(f"/api/shows/{made.names['show']}")).json)
    assert (await removed.post(f"/api/invites/{link}/accept")).said == (403, "removed")
