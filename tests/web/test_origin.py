"""Other sites' pages can't act in the name of somebody who is known here."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import WSServerHandshakeError

from tests.web.app_harness import Answer, AppHarness, Person
from tests.web.conftest import Open

FOREIGN = ["https://evil.example", "null", "", "http://", "file://", "http://127.0.0.1:1", "x"]


def own(cinema: AppHarness) -> str:
    return str(cinema.client.make_url("/")).rstrip("/")


async def rename(
    cinema: AppHarness, show: dict[str, Any], title: str, headers: dict[str, str]
) -> Answer:
    path = f"/api/shows/{show['id']}"
    return await cinema.anybody.ask("PATCH", path, {"title": title}, headers=headers)


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_cookie_does_nothing_for_another_site(
    cinema: AppHarness, host: Person, show: dict[str, Any], origin: str
) -> None:
    cookie = {"Cookie": f"passport={host.token}"}

    refused = await rename(cinema, show, "Stolen", {**cookie, "Origin": origin})

    assert refused.said == (403, "foreign_origin")
    assert (await host.get(f"/api/shows/{show['id']}")).json == show


@pytest.mark.parametrize(
    "odd",
    ["{own}/", "{own}/x", "{own}?x", "{own}#x", "http://evil.com@{host}", "http://a:b@{host}"],
)
async def test_an_origin_with_more_than_an_authority_is_nobodys(
    cinema: AppHarness, host: Person, show: dict[str, Any], odd: str
) -> None:
    asked = own(cinema).removeprefix("http://")
    origin = odd.format(own=own(cinema), host=asked)
    headers = {"Cookie": f"passport={host.token}", "Origin": origin}

    assert (await rename(cinema, show, "Stolen", headers)).said == (403, "foreign_origin")


async def test_a_cookie_needs_an_origin(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    cookie = {"Cookie": f"passport={host.token}"}

    assert (await rename(cinema, show, "x", cookie)).said == (403, "foreign_origin")
    assert (await rename(cinema, show, "x", {**cookie, "Origin": own(cinema)})).status == 200


async def test_the_origin_is_the_authority_that_was_asked(open_cinema: Open) -> None:
    cinema = await open_cinema(allow_host=("cinema.example",))
    host = await cinema.guest("Anna")
    show = await cinema.show(host)
    asked = {"Cookie": f"passport={host.token}", "Host": "Cinema.example"}

    for origin in ("http://cinema.example", "https://CINEMA.example", "http://cinema.example:80"):
        assert (await rename(cinema, show, "x", {**asked, "Origin": origin})).status == 200
    for origin in ("http://cinema.example:81", "http://cinema.example.evil", own(cinema)):
        refused = await rename(cinema, show, "x", {**asked, "Origin": origin})
        assert refused.said == (403, "foreign_origin")


async def test_a_public_address_is_the_only_origin(open_cinema: Open) -> None:
    cinema = await open_cinema(public_url="https://cinema.example")
    host = await cinema.guest("Anna")
    show = await cinema.show(host)
    cookie = {"Cookie": f"passport={host.token}"}

    for origin, status in (
        ("https://cinema.example", 200),
        ("https://cinema.example:443", 200),
        ("http://cinema.example", 403),
        (own(cinema), 403),
    ):
        answer = await rename(cinema, show, "x", {**cookie, "Origin": origin})
        assert answer.status == status


async def test_a_bearer_token_comes_from_anywhere(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    for headers in ({}, {"Origin": "https://evil.example"}):
        answer = await rename(cinema, show, "x", {**host.headers, **headers})
        assert answer.status == 200


async def test_reading_by_cookie_needs_no_origin(cinema: AppHarness, host: Person) -> None:
    answer = await cinema.anybody.get(
        "/api/me", Cookie=f"passport={host.token}", Origin="https://evil.example"
    )

    assert answer.status == 200


async def test_a_passport_is_not_made_for_another_site(cinema: AppHarness) -> None:
    body = {"name": "Anna"}
    headers = {"Origin": "https://evil.example"}

    foreign = await cinema.anybody.ask("POST", "/api/passport", body, headers=headers)

    assert foreign.said == (403, "foreign_origin")
    assert "Set-Cookie" not in foreign.headers


@pytest.mark.parametrize(
    ("by", "origin", "status"),
    [
        ("cookie", "own", 101),
        ("cookie", "https://evil.example", 403),
        ("cookie", None, 403),
        ("bearer", "own", 101),
        ("bearer", None, 101),
        ("bearer", "https://evil.example", 403),
        (None, "own", 101),
        (None, None, 403),
        (None, "https://evil.example", 403),
    ],
)
async def test_every_socket_is_of_the_same_origin(
    cinema: AppHarness,
    host: Person,
    show: dict[str, Any],
    by: str | None,
    origin: str | None,
    status: int,
) -> None:
    headers = {
        "cookie": {"Cookie": f"passport={host.token}"},
        "bearer": host.headers,
        None: {},
    }[by]
    if origin is not None:
        headers = {**headers, "Origin": own(cinema) if origin == "own" else origin}
    path = f"/api/sessions/{show['sessions'][0]['id']}/socket"

    if status == 101:
        async with cinema.client.ws_connect(path, headers=headers) as socket:
            await socket.send_json({"type": "ping", "c0": 1.0})
            assert (await socket.receive_json(timeout=30))["type"] == "pong"
    else:
        with pytest.raises(WSServerHandshakeError) as refused:
            await cinema.client.ws_connect(path, headers=headers)
        assert refused.value.status == status


@pytest.mark.parametrize("host_field", ["", "a b", "<x>", 'x"', "x,y", "é", "x:99999999"])
async def test_a_host_that_is_none_is_refused(cinema: AppHarness, host_field: str) -> None:
    answer = await cinema.anybody.get("/api/titles", Host=host_field)

    assert answer.said == (400, "bad_host")
