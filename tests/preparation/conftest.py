"""A maker of renditions with films of its own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid5

import pytest

from sessions.stores.sqlite.store import SqliteStore
from streamer.preparation.films import FilmFile, PreparableFilm
from streamer.preparation.live_rendition import LiveRendition
from streamer.preparation.maker import Maker

__all__ = ["Preparation"]

_NAMESPACE = UUID("5f2f4c5e-5d0e-4f55-8f8a-1a1f6a0b7f11")


class Preparation:
    """A maker, and films for it by their paths."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.films: dict[UUID, PreparableFilm] = {}
        self.store = SqliteStore(data)
        self.maker = self.another_maker()

    def another_maker(self) -> Maker:
        """Return a maker of the same films in the same folder, as after a restart."""
        return Maker(self.data, self.films.get, self.store, time.time)

    def add(self, path: Path, duration: float | None = None) -> UUID:
        """Put a film into the library and return its id."""
        status = path.stat()
        film = FilmFile(str(path), status.st_size, status.st_mtime_ns)
        film_id = uuid5(_NAMESPACE, str(path))
        self.films[film_id] = PreparableFilm(film, path.name, duration)
        return film_id

    async def rendition(self, path: Path, duration: float | None = None) -> LiveRendition:
        return await self.maker.live_rendition(self.add(path, duration))


@pytest.fixture
async def preparation(tmp_path: Path) -> AsyncIterator[Preparation]:
    """Return a maker that keeps what it makes in a folder of this test."""
    preparation = Preparation(tmp_path / "data")
    async with preparation.store, preparation.maker:
        yield preparation
