"""Viewers: pages of a show, each in a browser of its own, so that none counts as hidden."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Route

from harness.page_scripts import READER, function_in
from harness.skew.figures import Frame
from harness.skew.line import Line
from harness.skew.machines import CHROMIUM, Machine, chromium
from harness.skew.metered_server import MeteredServer, Showing
from harness.webrtc.udp_line import UdpLine, reached_by, without_candidates

__all__ = ["CHROMIUM", "ClockFault", "Record", "Viewer", "chromium", "meter_script"]

_METER = function_in(Path(__file__).with_name("meter.js"))

_ORDERS = ("paused", "played", "sought", "rate")
_LOOKS = 9
_ENTERED_WITHIN = 10.0
_LOOK_EVERY = 0.05
_RECORD = (
    "(({frames, rates, seeks, stalls, messages, tones}) =>"
    " ({frames, rates, seeks, stalls, messages, tones}))"
)


@dataclass(frozen=True, slots=True)
class ClockFault:
    """How wrong a page's clocks are."""

    seconds: float = 0.0
    """Off by so much from the first, seconds."""

    ppm: float = 0.0
    """Faster by so much, parts per million."""

    stops: bool = False
    """Whether the clock that does not jump stands still while the machine sleeps."""


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that a page's meter noted; times are server time, Unix seconds."""

    frames: list[Frame] = field(default_factory=list)
    """Shown, with a number that could be read."""

    rates: list[tuple[float, float]] = field(default_factory=list)
    """When the element's rate became what."""

    seeks: list[float] = field(default_factory=list)
    """When the element began to seek."""

    stalls: list[float] = field(default_factory=list)
    """When the element ran out of data, or began to look for them."""

    messages: list[tuple[float, str, int | None, int | None]] = field(default_factory=list)
    """What the room said: when, type (a notice's kind), ``seq``, revision."""

    tones: list[float] = field(default_factory=list)
    """When a tone began, since the page was asked to listen."""

    @property
    def command_revisions(self) -> list[int]:
        """Revisions of the commands that were told, as often as they were, in order."""
        return [rev for _, kind, _, rev in self.messages if kind in _ORDERS and rev is not None]

    @property
    def chat_seqs(self) -> list[int]:
        """``seq`` of what was said, as often as it was heard."""
        return [seq for _, kind, seq, _ in self.messages if kind == "message" and seq is not None]


def meter_script(clock_fault: ClockFault | None) -> str:
    """Return the script that a page runs first."""
    fault = json.dumps(None if clock_fault is None else asdict(clock_fault))
    return f"{_METER}({READER}, {fault});"


class Viewer:
    """Somebody with a page of a show."""

    def __init__(
        self,
        metered: MeteredServer,
        page: Page,
        line: Line | None = None,
        machine: Machine | None = None,
    ) -> None:
        self.page = page
        self.line = line
        self.machine = machine
        self._metered = metered

    @classmethod
    @asynccontextmanager
    async def looking(
        cls,
        metered: MeteredServer,
        showing: Showing,
        on: Browser | Machine,
        *,
        as_host: bool = False,
        clock_fault: ClockFault | None = None,
        line: Line | None = None,
        source: str = "",
        udp_line: UdpLine | None = None,
    ) -> AsyncIterator[Viewer]:
        """Open the show's page, through ``line`` where given, with cookies of its own.

        ``source`` is where its picture is to come from: ``file`` or ``live``. A live stream comes
        by ``udp_line`` where given.
        """
        context = on.context if isinstance(on, Machine) else await _context(on)
        address = metered.server.address if line is None else line.address
        try:
            if as_host:
                await context.add_cookies(
                    [{"name": "passport", "value": showing.host, "url": address}]
                )
            await context.add_init_script(meter_script(clock_fault))
            page = await context.new_page()
            if udp_line is not None:
                await page.route("**/whep", partial(_lead_by, udp_line))
            query = f"?source={source}" if source else ""
            await page.goto(showing.link.replace(metered.server.address, address) + query)
            yield cls(metered, page, line, on if isinstance(on, Machine) else None)
        finally:
            if not isinstance(on, Machine):
                await context.close()

    async def enter(self, name: str = "Boris") -> float:
        """Click "Enter the hall", naming oneself where asked; return when, server time."""
        button = self.page.get_by_role("button", name="Enter the hall", exact=True)
        await button.wait_for()
        named = self.page.get_by_label("Your name", exact=True)
        if await named.count():
            await named.fill(name)
        clicked = self._metered.now()
        await button.click()
        return clicked

    async def record(self) -> Record:
        """Return what the meter noted so far."""
        offset = await self._offset()
        noted: dict[str, Any] = await self.page.evaluate(f"{_RECORD}(skewMeter)")
        return Record(
            frames=[
                Frame(at + offset, number) for at, number in noted["frames"] if number is not None
            ],
            rates=[(at + offset, rate) for at, rate in noted["rates"]],
            seeks=[at + offset for at in noted["seeks"]],
            stalls=[at + offset for at in noted["stalls"]],
            messages=[(at + offset, kind, seq, rev) for at, kind, seq, rev in noted["messages"]],
            tones=[at + offset for at in noted["tones"]],
        )

    async def frames(self) -> list[Frame]:
        """Return every frame shown so far whose number could be read."""
        return (await self.record()).frames

    async def listen(self) -> None:
        """Note from now on when tones begin in the live stream."""
        await self.page.evaluate("skewMeter.listen()")

    async def number(self) -> int | None:
        """Return the number in the picture now."""
        number: int | None = await self.page.evaluate("skewMeter.number()")
        return number

    async def passport(self) -> str:
        """Return the token that the page came by."""
        cookies = await self.page.context.cookies()
        return next(str(c["value"]) for c in cookies if c["name"] == "passport")

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
        return min(readings)[1] + self._metered.clock_offset


async def _context(browser: Browser) -> BrowserContext:
    return await browser.new_context(viewport={"width": 1000, "height": 640}, locale="en")


async def _lead_by(line: UdpLine, route: Route) -> None:
    """Let the server's answer name the line as the only address."""
    if route.request.method != "POST":
        await route.continue_()
        return
    answer = await route.fetch(post_data=without_candidates(route.request.post_data or ""))
    await route.fulfill(response=answer, body=reached_by(await answer.text(), line.address))
