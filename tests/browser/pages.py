"""What the tests of the pages share: visitors, shows, and the search for faults by axe."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NotRequired, TypedDict, Unpack

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    ViewportSize,
    WebSocketRoute,
    expect,
)

from harness.needs import lacking
from harness.server import Server

__all__ = [
    "PHONE",
    "Options",
    "RoomLink",
    "accept",
    "begin_in",
    "chat",
    "enter",
    "faults",
    "focus_by_tab",
    "in_step",
    "invited",
    "joined",
    "known_as",
    "settle",
    "sync",
    "visitor",
]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

RUN_AXE = """async () => {
  const { violations } = await axe.run(document);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target.join(' '))}`);
}"""

ANIMATED = "Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {})))"
FOCUSED = """(element) => {
  for (let at = document.activeElement; at; at = at.shadowRoot?.activeElement)
    if (at === element) return true;
  return false;
}"""
MOST_TABS = 80


PHONE: ViewportSize = {"width": 390, "height": 844}
"""The screen of a small phone."""


class Options(TypedDict):
    """How a visitor's browser is set, by Playwright's names."""

    locale: NotRequired[str]
    timezone_id: NotRequired[str]
    viewport: NotRequired[ViewportSize]
    color_scheme: NotRequired[Literal["dark", "light"]]
    has_touch: NotRequired[bool]


@asynccontextmanager
async def visitor(
    browser: Browser, server: Server, **options: Unpack[Options]
) -> AsyncIterator[Page]:
    """Give a page of somebody new; it fails the test if a script of it fails."""
    settings: Options = {"locale": "en-GB", **options}
    context = await browser.new_context(
        base_url=server.address, reduced_motion="reduce", **settings
    )
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    try:
        yield await context.new_page()
        assert errors == []
    finally:
        await context.close()


async def known_as(context: BrowserContext, server: Server, token: str) -> None:
    """Let ``context`` carry the passport ``token``."""
    await context.add_cookies([{"name": "passport", "value": token, "url": server.address}])


def invited(server: Server, begins_in: float, **settings: str) -> tuple[str, str]:
    """Return a host's passport and the link of their new show."""
    host = server.passport("Anna")
    show = server.show(host, begins_in)
    if settings:
        server.call("PATCH", f"/api/shows/{show['id']}", settings, host)
    return host, str(show["link"])


def begin_in(server: Server, link: str, host: str, seconds: float) -> None:
    """Move the start of a show that has not begun: it begins in so many seconds from now."""
    preview = server.call("GET", f"/api/invites/{link.rpartition('/')[2]}", token=host)
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    path = f"/api/sessions/{preview['session_id']}"
    server.call("PATCH", path, {"movie_time": moment.isoformat()}, host)


def accept(server: Server, link: str, name: str) -> tuple[str, str]:
    """Return the passport of a new member called ``name`` and the show's id."""
    token = server.passport(name)
    path = f"/api/invites/{link.rpartition('/')[2]}/accept"
    return token, str(server.call("POST", path, token=token)["show_id"])


async def enter(page: Page, name: str | None = None) -> None:
    """Go through the door, by ``name`` where the page asks for one."""
    if name is not None:
        await page.get_by_label("Your name", exact=True).fill(name)
    await page.get_by_role("button", name="Enter the hall", exact=True).click()
    await expect(page.get_by_role("log", name="Chat", exact=True)).to_be_visible()


@asynccontextmanager
async def joined(
    browser: Browser, server: Server, link: str, who: str, **options: Unpack[Options]
) -> AsyncIterator[Page]:
    """Give the page of a guest called ``who``, or of the host whose passport it is, in the room."""
    async with visitor(browser, server, **options) as page:
        host = who.count(".") == 2
        if host:
            await known_as(page.context, server, who)
        await page.goto(link)
        await enter(page, None if host else who)
        yield page


@asynccontextmanager
async def in_step(
    browser: Browser, server: Server, link: str, who: str, **options: Unpack[Options]
) -> AsyncIterator[Page]:
    """Give a page as ``joined`` does, once its picture is in step."""
    async with joined(browser, server, link, who, **options) as page:
        await expect(sync(page)).to_have_text("In step")
        yield page


def sync(page: Page) -> Locator:
    """Return the status that says how well the page keeps step."""
    return page.get_by_role("status", name="Sync", exact=True)


def chat(page: Page) -> Locator:
    """Return the chat's log."""
    return page.get_by_role("log", name="Chat", exact=True)


class RoomLink:
    """The link of a page, which the test can put a message on, or cut."""

    def __init__(self, without: str) -> None:
        self._without = without
        self._ends: list[WebSocketRoute] = []
        self._away = False

    @classmethod
    async def of(cls, page: Page, without: str = "") -> RoomLink:
        """Lay hands on the links that ``page`` will open; messages ``without`` are kept from it."""
        link = cls(without)
        await page.route_web_socket("**/socket", link._connect)
        return link

    async def _connect(self, end: WebSocketRoute) -> None:
        if self._away:
            await end.close()
            return
        server = end.connect_to_server()
        server.on_message(lambda text: self._hear(end, text))
        self._ends.append(end)

    def _hear(self, end: WebSocketRoute, text: str | bytes) -> None:
        if json.loads(text)["type"] != self._without:
            end.send(text)

    def tell(self, **message: object) -> None:
        """Let the page hear ``message`` as if the server had sent it."""
        self._ends[-1].send(json.dumps(message))

    async def cut(self) -> None:
        """End the link, and every later one at once."""
        self._away = True
        await self._ends[-1].close()

    def mend(self) -> None:
        """Let later links be."""
        self._away = False


async def settle(page: Page) -> None:
    """Wait until nothing on the page moves any more."""
    await page.evaluate(ANIMATED)


async def faults(page: Page) -> list[str]:
    """Return what axe finds wrong with the page as it is."""
    if not AXE.exists():
        lacking("axe-core: npm install")
    await settle(page)
    await page.evaluate(AXE.read_text())
    found: list[str] = await page.evaluate(RUN_AXE)
    return found


async def focus_by_tab(page: Page, target: Locator) -> None:
    """Press Tab until ``target`` has the focus."""
    await expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        if await target.evaluate(FOCUSED):
            return
    pytest.fail(f"Tab does not lead to {target}")
