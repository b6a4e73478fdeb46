"""Friends and shows for them: made in the room, joined from the home page, closed to strangers."""

from __future__ import annotations

import asyncio
import re
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from harness.server import Server
from tests.browser.pages import (
    PHONE,
    accept,
    chat,
    enter,
    faults,
    focus_by_tab,
    invited,
    joined,
    known_as,
    visitor,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HOUR = 3600.0


def user_of(server: Server, token: str) -> str:
    return str(server.call("GET", "/api/me", token=token)["id"])


def befriend(server: Server, one: str, other: str) -> None:
    """Let the person with the passport ``one`` bookmark the other."""
    body = {"target_id": user_of(server, other), "target_type": "user"}
    server.call("POST", "/api/bookmarks", body, one)


async def at_home(page: Page, server: Server, passport: str, language: str = "en") -> None:
    await known_as(page.context, server, passport)
    await page.goto(f"/?lang={language}")


async def test_two_who_met_in_a_room_join_each_other_and_a_stranger_is_told_why_not(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, -1.0)
    async with (
        joined(browsers[0], server, link, host) as anna,
        joined(browsers[1], server, link, "Boris") as boris,
    ):
        for page, other in ((anna, "Boris"), (boris, "Anna")):
            add = page.get_by_role("button", name=f"Add to friends: {other}", exact=True)
            await expect(add).to_have_accessible_description(re.compile(f"^{other} is not told"))
            await add.click()
            await expect(
                page.get_by_role("button", name=f"Friend: {other}", exact=True)
            ).to_be_visible()

        await anna.goto("/?lang=en")
        await anna.get_by_role("button", name="Schedule a show", exact=True).click()
        await anna.get_by_label("Title", exact=True).fill("Among us")
        await anna.get_by_role("button", name="Now", exact=True).click()
        await anna.get_by_role("radio", name="My friends", exact=True).check()
        await anna.get_by_role("button", name="Create", exact=True).click()
        field = anna.get_by_label("Link to the show", exact=True)
        await expect(anna.get_by_text("works for your friends only")).to_be_visible()
        for_friends = await field.input_value()
        await anna.get_by_role("link", name="Go to the hall", exact=True).click()
        await enter(anna)

        await boris.goto("/?lang=en")
        row = boris.locator(".watching .friend")
        await expect(row).to_contain_text("Watches “Among us”")
        await row.get_by_role("link", name="Join: Among us, Anna", exact=True).click()
        await enter(boris)
        await expect(chat(boris)).to_be_visible()

        async with visitor(browsers[2], server) as stranger:
            await stranger.goto(f"{for_friends}?lang=en")
            await stranger.get_by_label("Your name", exact=True).fill("Eve")
            await stranger.get_by_role("button", name="Enter the hall", exact=True).click()
            alert = stranger.get_by_role("alert").filter(has_text="for friends of its host")
            await expect(alert).to_contain_text("Ask them to add you to their friends")
            assert await faults(stranger) == []


async def test_a_friend_who_begins_to_watch_appears_without_a_reload(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, -1.0, title="Friday")
    boris, _ = accept(server, link, "Boris")
    befriend(server, boris, host)
    async with visitor(browsers[0], server) as page:
        await page.clock.install()
        await at_home(page, server, boris)
        await expect(page.locator(".friends .friend")).to_have_count(1)
        assert await page.locator(".watching").count() == 0
        async with joined(browsers[1], server, link, host):
            await page.clock.run_for(21_000)

            await expect(page.locator(".watching .friend")).to_contain_text("Watches “Friday”")


async def test_a_friend_is_removed_in_the_room_by_the_keyboard(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, HOUR)
    boris, _ = accept(server, link, "Boris")
    befriend(server, host, boris)
    async with joined(browsers[0], server, link, host) as page:
        is_friend = page.get_by_role("button", name="Friend: Boris", exact=True)
        await focus_by_tab(page, is_friend)
        await page.keyboard.press("Enter")

        add = page.get_by_role("button", name="Add to friends: Boris", exact=True)
        await expect(add).to_be_focused()
        assert server.call("GET", "/api/friends", token=host)["items"] == []
        assert await page.get_by_role("button", name="Add to friends: Anna").count() == 0


async def test_a_mark_that_the_server_refuses_is_said_and_not_shown(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, HOUR)
    accept(server, link, "Boris")
    async with joined(browsers[0], server, link, host) as page:
        await page.route("**/api/bookmarks", lambda route: route.abort())
        add = page.get_by_role("button", name="Add to friends: Boris", exact=True)
        await add.click()

        await expect(page.locator(".toast")).to_contain_text("The server does not answer")
        await expect(add).to_be_visible()


async def test_a_friend_removed_on_the_home_page_can_be_had_back_and_is_gone_after_a_while(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, HOUR)
    boris, _ = accept(server, link, "Boris")
    befriend(server, host, boris)
    async with visitor(browsers[0], server) as page:
        await page.clock.install()
        await at_home(page, server, host)
        row = page.locator(".friends .friend")
        await expect(row).to_contain_text("Has not added you yet")
        remove = page.get_by_role("button", name="Remove from friends: Boris", exact=True)
        await remove.click()
        undo = page.get_by_role("button", name=re.compile("^Undo: Boris is removed"))
        await expect(undo).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(remove).to_be_focused()
        await page.clock.run_for(20_000)
        assert len(server.call("GET", "/api/friends", token=host)["items"]) == 1

        await remove.click()
        await page.clock.run_for(9_000)
        await expect(page.get_by_text(re.compile("^No friends yet"))).to_be_visible()
        await expect(page.get_by_role("heading", name="Friends", exact=True)).to_be_focused()
        assert server.call("GET", "/api/friends", token=host)["items"] == []


async def test_who_leaves_the_page_has_removed_the_friend_all_the_same(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, HOUR)
    boris, _ = accept(server, link, "Boris")
    befriend(server, host, boris)
    async with visitor(browsers[0], server) as page:
        await at_home(page, server, host)
        await page.get_by_role("button", name="Remove from friends: Boris", exact=True).click()
        assert len(server.call("GET", "/api/friends", token=host)["items"]) == 1
        await page.goto("about:blank")

        async with asyncio.timeout(5):
            while server.call("GET", "/api/friends", token=host)["items"]:  # noqa: ASYNC110
                await asyncio.sleep(0.1)


async def test_a_show_for_the_invited_is_opened_by_a_further_link_alone(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, HOUR)
    async with visitor(browsers[0], server) as page:
        await at_home(page, server, host)
        dialog = page.get_by_role("dialog")
        await page.get_by_role("button", name=re.compile("^Actions for ")).click()
        await dialog.get_by_role("button", name="Who may come in", exact=True).click()
        await expect(dialog.get_by_role("radio", name="Everyone with the link")).to_be_focused()
        await dialog.get_by_role("radio", name="Only those whom I invite").check()
        await expect(dialog.get_by_text("opens for nobody new")).to_be_visible()
        await dialog.get_by_role("button", name="Save", exact=True).click()
        await dialog.get_by_role("button", name="Link for one person", exact=True).click()
        field = dialog.get_by_label("Link 1, for one person", exact=True)
        await expect(field).to_have_value(re.compile("/w/"))
        further = await field.input_value()
        await dialog.get_by_role("button", name="Link for several", exact=True).click()
        revoked = await dialog.get_by_label("Link 2, for several: used 0 times").input_value()
        await dialog.get_by_role("button", name="Take link 2 back", exact=True).click()
        await expect(dialog.locator(".links li")).to_have_count(1)
        assert await faults(page) == []
        await dialog.get_by_role("button", name="Done", exact=True).click()
        card = page.locator(".show-card")
        await expect(card).to_contain_text("By invitation")
        await expect(card.get_by_role("button", name="Copy link")).to_have_count(0)

        async with visitor(browsers[1], server) as stranger:
            await stranger.goto(f"{link}?lang=en")
            await stranger.get_by_label("Your name", exact=True).fill("Eve")
            await stranger.get_by_role("button", name="Enter the hall", exact=True).click()
            await expect(stranger.get_by_role("alert").filter(has_text="invites")).to_be_visible()
            assert (await stranger.request.get(revoked)).status == 410
            await stranger.goto(f"{further}?lang=en")
            await enter(stranger)
            copies = stranger.get_by_role("button", name="Copy link", exact=True)
            await expect(copies).to_have_count(0)
            # Who is in comes in again from the home page, without a link to pass on.
            await stranger.goto("/?lang=en")
            await stranger.get_by_role("link", name=re.compile("^Open the hall")).click()
            await enter(stranger)

        await card.get_by_role("button", name=re.compile("^Invite people")).click()
        await expect(dialog.get_by_role("button", name="Link for several")).to_be_visible()
        await expect(dialog.locator(".links li")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390, 320])
async def test_axe_finds_nothing_wrong_with_friends_and_invitations(
    browsers: list[Browser], server: Server, scheme: Literal["dark", "light"], width: int
) -> None:
    size: ViewportSize = {"width": width, "height": PHONE["height"]}
    host, link = invited(server, HOUR, access="invited")
    language = "ru" if width == 320 else "en"
    for name in ("Boris", "Константин Константинопольский"):
        friend = server.passport(name)
        befriend(server, host, friend)
        if name != "Boris":
            befriend(server, friend, host)
    async with visitor(browsers[0], server, viewport=size, color_scheme=scheme) as page:
        await at_home(page, server, host, language)
        await expect(page.locator(".friends .friend")).to_have_count(2)
        assert await faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await page.locator(".show-card .actions button").first.click()
        for number in range(2):
            await page.locator(".further-links > .actions button").nth(number).click()
            await expect(page.locator(".links li")).to_have_count(number + 1)
        assert await faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width

        await page.goto(f"{link}?lang={language}")
        await page.locator("form.join button.main").click()
        await expect(page.locator("#sidebar")).to_be_visible()
        assert await faults(page) == []
