"""The host's menu of a coming show: another time, who may move the film, and calling it off."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Literal, Unpack

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from harness.server import Server
from tests.browser.pages import (
    Options,
    accept,
    faults,
    focus_by_tab,
    invited,
    known_as,
    visitor,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HOUR = 3600.0


@asynccontextmanager
async def at_home(
    browser: Browser, server: Server, passport: str, **options: Unpack[Options]
) -> AsyncIterator[Page]:
    """Give the home page of somebody with a show."""
    async with visitor(browser, server, **options) as page:
        await known_as(page.context, server, passport)
        await page.goto("/?lang=en")
        await expect(page.get_by_role("heading", name="Coming up")).to_be_visible()
        yield page


def menu_button(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^Actions for "))


def only_show(server: Server, passport: str) -> dict[str, Any]:
    [show] = server.call("GET", "/api/shows", token=passport)["items"]
    return dict(show)


async def test_the_host_moves_a_coming_show_by_keyboard_and_its_card_says_so(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, HOUR)
    async with at_home(browsers[0], server, host, timezone_id="America/Lima") as page:
        dialog, key = page.get_by_role("dialog"), page.keyboard
        moment = dialog.get_by_label("Date and time", exact=True)
        await focus_by_tab(page, menu_button(page))
        await key.press("Enter")
        await expect(dialog.get_by_role("button", name="Change the time")).to_be_focused()
        await key.press("Enter")
        await expect(moment).to_be_focused()
        await moment.fill("2020-01-02T21:30:05")
        await key.press("Enter")
        await expect(dialog.get_by_role("alert")).to_contain_text("would be over already")
        await moment.fill("2030-01-02T21:30:05")
        await key.press("Enter")

        await expect(dialog).to_be_hidden()
        await expect(menu_button(page)).to_be_focused()
        await expect(page.locator(".show-card .when")).to_contain_text("21:30")
        assert only_show(server, host)["movie_time"] == "2030-01-03T02:30:05Z"


async def test_a_film_that_began_meanwhile_is_not_moved_and_the_dialog_says_why(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, HOUR)
    session = only_show(server, host)["sessions"][0]["id"]
    async with at_home(browsers[0], server, host) as page:
        await menu_button(page).click()
        await page.get_by_role("button", name="Change the time", exact=True).click()
        now = {"movie_time": datetime.now(UTC).isoformat()}
        server.call("PATCH", f"/api/sessions/{session}", now, host)
        await page.get_by_role("button", name="Save", exact=True).click()

        alert = page.get_by_role("dialog").get_by_role("alert")
        await expect(alert).to_contain_text("The film has begun already")


async def test_the_host_lets_everyone_pause_and_finds_it_so_again(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, HOUR)
    async with at_home(browsers[0], server, host) as page:
        dialog = page.get_by_role("dialog")
        for found, chosen in (("Only you", "Everyone"), ("Everyone", "Moderators too")):
            await menu_button(page).click()
            await dialog.get_by_role("button", name="Who may pause and wind", exact=True).click()
            await expect(dialog.get_by_label(found, exact=True)).to_be_focused()
            await expect(dialog.get_by_label(found, exact=True)).to_be_checked()
            await dialog.get_by_label(chosen, exact=True).check()
            await dialog.get_by_role("button", name="Save", exact=True).click()
            await expect(dialog).to_be_hidden()

    assert only_show(server, host)["control"] == "moderators"


async def test_the_host_slows_the_chat_down_and_finds_it_so_again(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, HOUR)
    async with at_home(browsers[0], server, host) as page:
        dialog = page.get_by_role("dialog")
        for found, chosen in (("Off", "30 secs"), ("30 secs", "10 secs")):
            await menu_button(page).click()
            await dialog.get_by_role("button", name="Slow the chat down", exact=True).click()
            await expect(dialog.get_by_label(found, exact=True)).to_be_checked()
            assert await faults(page) == []
            await dialog.get_by_label(chosen, exact=True).check()
            await dialog.get_by_role("button", name="Save", exact=True).click()
            await expect(dialog).to_be_hidden()

    assert only_show(server, host)["slow_mode"] == 10.0


async def test_the_host_lets_a_coming_show_wait_and_finds_it_so_again(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, HOUR)
    async with at_home(browsers[0], server, host) as page:
        dialog = page.get_by_role("dialog")
        for found, chosen in (("Never", "At the start"), ("At the start", "Always")):
            await menu_button(page).click()
            await dialog.get_by_role("button", name="Waiting for each other", exact=True).click()
            await expect(dialog.get_by_label(found, exact=True)).to_be_focused()
            await expect(dialog.get_by_label(found, exact=True)).to_be_checked()
            await dialog.get_by_label(chosen, exact=True).check()
            await dialog.get_by_role("button", name="Save", exact=True).click()
            await expect(dialog).to_be_hidden()

    assert only_show(server, host)["waiting"] == "always"


async def test_a_show_is_called_off_after_one_question(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, HOUR)
    async with at_home(browsers[0], server, host) as page:
        button = page.get_by_role("dialog").get_by_role
        await menu_button(page).click()
        await button("button", name="Call it off", exact=True).click()
        await expect(button("button", name="Keep it", exact=True)).to_be_focused()
        assert only_show(server, host)
        await button("button", name="Call it off", exact=True).click()

        await expect(page.get_by_text("No shows yet.")).to_be_visible()
        schedule = page.get_by_role("button", name="Schedule a show", exact=True)
        await expect(schedule).to_be_focused()
        assert server.call("GET", "/api/shows", token=host)["items"] == []


async def test_a_running_show_can_be_called_off_but_not_moved(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, 0)
    async with at_home(browsers[0], server, host) as page:
        await menu_button(page).click()
        button = page.get_by_role("dialog").get_by_role
        await expect(button("button", name="Call it off", exact=True)).to_be_visible()
        await expect(button("button", name="Change the time", exact=True)).to_have_count(0)


async def test_a_guest_has_no_menu_of_the_show(browsers: list[Browser], server: Server) -> None:
    _, link = invited(server, HOUR)
    guest, _ = accept(server, link, "Boris")
    async with at_home(browsers[0], server, guest) as page:
        await expect(page.get_by_role("link", name=re.compile("^Open the hall"))).to_be_visible()
        await expect(menu_button(page)).to_have_count(0)


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
async def test_axe_finds_nothing_wrong_with_the_menu_of_a_show(
    browsers: list[Browser], server: Server, scheme: Literal["dark", "light"], width: int
) -> None:
    size: ViewportSize = {"width": width, "height": 844}
    host, _ = invited(server, HOUR)
    async with at_home(browsers[0], server, host, viewport=size, color_scheme=scheme) as page:
        button = page.get_by_role("dialog").get_by_role
        assert await faults(page) == []
        await menu_button(page).click()
        assert await faults(page) == []
        for step, back in (
            ("Change the time", "Cancel"),
            ("Who may pause and wind", "Cancel"),
            ("Waiting for each other", "Cancel"),
            ("Call it off", "Keep it"),
        ):
            await button("button", name=step, exact=True).click()
            assert await faults(page) == []
            await button("button", name=back, exact=True).click()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
