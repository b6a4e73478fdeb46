"""The server's time is looked after while the application lives."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from harness.fakes import RecordingLog, examine, fill
from harness.rooms import Clock, until
from streamer.app import Clocks, build, real_clocks
from streamer.clock import Activity
from streamer.library.catalogue import Catalogue
from streamer.settings import Settings


@asynccontextmanager
async def server_that_follows(
    folder: Path, follow_wall: Callable[[Activity], float]
) -> AsyncIterator[None]:
    """Build the application with a clock that is led back to wall time by ``follow_wall``."""
    media, data = folder / "media", folder / "data"
    fill(media)
    data.mkdir()
    catalogue = Catalogue(media, data, clock=lambda: 4e9, examine=examine)
    clock = Clock()
    clocks = Clocks(clock, clock, follow_wall)
    async with build(Settings(media=media, data=data), clocks, RecordingLog(), catalogue):
        yield


async def test_it_is_compared_with_wall_time_and_a_step_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[Activity] = []

    def follow_wall(activity: Activity) -> float:
        asked.append(activity)
        return 3600.0

    async with server_that_follows(tmp_path, follow_wall):
        with caplog.at_level(logging.WARNING, "seans"):
            await until(lambda: asked)

    assert asked[0] == "nobody"
    assert "server time was stepped by 3600.000 s" in caplog.text


def faults(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_fault_in_it_is_logged_when_it_happens(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:

    def follow_wall(_activity: Activity) -> float:
        raise ZeroDivisionError

    async with server_that_follows(tmp_path, follow_wall):
        await until(lambda: faults(caplog))

    (record,) = faults(caplog)
    assert record.getMessage() == "following wall time failed"
    assert record.exc_info is not None


def test_the_machines_own_clocks_agree_and_go_on() -> None:
    clocks = real_clocks()

    began = clocks.server()

    assert abs(clocks.wall() - began) < 5.0
    assert clocks.follow_wall("film") == 0.0
    assert clocks.server() >= began
