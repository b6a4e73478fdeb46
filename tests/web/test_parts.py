"""The server's parts are entered in order, and what fails takes down those before it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from harness.fakes import RecordingLog, examine, fill
from harness.rooms import Clock
from sessions.stores.sqlite.store import SqliteStore
from streamer.app import CannotStart, Clocks, build, cancelled
from streamer.library.catalogue import Catalogue
from streamer.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    fill(tmp_path / "media")
    (tmp_path / "data").mkdir()
    return Settings(media=tmp_path / "media", data=tmp_path / "data")


@pytest.fixture
def clocks() -> Clocks:
    return Clocks(server=Clock(), wall=Clock())


@contextmanager
def nothing_left() -> Iterator[None]:
    """Compare tasks, threads and descriptors after a block with those before it."""
    tasks, threads, descriptors = asyncio.all_tasks(), own_threads(), open_descriptors()
    yield
    assert asyncio.all_tasks() == tasks
    assert own_threads() <= threads
    assert open_descriptors() <= descriptors


def own_threads() -> set[threading.Thread]:
    """Return the threads that run, save those that the event loop keeps for the next call."""
    return {each for each in threading.enumerate() if not each.name.startswith("asyncio_")}


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def open_and_close(folder: Path) -> None:
    """Open the store as a server does: refused while another has it."""
    store = SqliteStore(folder)
    await store.open()
    await store.close()


async def test_a_part_that_fails_leaves_nothing_open(settings: Settings, clocks: Clocks) -> None:
    await open_and_close(settings.data)  # the event loop's pool of threads, made now, stays
    (settings.data / "secret").write_text("short")

    with nothing_left(), pytest.raises(CannotStart, match="shorter than 32 bytes"):
        async with build(settings, clocks, RecordingLog()):
            pass

    await open_and_close(settings.data)


async def test_who_fails_behind_all_parts_leaves_nothing_open(
    settings: Settings, clocks: Clocks
) -> None:
    await open_and_close(settings.data)  # the event loop's pool of threads, made now, stays
    catalogue = Catalogue(settings.media, settings.data, clock=clocks.wall, examine=examine)

    with nothing_left(), pytest.raises(OSError, match="the port is taken"):
        async with build(settings, clocks, RecordingLog(), catalogue):
            raise OSError("the port is taken")

    await open_and_close(settings.data)


async def test_a_task_that_does_not_end_is_left_behind(caplog: pytest.LogCaptureFixture) -> None:
    over = asyncio.Event()

    async def go_on() -> None:
        while not over.is_set():
            with suppress(asyncio.CancelledError):
                await over.wait()

    stubborn = asyncio.create_task(go_on())
    async with asyncio.timeout(5.0), cancelled(stubborn, patience=0.01):
        await asyncio.sleep(0)

    assert "they do not end: 1" in caplog.text
    over.set()
    await stubborn
