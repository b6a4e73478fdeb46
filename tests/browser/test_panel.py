"""The panel behind the status "Sync": its figures, its keys, and the host's table of viewers."""

from __future__ import annotations

import json
import re
from typing import Literal

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from harness.server import Server
from tests.browser.pages import (
    PHONE,
    Options,
    faults,
    focus_by_tab,
    in_step,
    invited,
    joined,
    visitor,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

OPEN = "How well you are in step"
HEARD = "() => { window.heard = []; navigator.clipboard.writeText = async (t) => heard.push(t); }"
SMALL = """() => [...document.querySelectorAll('#panel button, #panel input')]
  .map((e) => [e.textContent.trim() || e.id, e.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 44 || height < 44).map(([name]) => name)"""


def panel(page: Page) -> Locator:
    return page.get_by_role("dialog", name="In step?", exact=True)


async def test_the_panel_is_reached_left_and_found_again_by_keyboard_alone(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, -10.0)
    async with in_step(browsers[0], server, link, host) as page:
        button = page.get_by_role("button", name=OPEN, exact=True)
        await focus_by_tab(page, button)
        await expect(button).to_have_attribute("aria-expanded", "false")
        await page.keyboard.press("Enter")

        await expect(panel(page)).to_be_focused()
        await expect(button).to_have_attribute("aria-expanded", "true")
        await focus_by_tab(page, panel(page).get_by_role("button", name="Sync now", exact=True))
        await page.keyboard.press("Escape")
        await expect(panel(page)).to_have_count(0)
        await expect(button).to_be_focused()
        await page.keyboard.press("i")
        await expect(panel(page)).to_be_visible()
        await page.keyboard.press("i")
        await expect(panel(page)).to_have_count(0)


async def test_who_writes_in_the_chat_goes_on_writing_when_the_panel_is_closed(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, -10.0)
    async with in_step(browsers[0], server, link, "Boris") as page:
        await page.get_by_role("button", name=OPEN).click()
        field = page.get_by_label("Message", exact=True)
        await field.fill("Hello")
        await page.keyboard.press("Escape")

        await expect(panel(page)).to_have_count(0)
        await expect(field).to_be_focused()


async def test_the_panel_says_what_the_snapshot_holds_and_plots_it(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, -10.0)
    async with in_step(browsers[0], server, link, "Boris") as page:
        await page.get_by_role("button", name=OPEN).click()

        for row in (
            "Correction now",
            "Clock of this device",
            "Delay of the connection",
            "A jump takes",
        ):
            value = panel(page).locator("dl div").filter(has_text=row).locator("dd")
            await expect(value).not_to_be_empty()
        clock = panel(page).locator("dl div").filter(has_text="Clock of this device")
        await expect(clock).to_contain_text(
            re.compile(r"(behind|ahead of) the server’s \(±\s.+\sms\)")
        )
        plot = panel(page).get_by_role("img")
        await expect(plot).to_have_accessible_name(
            re.compile(r"^How far off the picture was .* within .* half of the time")
        )
        assert await plot.locator("path.line").count() >= 1
        await expect(panel(page).get_by_role("heading", name="Viewers")).to_have_count(0)


async def test_the_figures_can_be_taken_along_as_json(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, -10.0)
    async with in_step(browsers[0], server, link, "Boris") as page:
        await page.evaluate(HEARD)
        await page.get_by_role("button", name=OPEN).click()
        await panel(page).get_by_role("button", name="Copy figures").click()

        await expect(panel(page).get_by_text("Copied")).to_be_visible()
        record = json.loads((await page.evaluate("heard"))[0])
        assert record["snapshot"]["state"] in {"locked", "nudge"}
        assert {"at", "error", "offset", "bound", "state", "method"} <= set(record["history"][-1])


async def test_a_lopsided_line_is_corrected_within_its_bound_and_remembered(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, -10.0)
    async with in_step(browsers[0], server, link, "Boris") as page:
        await page.get_by_role("button", name=OPEN).click()
        slider = panel(page).get_by_role(
            "slider", name=re.compile("^Correction for an uneven connection")
        )
        await slider.focus()
        await page.keyboard.press("ArrowRight")

        await expect(slider).to_have_attribute("aria-valuetext", "+1 ms")
        refused = page.get_by_role("status").filter(has_text="Only the host moves the film.")
        await expect(refused).to_have_count(0)
        kept = json.loads(await page.evaluate("localStorage['seans.player']"))
        assert kept["adjustment"] == 0.001
        await panel(page).get_by_role("button", name="No correction").click()
        await expect(slider).to_have_attribute("aria-valuetext", "0 ms")


async def test_the_host_sees_how_everybody_keeps_step(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, -10.0)
    async with (
        joined(browsers[0], server, link, host) as anna,
        in_step(browsers[1], server, link, "Boris"),
    ):
        await anna.keyboard.press("i")
        table = panel(anna).get_by_role("table")
        boris = table.get_by_role("row").filter(has_text="Boris")
        # The table is asked for every 5 s, and a page that is nudged just then knows no error.
        await expect(boris).to_contain_text("In step", timeout=15_000)
        await expect(table.get_by_role("row").filter(has_text="Anna")).to_be_visible()


@pytest.mark.parametrize(("scheme", "phone"), [("dark", False), ("light", True)])
async def test_axe_finds_nothing_wrong_with_the_panel(
    browsers: list[Browser], server: Server, scheme: Literal["dark", "light"], phone: bool
) -> None:
    options: Options = {"color_scheme": scheme}
    if phone:
        options["viewport"] = PHONE
    host, link = invited(server, -10.0)
    async with in_step(browsers[0], server, link, host, **options) as page:
        await page.keyboard.press("i")
        await expect(panel(page).get_by_role("table")).to_be_visible()
        assert await faults(page) == []


async def test_on_a_phone_the_panel_leaves_the_picture_free_and_is_large_enough_to_touch(
    browsers: list[Browser], server: Server
) -> None:
    host, link = invited(server, -10.0)
    options: Options = {"viewport": PHONE, "has_touch": True}
    async with in_step(browsers[0], server, link, host, **options) as page:
        await page.get_by_role("button", name=OPEN).tap()
        picture = await page.locator("video").bounding_box()
        sheet = await panel(page).bounding_box()
        assert picture is not None
        assert sheet is not None
        assert sheet["y"] >= picture["y"] + picture["height"] - 1
        assert (sheet["x"], sheet["width"]) == (0, 390)
        assert await page.evaluate(SMALL) == []
        await panel(page).get_by_role("button", name="Close").tap()
        await expect(panel(page)).to_have_count(0)


async def test_in_full_screen_the_panel_can_be_used_as_well(
    browsers: list[Browser], server: Server
) -> None:
    _, link = invited(server, -10.0)
    async with in_step(browsers[0], server, link, "Boris") as page:
        await page.keyboard.press("i")
        await page.keyboard.press("f")
        await expect(page.get_by_role("button", name="Leave full screen")).to_be_visible()
        await page.evaluate(HEARD)
        await panel(page).get_by_role("button", name="Copy figures").click()
        await expect(panel(page).get_by_text("Copied")).to_be_visible()
        await page.keyboard.press("f")
        await expect(page.get_by_role("button", name="Full screen", exact=True)).to_be_visible()
        await panel(page).get_by_role("button", name="Close").click()
        await expect(panel(page)).to_have_count(0)


async def test_the_panel_speaks_russian(browsers: list[Browser], server: Server) -> None:
    _, link = invited(server, -10.0)
    async with visitor(browsers[0], server, locale="ru-RU") as page:
        await page.goto(link)
        await page.get_by_label("Ваше имя").fill("Борис")
        await page.get_by_role("button", name="Войти в зал").click()
        await expect(page.get_by_role("status", name="Синхронность")).to_have_text("Синхронно")
        await page.get_by_role("button", name="Насколько вы синхронны").click()

        dialog = page.get_by_role("dialog", name="Синхронно ли?")
        await expect(dialog.get_by_role("button", name="Догнать сейчас")).to_be_visible()
        await expect(dialog).to_contain_text(re.compile("(отстаём|впереди) .* мс|Сейчас не измер"))
        await expect(dialog).to_contain_text("Задержка связи")
