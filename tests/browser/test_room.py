"""The room page: the door, the shared controls, the chat, the people, and what goes wrong."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, Playwright, Route, expect

from harness.server import Server, running_server
from harness.skew.film_folder import film_folder
from harness.skew.viewers import chromium
from tests.browser.pages import (
    PHONE,
    Options,
    accept,
    enter,
    faults,
    in_step,
    invited,
    joined,
    known_as,
    sync,
    visitor,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SMALL_TARGETS = """() => [...document.querySelectorAll(
    'button, a, textarea, media-play-button, media-seek-backward-button, '
    + 'media-seek-forward-button, media-mute-button, media-fullscreen-button, media-time-range')]
  .filter((e) => e.checkVisibility())
  .map((e) => [e.outerHTML.slice(0, 60), e.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 44 || height < 44)
  .map(([html, { width, height }]) => `${html} ${width}×${height}`)"""


async def test_a_nameless_guest_sees_the_countdown_but_not_the_chat(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, 600.0)
    async with visitor(browsers[0], server) as page:
        await page.goto(link)
        countdown = page.get_by_role("region", name="Countdown", exact=True)
        await expect(countdown.get_by_role("timer")).to_have_text(re.compile(r"^(10|9):\d\d$"))
        await expect(page.get_by_label("Your name", exact=True)).to_be_visible()
        await expect(page.get_by_role("log")).to_have_count(0)
        await expect(page.locator("video")).to_have_count(1)

        await page.get_by_role("button", name="Enter the hall", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("Tell the others what to call you.")
        await enter(page, "Boris")
        people = page.get_by_role("list", name="People", exact=True)
        await expect(people).to_contain_text("Boris")
        await expect(page.get_by_role("button", name="Enter the hall")).to_have_count(0)
        await expect(countdown).to_be_visible()


async def test_the_snapshot_is_there_from_the_start_and_cannot_be_changed(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, 600.0)
    async with visitor(browsers[0], server) as page:
        await page.goto(link, wait_until="domcontentloaded")
        snapshot = await page.evaluate("window.seans.sync")
        changed = await page.evaluate("(() => { try { window.seans.sync = 1 } catch {} })()")

        fixed = {"state", "offset", "bound", "error", "revision", "method", "position"}
        assert fixed <= set(snapshot)
        assert changed is None
        assert set(await page.evaluate("window.seans.sync")) == set(snapshot)


async def test_the_host_holds_the_countdown_and_moves_the_film_for_all(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, 600.0)
    async with (
        joined(browsers[0], server, link, host) as anna,
        joined(browsers[1], server, link, "Boris") as boris,
    ):
        await anna.get_by_role("button", name="Pause", exact=True).click()
        await expect(boris.get_by_role("log")).to_contain_text("Anna put the start on hold")
        await expect(boris.get_by_text("The start is on hold", exact=True)).to_be_visible()

        forward = anna.get_by_role("button", name="Forward 10 seconds")
        await expect(forward).to_have_attribute("aria-disabled", "true")
        await expect(forward).to_have_accessible_description(re.compile("^The film has not begun"))
        await anna.keyboard.press("l")
        remark = anna.get_by_role("status").filter(has_text="The film has not begun.")
        await expect(remark).to_be_visible()
        await anna.keyboard.press("Home")
        await expect(boris.get_by_role("log")).to_contain_text("Anna began the film at once")
        await expect(anna.get_by_role("region", name="Countdown")).to_have_count(0)
        await expect(forward).not_to_have_attribute("aria-disabled", "true")
        await expect(boris.get_by_role("button", name="Pause", exact=True)).to_be_visible()
        await anna.keyboard.press("l")
        await anna.keyboard.press("ArrowRight")
        await expect(boris.get_by_role("log")).to_contain_text(re.compile(r"Anna 0:0\d → 0:1\d"))
        sought = boris.get_by_role("log").get_by_text(re.compile("→"))
        await expect(sought).to_have_count(1)
        await expect(boris.get_by_role("status", name="Sync", exact=True)).to_have_text("In step")


async def test_a_control_that_one_may_not_use_stays_and_says_why(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, -10.0)
    async with joined(browsers[0], server, link, "Boris") as page:
        why = "Only the host moves the film."
        pause = page.get_by_role("button", name="Pause", exact=True)
        await expect(pause).to_have_attribute("aria-disabled", "true")
        await expect(pause).to_have_accessible_description(why)
        await page.keyboard.press("k")
        await expect(page.get_by_role("status").filter(has_text=why)).to_be_visible()
        await expect(pause).to_be_visible()


async def test_rights_follow_the_shows_setting_at_once(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, -10.0)
    async with joined(browsers[0], server, link, "Boris") as page:
        pause = page.get_by_role("button", name="Pause", exact=True)
        await expect(pause).to_have_attribute("aria-disabled", "true")
        _, show = accept(server, link, "Vera")
        server.call("PATCH", f"/api/shows/{show}", {"control": "everyone"}, host)

        await expect(pause).not_to_have_attribute("aria-disabled", "true")
        await pause.click()
        await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
        await expect(page.get_by_role("log")).to_contain_text(re.compile(r"Boris paused at 0:\d\d"))


async def test_words_are_said_stored_and_deleted(browsers: list[Browser], server: Server) -> None:
    host, link = invited(server, 600.0)
    async with (
        joined(browsers[0], server, link, host) as anna,
        joined(browsers[1], server, link, "Boris") as boris,
    ):
        await boris.get_by_label("Message", exact=True).fill("<b>Two</b>\nlines")
        await boris.get_by_role("button", name="Send", exact=True).click()
        said = anna.get_by_role("log").get_by_text("<b>Two</b>\nlines")
        await expect(said).to_be_visible()
        await expect(boris.get_by_text("Sending")).to_have_count(0)

        await said.hover()
        await anna.get_by_role("button", name="Delete", exact=True).click()
        await expect(boris.get_by_role("log")).to_contain_text("Deleted")
        await expect(boris.get_by_role("log").get_by_text("Two")).to_have_count(0)


async def test_a_long_chat_keeps_the_page_small_and_the_place_where_one_reads(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, 600.0)
    guests = [accept(server, link, f"Guest {n}") for n in range(18)]

    def talk(first: int, last: int) -> None:
        for number in range(first, last):
            token, show = guests[number % len(guests)]
            said = {"id": str(uuid4()), "text": f"word {number}."}
            server.call("POST", f"/api/shows/{show}/messages", said, token)

    await asyncio.to_thread(talk, 0, 640)
    async with joined(browsers[0], server, link, host) as page:
        log = page.get_by_role("log", name="Chat", exact=True)
        await expect(log.get_by_text("word 639.")).to_be_in_viewport()
        first = log.get_by_text("word 0.")
        for _ in range(40):
            if await first.count():
                break
            before = await log.locator(".message").first.inner_text()
            await log.evaluate("(log) => (log.scrollTop = 0)")
            await expect(log.locator(".message").first).not_to_have_text(before)
        await expect(first).to_have_count(1)
        await log.evaluate("(log) => (log.scrollTop = 0)")
        await expect(first).to_be_in_viewport()
        assert await log.locator(".message").count() <= 500

        await asyncio.to_thread(talk, 640, 641)
        newer = page.get_by_role("button", name="1 new below")
        await expect(newer).to_be_visible()
        await expect(first).to_be_in_viewport()
        await newer.click()
        await expect(log.get_by_text("word 640.")).to_be_in_viewport()
        assert await log.locator(".message").count() <= 500


async def test_the_host_removes_somebody_and_makes_a_new_link(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, 600.0)
    async with (
        joined(browsers[0], server, link, host) as anna,
        joined(browsers[1], server, link, "Boris") as boris,
    ):
        await anna.get_by_role("button", name="Actions for Boris").click()
        await anna.get_by_role("button", name="Mute in the chat").click()
        await expect(boris.get_by_placeholder("The host has muted you.")).to_be_visible()
        await anna.get_by_role("button", name="Actions for Boris").click()
        await anna.get_by_role("button", name="Remove from the show").click()
        await anna.get_by_label("Make a new link as well").check()
        await anna.get_by_role("button", name="Remove from the show").click()

        await expect(boris.get_by_role("alert")).to_contain_text("You were removed from this show.")
        field = anna.get_by_label("Link to the show", exact=True)
        await expect(field).to_have_value(re.compile("/w/"))
        assert await field.input_value() != link
        gone = await boris.goto(link)
        assert gone is not None
        assert gone.status == 410


async def test_a_deleted_show_says_so(browsers: list[Browser], server: Server) -> None:
    host, link = invited(server, 600.0)
    async with joined(browsers[0], server, link, "Boris") as page:
        _, show = accept(server, link, "Vera")
        server.call("DELETE", f"/api/shows/{show}", token=host)

        await expect(page.get_by_role("alert")).to_contain_text("The host has deleted this show.")


async def test_a_film_that_this_browser_cannot_play_is_no_empty_page(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, -10.0)

    async def unplayable(route: Route) -> None:
        answer = await route.fetch()
        text = (await answer.text()).replace("video/mp4", "video/x-unheard-of")
        text = text.replace('"live"', '"unheard-of"')
        await route.fulfill(response=answer, body=text)

    async with visitor(browsers[0], server) as page:
        await page.route("**/w/*", unplayable)
        await page.goto(link)
        await expect(page.get_by_text("This browser can't play this film.")).to_be_visible()
        await enter(page, "Boris")
        await expect(page.get_by_role("alert")).to_contain_text("This browser can't play this film")
        await expect(page.get_by_role("button", name="Try again")).to_be_visible()


async def test_a_film_that_cannot_be_fetched_can_be_tried_again(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, -10.0)
    async with visitor(browsers[0], server) as page:
        await page.route("**/media/**", lambda route: route.abort())
        await page.goto(link)
        await enter(page, "Boris")
        await expect(page.get_by_role("alert")).to_contain_text("The film can't be reached.")
        async with page.expect_request("**/api/invites/*"):
            await page.get_by_role("button", name="Try again").click()
        await page.unroute("**/media/**")

        await expect(page.get_by_role("status", name="Sync", exact=True)).to_have_text("In step")
        await expect(page.get_by_text("The film can't be reached.")).to_have_count(0)


async def test_after_the_end_the_chat_stays(browsers: list[Browser], server: Server) -> None:
    _, link = invited(server, -119.0)
    async with joined(browsers[0], server, link, "Boris") as page:
        await expect(page.get_by_role("alert")).to_contain_text("The film is over.")
        await expect(page).to_have_title(re.compile("^The end · "))
        await page.get_by_label("Message", exact=True).fill("What a film")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("What a film")


async def test_a_server_that_goes_away_and_comes_back_is_spoken_of(
    films: Path, tmp_path: Path, playwright: Playwright
) -> None:
    data = tmp_path / "data"
    async with chromium(playwright) as browser, running_server(films, data) as first:
        _, link = invited(first, -10.0)
        async with joined(browser, first, link, "Boris") as page:
            await expect(sync(page)).to_have_text("In step")
            first.process.terminate()
            await first.process.wait()
            await expect(sync(page)).to_have_text("Reconnecting, playing on")
            await expect(page.get_by_text("The server is restarting.")).to_be_visible()
            port = first.address.rpartition(":")[2]
            async with running_server(films, data, "--port", port):
                await expect(sync(page)).to_have_text("In step", timeout=15_000)
                await expect(page.get_by_text("The server is restarting.")).to_have_count(0)


async def test_a_film_that_broke_off_goes_on_once_the_server_is_back(
    films: Path, tmp_path: Path, playwright: Playwright
) -> None:
    thick = film_folder(tmp_path / "media", films / "Counter.mp4", ["Thick"])
    (thick / "Counter.mp4").unlink()
    data = tmp_path / "data"
    async with chromium(playwright) as browser, running_server(thick, data) as first:
        _, link = invited(first, -10.0)
        async with in_step(browser, first, link, "Boris") as page:
            # As the proxy of a dead server answers. On a refused connection Chromium waits for half
            # a minute before it gives up.
            await page.route("**/media/**", lambda route: route.fulfill(status=502))
            first.process.terminate()
            await first.process.wait()
            unreached = page.get_by_role("alert").filter(has_text="The film can't be reached.")
            # First the browser plays what it has: ten seconds, and on a busy machine half a minute.
            await expect(unreached).to_be_visible(timeout=90_000)
            # By now it was loaded again in vain: the element has lost its metadata (NO_SOURCE).
            await expect(page.locator("video")).to_have_js_property("networkState", 3)
            await page.unroute("**/media/**")
            port = first.address.rpartition(":")[2]
            async with running_server(thick, data, "--port", port):
                await expect(sync(page)).to_have_text("In step", timeout=30_000)
                await expect(unreached).to_have_count(0)


async def check(page: Page, where: str, found: list[str]) -> None:
    found += [f"{where}: {fault}" for fault in await faults(page)]


@pytest.mark.parametrize(("scheme", "phone"), [("dark", False), ("light", True)])
async def test_axe_finds_nothing_wrong_with_the_room(
    browsers: list[Browser], server: Server, scheme: Literal["dark", "light"], phone: bool
) -> None:
    options: Options = {"color_scheme": scheme}
    if phone:
        options["viewport"] = PHONE
    host, link = invited(server, 600.0)
    found: list[str] = []
    async with visitor(browsers[0], server, **options) as page:
        await page.goto(link)
        await expect(page.get_by_label("Your name", exact=True)).to_be_visible()
        await check(page, "door", found)
        await enter(page, "Boris")
        await page.get_by_label("Message", exact=True).fill("Hello")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("Hello")
        await check(page, "waiting", found)
        async with joined(browsers[1], server, link, host, **options) as anna:
            if phone:
                await anna.get_by_role("tab", name="People").click()
            await check(anna, "people", found)
            await anna.get_by_role("button", name="Actions for Boris").click()
            await check(anna, "member", found)
            await anna.keyboard.press("Escape")
            await anna.get_by_role("button", name="Pause", exact=True).focus()
            await anna.keyboard.press("Home")
            await expect(page.get_by_role("region", name="Countdown")).to_have_count(0)
            await check(page, "film", found)
            await check(anna, "host's film", found)
            for name in ("Pause", "Mute", "Full screen", "Speed 1x"):
                control = page.get_by_role("button", name=name, exact=True)
                if await control.is_visible():
                    await control.focus()
                    await check(page, name, found)
            await page.keyboard.press("?")
            await check(page, "keys", found)
    assert found == []


async def test_a_phone_shows_the_picture_above_and_chat_and_people_behind_tabs(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, -10.0)
    async with joined(browsers[0], server, link, "Boris", viewport=PHONE, has_touch=True) as page:
        picture = await page.locator("video").bounding_box()
        assert picture is not None
        assert (picture["x"], picture["y"], picture["width"]) == (0, 0, 390)
        await expect(page.get_by_role("list", name="People", exact=True)).to_be_hidden()
        await expect(page.get_by_label("Message", exact=True)).to_be_in_viewport(ratio=1)
        assert await page.evaluate(SMALL_TARGETS) == []

        await page.get_by_role("tab", name="People").click()
        await expect(page.get_by_role("list", name="People", exact=True)).to_be_visible()
        await expect(page.get_by_role("log")).to_be_hidden()
        await page.keyboard.press("ArrowLeft")
        await expect(page.get_by_role("tab", name="Chat")).to_be_focused()
        await expect(page.get_by_role("log")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def test_controls_that_come_late_leave_the_focus_in_the_chat(
    browsers: list[Browser], server: Server
) -> None:
    may_come = asyncio.Event()

    async def late(route: Route) -> None:
        await may_come.wait()
        await route.continue_()

    host, link = invited(server, -10.0)
    async with visitor(browsers[0], server) as page:
        await known_as(page.context, server, host)
        await page.route(re.compile(r"/later-|/room/controls\.js"), late)
        await page.goto(link)
        await enter(page, None)
        message = page.get_by_label("Message", exact=True)
        await message.press_sequentially("k j")

        may_come.set()

        await expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
        await expect(message).to_be_focused()


async def test_keys_typed_into_the_chat_move_nothing(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, -10.0)
    async with joined(browsers[0], server, link, host) as page:
        await page.get_by_label("Message", exact=True).press_sequentially("k jl, m f.")
        await page.keyboard.press("Enter")

        await expect(page.get_by_role("log")).to_contain_text("k jl, m f.")
        await expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="Mute", exact=True)).to_be_visible()
        assert await page.get_by_role("log").get_by_text(re.compile("→|paused")).count() == 0


async def test_the_title_tells_where_the_film_stands(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, -10.0)
    async with joined(browsers[0], server, link, host) as page:
        await expect(page).to_have_title(re.compile(r"^▶ 0:\d\d · "))
        await page.get_by_role("button", name="Pause", exact=True).click()
        await expect(page).to_have_title(re.compile(r"^⏸ 0:\d\d · "))


async def test_the_room_speaks_russian(browsers: list[Browser], server: Server) -> None:
    _, link = invited(server, -10.0)
    async with visitor(browsers[0], server) as page:
        await page.goto(f"{link}?lang=ru")
        await page.get_by_label("Ваше имя").fill("Борис")
        await page.get_by_role("button", name="Войти в зал").click()

        await expect(page.get_by_role("button", name="Пауза", exact=True)).to_be_visible()
        await expect(page.get_by_role("status", name="Синхронность")).to_have_text("Синхронно")
        await expect(page.get_by_role("log", name="Чат")).to_contain_text("Борис в зале")


async def test_a_new_time_is_shown_to_those_who_wait(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, 600.0)
    async with joined(browsers[0], server, link, "Boris", timezone_id="UTC") as page:
        session = server.call("GET", f"/api/invites/{link.rpartition('/')[2]}")["session_id"]
        later = {"movie_time": "2031-05-06T07:08:00Z"}
        server.call("PATCH", f"/api/sessions/{session}", later, host)

        await expect(page.get_by_role("log")).to_contain_text("Anna moved the start")
        await expect(page.get_by_text("Tuesday, 6 May 2031 at 07:08 UTC")).to_be_visible()


async def test_a_show_that_cannot_be_opened_is_no_empty_page(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, 600.0)

    async def without_data(route: Route) -> None:
        answer = await route.fetch()
        text = (await answer.text()).replace('id="page-data"', "")
        await route.fulfill(response=answer, body=text)

    async with visitor(browsers[0], server) as page:
        await page.route("**/w/*", without_data)
        await page.route("**/api/invites/*", lambda route: route.abort())
        await page.goto(link)

        await expect(page.get_by_role("alert")).to_contain_text("The show can't be opened.")
        await expect(page.get_by_role("button", name="Try again")).to_be_visible()
        assert await faults(page) == []
