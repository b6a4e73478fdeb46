"""The room waits for people, and says at the end how well it went."""

from __future__ import annotations

import asyncio
import re
import time

import pytest
from playwright.async_api import Browser, Route, expect

from harness.server import Server
from tests.browser.pages import (
    PHONE,
    Options,
    RoomLink,
    accept,
    begin_in,
    chat,
    enter,
    faults,
    invited,
    joined,
    known_as,
    sync,
    visitor,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_room_says_whom_it_waits_for_and_the_host_may_go_on(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, -10.0)
    boris, _ = accept(server, link, "Boris")
    someone = server.call("GET", "/api/me", token=boris)
    async with visitor(browsers[0], server) as page:
        room = await RoomLink.of(page)
        await known_as(page.context, server, host)
        await page.goto(link)
        await enter(page)
        await expect(sync(page)).to_have_text("In step")
        await page.get_by_role("button", name="Pause", exact=True).click()
        await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
        people = [{"id": someone["id"], "name": "Boris"}]
        room.tell(type="waiting", **{"for": people}, until=time.time() + 12)

        card = page.get_by_role("region", name="The room waits")
        await expect(card.get_by_role("status")).to_have_text("Waiting for Boris")
        await expect(card.get_by_role("timer")).to_have_text(re.compile(r"^at most (9|1\d) secs?$"))
        row = page.get_by_role("list", name="People", exact=True).get_by_role("listitem")
        await expect(row.filter(has_text="Boris")).to_contain_text("Waited for")
        assert await faults(page) == []
        await card.get_by_role("button", name="Go on", exact=True).click()
        await expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
        room.tell(type="waiting", **{"for": []}, until=None)
        await expect(card).to_have_count(0)
        await expect(row.filter(has_text="Boris")).not_to_contain_text("Waited for")


async def test_a_start_that_waits_is_told_to_all_and_goes_on_when_everybody_is_ready(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, 600.0, waiting="start")
    film = asyncio.Event()

    async def late(route: Route) -> None:
        await film.wait()
        await route.continue_()

    async with (
        joined(browsers[0], server, link, host) as anna,
        visitor(browsers[1], server) as boris,
    ):
        await boris.route("**/media/**", late)
        await boris.goto(link)
        await enter(boris, "Boris")
        # Not before both are in, however long their browsers take.
        begin_in(server, link, host, 3.0)
        card = anna.get_by_role("region", name="The room waits")
        await expect(card).to_contain_text("Waiting for Boris", timeout=15_000)
        await expect(card.get_by_role("button", name="Go on", exact=True)).to_be_visible()
        own = boris.get_by_role("region", name="The room waits")
        await expect(own).to_contain_text("Everybody waits for you")
        film.set()
        await expect(card).to_have_count(0, timeout=20_000)
        await expect(sync(anna)).to_have_text("In step")
        await expect(chat(anna)).to_contain_text("The room waits for everybody")
        await expect(chat(anna)).to_contain_text("The film goes on")


async def test_who_may_not_move_the_film_is_told_of_waiting_without_a_button(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, 600.0)
    async with visitor(browsers[0], server, viewport=PHONE) as page:
        room = await RoomLink.of(page)
        await page.goto(link)
        await enter(page, "Boris")
        await expect(chat(page)).to_contain_text("Boris came in")
        me = await page.evaluate("fetch('/api/me').then((answer) => answer.json())")
        room.tell(type="waiting", **{"for": [{"id": me["id"], "name": "Boris"}]}, until=None)

        card = page.get_by_role("region", name="The room waits")
        await expect(card).to_contain_text("Everybody waits for you")
        await expect(card.get_by_role("button")).to_have_count(0)
        await expect(card).to_be_in_viewport(ratio=1)
        room.tell(
            type="notice",
            seq=2,
            kind="paused",
            by=None,
            name="",
            position=0.0,
            session_id=None,
            created_at="2027-01-15T08:00:00Z",
            reason="waiting",
        )
        await expect(chat(page)).to_contain_text("The room waits for everybody")


@pytest.mark.parametrize("phone", [False, True])
async def test_at_the_end_one_reads_how_well_it_went_above_the_controls(
    browsers: list[Browser], server: Server, phone: bool
) -> None:
    _, link = invited(server, -119.0)
    options: Options = {"viewport": PHONE} if phone else {}
    async with visitor(browsers[0], server, **options) as page:
        room = await RoomLink.of(page, without="summary")
        await page.goto(link)
        await enter(page, "Boris")
        end = page.get_by_role("alert")
        await expect(end).to_contain_text("The film is over.")
        await expect(chat(page)).to_contain_text("Boris came in")
        room.tell(type="summary", p50=0.0042, p95=0.0123, viewers=3)
        await expect(end).to_contain_text("3 of you watched together.")
        await expect(end).to_contain_text("within 12 ms")

        home = await end.get_by_role("button", name="To the start page").bounding_box()
        controls = await page.locator("media-time-range").bounding_box()
        assert home is not None
        assert controls is not None
        assert home["y"] + home["height"] <= controls["y"]
        assert await faults(page) == []
