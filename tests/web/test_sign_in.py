"""Signing in leads to the Auth service and back to where one came by, and nobody else in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.auth_service import FakeAuth
from tests.web.app_harness import AppHarness
from tests.web.conftest import Open
from tests.web.signing_in import Browser, account, auth_running, cinema_with


@pytest.fixture
async def auth() -> AsyncIterator[FakeAuth]:
    async with auth_running() as auth:
        yield auth


@pytest.fixture
async def cinema(open_cinema: Open, auth: FakeAuth) -> AppHarness:
    return await cinema_with(open_cinema, auth)


async def test_who_signs_in_is_back_at_the_link_they_came_by(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    browser = Browser(cinema)
    state = await browser.leave("/w/abc?lang=ru")

    answer = await browser.come_back(state, auth.token())

    assert answer.status == 200
    assert answer.json["to"] == "/w/abc?lang=ru"
    assert answer.json["user"]["name"] == "Анна"
    assert "before" not in answer.json
    me = (await browser.ask("GET", "/api/me")).json
    assert (me["name"], me["guest"]) == ("Анна", False)


async def test_the_cookie_lasts_as_long_as_the_token(cinema: AppHarness, auth: FakeAuth) -> None:
    browser = Browser(cinema)
    answer = await browser.come_back(await browser.leave(), auth.token(exp=int(auth.now) + 600))

    (field,) = [f for f in answer.headers.getall("Set-Cookie") if f.startswith("passport=")]
    assert sorted(field.split("; ")[1:]) == ["HttpOnly", "Max-Age=630", "Path=/", "SameSite=Lax"]


async def test_a_service_may_set_the_cookie_itself(cinema: AppHarness, auth: FakeAuth) -> None:
    browser = Browser(cinema)
    state = await browser.leave("/w/abc")
    browser.foreign.append(f"passport={auth.token()}")

    answer = await browser.come_back(state, None)

    assert (answer.status, answer.json["to"]) == (200, "/w/abc")
    assert "passport" not in browser.cookies


async def test_a_return_that_this_browser_did_not_begin_signs_nobody_in(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    attacker, victim = Browser(cinema), Browser(cinema)
    state = await attacker.leave()
    token = auth.token(sub="attacker")

    for known in (False, True):
        if known:
            await victim.leave()
        for tried in (state, "", "x" * 32, "é"):
            answer = await victim.come_back(tried, token)
            assert answer.said == (403, "sign_in_not_begun")
    assert "passport" not in victim.cookies


async def test_who_tries_again_is_led_to_where_they_wanted_first(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    browser = Browser(cinema)
    await browser.leave("/w/abc")
    assert (await browser.come_back("x", auth.token())).status == 403

    state = await browser.leave(None)

    assert (await browser.come_back(state, auth.token())).json["to"] == "/w/abc"


async def test_a_return_counts_once(cinema: AppHarness, auth: FakeAuth) -> None:
    browser = Browser(cinema)
    state = await browser.leave()
    assert (await browser.come_back(state, auth.token())).status == 200

    again = await browser.come_back(state, auth.token(sub="boris"))

    assert again.said == (403, "sign_in_not_begun")


async def test_another_sites_page_signs_nobody_in(cinema: AppHarness, auth: FakeAuth) -> None:
    browser = Browser(cinema)
    state = await browser.leave()
    browser.origin = "https://evil.example"

    assert (await browser.come_back(state, auth.token())).said == (403, "foreign_origin")


async def test_only_a_passport_of_the_service_signs_in(cinema: AppHarness, auth: FakeAuth) -> None:
    guest = await cinema.guest("Boris")
    for token, code in [
        (guest.token, "unauthenticated"),
        ("x", "passport_invalid"),
        (auth.token(exp=0), "passport_expired"),
        (None, "unauthenticated"),
    ]:
        browser = Browser(cinema)
        assert (await browser.come_back(await browser.leave(), token)).said == (401, code)
        assert "passport" not in browser.cookies


async def test_a_token_that_no_cookie_holds_is_refused_in_words(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    browser = Browser(cinema)

    answer = await browser.come_back(await browser.leave(), auth.token(groups=["cinema"] * 400))

    assert answer.said == (422, "passport_too_large")
    assert "passport" not in browser.cookies


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", ""]
)
async def test_nobody_is_led_elsewhere_afterwards(
    cinema: AppHarness, auth: FakeAuth, to: str
) -> None:
    browser = Browser(cinema)

    assert (await browser.come_back(await browser.leave(to), auth.token())).json["to"] == "/"


async def test_the_way_back_begins_with_the_public_address_and_its_cookie_is_its_own(
    open_cinema: Open, auth: FakeAuth
) -> None:
    cinema = await cinema_with(open_cinema, auth, public_url="https://watch.example")

    async with cinema.client.get("/sign-in?to=/w/abc", allow_redirects=False) as answer:
        (back,) = parse_qs(urlsplit(answer.headers["Location"]).query)["back"]
        cookie = SimpleCookie(answer.headers["Set-Cookie"])["__Host-sign_in"]

    assert back.startswith("https://watch.example/sign-in/return?state=")
    assert (cookie["path"], cookie["secure"], cookie["httponly"]) == ("/", True, True)
    assert cookie["samesite"] == "Lax"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_without_the_setting_there_is_no_sign_in(open_cinema: Open, auth: FakeAuth) -> None:
    cinema = await cinema_with(open_cinema, auth, sign_in_url=None)

    assert (await cinema.anybody.get("/sign-in")).status == 404
    assert (await cinema.anybody.get("/sign-in/return")).status == 404
    answer = await cinema.anybody.post("/api/passport/outside", {"state": "x", "token": "x"})
    assert answer.said == (404, "not_found")
    assert "data-sign-in" not in (await cinema.anybody.get("/")).text


async def test_pages_know_whether_one_may_sign_in_and_be_a_guest(
    open_cinema: Open, auth: FakeAuth
) -> None:
    cinema = await cinema_with(open_cinema, auth, guests=False)

    for path in ("/", "/sign-in/return"):
        page = await cinema.anybody.get(path)
        assert page.status == 200
        assert '<html lang="en" data-sign-in data-no-guests>' in page.text


async def test_signing_out_ends_every_cookie_of_this_browser(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    browser = Browser(cinema)
    await browser.ask("POST", "/api/passport", {"name": "Boris"})
    await browser.come_back(await browser.leave(), auth.token())
    assert set(browser.cookies) == {"passport", "guest_passport"}

    answer = await browser.ask("DELETE", "/api/passport")

    assert answer.status == 204
    assert browser.cookies == {}
    assert (await browser.ask("GET", "/api/me")).said == (401, "unauthenticated")


async def test_signing_out_ends_the_cookie_of_the_domain_above(
    open_cinema: Open, auth: FakeAuth
) -> None:
    cinema = await cinema_with(open_cinema, auth, public_url="https://watch.cinema.example")
    headers = {
        "Host": "watch.cinema.example",
        "Origin": "https://watch.cinema.example",
        "Cookie": f"passport={auth.token()}",
    }

    answer = await cinema.anybody.ask("DELETE", "/api/passport", headers=headers)

    fields = answer.headers.getall("Set-Cookie")
    for domain in ("watch.cinema.example", "cinema.example"):
        (ended,) = [f for f in fields if f"Domain={domain};" in f]
        assert "Max-Age=0" in ended


async def test_another_sites_page_signs_nobody_out(cinema: AppHarness, auth: FakeAuth) -> None:
    headers = {"Cookie": f"passport={auth.token()}", "Origin": "https://evil.example"}

    answer = await cinema.anybody.ask("DELETE", "/api/passport", headers=headers)

    assert answer.said == (403, "foreign_origin")
    assert "Set-Cookie" not in answer.headers


async def test_an_account_stays_who_it_is_after_signing_in_again(
    cinema: AppHarness, auth: FakeAuth
) -> None:
    anna = await account(cinema, auth)
    browser = Browser(cinema)

    answer = await browser.come_back(await browser.leave(), auth.token(name="Анна Б."))

    assert answer.json["user"] == {"id": anna.id, "name": "Анна Б."}
