"""What one has watched, on the home page: found, gone on with, and forgotten."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page, Route, ViewportSize, expect

from harness.server import Server
from tests.browser.pages import (
    PHONE,
    accept,
    enter,
    faults,
    in_step,
    invited,
    known_as,
    visitor,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def kept(server: Server, token: str) -> dict[str, Any]:
    """Return the only entry of somebody's history, once the server has kept it."""
    async with asyncio.timeout(30):
        while not (items := server.call("GET", "/api/history", token=token)["items"]):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    [view] = items
    return dict(view)


async def test_who_watched_finds_the_film_in_the_history_and_goes_on_from_that_place(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, -40.0, title="Friday")
    async with in_step(browsers[0], server, link, host) as page:
        accept(server, link, "Boris")
        await page.wait_for_timeout(2_000)
        await page.goto("about:blank")
        view = await kept(server, host)
        assert view["position"] > 40.0

        await page.goto("/?lang=en")
        row = page.locator(".history .view")
        await expect(row).to_contain_text("Friday")
        await expect(row).to_contain_text(re.compile(r"0:4\d of 2:00"))
        await expect(row.get_by_role("link", name="Open: Friday", exact=True)).to_be_visible()
        await row.get_by_role("button", name=re.compile(r"^Watch on from 0:4\d: Friday$")).click()
        await page.wait_for_url(re.compile("/w/"))
        assert page.url.partition("?")[0] != link
        await enter(page)

        await expect(page.get_by_role("status", name="Sync", exact=True)).to_have_text("In step")
        position = await page.evaluate("window.seans.sync.position")
        assert view["position"] - 10.0 <= position < view["position"] + 30.0
        shows = server.call("GET", "/api/shows", token=host)["items"]
        assert sorted(show["title"] for show in shows) == ["Friday", "Friday"]


VIEW = {
    "type": "view",
    "created_at": "2026-01-02T20:00:00Z",
    "updated_at": "2026-01-02T21:30:00Z",
    "user_id": "u",
    "target_id": "00000000-0000-4000-8000-000000000001",
    "target_type": "movie",
    "session_id": "s",
    "watched": 2530.0,
    "duration": 7080.0,
}


def entry(number: int, **fields: object) -> dict[str, object]:
    """Return an entry of a history."""
    told = {"title": f"Film {number}", "position": 2530.0, "company": ["Boris", "Vera"]}
    return {**VIEW, "id": f"v{number}", "show_id": f"w{number}", **told, **fields}


class Told:
    """A history that the page is told instead of the server's."""

    def __init__(self, entries: list[dict[str, object]]) -> None:
        self.entries = entries
        self.deleted: list[str] = []
        self.refuses = False

    @classmethod
    async def of(cls, page: Page, count: int) -> Told:
        told = cls([entry(number) for number in range(count)])
        await page.route("**/api/history**", told._answer)
        return told

    async def _answer(self, route: Route) -> None:
        path, _, query = route.request.url.partition("/api/history")[2].partition("?")
        if route.request.method == "DELETE":
            if self.refuses:
                await route.abort()
                return
            self.deleted.append(path)
            self.entries = [e for e in self.entries if path not in ("", f"/{e['id']}")]
            await route.fulfill(status=204)
            return
        begin = 6 if "cursor=further" in query else 0
        rest = self.entries[begin + 6 :]
        await route.fulfill(
            json={"items": self.entries[begin : begin + 6], "next": "further" if rest else None}
        )


async def test_how_far_one_came_when_and_with_whom_is_said_in_words(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, 600.0)
    async with visitor(browsers[0], server, timezone_id="Europe/Berlin") as page:
        told = await Told.of(page, 7)
        told.entries[1] |= {"position": 7000.0, "company": []}
        await known_as(page.context, server, host)
        await page.goto("/?lang=en")
        rows = page.locator(".history .view")
        await expect(rows).to_have_count(6)
        await expect(rows.nth(0)).to_contain_text("42 of 118 min")
        await expect(rows.nth(0)).to_contain_text("22:30")
        await expect(rows.nth(0)).to_contain_text("with Boris, Vera")
        await expect(rows.nth(1)).to_contain_text("To the end")
        await expect(rows.nth(1).get_by_role("button", name=re.compile("^Watch"))).to_have_count(0)
        await page.get_by_role("button", name="Show more", exact=True).click()
        await expect(rows).to_have_count(7)
        await expect(page.get_by_role("button", name="Show more", exact=True)).to_have_count(0)


