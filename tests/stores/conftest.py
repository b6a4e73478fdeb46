"""The engines that keep what sessions.stores.base promises."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from harness.mongo_server import MongoServer, address_of, drop_database, given_server, new_database
from harness.samples import SampleShow
from sessions.stores.base import Store
from sessions.stores.mongo.driver import Driver
from sessions.stores.mongo.store import MongoStore
from sessions.stores.sqlite.store import SqliteStore

Engine = Callable[..., Store]
"""Makes a store on the same kept things; ``write_wait`` bounds its writes, seconds."""


ENGINES = ["sqlite", "mongo-motor", "mongo-pymongo", "mongo-alone"]
"""The embedded store; a replica set by either driver; a single server without transactions."""


class Servers:
    """The MongoDB servers of a test run, started when they are first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: dict[bool, MongoServer] = {}

    def base(self, *, transactions: bool = True) -> str:
        """Return the address of a server, without a database."""
        if transactions and (given := given_server()):
            return given
        return self.own(transactions=transactions)

    def own(self, *, transactions: bool = True) -> str:
        """Return the address of a server of this test run's own."""
        if transactions not in self._started:
            server = MongoServer(self._folder / str(transactions), transactions=transactions)
            server.start()
            self._started[transactions] = server
        return f"mongodb://127.0.0.1:{self._started[transactions].port}"

    def close(self) -> None:
        for server in self._started.values():
            server.close()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Return the servers of this test run."""
    running = Servers(tmp_path_factory.mktemp("mongo"))
    yield running
    running.close()


@pytest.fixture
def mongo_url(servers: Servers) -> Iterator[str]:
    """Return the address of an empty database of a replica set."""
    yield from fresh_database(servers.base())


def fresh_database(base: str) -> Iterator[str]:
    name = new_database()
    yield address_of(base, name)
    drop_database(base, name)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path, servers: Servers) -> Iterator[Engine]:
    """Return what makes a store, each time on the same kept things."""
    if request.param == "sqlite":
        yield partial(SqliteStore, tmp_path / "data")
        return
    driver: Driver = "pymongo" if request.param == "mongo-pymongo" else "motor"
    for url in fresh_database(servers.base(transactions=request.param != "mongo-alone")):
        yield partial(MongoStore, url, driver=driver)


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
