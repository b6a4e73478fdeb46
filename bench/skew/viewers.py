"""Viewers: headless Chromium, each a process of its own, so that none counts as hidden."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Playwright

from bench.skew.cinema import Cinema, Showing
from bench.skew.figures import Frame

__all__ = ["CHROMIUM", "Falsehood", "Viewer", "chromium"]

CHROMIUM = Path("/usr/bin/chromium")
"""Where Debian installs it."""

_ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
]
_UNWANTED = ["--mute-audio", "--headless"]
_METER = Path(__file__).with_name("meter.js")
_LOOKS = 9
_ENTERED_WITHIN = 10.0
_LOOK_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Falsehood:
    """How wrong a page's clocks are."""

    seconds: float
    """Off by so much from the first, seconds."""

    ppm: float
    """Faster by so much, parts per million."""


@asynccontextmanager
async def chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    """Run a Chromium with sound, and with the rule that sound needs a click."""
    browser = await playwright.chromium.launch(
        executable_path=CHROMIUM,
        headless=True,
        args=_ARGUMENTS,
        ignore_default_args=_UNWANTED,
    )
    try:
        yield browser
    finally:
        await browser.close()


class Viewer:
    """Somebody with a page of a show."""

    def __init__(self, cinema: Cinema, page: Page) -> None:
        self.page = page
        self._cinema = cinema

    @classmethod
    @asynccontextmanager
    async def looking(
        cls,
        cinema: Cinema,
        showing: Showing,
        browser: Browser,
        *,
        as_host: bool = False,
        falsehood: Falsehood | None = None,
    ) -> AsyncIterator[Viewer]:
        """Open the show's page in a context of its own."""
        context = await browser.new_context(viewport={"width": 1000, "height": 640}, locale="en")
        try:
            if as_host:
                cookie = {"name": "passport", "value": showing.host, "url": cinema.server.address}
                await context.add_cookies([cookie])  # type: ignore[list-item]
            lie = json.dumps(
                None if falsehood is None else {"seconds": falsehood.seconds, "ppm": falsehood.ppm}
            )
            await context.add_init_script(f"{_METER.read_text()}({lie});")
            page = await context.new_page()
            await page.goto(showing.link)
            yield cls(cinema, page)
        finally:
            await context.close()

    async def enter(self, name: str = "Boris") -> float:
        """Click "Enter the hall", naming oneself where asked; return when, server time."""
        button = self.page.get_by_role("button", name="Enter the hall", exact=True)
        await button.wait_for()
        field = self.page.get_by_label("Your name", exact=True)
        if await field.count():
            await field.fill(name)
        clicked = self._cinema.now()
        await button.click()
        return clicked

    async def frames(self) -> list[Frame]:
        """Return every frame shown so far whose number could be read."""
        offset = await self._offset()
        shown = await self.page.evaluate("skewMeter.frames")
        return [Frame(at + offset, number) for at, number in shown if number is not None]

    async def number(self) -> int | None:
        """Return the number in the picture now."""
        number: int | None = await self.page.evaluate("skewMeter.number()")
        return number

    async def rates(self) -> list[tuple[float, float]]:
        """Return when (server time) the rate was set, and to what."""
        offset = await self._offset()
        return [(at + offset, rate) for at, rate in await self.page.evaluate("skewMeter.rates")]

    async def sync(self) -> dict[str, Any]:
        """Return what the page says of itself."""
        snapshot: dict[str, Any] = await self.page.evaluate("seans.sync")
        return snapshot

    async def until_state(self, *states: str, seconds: float = _ENTERED_WITHIN) -> str:
        """Wait until the page says that it is in one of ``states``; return which."""
        give_up = time.monotonic() + seconds
        state = ""
        while time.monotonic() < give_up:
            state = str((await self.sync())["state"])
            if state in states:
                return state
            await asyncio.sleep(_LOOK_EVERY)
        raise TimeoutError(f"still {state!r} after {seconds} s")

    async def _offset(self) -> float:
        """Return the server's time less the document's clock, seconds.

        The page's clock is read between two looks at ours; the closest pair counts.
        """
        readings = []
        for _ in range(_LOOKS):
            before = time.monotonic()
            page: float = await self.page.evaluate("skewMeter.now() / 1000")
            after = time.monotonic()
            readings.append((after - before, (before + after) / 2 - page))
        return min(readings)[1] + self._cinema.clock_offset
