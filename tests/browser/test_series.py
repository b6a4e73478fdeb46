"""A series in the room: two people watch the end of an episode and are carried into the next."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from harness.films import counter_film, put_film
from harness.server import Server, running_server
from harness.skew.film_folder import FILM_SECONDS
from tests.browser.pages import (
    PHONE,
    accept,
    chat,
    faults,
    in_step,
    joined,
    known_as,
    sync,
    visitor,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

EPISODES = ("S01E01.Arrival", "S01E02.Departure", "S01E03")
SHOWN = "document.querySelector('video').currentSrc.split('?')[0]"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory, bundled: None) -> AsyncIterator[Server]:
    """A server with a series of three episodes, and two movies."""
    del bundled
    media = tmp_path_factory.mktemp("series") / "media"
    media.mkdir()
    for n, name in enumerate(EPISODES):
        put_film(counter_film(FILM_SECONDS), media / f"Pilot.Show.{name}.mp4", padding=n)
    for n, name in enumerate(("Фильм А", "Фильм Б"), start=len(EPISODES)):
        put_film(counter_film(FILM_SECONDS), media / f"{name}.mp4", padding=n)
    async with running_server(media, media.parent / "data") as server:
        yield server


def scheduled(server: Server, host: str, *begin_in: float, **fields: str) -> dict[str, Any]:
    """Return a show of the series, whose episodes begin in so many seconds."""
    (series,) = server.call("GET", "/api/titles?type=series", token=host)["items"]
    episodes = server.call("GET", f"/api/titles/{series['id']}", token=host)["episodes"]
    now = datetime.now(UTC)
    sessions = [
        {"target_id": episode["id"], "movie_time": (now + timedelta(seconds=each)).isoformat()}
        for episode, each in zip(episodes, begin_in, strict=False)
    ]
    plan = {"target_id": series["id"], "target_type": "series", "sessions": sessions, **fields}
    return dict(server.call("POST", "/api/shows", plan, host))


def next_card(page: Page) -> Any:  # noqa: ANN401 -- a locator
    return page.get_by_role("region", name="What comes next", exact=True)


async def film_id(page: Page) -> str:
    return str(await page.evaluate(SHOWN))


async def test_two_people_watch_the_end_of_an_episode_and_are_carried_into_the_next(
    browsers: list[Browser], server: Server
) -> None:
    host = server.passport("Anna")
    show = scheduled(server, host, 25.0 - FILM_SECONDS, 55.0, 3600.0)
    link = str(show["link"])
    async with (
        in_step(browsers[0], server, link, host) as anna,
        in_step(browsers[1], server, link, "Boris") as boris,
    ):
        await expect(anna.get_by_role("heading", level=1)).to_have_text(
            "Pilot Show — Season 1, episode 1 · Arrival"
        )
        first = await film_id(boris)
        await boris.evaluate("window.stillHere = true")
        await anna.get_by_label("Message", exact=True).fill("What an ending")
        await anna.keyboard.press("Enter")

        await expect(next_card(boris)).to_contain_text(
            "Next: Season 1, episode 2 · Departure", timeout=30_000
        )
        for page in (anna, boris):
            await expect(page).to_have_title(re.compile("^▶ 0:0"), timeout=40_000)
            await expect(sync(page)).to_have_text("In step")
            await expect(page.get_by_role("heading", level=1)).to_contain_text("episode 2")
            await expect(chat(page)).to_contain_text("What an ending")
            await expect(chat(page)).to_contain_text("The show goes on to what comes next")
            await expect(page.get_by_role("list", name="People")).to_contain_text("Boris")
        assert await film_id(boris) not in ("", first)
        assert await boris.evaluate("window.stillHere"), "without a reload"

        async with joined(browsers[2], server, link, "Late Vera") as vera:
            await expect(vera).to_have_title(re.compile("^▶ 0:"))
            assert await film_id(vera) == await film_id(boris)
            await expect(chat(boris)).to_contain_text("Late Vera came in")
        await boris.get_by_label("Message", exact=True).fill("And on it goes")
        await boris.keyboard.press("Enter")
        await expect(chat(anna)).to_contain_text("And on it goes")
        await anna.keyboard.press("Escape")


async def test_next_counts_down_and_whoever_may_command_stops_it(
    browsers: list[Browser], server: Server
) -> None:
    host = server.passport("Anna")
    show = scheduled(server, host, -10.0, 3600.0, control="everyone")
    link = str(show["link"])
    async with (
        in_step(browsers[0], server, link, host) as anna,
        in_step(browsers[1], server, link, "Boris", viewport=PHONE) as boris,
    ):
        first = await film_id(anna)
        await anna.keyboard.press("n")
        await expect(next_card(anna)).to_have_count(0)
        await anna.keyboard.press("Shift+N")
        await expect(next_card(boris)).to_contain_text("episode 2 · Departure")
        await expect(next_card(boris)).to_contain_text(re.compile(r"in 0:(10|0\d)"))
        assert await faults(boris) == []
        await next_card(boris).get_by_role("button", name="Stop", exact=True).click()
        await expect(next_card(anna)).to_have_count(0)
        await expect(chat(anna)).to_contain_text("Boris stopped the change")
        assert await film_id(anna) == first

        await anna.keyboard.press("Shift+N")
        await next_card(anna).get_by_role("button", name="Go now", exact=True).click()
        for page in (anna, boris):
            await expect(page).to_have_title(re.compile("^▶ 0:0"), timeout=20_000)
            await expect(page.get_by_role("heading", level=1)).to_contain_text("episode 2")
            await expect(sync(page)).to_have_text("In step")
        assert await film_id(anna) != first


async def test_who_may_not_command_sees_what_comes_next_and_no_button(
    browsers: list[Browser], server: Server
) -> None:
    host = server.passport("Anna")
    show = scheduled(server, host, -5.0, 3600.0)
    link = str(show["link"])
    async with (
        joined(browsers[0], server, link, host) as anna,
        visitor(browsers[1], server, locale="ru-RU") as boris,
    ):
        await known_as(boris.context, server, accept(server, link, "Boris")[0])
        await boris.goto(link)
        await boris.locator("form.join button.main").click()
        await anna.get_by_role("button", name="Next film or episode", exact=True).click()
        card = boris.get_by_role("region", name="Что дальше", exact=True)
        await expect(card).to_contain_text("Дальше: 1 сезон, 2 серия · Departure")
        await expect(card.get_by_role("button")).to_have_count(0)
        await boris.keyboard.press("Shift+N")
        refused = boris.get_by_role("status").filter(has_text="Фильмом управляет")
        await expect(refused).to_be_visible()


async def test_a_series_is_scheduled_with_a_break_and_one_episode_left_out(
    browsers: list[Browser], server: Server
) -> None:
    async with visitor(browsers[0], server, viewport=PHONE, timezone_id="Europe/Berlin") as page:
        await page.goto("/?lang=en")
        card = page.get_by_role("button", name=re.compile("Pilot Show 3 episodes$"))
        await card.click()
        sheet = page.get_by_role("dialog")
        rows = sheet.get_by_role("listitem")
        await expect(rows).to_have_count(3)
        await sheet.get_by_label("Date and time", exact=True).fill("2030-03-29T21:00:00")
        await sheet.get_by_label("Break in minutes", exact=True).fill("8")
        await expect(rows.nth(1)).to_contain_text(re.compile(r"Departure\s.*21:10", re.DOTALL))
        assert await faults(page) == []
        await rows.nth(1).get_by_role("button", name=re.compile("^Leave out: ")).click()
        await expect(rows).to_have_count(2)
        await expect(rows.nth(1)).to_contain_text(re.compile(r"episode 3\s.*21:10", re.DOTALL))
        await sheet.get_by_label("A week later, same time", exact=True).check()
        await expect(rows.nth(1)).to_contain_text(re.compile("5 April 2030.*21:00", re.DOTALL))
        await expect(sheet.get_by_label("Title", exact=True)).to_have_value("Pilot Show")
        await sheet.get_by_role("button", name="Create", exact=True).click()

        await expect(sheet).to_contain_text("2 films or episodes")
        link = await sheet.get_by_label("Link to the show", exact=True).input_value()
        preview = server.call("GET", f"/api/invites/{link.rpartition('/')[2]}")
        assert preview["title"] == "Pilot Show"
        assert preview["movie_time"] == "2030-03-29T20:00:00Z"


async def test_two_films_in_a_row_are_scheduled_by_the_keyboard(
    browsers: list[Browser], server: Server
) -> None:
    async with visitor(browsers[0], server, locale="ru-RU") as page:
        await page.goto("/?lang=ru")
        await page.get_by_role("button", name=re.compile("Фильм А 2")).press("Enter")
        sheet = page.get_by_role("dialog")
        another = sheet.get_by_label("Потом ещё фильм", exact=True)
        await another.select_option(label="Фильм Б")
        await expect(sheet.get_by_role("listitem")).to_have_count(2)
        await expect(another).to_have_value("")
        await expect(sheet.get_by_label("Название", exact=True)).to_have_value("Фильм А · Фильм Б")
        await sheet.get_by_role("button", name="Убрать: Фильм А", exact=True).press("Enter")
        await expect(sheet.get_by_role("listitem")).to_have_count(0)
        await another.select_option(label="Фильм А")
        await expect(sheet.get_by_role("listitem")).to_have_count(2)
        assert await faults(page) == []
        await sheet.get_by_role("button", name="Создать", exact=True).press("Enter")

        await expect(sheet).to_contain_text("2 фильма или серии")
        await page.keyboard.press("Escape")
        shown = page.get_by_role("listitem").filter(has_text="Фильм Б · Фильм А")
        await expect(shown).to_be_visible()


async def test_a_live_viewer_is_carried_into_the_next_film_as_well(
    browsers: list[Browser], server: Server
) -> None:
    host = server.passport("Anna")
    show = scheduled(server, host, -10.0, 3600.0)
    link = str(show["link"])
    first = show["sessions"][0]["id"]
    async with joined(browsers[0], server, f"{link}?source=live", "Boris") as boris:
        await expect(sync(boris)).to_contain_text("In step", timeout=30_000)
        for _ in range(2):
            server.call("POST", f"/api/sessions/{first}/commands", {"action": "next"}, host)

        await expect(boris).to_have_title(re.compile("^▶ 0:0"), timeout=20_000)
        await expect(boris.get_by_role("heading", level=1)).to_contain_text("episode 2")
        await expect(sync(boris)).to_contain_text("In step", timeout=30_000)
        assert await boris.evaluate("document.querySelector('video').srcObject !== null")
        assert await boris.evaluate("window.seans.sync.position") < FILM_SECONDS / 2
