"""The cinema that the tests of the outside ask: real parts in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from aiohttp import DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from harness.fakes import RecordingLog, examine, fill
from harness.rooms import Clock
from streamer.app import Clocks, build
from streamer.delivery.runner import make_runner
from streamer.library.catalogue import Catalogue
from streamer.library.naming import name_film
from streamer.preparation.live_rendition import LiveRendition
from streamer.settings import Settings
from streamer.web.http.app_keys import FILMS
from streamer.webrtc import peers
from streamer.webrtc.self_test import find_fault
from tests.web.app_harness import AppHarness, Person

MEMORY = Path("/dev/shm")  # noqa: S108 -- under it is a folder of our own
Open = Callable[..., Awaitable[AppHarness]]


class RealServer(TestServer):
    """A server with the connections that are served outside of tests, and room for so many."""

    def __init__(self, app: web.Application, most_connections: int) -> None:
        super().__init__(app)
        self._most_connections = most_connections

    async def _make_runner(self, **options: Any) -> web.AppRunner:  # noqa: ANN401 -- aiohttp's own
        most = self._most_connections
        # aiohttp waits 10 s for the rest of a refused request's body, also at the end of a test.
        return make_runner(
            self.app, self.app[FILMS], most_connections=most, lingering_time=0.5, **options
        )


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A new folder, in memory where there is such a place: a new store waits for the disk."""
    memory = MEMORY if os.access(MEMORY, os.W_OK) else None
    with TemporaryDirectory(dir=memory, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session", autouse=True)
def one_self_test() -> Iterator[None]:
    """Let the first application test aiortc, which is the same for all; tests/webrtc tests how."""
    found: list[str | None] = []

    async def find_fault_once(clock: Callable[[], float]) -> str | None:
        if not found:
            found.append(await find_fault(clock))
        return found[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peers, "find_fault", find_fault_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def names_read_once() -> Iterator[None]:
    """Read the names of the films once: they are the same for all, and guessit takes its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streamer.library.catalogue.name_film", cache(name_film))
        yield


@pytest.fixture
async def open_cinema(tmp_path: Path) -> AsyncIterator[Open]:
    """Return what opens a cinema with the given settings."""
    async with AsyncExitStack() as opened:

        async def open_one(
            *,
            most_connections: int = 1000,
            rendition: LiveRendition | None = None,
            **settings: Any,  # noqa: ANN401 -- any setting
        ) -> AppHarness:
            media, data = tmp_path / "media", tmp_path / "data"
            if not media.exists():
                fill(media)
            data.mkdir(exist_ok=True)
            stack = await opened.enter_async_context(AsyncExitStack())
            films = Catalogue(media, data, clock=lambda: 4e9, examine=examine, settle=0.0)
            await films.scan()
            clock = Clock()
            chosen = Settings(media=media, data=data, **settings)

            async def of_any_film(_film: str) -> LiveRendition:
                assert rendition is not None
                return rendition

            building = build(
                chosen,
                Clocks(server=clock, wall=clock),
                RecordingLog(),
                films,
                None if rendition is None else of_any_film,
            )
            app = await stack.enter_async_context(building)
            client = TestClient(RealServer(app, most_connections), cookie_jar=DummyCookieJar())
            await stack.enter_async_context(client)
            return AppHarness(client, app, clock, stack.aclose)

        yield open_one


@pytest.fixture
async def cinema(open_cinema: Open) -> AppHarness:
    return await open_cinema()


@pytest.fixture
async def host(cinema: AppHarness) -> Person:
    return await cinema.guest("Anna")


@pytest.fixture
async def show(cinema: AppHarness, host: Person) -> dict[str, Any]:
    return await cinema.show(host)
