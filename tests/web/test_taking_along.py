"""A guest who gets an account takes their shows along, once, and is no guest any more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from harness.auth_service import FakeAuth
from tests.web.app_harness import AppHarness, Person, token_of
from tests.web.conftest import Open
from tests.web.signing_in import Browser, account, auth_running, cinema_with
from tests.web.test_room_socket import end_of, hear, refused, socket

SECRET = "a secret of the tests, " * 4


@pytest.fixture
async def auth() -> AsyncIterator[FakeAuth]:
    async with auth_running() as auth:
        yield auth


@pytest.fixture
async def cinema(open_cinema: Open, auth: FakeAuth) -> AppHarness:
    return await cinema_with(open_cinema, auth, secret=SECRET)


@pytest.fixture
async def guest(cinema: AppHarness) -> Person:
    return await cinema.guest("Anna")


async def shows_of(person: Person) -> list[tuple[str, str]]:
    """Return the shows of somebody, each with their role in it."""
    items = (await person.get("/api/shows?when=coming")).json["items"]
    return [(item["id"], item["role"]) for item in items]


async def test_a_browser_that_signs_in_is_asked_and_takes_its_shows_along(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    browser = Browser(cinema)
    made = (await browser.ask("POST", "/api/passport", {"name": "Anna"})).json
    guest = Person(cinema.client, made["user"], made["token"])
    show = await cinema.show(guest)

    returned = await browser.come_back(await browser.leave(), auth.token())
    assert returned.json["before"] == made["user"]
    assert (await browser.ask("GET", "/api/me")).json["before"] == made["user"]

    taken = await browser.ask("POST", "/api/me/guest", {})

    assert (taken.status, taken.json) == (200, {"shows": 1})
    assert set(browser.cookies) == {"passport"}
    me = (await browser.ask("GET", "/api/me")).json
    assert "before" not in me
    anna = await account(cinema, auth)
    assert await shows_of(anna) == [(show["id"], "host")]
    assert (await anna.get(f"/api/shows/{show['id']}")).json["user_id"] == me["id"]


async def test_a_browser_with_both_cookies_keeps_the_accounts_alone(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    browser = Browser(cinema)
    await browser.ask("POST", "/api/passport", {"name": "Anna"})
    browser.foreign.append(f"passport={auth.token()}")

    assert (await browser.ask("POST", "/api/me/guest", {})).json == {"shows": 0}

    assert browser.cookies == {}
    assert "before" not in (await browser.ask("GET", "/api/me")).json


async def test_another_guests_cookie_stays(cinema: AppHarness, auth: FakeAuth) -> None:
    browser = Browser(cinema)
    await browser.ask("POST", "/api/passport", {"name": "Anna"})
    browser.foreign.append(f"passport={auth.token()}")
    browser.cookies["guest_passport"] = (await cinema.guest("Boris")).token

    for name in ("Boris", "Anna"):
        assert (await browser.ask("GET", "/api/me")).json["before"]["name"] == name
        assert (await browser.ask("POST", "/api/me/guest", {})).status == 200

    assert browser.cookies == {}


async def test_shows_may_be_left_where_they_are(cinema: AppHarness, auth: FakeAuth) -> None:
    browser = Browser(cinema)
    made = (await browser.ask("POST", "/api/passport", {"name": "Anna"})).json
    await browser.come_back(await browser.leave(), auth.token())

    assert (await browser.ask("DELETE", "/api/me/guest")).status == 204

    assert set(browser.cookies) == {"passport"}
    assert "before" not in (await browser.ask("GET", "/api/me")).json
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert (await cinema.anybody.get("/api/me", **bearer)).status == 200


async def test_the_guests_passport_is_refused_from_then_on_also_after_a_restart(
    cinema: AppHarness, guest: Person, auth: FakeAuth, open_cinema: Open
) -> None:
    show = await cinema.show(guest)
    anna = await account(cinema, auth)
    async with socket(cinema, show, guest.headers) as opened:
        await opened.send_json({"type": "hello", "protocol": 1})
        await hear(opened, "welcome")

        taken = await anna.post("/api/me/guest", {"token": guest.token})

        assert taken.json == {"shows": 1}
        assert await end_of(opened) == 4401
    assert (await guest.get("/api/me")).said == (401, "passport_moved")
    assert await refused(cinema, show, guest.headers) == 401
    await cinema.close()

    later = await cinema_with(open_cinema, auth, secret=SECRET)
    again = await later.anybody.get("/api/me", Authorization=f"Bearer {guest.token}")
    assert again.said == (401, "passport_moved")


async def test_nothing_is_taken_twice(cinema: AppHarness, guest: Person, auth: FakeAuth) -> None:
    await cinema.show(guest)
    anna, boris = await account(cinema, auth), await account(cinema, auth, "boris")
    assert (await anna.post("/api/me/guest", {"token": guest.token})).json == {"shows": 1}

    for person in (anna, boris):
        again = await person.post("/api/me/guest", {"token": guest.token})
        assert again.said == (404, "no_guest_passport")

    assert len(await shows_of(anna)) == 1
    assert await shows_of(boris) == []


async def test_only_accounts_take_shows_and_only_by_a_passport(
    cinema: AppHarness, guest: Person, auth: FakeAuth
) -> None:
    anna, boris = await account(cinema, auth), await cinema.guest("Boris")

    assert (await boris.post("/api/me/guest", {"token": guest.token})).said == (
        403,
        "account_needed",
    )
    for body in ({}, {"token": "x"}, {"token": anna.token}, {"token": ""}):
        assert (await anna.post("/api/me/guest", body)).said == (404, "no_guest_passport")
    assert (await cinema.anybody.post("/api/me/guest", {"token": guest.token})).status == 401
    assert (await guest.get("/api/me")).status == 200


async def test_roles_rise_and_removals_hold(
    cinema: AppHarness, guest: Person, auth: FakeAuth
) -> None:
    anna = await account(cinema, auth)
    host = await cinema.guest("Host")
    shows: list[dict[str, Any]] = [await cinema.show(host) for _ in range(3)]
    for show in shows:
        assert (await guest.post(f"/api/invites/{token_of(show)}/accept")).status == 200
    for show in shows[:2]:
        assert (await anna.post(f"/api/invites/{token_of(show)}/accept")).status == 200
    members = [f"/api/shows/{show['id']}/members" for show in shows]
    assert (await host.patch(f"{members[0]}/{guest.id}", {"role": "moderator"})).status == 200
    assert (await host.delete(f"{members[1]}/{anna.id}")).status == 204
    assert (await host.delete(f"{members[2]}/{guest.id}")).status == 204

    await anna.post("/api/me/guest", {"token": guest.token})

    assert await shows_of(anna) == [(shows[0]["id"], "moderator")]
    for show in shows[1:]:
        accepted = await anna.post(f"/api/invites/{token_of(show)}/accept")
        assert accepted.said == (403, "removed")


async def test_a_guest_takes_shows_along_where_guests_are_off(
    cinema: AppHarness, guest: Person, auth: FakeAuth, open_cinema: Open
) -> None:
    await cinema.show(guest)
    await cinema.close()

    later = await cinema_with(open_cinema, auth, secret=SECRET, guests=False)
    anna = await account(later, auth)

    assert (await anna.post("/api/me/guest", {"token": guest.token})).json == {"shows": 1}
