"""Calendars and reminders on the pages: by mouse, by keyboard, and where they are forbidden."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Browser, Page, expect

from harness.server import Server
from tests.browser.pages import (
    PHONE,
    accept,
    enter,
    faults,
    focus_by_tab,
    invited,
    known_as,
    visitor,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ADDRESS = re.compile(r"^http://.*/api/calendar/[\w-]{22,}\.ics$")

NOTIFICATIONS = """([permission, answer]) => {
  window.shown = [];
  window.asked = 0;
  window.Notification = class {
    static permission = permission;
    static async requestPermission() {
      window.asked += 1;
      return (window.Notification.permission = answer);
    }
    constructor(title, { body }) {
      window.shown.push(`${title}: ${body}`);
    }
    close() {}
  };
}"""
"""A browser's notifications, kept instead of shown."""


async def notifications(page: Page, permission: str, answer: str = "granted") -> None:
    """Let ``page`` have ``permission`` from the start; who is asked gives ``answer``."""
    await page.add_init_script(f"({NOTIFICATIONS})(['{permission}', '{answer}'])")


async def shown(page: Page) -> None:
    """Wait until something is shown; the pages' policy forbids waiting within them."""
    async with asyncio.timeout(20):
        while not await page.evaluate("window.shown.length"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_a_show_is_put_into_a_calendar_from_its_card_and_from_the_lobby(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, 3600.0, title="Friday")
    async with visitor(browsers[0], server) as page:
        await known_as(page.context, server, host)
        await page.goto("/?lang=en")
        on_card = page.get_by_role("link", name="Add to calendar: Friday", exact=True)
        path = await on_card.get_attribute("href")
        assert path is not None
        file = await page.request.get(path)
        assert "SUMMARY:Friday" in await file.text()

        await page.goto(f"{link}?lang=en")
        await enter(page)
        in_lobby = page.get_by_role("link", name="Add to calendar: Friday", exact=True)
        assert await in_lobby.get_attribute("href") == path
        async with page.expect_download() as downloading:
            await in_lobby.click()
        assert (await downloading.value).suggested_filename == "Friday.ics"
        await expect(page.get_by_label("Countdown", exact=True)).to_be_visible()


async def test_the_address_of_all_shows_is_had_and_replaced_by_the_keyboard_alone(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, 3600.0)
    async with visitor(browsers[0], server) as page:
        await known_as(page.context, server, host)
        await page.goto("/?lang=en")
        button = page.get_by_role("button", name="All in your calendar", exact=True)
        await expect(button).to_be_visible()
        await focus_by_tab(page, button)
        await page.keyboard.press("Enter")

        field = page.get_by_label("Address of your calendar", exact=True)
        await expect(field).to_have_value(ADDRESS)
        first = await field.input_value()
        assert (await page.request.get(first)).status == 200
        app = page.get_by_role("link", name="Open in the calendar app", exact=True)
        assert await app.get_attribute("href") == first.replace("http:", "webcal:")
        assert await faults(page) == []

        await focus_by_tab(page, page.get_by_role("button", name="Replace the address", exact=True))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Keep it", exact=True)).to_be_focused()
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Enter")
        await expect(field).not_to_have_value(first)
        await expect(field).to_have_value(ADDRESS)
        assert (await page.request.get(first)).status == 404
        assert (await page.request.get(await field.input_value())).status == 200

        await page.keyboard.press("Escape")
        await expect(page.locator("#calendar")).to_be_hidden()
        await expect(button).to_be_focused()


async def test_the_same_address_is_shown_again(browsers: list[Browser], server: Server) -> None:
    host, _ = invited(server, 3600.0)
    address = server.call("POST", "/api/me/calendar", token=host)["url"]
    async with visitor(browsers[0], server, viewport=PHONE, color_scheme="dark") as page:
        await known_as(page.context, server, host)
        await page.goto("/?lang=ru")
        await page.get_by_role("button", name="Все в календарь", exact=True).click()

        field = page.get_by_label("Адрес вашего календаря", exact=True)
        await expect(field).to_have_value(address)
        assert await faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_who_asks_for_it_is_reminded_five_minutes_before(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, 304.0, title="Friday")
    async with visitor(browsers[0], server) as page:
        await notifications(page, "default")
        await page.goto(f"{link}?lang=en")
        await enter(page, "Boris")
        button = page.get_by_role("button", name="Remind me", exact=True)
        await expect(button).to_have_attribute("aria-pressed", "false")
        assert await page.evaluate("[window.asked, window.shown.length]") == [0, 0]

        await button.click()

        await expect(button).to_have_attribute("aria-pressed", "true")
        await shown(page)
        assert await page.evaluate("[window.asked, ...window.shown]") == [
            1,
            "Friday: The film begins in five minutes.",
        ]


async def test_who_was_reminded_before_is_reminded_of_the_start_on_the_home_page(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, 6.0, title="Friday")
    async with visitor(browsers[0], server) as page:
        await notifications(page, "granted")
        await page.add_init_script("localStorage.setItem('seans.reminders', 'on')")
        await known_as(page.context, server, host)
        await page.goto("/?lang=en")

        await shown(page)
        assert await page.evaluate("window.shown") == ["Friday: The film begins."]
        assert await page.evaluate("window.asked") == 0


async def test_where_notifications_are_forbidden_the_button_says_why_and_nothing_is_asked(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, 302.0)
    token, _ = accept(server, link, "Boris")
    async with visitor(browsers[0], server, viewport=PHONE) as page:
        await notifications(page, "denied")
        await known_as(page.context, server, token)
        await page.goto(f"{link}?lang=en")
        await enter(page)
        button = page.get_by_role("button", name="Remind me", exact=True)
        await expect(button).to_have_attribute("aria-disabled", "true")
        await expect(button).to_have_accessible_description(re.compile("forbidden in this browser"))

        await button.click(force=True)
        await page.wait_for_timeout(4000)

        assert await page.evaluate("[window.asked, window.shown.length]") == [0, 0]
        assert await faults(page) == []
