"""Browsers that are older than the list are told so, without a script."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Route, expect

from harness.server import Server
from tests.browser.pages import invited, visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

KNOWS_COLOURS = "(color: light-dark(red,red))"
"""What the bundled pages ask of a browser."""


@pytest.mark.parametrize(
    ("locale", "words"), [("en-GB", "is too old"), ("ru-RU", "слишком старый")]
)
async def test_a_browser_that_is_too_old_is_told_so_in_words(
    browsers: list[Browser], server: Server, locale: str, words: str
) -> None:
    _, link = invited(server, 600.0)

    async def lacking_its_colours(route: Route) -> None:
        answer = await route.fetch()
        text = await answer.text()
        assert text.count(KNOWS_COLOURS) == 2
        await route.fulfill(
            response=answer, body=text.replace(KNOWS_COLOURS, "(color: no-such-colour)")
        )

    async with visitor(browsers[0], server, locale=locale) as page:
        for path in ("/", link):
            await page.goto(path)
            await expect(page.locator(".too-old")).to_be_hidden()
            await page.route(re.compile(f"{re.escape(path)}$"), lacking_its_colours)
            await page.goto(path)
            visible = page.locator("body > :visible")
            await expect(visible).to_have_count(1)
            await expect(visible).to_contain_text(words)
            await expect(visible.locator("p:visible")).to_have_count(1)
