"""A whole evening of two people: the owner's series, a friend, the next episode, the history."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from harness.films import counter_film, put_film
from harness.server import Server, running_server
from harness.skew.film_folder import FILM_SECONDS
from streamer.app import static_folder
from streamer.secret import owner_token
from tests.browser.pages import PHONE, faults, known_as, visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DESK: ViewportSize = {"width": 1280, "height": 800}
Words = Callable[[str], str]


def words_of(language: str) -> Words:
    """Return what gives the pages' words by their keys."""
    texts = json.loads((static_folder() / "i18n" / f"{language}.json").read_text("utf-8"))
    return lambda key: str(texts[key])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def owned(
    tmp_path_factory: pytest.TempPathFactory, bundled: None
) -> AsyncIterator[tuple[Server, Path]]:
    """A server of an owner, with a series of three episodes."""
    del bundled
    media = tmp_path_factory.mktemp("story") / "media"
    media.mkdir()
    for n in range(3):
        put_film(counter_film(FILM_SECONDS), media / f"Pilot.S01E0{n + 1}.mp4", padding=n)
    data = media.parent / "data"
    async with running_server(media, data, "--hosts", "owner") as server:
        yield server, data


async def schedule(page: Page, t: Words) -> str:
    """Schedule the series for friends, to begin in a moment; return the link."""
    await page.get_by_role("button", name=re.compile("Pilot 3")).click()
    sheet = page.get_by_role("dialog")
    await expect(sheet.get_by_role("listitem")).to_have_count(3)
    begin = (datetime.now(UTC) + timedelta(seconds=15)).strftime("%Y-%m-%dT%H:%M:%S")
    await sheet.get_by_label(t("schedule.moment"), exact=True).fill(begin)
    await sheet.get_by_label(t("access.friends"), exact=True).check()
    await sheet.get_by_role("button", name=t("schedule.create"), exact=True).click()
    return await sheet.get_by_label(t("link.field"), exact=True).input_value()


async def in_step(page: Page, t: Words) -> None:
    """Wait until a page says that it is in step."""
    said = page.get_by_role("status").get_by_text(t("sync.in-step"), exact=True)
    await expect(said).to_be_visible(timeout=40_000)


async def come_in(page: Page, link: str, t: Words) -> None:
    await page.goto(link)
    await page.locator("form.join button.main").click()
    await in_step(page, t)


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("ru", PHONE)])
async def test_an_evening_of_two_friends(
    browsers: list[Browser],
    owned: tuple[Server, Path],
    language: Literal["en", "ru"],
    size: ViewportSize,
) -> None:
    server, data = owned
    t, locale = words_of(language), {"en": "en-GB", "ru": "ru-RU"}[language]
    friend_token = server.passport("Fred")
    friend_id = server.call("GET", "/api/me", token=friend_token)["id"]
    async with (
        visitor(browsers[0], server, viewport=size, timezone_id="UTC", locale=locale) as owner,
        visitor(browsers[1], server, viewport=size, timezone_id="UTC", locale=locale) as friend,
    ):
        await known_as(friend.context, server, friend_token)
        await owner.goto(f"/owner/{owner_token(data)}")
        await owner.get_by_label(t("name.field"), exact=True).fill("Olga")
        await owner.get_by_role("button", name=t("owner.enter"), exact=True).click()
        await owner.wait_for_url(f"{server.address}/")
        cookies = await owner.context.cookies()
        owner_passport = next(c["value"] for c in cookies if c["name"] == "passport")
        owner_id = server.call("GET", "/api/me", token=owner_passport)["id"]
        link = await schedule(owner, t)

        # Each adds the other: now the link of a show for friends lets the friend in.
        for token, other in ((owner_passport, friend_id), (friend_token, owner_id)):
            bookmark = {"target_id": other, "target_type": "user"}
            server.call("POST", "/api/bookmarks", bookmark, token)
        for page in (owner, friend):
            await come_in(page, link, t)
        preview = server.call("GET", f"/api/invites/{link.rpartition('/')[2]}")
        command = {"action": "seek", "position": FILM_SECONDS - 6.0}
        path = f"/api/sessions/{preview['session_id']}/commands"
        server.call("POST", path, command, owner_passport)
        for page in (owner, friend):
            await expect(page.get_by_role("region", name=t("next.label"))).to_contain_text(
                "2", timeout=30_000
            )

        await owner.keyboard.press("Shift+N")
        for page in (owner, friend):
            await expect(page).to_have_title(re.compile("^▶ 0:0"), timeout=30_000)
            await in_step(page, t)
        assert await faults(friend) == []

        await friend.goto("/")
        row = friend.locator(".history .view").first
        await expect(row).to_contain_text("Pilot")
        await expect(row).to_contain_text("Olga")
        assert await faults(friend) == []
        await row.get_by_role("link").first.click()
        await friend.locator("form.join button.main").click()
        await in_step(friend, t)
        await expect(friend.get_by_role("heading", level=1)).to_contain_text("2")
