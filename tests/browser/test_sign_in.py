"""Signing in from the page behind a link, and back to it; a guest's shows come along."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from harness.auth_service import FakeAuth
from harness.server import Server, running_server
from tests.browser.pages import (
    PHONE,
    accept,
    chat,
    enter,
    faults,
    invited,
    joined,
    known_as,
    visitor,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def flags(auth: FakeAuth) -> list[str]:
    """Return what a server is told of the Auth service."""
    return [
        part
        for name, value in auth.settings.items()
        for part in (f"--{name.replace('_', '-')}", value)
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def auth() -> AsyncIterator[FakeAuth]:
    async with FakeAuth(now=time.time()).running() as auth:
        yield auth


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def open_server(
    films: Path, bundled: None, auth: FakeAuth, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """A server for guests and accounts."""
    del bundled
    data = tmp_path_factory.mktemp("signing-in") / "data"
    async with running_server(films, data, *flags(auth)) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def closed_server(
    films: Path, bundled: None, auth: FakeAuth, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """A server for accounts alone."""
    del bundled
    data = tmp_path_factory.mktemp("accounts") / "data"
    async with running_server(films, data, *flags(auth), "--no-guests") as server:
        yield server


def sign_in(page: Page) -> Locator:
    return page.get_by_role("link", name="Sign in", exact=True)


async def test_one_signs_in_at_the_link_and_comes_back_to_it(
    browsers: list[Browser], open_server: Server, auth: FakeAuth
) -> None:
    auth.signs_in = {"sub": "boris", "name": "Борис"}
    _, link = invited(open_server, 600.0)
    async with visitor(browsers[0], open_server) as page:
        await page.goto(f"{link}?lang=en")
        await expect(page.get_by_label("Your name", exact=True)).to_be_visible()

        await sign_in(page).click()

        await expect(page.get_by_text("You come in as Борис.")).to_be_visible()
        assert page.url == f"{link}?lang=en"
        await expect(page.get_by_label("Your name", exact=True)).to_have_count(0)
        await enter(page)
        await expect(page.get_by_role("list", name="People").get_by_text("Борис")).to_be_visible()
        # Neither address nor cookie jar of scripts has the token.
        assert await page.evaluate("document.cookie.includes('passport')") is False
        history = await page.evaluate("performance.getEntriesByType('navigation')[0].name")
        assert "token" not in history


async def test_one_signs_out_where_the_name_stands(
    browsers: list[Browser], open_server: Server, auth: FakeAuth
) -> None:
    auth.signs_in = {"sub": "vera", "name": "Вера"}
    _, link = invited(open_server, 600.0)
    async with visitor(browsers[0], open_server) as page:
        for address in (link, open_server.address):
            await page.goto(f"{address}?lang=en")
            await sign_in(page).click()
            button = page.get_by_role("button", name="Sign out", exact=True)

            await button.click()

            await expect(sign_in(page)).to_be_visible()
            await expect(button).to_have_count(0)


async def test_a_guest_who_signs_in_is_asked_and_takes_their_shows_along(
    browsers: list[Browser], open_server: Server, auth: FakeAuth
) -> None:
    auth.signs_in = {"sub": "anna", "name": "Анна"}
    host, link = invited(open_server, 600.0)
    async with visitor(browsers[0], open_server) as page:
        await known_as(page.context, open_server, host)
        await page.goto(f"{link}?lang=en")
        await expect(page.get_by_text("You come in as Anna.")).to_be_visible()
        await sign_in(page).click()
        await expect(page.get_by_role("heading", name="Hello, Анна")).to_be_visible()
        assert await faults(page) == []

        await page.get_by_role("button", name="Take them along", exact=True).click()

        await expect(page.get_by_text("You come in as Анна.")).to_be_visible()
        await enter(page)
        people = page.get_by_role("list", name="People")
        await expect(people.get_by_text("Host", exact=True)).to_be_visible()
        await expect(people.get_by_role("listitem")).to_have_count(1)


async def test_a_guest_may_leave_their_shows_and_is_asked_no_more(
    browsers: list[Browser], open_server: Server, auth: FakeAuth
) -> None:
    auth.signs_in = {"sub": "galina", "name": "Галина"}
    guest, _ = accept(open_server, invited(open_server, 600.0)[1], "Galya")
    async with visitor(browsers[0], open_server) as page:
        await known_as(page.context, open_server, guest)
        await page.goto("/?lang=en")
        await sign_in(page).click()

        await page.get_by_role("button", name="Leave them", exact=True).click()

        await expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="Take them along")).to_have_count(0)


async def test_the_home_page_offers_it_to_who_was_signed_in_elsewhere(
    browsers: list[Browser], open_server: Server, auth: FakeAuth
) -> None:
    host, _ = invited(open_server, 600.0)
    async with visitor(browsers[0], open_server) as page:
        await page.context.add_cookies(
            [
                {"name": "passport", "value": auth.token(sub="zoya"), "url": open_server.address},
                {"name": "guest_passport", "value": host, "url": open_server.address},
            ]
        )
        await page.goto("/?lang=en")
        assert await faults(page) == []

        await page.get_by_role("button", name="Take them along", exact=True).click()

        await expect(page.get_by_role("button", name="Take them along")).to_have_count(0)
        await expect(page.get_by_role("heading", name="Coming up")).to_be_visible()
        await expect(page.locator(".show-card")).to_have_count(1)


async def test_the_page_behind_a_link_offers_it_too(
    browsers: list[Browser], open_server: Server, auth: FakeAuth
) -> None:
    host, link = invited(open_server, 600.0)
    async with visitor(browsers[0], open_server, viewport=PHONE) as page:
        await page.context.add_cookies(
            [
                {"name": "passport", "value": auth.token(sub="ivan"), "url": open_server.address},
                {"name": "guest_passport", "value": host, "url": open_server.address},
            ]
        )
        await page.goto(f"{link}?lang=en")
        await expect(page.get_by_role("button", name="Take them along")).to_be_visible()
        assert await faults(page) == []

        await page.get_by_role("button", name="Take them along", exact=True).click()

        await expect(page.get_by_role("button", name="Take them along")).to_have_count(0)
        await enter(page)
        await page.get_by_role("tab", name="People").click()
        await expect(page.get_by_role("list", name="People").get_by_text("Host")).to_be_visible()


async def test_a_guest_changes_their_name_at_the_door_and_all_see_it(
    browsers: list[Browser], open_server: Server
) -> None:
    host, link = invited(open_server, 600.0)
    guest, show = accept(open_server, link, "Borsi")
    async with (
        joined(browsers[1], open_server, link, host) as other,
        visitor(browsers[0], open_server) as page,
    ):
        await known_as(page.context, open_server, guest)
        await page.goto(f"{link}?lang=en")
        await page.get_by_role("button", name="Change name", exact=True).click()
        field = page.get_by_label("Your name", exact=True)
        await expect(field).to_be_focused()
        await expect(field).to_have_value("Borsi")
        assert await faults(page) == []

        await field.fill("Boris")
        await enter(page)

        for seen in (page, other):
            people = seen.get_by_role("list", name="People")
            await expect(people.get_by_text("Boris", exact=True)).to_be_visible()
            await expect(people.get_by_text("Borsi")).to_have_count(0)
        await expect(chat(other).get_by_text("Borsi is now called Boris")).to_be_visible()
        rows = open_server.call("GET", f"/api/shows/{show}/members", token=host)["items"]
        assert {row["user"]["name"] for row in rows} == {"Anna", "Boris"}
        await page.reload()
        await expect(page.get_by_text("You come in as Boris.")).to_be_visible()


async def test_where_guests_are_off_the_page_offers_the_sign_in_alone(
    browsers: list[Browser], closed_server: Server, auth: FakeAuth
) -> None:
    auth.signs_in = {"sub": "boris", "name": "Борис"}
    show = closed_server.show(auth.token(sub="anna"), 600.0)
    async with visitor(browsers[0], closed_server, viewport=PHONE) as page:
        await page.goto("/?lang=en")
        await expect(sign_in(page).first).to_be_visible()
        await expect(page.get_by_role("alert")).to_have_count(0)
        await expect(page.get_by_role("button", name="Schedule a show")).to_have_count(0)
        await page.goto(f"{show['link']}?lang=en")
        await expect(page.get_by_text("Sign in to come in.")).to_be_visible()
        await expect(page.get_by_label("Your name", exact=True)).to_have_count(0)
        assert await faults(page) == []

        await sign_in(page).click()

        await enter(page)


async def test_who_did_not_finish_is_told_and_may_try_again(
    browsers: list[Browser], open_server: Server
) -> None:
    async with visitor(browsers[0], open_server) as page:
        for behind, words in [
            ("?state=x#error=access_denied", "The sign-in was not finished"),
            ("?state=x#token=x.y.z", "begun in another browser"),
            ("", "begun in another browser"),
        ]:
            await page.goto("about:blank")
            await page.goto(f"/sign-in/return{behind}")
            await expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
            await expect(page.get_by_text(words)).to_be_visible()
            assert page.url == f"{open_server.address}/sign-in/return"
        assert await faults(page) == []


async def test_who_tries_again_gets_to_the_link_all_the_same(
    browsers: list[Browser], open_server: Server, auth: FakeAuth
) -> None:
    auth.signs_in = {"sub": "boris", "name": "Борис"}
    _, link = invited(open_server, 600.0)
    async with visitor(browsers[0], open_server) as page:
        await page.goto(f"{link}?lang=en")
        auth.refuses = True
        await sign_in(page).click()
        await expect(page.get_by_text("The sign-in was not finished")).to_be_visible()
        auth.refuses = False

        await sign_in(page).click()

        await expect(page.get_by_text("You come in as Борис.")).to_be_visible()
        assert page.url == f"{link}?lang=en"


async def test_the_view_does_not_move_when_the_script_comes(
    browsers: list[Browser], open_server: Server
) -> None:
    _, link = invited(open_server, 600.0)
    async with visitor(browsers[0], open_server) as page:
        await page.context.route(re.compile(r"\.js$"), lambda route: route.abort())
        await page.goto(f"{link}?lang=en")
        before = await page.locator(".lobby h1").bounding_box()
        await page.context.unroute_all()
        await page.goto(f"{link}?lang=en")
        await expect(sign_in(page)).to_be_visible()

        assert await page.locator(".lobby h1").bounding_box() == before
