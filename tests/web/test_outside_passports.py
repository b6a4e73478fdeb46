"""Tokens of an outside Auth service are passports by header, by cookie and by hello."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from harness.auth_service import FakeAuth, Key
from harness.wrong_tokens import EXPIRED, WRONG_TOKENS
from sessions.services import outside_passports
from sessions.services.compact_tokens import read_object
from sessions.services.outside_passports import user_id_of
from streamer.web.application import all_endpoints
from tests.services.test_outside_passports import READ, Recording
from tests.web.app_harness import Answer, AppHarness, Person, token_of
from tests.web.conftest import Open
from tests.web.signing_in import account, auth_running, cinema_with
from tests.web.test_room_socket import end_of, hear, origin_of, refused, socket


@pytest.fixture
async def auth() -> AsyncIterator[FakeAuth]:
    async with auth_running() as auth:
        yield auth


@pytest.fixture
async def cinema(open_cinema: Open, auth: FakeAuth) -> AppHarness:
    return await cinema_with(open_cinema, auth)


async def test_a_token_is_a_passport_by_header_and_by_cookie(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    token = auth.token(sub="anna")
    me = {"id": user_id_of("https://auth.example/realms/cinema", "anna"), "name": "Анна"}

    for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"passport={token}"}):
        answer = await cinema.anybody.get("/api/me", **headers)
        assert answer.json == {**me, "guest": False, "may": {"host": True}}


async def test_where_users_host_an_account_does_and_a_guest_does_not(
    open_cinema: Open, auth: FakeAuth
) -> None:
    cinema = await cinema_with(open_cinema, auth, hosts="users")
    anna, guest = await account(cinema, auth), await cinema.guest("Greta")

    assert (await anna.get("/api/me")).json["may"] == {"host": True}
    assert (await anna.get("/api/titles")).status == 200
    await cinema.show(anna)
    assert (await guest.get("/api/me")).json["may"] == {"host": False}
    assert (await guest.get("/api/titles")).said == (403, "not_a_host")


async def test_an_account_schedules_a_show_and_enters_its_room(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    anna = await account(cinema, auth)
    show = await cinema.show(anna)

    assert show["user_id"] == anna.id
    async with socket(cinema, show, {"Origin": origin_of(cinema)}) as opened:
        await opened.send_json({"type": "hello", "protocol": 1, "token": anna.token})
        assert (await hear(opened, "welcome"))["user"] == {"id": anna.id, "name": "Анна"}


@pytest.mark.parametrize("wrong", [*WRONG_TOKENS, *EXPIRED])
async def test_a_wrong_token_is_refused_with_a_stable_code_and_little_is_asked(
    cinema: AppHarness, auth: FakeAuth, wrong: str
) -> None:
    token = {**WRONG_TOKENS, **EXPIRED}[wrong](auth)
    asked = auth.asked

    answer = await cinema.anybody.get("/api/me", Authorization=f"Bearer {token}")

    if len(token) > 8000 and answer.status == 400:
        # The HTTP parser refuses fields of that length before anything is read.
        assert auth.asked == asked
        return
    # Only a key id that nobody knows may be a new one, and then it is asked for once.
    asked += wrong.startswith("kid is") and wrong not in UNREAD
    assert auth.asked == asked
    code = "passport_expired" if wrong in EXPIRED else "passport_invalid"
    assert answer.said == (401, code)
    by_cookie = await cinema.anybody.get("/api/me", Cookie=f"passport={token}")
    assert by_cookie.status in (400, 401)
    assert auth.asked == asked


async def test_a_flood_of_unknown_keys_asks_once(cinema: AppHarness, auth: FakeAuth) -> None:
    cinema.clock.advance(31.0)
    asked = auth.asked

    for _ in range(20):
        tokens = [auth.token(Key.new()) for _ in range(10)]
        answers = await asyncio.gather(
            *(cinema.anybody.get("/api/me", Authorization=f"Bearer {token}") for token in tokens)
        )
        assert {answer.said for answer in answers} == {(401, "passport_invalid")}

    assert auth.asked == asked + 1


async def test_a_new_key_of_the_service_is_known_at_once(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    cinema.clock.advance(31.0)
    auth.now = cinema.clock()
    old = auth.token()
    auth.rotate("EdDSA")

    assert (await account(cinema, auth)).name == "Анна"
    stale = await cinema.anybody.get("/api/me", Authorization=f"Bearer {old}")
    assert stale.said == (401, "passport_invalid")


async def test_people_stay_known_while_the_service_is_away(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    auth.status = 503
    for _ in range(10):
        cinema.clock.advance(60.0)
        auth.now = cinema.clock()
        assert (await account(cinema, auth)).name == "Анна"

    metrics = (await cinema.anybody.get("/metrics")).text
    assert 'seans_auth_key_fetches_total{result="ok"} 1.0' in metrics
    assert "seans_auth_keys 1.0" in metrics


async def test_before_any_key_is_known_nobody_is_called_wrong(
    open_cinema: Open, auth: FakeAuth
) -> None:
    auth.status = 503
    cinema = await open_cinema(**auth.settings)
    auth.now = cinema.clock()

    answer = await cinema.anybody.get("/api/me", Authorization=f"Bearer {auth.token()}")

    assert answer.said == (503, "auth_unavailable")
    assert answer.headers["Retry-After"] == "5"
    show = await cinema.show(await cinema.guest("Boris"))
    async with socket(cinema, show, {"Origin": origin_of(cinema)}) as opened:
        await opened.send_json({"type": "hello", "protocol": 1, "token": auth.token()})
        assert await end_of(opened) == 1013


async def test_a_key_file_is_enough(open_cinema: Open, auth: FakeAuth, tmp_path: Path) -> None:
    file = tmp_path / "auth.pem"
    file.write_bytes(auth.keys[0].pem())
    settings = {**auth.settings, "jwks": None, "passport_key": file}

    cinema = await open_cinema(**settings)
    auth.now = cinema.clock()

    assert (await account(cinema, auth)).name == "Анна"
    assert auth.asked == 0


async def test_the_end_of_a_passport_ends_a_running_connection(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    # The clock of the tests stands, and that of the event loop runs: the leeway is all but over.
    auth.now = cinema.clock()
    show = await cinema.show(await account(cinema, auth))
    token = auth.token(exp=int(cinema.clock()) - 29)

    for headers, hello in [
        ({"Authorization": f"Bearer {token}"}, {}),
        ({"Cookie": f"passport={token}", "Origin": origin_of(cinema)}, {}),
        ({"Origin": origin_of(cinema)}, {"token": token}),
    ]:
        async with socket(cinema, show, headers) as opened:
            await opened.send_json({"type": "hello", "protocol": 1, **hello})
            await hear(opened, "welcome")
            assert (await hear(opened, "goodbye"))["code"] == 4401
            assert await end_of(opened) == 4401

    cinema.clock.advance(2.0)
    assert await refused(cinema, show, {"Authorization": f"Bearer {token}"}) == 401


async def test_names_of_accounts_come_from_the_auth_service(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    anna = await account(cinema, auth)

    assert (await anna.patch("/api/me", {"name": "Аня"})).said == (403, "name_from_auth")


async def test_a_name_that_changed_at_the_service_is_taken_over_on_coming_in(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    host = await cinema.guest("Host")
    shows = [await cinema.show(host) for _ in range(2)]
    for name in ("Анна", "Анна Берг"):
        anna = await account(cinema, auth, name=name)
        for show in shows if name == "Анна" else shows[:1]:
            assert (await anna.post(f"/api/invites/{token_of(show)}/accept")).status == 200

        for show in shows:
            rows = (await host.get(f"/api/shows/{show['id']}/members")).json["items"]
            assert {row["user"]["name"] for row in rows} == {"Host", name}


async def test_two_names_of_one_account_do_not_take_turns_for_ever(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    host = await cinema.guest("Host")
    show = await cinema.show(host)
    path = f"/api/invites/{token_of(show)}/accept"

    for number in range(20):
        anna = await account(cinema, auth, name=f"Анна {number % 2}")
        assert (await anna.post(path)).status == 200

    rows = (await host.get(f"/api/shows/{show['id']}/members")).json["items"]
    assert {row["user"]["name"] for row in rows} == {"Host", "Анна 1"}


async def test_without_guests_only_accounts_come_in(open_cinema: Open, auth: FakeAuth) -> None:
    secret = "a secret of the tests, " * 4
    open_to_guests = await cinema_with(open_cinema, auth, secret=secret)
    guest = await open_to_guests.guest("Boris")
    await open_to_guests.close()

    cinema = await cinema_with(open_cinema, auth, secret=secret, guests=False)

    bearer = {"Authorization": f"Bearer {guest.token}"}
    assert (await cinema.anybody.get("/api/me", **bearer)).said == (401, "guests_off")
    by_cookie = await cinema.anybody.get("/api/me", Cookie=f"passport={guest.token}")
    assert by_cookie.said == (401, "unauthenticated")
    assert (await cinema.anybody.post("/api/passport", {"name": "Boris"})).status == 404
    anna = await account(cinema, auth)
    show = await cinema.show(anna)
    assert await refused(cinema, show, bearer) == 401
    async with socket(cinema, show, {"Origin": origin_of(cinema)}) as opened:
        await opened.send_json({"type": "hello", "protocol": 1, "token": guest.token})
        assert await end_of(opened) == 4401


async def test_of_two_cookies_that_of_the_account_counts(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    anna, guest = await account(cinema, auth), await cinema.guest("Boris")

    for cookies in (
        f"passport={guest.token}; passport={anna.token}",
        f"passport={anna.token}; passport={guest.token}",
        f"passport=x; passport={anna.token}; passport={guest.token}",
    ):
        me = (await cinema.anybody.get("/api/me", Cookie=cookies)).json
        assert (me["id"], me["before"]) == (anna.id, {"id": guest.id, "name": "Boris"})


UNREAD = {
    "kid is long",
    "kid is empty",
    "kid is a number",
    "kid is an object",
    "kid is null and more keys than one",
}
"""Key ids that are none, so they are not looked up."""

POWERS: dict[str, Any] = {
    "role": "admin",
    "roles": ["admin", "host", "moderator"],
    "realm_access": {"roles": ["admin"]},
    "resource_access": {"seans": {"roles": ["host"]}},
    "scope": "openid admin host",
    "scp": ["admin"],
    "groups": ["/admins", "hosts"],
    "permissions": ["*"],
    "admin": True,
    "is_admin": True,
    "superuser": 1,
    "guest": True,
    "host": True,
    "may": {"host": True, "command": True},
    "act": {"sub": "somebody else"},
    "email": "owner@cinema.example",
}


class Everywhere:
    """One way to ask every call that OpenAPI knows, about a show of somebody else's."""

    def __init__(self, show: dict[str, Any], film: str) -> None:
        self._names = {
            "show_id": show["id"],
            "session_id": show["sessions"][0]["id"],
            "title_id": film,
            "user_id": show["user_id"],
            "message_id": str(uuid4()),
            "invite_id": str(uuid4()),
            "stream_id": str(uuid4()),
            "bookmark_id": str(uuid4()),
            "view_id": str(uuid4()),
            "calendar_token": "x" * 32,
            "token": token_of(show) + "x",
        }

    def requests(self) -> Iterator[tuple[str, str, str]]:
        """Return method and path of every call, and its media type."""
        for endpoint in all_endpoints():
            yield endpoint.method, endpoint.path.format_map(self._names), endpoint.accepts

    async def answers(self, person: Person) -> list[tuple[str, str, int, str]]:
        """Return what each call answers to ``person``."""
        found = []
        for method, path, accepts in self.requests():
            headers = {"Content-Type": accepts}
            raw = None if method == "GET" else b"{}"
            answer: Answer = await person.ask(method, path, raw=raw, headers=headers)
            refused = answer.status >= 400 and "problem" in answer.headers["Content-Type"]
            found.append((method, path, answer.status, answer.code if refused else ""))
        return found


async def test_no_claim_gives_a_right_in_any_call(
    cinema: AppHarness, auth: FakeAuth, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: set[str] = set()

    def recording(text: bytes) -> Mapping[str, Any]:
        return Recording(read_object(text), read)

    monkeypatch.setattr(outside_passports, "read_object", recording)
    show = await cinema.show(await cinema.guest("Anna"))
    everywhere = Everywhere(show, cinema.film)
    plain = await account(cinema, auth, "boris", preferred_username="boris")
    powers = {name: value for name, value in POWERS.items() if name != "sub"}
    token = auth.token(None, None, sub="boris", preferred_username="boris", **powers)
    mighty = Person(cinema.client, {"id": plain.id, "name": plain.name}, token)

    without, with_powers = await everywhere.answers(plain), await everywhere.answers(mighty)

    assert without == with_powers
    assert len(without) > 30
    # The name was there, so preferred_username needed no look.
    assert read == READ - {"preferred_username"}
    assert (await mighty.get("/api/me")).json == (await plain.get("/api/me")).json
