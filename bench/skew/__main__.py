"""The claim: two pages show the same frame, whatever their clocks say, and whatever the host does.

Started together, skew after 2 s is <= 40 ms at p95; a latecomer is within 40 ms of the room in
<= 2 s; a pause leaves all on the ordered frame; 1.5 s after a seek p95 is <= 60 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from playwright.async_api import async_playwright

from bench.skew.cinema import Cinema, film_folder
from bench.skew.scenarios import hall, latecomer, pause, resume, seek, start, steady, until
from bench.skew.viewers import Falsehood, chromium
from tests.server import running_server

__all__ = ["main"]

_FALSE = [Falsehood(seconds=400.0, ppm=100.0), Falsehood(seconds=-300.0, ppm=-100.0)]


async def measure(film: Path | None, seconds: float, *, false_clocks: bool) -> dict[str, float]:
    """Run every scenario once, in one show."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        media = film_folder(folder / "media", film)
        server = await stack.enter_async_context(running_server(media, folder / "data"))
        cinema = Cinema.of(server)
        playwright = await stack.enter_async_context(async_playwright())
        browsers = [await stack.enter_async_context(chromium(playwright)) for _ in range(3)]
        lies = _FALSE if false_clocks else None
        room = await stack.enter_async_context(hall(cinema, browsers[:2], 8.0, lies))
        figures = await start(room)
        await until(cinema, room.showing.course().instant + 20.0)
        figures |= await latecomer(room, browsers[2])
        figures |= await steady(room, seconds)
        figures |= await pause(room)
        figures |= await resume(room)
        figures |= await seek(room, 90.0)
        return figures | {f"back_{k}": v for k, v in (await seek(room, 10.0)).items()}


def main() -> None:
    """Measure, print a table, keep the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.skew", description=__doc__)
    parser.add_argument("--film", type=Path, help="a film with numbered frames (default: made)")
    parser.add_argument("--seconds", type=float, default=20.0, help="of steady watching")
    parser.add_argument("--false-clocks", action="store_true", help="minutes off and 100 ppm wrong")
    options = parser.parse_args()
    figures = asyncio.run(measure(options.film, options.seconds, false_clocks=options.false_clocks))
    for name, value in figures.items():
        print(f"{name:28} {value:8.2f}")
    results = Path(__file__).parents[1] / "results"
    results.mkdir(exist_ok=True)
    name = "skew-false-clocks.json" if options.false_clocks else "skew.json"
    (results / name).write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
