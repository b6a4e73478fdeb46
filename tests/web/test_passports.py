"""Guests come in by a name, and are known by their token from then on."""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path

import jwt
import pytest
from jwt.types import Options

from sessions.core.errors import RateLimited
from streamer.web.http.app_keys import PASSPORT_BUCKETS
from tests.web.app_harness import AppHarness, Person
from tests.web.conftest import Open

SECRET = "a secret of the tests, " * 4
UNTIMED: Options = {"verify_exp": False, "verify_iat": False}


async def test_a_name_makes_a_guest_who_is_known_by_token_and_by_cookie(cinema: AppHarness) -> None:
    made = await cinema.anybody.post("/api/passport", {"name": "Анна"})

    assert made.status == 201
    user, token = made.json["user"], made.json["token"]
    me = {"id": user["id"], "name": "Анна", "guest": True, "may": {"host": True}}
    assert (await cinema.anybody.get("/api/me", Authorization=f"Bearer {token}")).json == me
    assert (await cinema.anybody.get("/api/me", Cookie=f"passport={token}")).json == me


async def test_the_cookie_is_for_this_server_alone_and_lasts_180_days(cinema: AppHarness) -> None:
    made = await cinema.anybody.post("/api/passport", {"name": "Anna"})

    value, *attributes = made.headers["Set-Cookie"].split("; ")
    assert value == f"passport={made.json['token']}"
    assert sorted(attributes) == ["HttpOnly", "Max-Age=15552000", "Path=/", "SameSite=Lax"]


async def test_the_cookie_is_secure_where_people_come_by_https(open_cinema: Open) -> None:
    cinema = await open_cinema(public_url="https://cinema.example")

    made = await cinema.anybody.post("/api/passport", {"name": "Anna"})

    assert "Secure" in made.headers["Set-Cookie"].split("; ")


async def test_a_name_is_trimmed(cinema: AppHarness) -> None:
    assert (await cinema.guest("  Anna ")).name == "Anna"


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "\u200b\u2060",
        "a" * 41,
        "An\nna",
        "An\x00na",
        "\u202eAnna",
        "An\u2067na",
        7,
        None,
        ["Anna"],
        True,
    ],
)
async def test_a_name_has_1_to_40_characters_that_show(cinema: AppHarness, name: object) -> None:
    refused = await cinema.anybody.post("/api/passport", {"name": name})

    assert refused.said == (422, "invalid")
    assert [error["path"] for error in refused.json["errors"]] == ["name"]


@pytest.mark.parametrize("name", ["a", "a" * 40, "😀" * 40, "O'Neil <b>&"])
async def test_forty_characters_are_counted_as_characters(cinema: AppHarness, name: str) -> None:
    assert (await cinema.guest(name)).name == name


async def test_without_a_passport_there_is_nobody(cinema: AppHarness) -> None:
    answer = await cinema.anybody.get("/api/me")

    assert answer.said == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_guests_can_be_switched_off(open_cinema: Open) -> None:
    cinema = await open_cinema(guests=False)

    assert (await cinema.anybody.post("/api/passport", {"name": "Anna"})).said == (404, "not_found")
    assert (await cinema.anybody.get("/api/titles")).said == (401, "unauthenticated")


async def test_a_token_ends_after_180_days(cinema: AppHarness, host: Person) -> None:
    cinema.clock.advance(180 * 86400 - 1)
    assert (await host.get("/api/me")).status == 200

    cinema.clock.advance(1)

    assert (await host.get("/api/me")).said == (401, "passport_expired")
    by_cookie = await cinema.anybody.get("/api/me", Cookie=f"passport={host.token}")
    assert by_cookie.said == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("claims", "key", "algorithm"),
    [
        ({}, "another secret of the tests, also long enough", "HS256"),
        ({}, SECRET, "HS512"),
        ({}, "", "none"),
        ({"iss": "somebody"}, SECRET, "HS256"),
        ({"sub": "7"}, SECRET, "HS256"),
        ({"sub": None}, SECRET, "HS256"),
        ({"name": ""}, SECRET, "HS256"),
        ({"name": 7}, SECRET, "HS256"),
        ({"exp": "tomorrow"}, SECRET, "HS256"),
        ({"exp": True}, SECRET, "HS256"),
        ({"exp": None}, SECRET, "HS256"),
    ],
)
async def test_a_token_that_was_not_made_like_that_is_refused(
    open_cinema: Open, claims: dict[str, object], key: str, algorithm: str
) -> None:
    cinema = await open_cinema(secret=SECRET)
    guest = await cinema.guest("Anna")
    real = jwt.decode(guest.token, options={"verify_signature": False})
    changed = {name: value for name, value in {**real, **claims}.items() if value is not None}

    forged = jwt.encode(changed, key, algorithm=algorithm)

    answer = await cinema.anybody.get("/api/me", Authorization=f"Bearer {forged}")
    assert answer.said == (401, "passport_invalid")


async def test_a_token_of_the_given_secret_is_accepted(open_cinema: Open) -> None:
    cinema = await open_cinema(secret=SECRET)
    guest = await cinema.guest("Anna")
    real = jwt.decode(
        guest.token,
        SECRET,
        algorithms=["HS256"],
        options={"verify_exp": False, "verify_iat": False},
        issuer="seans",
    )

    again = jwt.encode(real, SECRET, algorithm="HS256")

    assert (await cinema.anybody.get("/api/me", Authorization=f"Bearer {again}")).status == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "ä", "é" * 3000, "....", "eyJ9.e30.", "null"])
async def test_a_token_that_is_none_is_refused(cinema: AppHarness, token: str) -> None:
    answer = await cinema.anybody.get("/api/me", Authorization=f"Bearer {token}")

    assert answer.said == (401, "passport_invalid")


async def test_a_wrong_cookie_is_none(cinema: AppHarness) -> None:
    assert (await cinema.anybody.get("/api/titles", Cookie="passport=x")).status == 200


async def test_a_header_goes_before_the_cookie(cinema: AppHarness, host: Person) -> None:
    other = await cinema.guest("Boris")

    answer = await host.get("/api/me", Cookie=f"passport={other.token}")

    assert answer.json["name"] == "Anna"


async def test_who_asks_for_too_many_passports_waits(cinema: AppHarness) -> None:
    with suppress(RateLimited):
        while True:
            cinema.app[PASSPORT_BUCKETS].take("127.0.0.1")

    refused = await cinema.anybody.post("/api/passport", {"name": "Anna"})

    assert refused.said == (429, "rate_limited")
    assert int(refused.headers["Retry-After"]) >= 1
    cinema.clock.advance(1.0)
    assert (await cinema.anybody.post("/api/passport", {"name": "Anna"})).status == 201


async def test_a_secret_is_made_once_and_is_its_owners_alone(
    open_cinema: Open, tmp_path: Path
) -> None:
    cinema = await open_cinema()
    guest = await cinema.guest("Anna")

    secret = tmp_path / "data" / "secret"

    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    key = secret.read_bytes().strip()
    claims = jwt.decode(guest.token, key, algorithms=["HS256"], options=UNTIMED)
    assert claims["sub"] == guest.id
