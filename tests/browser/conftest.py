"""A server with one film of numbered frames, and browsers to look at it.

All live as long as the session of tests; every test makes its own shows and pages.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright

from harness.films import counter_film, shared_media
from harness.needs import lacking
from harness.server import Server, running_server
from harness.skew.film_folder import FILM_SECONDS, film_folder
from harness.skew.metered_server import MeteredServer
from harness.skew.viewers import CHROMIUM, chromium
from hatch_build import bundle
from streamer.app import static_folder

BROWSERS = 3


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film folder with the film whose frames are numbered."""
    shared = shared_media()
    given = shared / "counter-120s.mp4" if shared is not None else None
    film = given if given is not None and given.exists() else counter_film(FILM_SECONDS)
    return film_folder(tmp_path_factory.mktemp("films") / "media", film)


@pytest.fixture(scope="session")
def bundled() -> None:
    """The pages as people get them: bundled, as they stand now."""
    bundle(static_folder().parent)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(films: Path, bundled: None) -> AsyncIterator[Server]:
    """The real server, on a free port."""
    del bundled
    async with running_server(films, films.parent / "data") as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def metered(server: Server) -> MeteredServer:
    """The server with its clock read."""
    return MeteredServer.of(server)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """Playwright, where there is a Chromium to drive."""
    if not CHROMIUM.exists():
        lacking("Chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        yield playwright


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browsers(playwright: Playwright) -> AsyncIterator[list[Browser]]:
    """Three Chromiums, each a process of its own: pages in one would hide each other."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(chromium(playwright)) for _ in range(BROWSERS)]
