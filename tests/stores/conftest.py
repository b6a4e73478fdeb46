"""The engines that keep what sessions.stores.base promises."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from harness.samples import SampleShow
from sessions.stores.base import Store
from sessions.stores.sqlite.store import SqliteStore

Engine = Callable[..., Store]
"""Makes a store on the same kept things; ``write_wait`` bounds its writes, seconds."""


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Return what makes a store, each time on the same kept things."""
    engines: dict[str, Engine] = {"sqlite": partial(SqliteStore, tmp_path / "data")}
    return engines[request.param]


@pytest.fixture
async def store(engine: Engine) -> AsyncIterator[Store]:
    """Return an open store of each engine, empty."""
    opened = engine()
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def sample(store: Store) -> SampleShow:
    """Return a show that the store keeps."""
    return await SampleShow().create(store)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the embedded store keeps things; there is no such folder yet."""
    return tmp_path / "kept" / "data"


@pytest.fixture
async def sqlite(folder: Path) -> AsyncIterator[SqliteStore]:
    """Return the embedded store, open and empty."""
    opened = SqliteStore(folder)
    await opened.open()
    yield opened
    await opened.close()
