"""A server whose owner alone hosts: what the owner sees, and what everybody else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from harness.server import Server, running_server
from streamer.secret import owner_token
from tests.browser.pages import PHONE, enter, faults, visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def owned(
    films: Path, bundled: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Server, str]]:
    """A server with an owner, and the path of the owner's address."""
    del bundled
    data = tmp_path_factory.mktemp("owned") / "data"
    async with running_server(films, data, "--hosts", "owner") as server:
        yield server, f"/owner/{owner_token(data)}"


async def test_the_owner_gives_a_name_and_schedules_and_a_friend_sees_one_show(
    browsers: list[Browser], owned: tuple[Server, str]
) -> None:
    server, address = owned
    async with visitor(browsers[0], server) as page:
        await page.goto(f"{address}?lang=en")
        await expect(page.get_by_role("heading", name="This is your server")).to_be_visible()
        assert await faults(page) == []
        await page.get_by_role("button", name="Go to the films", exact=True).click()
        await expect(page.get_by_role("alert")).to_have_text("Tell the others what to call you.")
        await page.get_by_label("Your name", exact=True).fill("Olga")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{server.address}/")
        await page.get_by_role("button", name="Schedule a show", exact=True).click()
        await page.get_by_role("button", name="Create", exact=True).click()
        link = await page.get_by_label("Link to the show", exact=True).input_value()

    async with visitor(browsers[1], server, viewport=PHONE) as friend:
        await friend.goto(link)
        await enter(friend, "Fred")
        await friend.goto("/?lang=en")
        await expect(friend.get_by_role("heading", name="Coming up")).to_be_visible()
        await expect(friend.get_by_role("button", name="Schedule a show")).to_have_count(0)
        await expect(friend.get_by_role("searchbox")).to_have_count(0)
        await expect(friend.get_by_text("Only the owner of this server")).to_be_visible()
        assert await faults(friend) == []


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Only the owner"), ("ru", "только владелец сервера")]
)
async def test_a_stranger_is_told_where_to_go(
    browsers: list[Browser], owned: tuple[Server, str], language: str, words: str
) -> None:
    server, _ = owned
    async with visitor(browsers[0], server, viewport=PHONE) as page:
        await page.goto(f"/?lang={language}")

        await expect(page.get_by_text(words)).to_be_visible()
        await expect(page.get_by_role("alert")).to_have_count(0)
        assert await faults(page) == []
