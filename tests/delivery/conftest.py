"""One film of known bytes, and servers that serve it in every way there is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.delivery.byte_server import WAYS, ByteServer, Way, running

SIZE = 1000
MODIFIED = 1_700_000_000


@pytest.fixture(scope="session")
def content() -> bytes:
    """The bytes of the small film: each tells its place."""
    return bytes((place * 7 + place // 251) % 256 for place in range(SIZE))


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> Path:
    """A small film last modified at a known second."""
    path = tmp_path_factory.mktemp("films") / "small.mp4"
    path.write_bytes(content)
    os.utime(path, (MODIFIED, MODIFIED))
    return path


@pytest.fixture(scope="session", params=WAYS)
def cinema(request: pytest.FixtureRequest, film: Path) -> Iterator[ByteServer]:
    """A server of the small film, once for each way of serving."""
    way: Way = request.param
    with running(film, way) as served:
        yield served


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    """Each way of serving, for a server of the test's own."""
    chosen: Way = request.param
    return chosen


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A film greater than the sockets' buffers."""
    path = tmp_path / "big.mp4"
    block = bytes(range(256)) * 4096
    with path.open("wb") as file:
        for _ in range(24):
            file.write(block)
    return path
