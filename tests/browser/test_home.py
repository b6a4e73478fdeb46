"""The home page: what there is to see, scheduling, and the link that comes of it."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Route, ViewportSize, expect

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

LINK = re.compile(r"/w/[\w-]{22,}$")


async def open_sheet(page: Page) -> None:
    await page.goto("/?lang=en")
    await page.get_by_role("button", name="Schedule a show", exact=True).click()
    await expect(page.get_by_label("Film", exact=True)).to_have_value(re.compile("."))


async def test_a_show_is_scheduled_by_film_and_moment_and_gives_a_link(
    browsers: list[Browser], server: Server
) -> None:
    async with visitor(browsers[0], server, timezone_id="America/Lima") as page:
        await open_sheet(page)
        film = server.call("GET", "/api/titles")["items"][0]
        await page.get_by_label("Film", exact=True).select_option(label=film["title"])
        await expect(page.get_by_label("Title", exact=True)).to_have_value(film["title"])
        await page.get_by_label("Date and time", exact=True).fill("2030-01-02T21:30:05")
        await page.get_by_label("Title", exact=True).fill("Film night")
        await page.get_by_label("Your name", exact=True).fill("Anna")
        await page.get_by_role("button", name="Create", exact=True).click()

        link = page.get_by_label("Link to the show", exact=True)
        await expect(link).to_have_value(LINK)
        await expect(page.get_by_role("button", name="Copy link", exact=True)).to_be_visible()
        token = (await link.input_value()).rpartition("/")[2]
        invitation = server.call("GET", f"/api/invites/{token}")
        assert invitation["title"] == "Film night"
        assert invitation["movie_time"] == "2030-01-03T02:30:05Z"


async def test_who_gives_no_name_schedules_all_the_same(
    browsers: list[Browser], server: Server
) -> None:
    async with visitor(browsers[0], server) as page:
        await open_sheet(page)
        await page.get_by_role("button", name="Create", exact=True).click()

        await expect(page.get_by_label("Link to the show", exact=True)).to_have_value(LINK)


async def test_a_title_typed_by_hand_outlives_another_choice_of_film(
    browsers: list[Browser], server: Server
) -> None:
    async with visitor(browsers[0], server) as page:
        await open_sheet(page)
        await page.get_by_label("Title", exact=True).fill("Ours")
        await page.get_by_label("Film", exact=True).select_option(index=0)

        await expect(page.get_by_label("Title", exact=True)).to_have_value("Ours")


async def test_a_time_when_the_film_would_be_over_is_refused_in_words(
    browsers: list[Browser], server: Server
) -> None:
    async with visitor(browsers[0], server) as page:
        await open_sheet(page)
        past = datetime.now(UTC) - timedelta(days=2)
        moment = page.get_by_label("Date and time", exact=True)
        await moment.fill(past.strftime("%Y-%m-%dT%H:%M"))
        await page.get_by_role("button", name="Create", exact=True).click()

        alert = page.get_by_role("dialog").get_by_role("alert")
        await expect(alert).to_contain_text("would be over already")


async def test_a_show_may_be_scheduled_to_wait_for_everybody(
    browsers: list[Browser], server: Server
) -> None:
    async with visitor(browsers[0], server) as page:
        await open_sheet(page)
        never = page.get_by_role("radio", name="Never", exact=True)
        await expect(never).to_be_checked()
        await expect(never).to_have_accessible_description(re.compile("^The film waits for nobody"))
        await page.get_by_role("radio", name="Always", exact=True).check()
        await page.get_by_role("button", name="Create", exact=True).click()

        await expect(page.get_by_label("Link to the show", exact=True)).to_be_visible()
        [passport] = [c["value"] for c in await page.context.cookies() if c["name"] == "passport"]
        [show] = server.call("GET", "/api/shows", token=passport)["items"]
        assert show["waiting"] == "always"


async def test_a_film_that_cannot_be_chosen_says_why(
    browsers: list[Browser], server: Server
) -> None:
    async def one_more(route: Route) -> None:
        answer = await route.fetch()
        page = await answer.json()
        reason = {"reason": "", "reason_code": "video_codec", "reason_subject": "HEVC"}
        page["items"].append({**page["items"][0], "id": "x", "state": "unplayable", **reason})
        await route.fulfill(response=answer, json=page)

    async with visitor(browsers[0], server) as page:
        await page.route("**/api/titles?*", one_more)
        await open_sheet(page)
        choice = page.get_by_label("Film", exact=True).get_by_role("option", disabled=True)
        await expect(choice).to_contain_text("— Browsers do not show HEVC video.")


async def test_a_running_show_glows_and_lets_one_join(
    browsers: list[Browser], server: Server
) -> None:
    async with visitor(browsers[0], server) as page:
        await open_sheet(page)
        await page.get_by_role("button", name="Now", exact=True).click()
        await page.get_by_role("button", name="Create", exact=True).click()
        await expect(page.get_by_label("Link to the show", exact=True)).to_be_visible()
        await page.keyboard.press("Escape")

        await page.get_by_role("link", name=re.compile("^Join")).click()
        await expect(page).to_have_url(LINK)


async def test_the_card_of_a_show_has_the_faces_of_its_people(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, 600.0)
    for number in range(6):
        accept(server, link, f"Guest {number}")
    asked: list[str] = []
    async with visitor(browsers[0], server) as page:
        page.on("request", lambda request: asked.append(urlsplit(request.url).path))
        await known_as(page.context, server, host)
        await page.goto("/")

        people = page.locator(".who-comes")
        await expect(people.locator(".face")).to_have_count(5)
        await expect(people).to_contain_text("+2")
        await expect(people).to_contain_text("Anna, Guest 0, Guest 1, Guest 2, Guest 3 and 2 more")
        assert {path for path in asked if path.startswith("/api/shows")} == {"/api/shows"}


async def test_on_a_phone_the_lines_of_a_card_begin_below_each_other(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, 600.0)
    accept(server, link, "Boris")
    async with visitor(browsers[0], server, viewport=PHONE, locale="ru-RU") as page:
        await known_as(page.context, server, host)
        await page.goto("/")
        lines = (".when .icon", ".who-comes .face", ".actions a", ".actions .copy .icon")
        begins = [await page.locator(line).first.bounding_box() for line in lines]

        assert len({round(box["x"]) for box in begins if box}) == 1


async def test_the_wall_finds_films_as_one_types_and_says_so_where_there_are_none(
    browsers: list[Browser], server: Server
) -> None:
    async with visitor(browsers[0], server) as page:
        await page.goto("/")
        await page.get_by_label("Search", exact=True).fill("counter")
        await expect(page.get_by_role("button", name=re.compile("Counter"))).to_be_visible()
        await page.get_by_label("Search", exact=True).fill("zebra")

        await expect(page.get_by_text("Nothing here is called “zebra”.")).to_be_visible()


async def test_a_search_that_cannot_be_sent_says_so_until_one_can(
    browsers: list[Browser], server: Server
) -> None:
    async with visitor(browsers[0], server) as page:
        await page.goto("/")
        await expect(page.get_by_role("button", name=re.compile("Counter"))).to_be_visible()
        await page.route("**/api/titles?*", lambda route: route.abort())
        await page.get_by_label("Search", exact=True).fill("zebra")
        trouble = page.get_by_role("alert")
        await expect(trouble).to_contain_text("The server does not answer.")
        await expect(page.get_by_role("button", name=re.compile("Counter"))).to_be_visible()

        await page.unroute("**/api/titles?*")
        await trouble.get_by_role("button", name="Try again").click()
        await expect(page.get_by_text("Nothing here is called “zebra”.")).to_be_visible()
        await expect(trouble).to_have_count(0)


async def test_more_films_come_once_however_often_one_asks(
    browsers: list[Browser], server: Server
) -> None:
    may_come = asyncio.Event()

    async def in_pages(route: Route) -> None:
        further = "cursor=second" in route.request.url
        if further:
            await may_come.wait()
        answer = await route.fetch(url=f"{server.address}/api/titles?type=movie")
        [film] = (await answer.json())["items"]
        film |= {"id": "second", "title": "Second"} if further else {}
        await route.fulfill(json={"items": [film], "next": None if further else "second"})

    async with visitor(browsers[0], server) as page:
        await page.route("**/api/titles?*", in_pages)
        await page.goto("/")
        more = page.get_by_role("button", name="More films", exact=True)
        await more.dblclick()
        may_come.set()

        await expect(more).to_have_count(0)
        await expect(page.locator(".wall .name")).to_have_text(["Counter", "Second"])


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
async def test_axe_finds_nothing_wrong_with_the_home_page(
    browsers: list[Browser], server: Server, scheme: Literal["dark", "light"], width: int
) -> None:
    size: ViewportSize = {"width": width, "height": 844}
    async with visitor(browsers[0], server, viewport=size, color_scheme=scheme) as page:
        await page.goto("/")
        await expect(page.get_by_role("heading", name="Films")).to_be_visible()
        assert await faults(page) == []
        await page.get_by_role("button", name="Schedule a show", exact=True).click()
        await expect(page.get_by_label("Film", exact=True)).to_be_visible()
        assert await faults(page) == []
        await page.get_by_role("button", name="Now", exact=True).click()
        await page.get_by_role("button", name="Create", exact=True).click()
        await expect(page.get_by_label("Link to the show", exact=True)).to_be_visible()
        assert await faults(page) == []
        await page.keyboard.press("Escape")
        assert await faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_whole_way_can_be_gone_by_keyboard_alone(
    browsers: list[Browser], server: Server
) -> None:
    async with visitor(browsers[0], server) as page:
        button, key = page.get_by_role, page.keyboard
        await page.goto("/")
        await focus_by_tab(page, button("button", name="Schedule a show", exact=True))
        await key.press("Enter")
        await focus_by_tab(page, page.get_by_label("Film", exact=True))
        await key.type("Counter")
        await focus_by_tab(page, button("button", name="Now", exact=True))
        await key.press("Space")
        await focus_by_tab(page, page.get_by_label("Your name", exact=True))
        await key.type("Anna")
        await focus_by_tab(page, button("button", name="Create", exact=True))
        await key.press("Enter")
        await expect(page.get_by_label("Link to the show", exact=True)).to_be_focused()
        await focus_by_tab(page, button("link", name="Go to the hall", exact=True))
        await key.press("Enter")

        await focus_by_tab(page, button("button", name="Enter the hall", exact=True))
        await key.press("Enter")
        await expect(page.get_by_role("log", name="Chat", exact=True)).to_be_visible()
        await key.press("k")
        await expect(button("button", name="Play", exact=True)).to_be_focused()
        await key.press("Space")
        await expect(button("button", name="Pause", exact=True)).to_be_visible()
        await focus_by_tab(page, page.get_by_label("Message", exact=True))
        await key.type("By keys alone")
        await key.press("Enter")
        await expect(page.get_by_role("log", name="Chat", exact=True)).to_contain_text(
            "By keys alone"
        )


async def test_the_browsers_language_is_spoken_and_another_can_be_chosen(
    browsers: list[Browser], server: Server
) -> None:
    async with visitor(browsers[0], server, locale="ru-RU") as page:
        await page.goto("/")
        await expect(page.get_by_role("button", name="Назначить показ")).to_be_visible()
        await expect(page.locator("html")).to_have_attribute("lang", "ru")
        await page.get_by_role("button", name="English").click()
        await expect(page.get_by_role("button", name="Schedule a show")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("button", name="Schedule a show")).to_be_visible()
        await page.goto("/?lang=ru")
        await expect(page.get_by_role("button", name="Назначить показ")).to_be_visible()


async def test_dark_and_light_can_be_chosen_for_good(
    browsers: list[Browser], server: Server
) -> None:
    async with visitor(browsers[0], server, color_scheme="dark") as page:
        await page.goto("/")
        for name in ("Colours: as the system", "Colours: dark"):
            await page.get_by_role("button", name=name).click()
        await page.reload()
        await expect(page.get_by_role("button", name="Colours: light")).to_be_visible()
        assert await page.evaluate("getComputedStyle(document.body).colorScheme") == "light"


async def test_a_link_opened_again_needs_no_name(browsers: list[Browser], server: Server) -> None:
    async with visitor(browsers[0], server) as page:
        await open_sheet(page)
        await page.get_by_role("button", name="Create", exact=True).click()
        await page.get_by_role("link", name="Go to the hall", exact=True).click()
        await enter(page)
        await page.reload()

        await expect(page.get_by_role("button", name="Enter the hall", exact=True)).to_be_visible()
        assert await page.get_by_label("Your name", exact=True).count() == 0
