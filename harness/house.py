"""A house for each test of the services: a real store in a folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harness.rooms import Clock, FailingStore, House


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FailingStore]:
    async with FailingStore(tmp_path / "data") as store:
        yield store


@pytest.fixture
async def house(store: FailingStore, clock: Clock) -> AsyncIterator[House]:
    house = await House.build(store, clock)
    yield house
    await house.registry.stop()
