"""Guests stay who they are as long as they come, and may be called otherwise everywhere."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from tests.web.app_harness import AppHarness, Person
from tests.web.conftest import Open
from tests.web.seats import seated
from tests.web.signing_in import Browser
from tests.web.test_room_socket import origin_of, socket

HALF = 90 * 86_400.0


async def test_an_old_passport_in_a_cookie_is_renewed_by_any_call(
    cinema: AppHarness, show: dict[str, Any]
) -> None:
    for method, path in [
        ("GET", "/api/titles"),
        ("GET", "/api/shows?when=coming"),
        ("GET", f"/w/{show['link'].rpartition('/')[2]}"),
        ("GET", "/api/shows/no-such-show"),
        ("POST", f"/api/invites/{show['link'].rpartition('/')[2]}/accept"),
    ]:
        browser = Browser(cinema)
        await browser.ask("POST", "/api/passport", {"name": "Boris"})
        old = browser.cookies["passport"]
        cinema.clock.advance(HALF)
        await browser.ask(method, path)
        assert browser.cookies["passport"] == old

        cinema.clock.advance(1.0)
        await browser.ask(method, path)

        new = browser.cookies["passport"]
        assert new != old
        before, after = (jwt.decode(t, options={"verify_signature": False}) for t in (old, new))
        assert (after["sub"], after["name"]) == (before["sub"], before["name"])
        assert after["exp"] == int(cinema.clock()) + 180 * 86_400
        await browser.ask(method, path)
        assert browser.cookies["passport"] == new


async def test_a_cookie_that_is_renewed_is_as_it_was(cinema: AppHarness, host: Person) -> None:
    cinema.clock.advance(HALF + 1.0)

    answer = await cinema.anybody.get("/api/me", Cookie=f"passport={host.token}")

    value, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert value == f"passport={answer.json['token']}"
    assert sorted(attributes) == ["HttpOnly", "Max-Age=15552000", "Path=/", "SameSite=Lax"]


async def test_who_shows_a_token_finds_the_new_one_in_the_answer(
    cinema: AppHarness, host: Person
) -> None:
    cinema.clock.advance(HALF)
    assert "token" not in (await host.get("/api/me")).json
    cinema.clock.advance(1.0)

    answer = await host.get("/api/me")

    assert "Set-Cookie" not in answer.headers
    cinema.clock.advance(HALF)
    bearer = f"Bearer {answer.json['token']}"
    assert (await host.get("/api/me")).said == (401, "passport_expired")
    again = (await cinema.anybody.get("/api/me", Authorization=bearer)).json
    assert (again["id"], again["name"]) == (host.id, "Anna")


async def test_an_expired_passport_is_not_renewed(cinema: AppHarness, host: Person) -> None:
    cinema.clock.advance(2 * HALF)

    answer = await cinema.anybody.get("/api/titles", Cookie=f"passport={host.token}")

    assert "Set-Cookie" not in answer.headers


async def test_a_socket_opens_by_an_old_cookie_too(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    cinema.clock.advance(HALF + 1.0)
    headers = {"Cookie": f"passport={host.token}", "Origin": origin_of(cinema)}

    async with socket(cinema, show, headers) as opened:
        await opened.send_json({"type": "hello", "protocol": 1})


async def test_nobody_is_renewed_where_guests_are_off(open_cinema: Open) -> None:
    secret = "a secret of the tests, " * 4
    cinema = await open_cinema(secret=secret)
    guest = await cinema.guest("Anna")
    await cinema.close()
    closed = await open_cinema(secret=secret, guests=False)
    closed.clock.advance(HALF + 1.0)

    answer = await closed.anybody.get("/api/me", Cookie=f"passport={guest.token}")

    assert answer.said == (401, "unauthenticated")
    assert "Set-Cookie" not in answer.headers


async def test_a_new_name_stands_everywhere(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)
    async with seated(cinema, show, host) as seat:
        answer = await boris.patch("/api/me", {"name": "Борис"})

        assert answer.status == 200
        assert (answer.json["id"], answer.json["name"]) == (boris.id, "Борис")
        notice = await seat.hears("notice", kind="renamed")
        assert (notice["by"], notice["name"]) == (boris.id, "Boris")
        assert notice["user"] == {"id": boris.id, "name": "Борис"}

    rows = (await host.get(f"/api/shows/{show['id']}/members")).json["items"]
    assert {row["user"]["name"] for row in rows} == {"Anna", "Борис"}
    bearer = f"Bearer {answer.json['token']}"
    assert (await cinema.anybody.get("/api/me", Authorization=bearer)).json["name"] == "Борис"
    assert answer.headers["Set-Cookie"].startswith(f"passport={answer.json['token']};")


async def test_the_old_passport_is_of_the_same_person(cinema: AppHarness, host: Person) -> None:
    assert (await host.patch("/api/me", {"name": "Аня"})).status == 200

    me = (await host.get("/api/me")).json
    assert (me["id"], me["name"]) == (host.id, "Anna")


@pytest.mark.parametrize("name", ["", " ", "a" * 41, "An\nna", 7, None])
async def test_a_name_that_is_none_changes_nothing(
    cinema: AppHarness, host: Person, show: dict[str, Any], name: object
) -> None:
    refused = await host.patch("/api/me", {"name": name})

    assert refused.said == (422, "invalid")
    assert "Set-Cookie" not in refused.headers
    (row,) = (await host.get(f"/api/shows/{show['id']}/members")).json["items"]
    assert row["user"]["name"] == "Anna"


async def test_renaming_needs_a_passport_and_a_page_of_ours(
    cinema: AppHarness, host: Person
) -> None:
    assert (await cinema.anybody.patch("/api/me", {"name": "Аня"})).status == 401
    headers = {"Cookie": f"passport={host.token}", "Origin": "https://evil.example"}

    answer = await cinema.anybody.ask("PATCH", "/api/me", {"name": "Аня"}, headers=headers)

    assert answer.said == (403, "foreign_origin")


async def test_who_renames_themselves_all_the_time_waits(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    for number in range(5):
        assert (await host.patch("/api/me", {"name": f"Anna {number}"})).status == 200

    refused = await host.patch("/api/me", {"name": "Anna"})

    assert refused.said == (429, "rate_limited")
    assert refused.headers["Retry-After"] == "10"
