"""How fast a link opens: to the countdown, and from "Enter the hall" to the first picture.

Each run is a Chromium with a new profile that reaches the server by a line of its own, far away: a
round trip of 200 ms and 4 Mbit/s, with TCP's handshake and slow start. Cold is its first visit;
warm the second one, by a new connection, with what the browser kept. The server draws the countdown
into the page; "lobby" is when the page's script has taken over, and one can enter.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import BrowserContext, Page, Playwright, async_playwright

from harness.server import Server, running_server
from harness.skew.film_folder import FILM_SECONDS, film_folder
from harness.skew.line import Line, LineProfile, Lines
from harness.skew.machines import Machine

__all__ = ["main"]

_RESULTS = Path(__file__).parent / "results"
_METER = Path(__file__).with_name("opening.js")
_COUNTDOWN_S = 3600.0
_BEGUN_S = -20.0
_SETTLE_S = 4.0
_MOST_S = 60.0
_LOOK_EVERY_S = 0.05
_PROMISED_S = {
    "countdown_cold": 1.0,
    "countdown_warm": 0.5,
    "picture_cold": 1.5,
    "picture_warm": 1.0,
}

Figures = dict[str, list[float]]


def main() -> int:
    """Measure, print and keep the figures; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--round-trip", type=float, default=0.2, help="seconds")
    parser.add_argument("--mbit", type=float, default=4.0, help="Mbit/s towards the browser")
    options = parser.parse_args()
    figures = asyncio.run(_measure(options))
    medians = {name: statistics.median(values) for name, values in figures.items()}
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "opening.json").write_text(json.dumps(medians | {"runs": figures}, indent=2) + "\n")
    for name, values in figures.items():
        print(f"{name:16} {medians[name]:8.2f}   of {' '.join(f'{v:.2f}' for v in values)}")
    all_kept = True
    for name, limit in _PROMISED_S.items():
        kept = medians[name] <= limit
        all_kept &= kept
        print(f"promised {name} <= {limit} s: {'kept' if kept else 'BROKEN'}")
    return 0 if all_kept else 1


async def _measure(options: argparse.Namespace) -> Figures:
    profile = LineProfile.far(options.round_trip, options.mbit * 1e6 / 8)
    figures: Figures = {}
    with TemporaryDirectory() as place, Lines.opened() as lines:
        films = film_folder(Path(place) / "media")
        async with running_server(films, films.parent / "data") as server, async_playwright() as it:
            for _ in range(options.runs):
                for measure in (_to_countdown, _to_picture):
                    with lines.to(_port(server), link=profile, rest=profile) as line:
                        for name, value in (await measure(it, server, line)).items():
                            figures.setdefault(name, []).append(value)
    return figures


async def _to_countdown(playwright: Playwright, server: Server, line: Line) -> dict[str, float]:
    """Return the seconds from opening a link to its countdown, and the requests that it took."""
    link = _link(server, line, _COUNTDOWN_S)
    figures = {}
    async with _visitor(playwright) as context:
        for visit in ("cold", "warm"):
            async with _opened(context, link, line) as (page, requests):
                for what in ("countdown", "lobby"):
                    figures[f"{what}_{visit}"] = await _noted(page, what)
                await asyncio.sleep(_SETTLE_S)
                figures[f"requests_{visit}"] = float(len(requests))
    return figures


async def _to_picture(playwright: Playwright, server: Server, line: Line) -> dict[str, float]:
    """Return the seconds from the click that lets one in to the first picture of the film."""
    link = _link(server, line, _BEGUN_S)
    figures = {}
    async with _visitor(playwright) as context:
        for visit in ("cold", "warm"):
            async with _opened(context, link, line) as (page, _):
                button = page.get_by_role("button", name="Enter the hall", exact=True)
                await button.wait_for(timeout=_MOST_S * 1000)
                name = page.get_by_label("Your name", exact=True)
                if await name.count():
                    await name.fill("Boris")
                await button.click()
                picture = await _noted(page, "picture")
                figures[f"picture_{visit}"] = picture - await _noted(page, "click")
                await asyncio.sleep(_SETTLE_S)
    return figures


@asynccontextmanager
async def _visitor(playwright: Playwright) -> AsyncIterator[BrowserContext]:
    async with Machine.on(playwright) as machine:
        await machine.context.add_init_script(path=_METER)
        # The first page of a browser pays for its processes; that is no matter of the link.
        await machine.context.pages[0].goto("data:text/html,ready")
        yield machine.context


@asynccontextmanager
async def _opened(
    context: BrowserContext, link: str, line: Line
) -> AsyncIterator[tuple[Page, Sequence[str]]]:
    """Open ``link`` by connections that are new, as after a while; give its requests as well."""
    line.cut()
    line.restore()
    page = await context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    try:
        await page.goto(link, wait_until="commit")
        yield page, requests
    finally:
        await page.close()


async def _noted(page: Page, what: str) -> float:
    """Return when the page noted ``what``, seconds since it was opened. Raises TimeoutError."""
    give_up = time.monotonic() + _MOST_S
    while time.monotonic() < give_up:
        at: Any = await page.evaluate(f"openingMeter.{what}")
        if at:
            return float(at) / 1000
        await asyncio.sleep(_LOOK_EVERY_S)
    raise TimeoutError(f"no {what} within {_MOST_S} s")


def _link(server: Server, line: Line, begins_in: float) -> str:
    """Return the link of a new show, by way of ``line``."""
    assert abs(begins_in) < FILM_SECONDS or begins_in > 0
    link = str(server.show(server.passport("Anna"), begins_in)["link"])
    return f"{link.replace(server.address, line.address)}?lang=en"


def _port(server: Server) -> int:
    return int(server.address.rpartition(":")[2])


if __name__ == "__main__":
    sys.exit(main())