async def test_a_film_that_is_gone_is_told_of_in_words(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, 600.0)
    async with visitor(browsers[0], server) as page:
        await Told.of(page, 1)
        await known_as(page.context, server, host)
        await page.goto("/?lang=en")
        await page.get_by_role("button", name="Watch on from 42:10: Film 0", exact=True).click()

        alert = page.get_by_role("alert").filter(has_text="no longer there")
        await expect(alert).to_be_visible()


async def test_an_entry_is_deleted_unless_one_takes_it_back(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, 600.0)
    async with visitor(browsers[0], server) as page:
        told = await Told.of(page, 2)
        await page.clock.install()
        await known_as(page.context, server, host)
        await page.goto("/?lang=en")
        first, second = (
            page.get_by_role("button", name=f"Remove from history: Film {number}", exact=True)
            for number in range(2)
        )
        await first.click()
        undo = page.get_by_role("button", name=re.compile("^Undo"))
        await expect(undo).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(first).to_be_focused()
        await second.click()
        await page.clock.run_for(9_000)
        await expect(page.locator(".history .view")).to_have_count(1)
        assert told.deleted == ["/v1"]
        await expect(page.get_by_role("heading", name="Watched", exact=True)).to_be_focused()

        told.refuses = True
        await first.click()
        await page.clock.run_for(9_000)
        await expect(first).to_be_visible()
        alert = page.get_by_role("alert").filter(has_text="The server does not answer")
        await expect(alert).to_be_visible()


async def test_the_history_is_cleared_only_after_a_question(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, 600.0)
    async with visitor(browsers[0], server) as page:
        told = await Told.of(page, 2)
        await known_as(page.context, server, host)
        await page.goto("/?lang=en")
        clear = page.get_by_role("button", name="Clear history", exact=True)
        await clear.click()
        await expect(page.get_by_role("button", name="Keep it", exact=True)).to_be_focused()
        assert await faults(page) == []
        await page.keyboard.press("Enter")
        await expect(clear).to_be_focused()
        assert told.deleted == []

        await clear.click()
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Watched", exact=True)).to_have_count(0)
        assert told.deleted == [""]


async def test_who_may_not_host_is_offered_no_new_show(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, 600.0)

    async def no_host(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(json={**await answer.json(), "may": {"host": False}})

    async with visitor(browsers[0], server) as page:
        await Told.of(page, 1)
        await page.route("**/api/me", no_host)
        await known_as(page.context, server, host)
        await page.goto("/?lang=en")
        await expect(page.locator(".history .view")).to_contain_text("42 of 118 min")
        await expect(page.get_by_role("button", name=re.compile("^Watch on"))).to_have_count(0)


async def test_past_shows_stand_once_by_the_history_or_below_it(
    browsers: list[Browser], server: Server
) -> None:
    host, _ = invited(server, 600.0)
    past = [
        {"id": f"w{number}", "title": f"Show {number}", "movie_time": "2026-01-02T20:00:00Z"}
        for number in range(2)
    ]

    async def over(route: Route) -> None:
        shows = [{**show, "entrance": f"/w/{show['id']}"} for show in past]
        await route.fulfill(json={"items": shows, "next": None})

    async with visitor(browsers[0], server) as page:
        await Told.of(page, 1)
        await page.route("**/api/shows?when=past*", over)
        await known_as(page.context, server, host)
        await page.goto("/?lang=en")

        await expect(page.get_by_role("link", name="Open the chat: Film 0")).to_have_count(1)
        await expect(page.get_by_role("heading", name="Earlier shows")).to_be_visible()
        await expect(page.locator(".earlier .name")).to_have_text(["Show 1"])


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390, 320])
async def test_axe_finds_nothing_wrong_with_the_history(
    browsers: list[Browser], server: Server, scheme: Literal["dark", "light"], width: int
) -> None:
    size: ViewportSize = {"width": width, "height": PHONE["height"]}
    host, _ = invited(server, 600.0)
    language = "ru" if width == 320 else "en"
    async with visitor(browsers[0], server, viewport=size, color_scheme=scheme) as page:
        told = await Told.of(page, 7)
        told.entries[0]["title"] = "Сверхдлинноеназваниефильмакотороенеделится " * 3
        told.entries[0]["company"] = ["Константин Константинопольский"] * 5
        await known_as(page.context, server, host)
        await page.goto(f"/?lang={language}")
        await expect(page.locator(".history .view")).to_have_count(6)
        await page.locator(".history .view button.square").nth(1).click()
        assert await faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
