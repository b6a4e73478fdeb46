"""The embedded store says that it is damaged, emptied or open to others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.samples import SampleShow
from sessions.core.errors import StoreUnavailable
from sessions.stores.sqlite.store import SqliteStore
from tests.stores.files import mode, modes_in


async def filled(folder: Path) -> SampleShow:
    """Leave a closed store of a few pages in ``folder``."""
    store = SqliteStore(folder)
    await store.open()
    sample = await SampleShow().create(store)
    for _ in range(50):
        await store.append(sample.entry(text="Начинаем! " * 20))
    await store.close()
    return sample


def damage(folder: Path, begin: int) -> None:
    """Overwrite the store from the byte ``begin`` on, as a failing disk might."""
    file = folder / "seans.sqlite3"
    descriptor = os.open(file, os.O_WRONLY)
    os.pwrite(descriptor, b"\xa5" * (file.stat().st_size - begin), begin)
    os.close(descriptor)


def open_to_others(folder: Path) -> None:
    for file in folder.iterdir():
        file.chmod(0o666)
    folder.chmod(0o777)


async def test_a_store_damaged_while_it_runs_is_not_healthy(folder: Path) -> None:
    sample = await filled(folder)
    store = SqliteStore(folder)
    await store.open()
    assert await store.healthy()

    damage(folder, 4096)
    with pytest.raises(StoreUnavailable):
        await store.entries(sample.show.id, limit=50)

    assert not await store.healthy()
    await store.close()


async def test_a_damaged_store_is_refused_in_words_at_its_start(folder: Path) -> None:
    await filled(folder)
    file = folder / "seans.sqlite3"
    damage(folder, file.stat().st_size - 4096)

    with pytest.raises(StoreUnavailable, match="it is damaged"):
        await SqliteStore(folder).open()


async def test_an_empty_file_in_a_stores_place_is_said(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await filled(folder)
    (folder / "seans.sqlite3").write_bytes(b"")

    store = SqliteStore(folder)
    await store.open()
    await store.close()

    assert "is an empty file" in caplog.text


async def test_a_folder_that_was_open_to_others_is_its_owners_only(folder: Path) -> None:
    await filled(folder)
    (folder / "secret").write_bytes(b"s")
    (folder / "films.json").write_bytes(b"{}")
    open_to_others(folder)

    store = SqliteStore(folder)
    await store.open()
    try:
        assert mode(folder) == 0o700
        assert set(modes_in(folder).values()) == {0o600}
    finally:
        await store.close()
