"""The embedded store on a disk that is full: refused, nothing changed, and well again after."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.samples import SampleShow, tail_of
from sessions.core.errors import StoreUnavailable
from sessions.stores.base import AppendResult
from sessions.stores.sqlite.store import SqliteStore
from tests.stores.files import CHECKOUT


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a file system of 2 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(  # noqa: S603
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)],  # noqa: S607
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"a file system can't be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)  # noqa: S603, S607


def fill_up(place: Path) -> Path:
    """Fill a file system to its last byte; return the file that does it."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65_536, 4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    return ballast


async def test_a_full_disk_refuses_and_changes_nothing_and_is_well_again_when_there_is_room(
    tiny_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = SqliteStore(tiny_disk / "data")
    await store.open()
    sample = await SampleShow().create(store)
    kept = [(await store.append(sample.entry())).entry for _ in range(20)]

    for _ in range(3):
        ballast = fill_up(tiny_disk)
        refused = 0
        for _ in range(40):
            outcomes = await asyncio.gather(
                *(store.append(sample.entry(text="x" * 2000)) for _ in range(8)),
                return_exceptions=True,
            )
            kept += [each.entry for each in outcomes if isinstance(each, AppendResult)]
            refused += sum(isinstance(each, StoreUnavailable) for each in outcomes)
            assert list(await store.entries(sample.show.id, after=0, limit=9999)) == kept
        assert refused >= 100
        assert not await store.healthy()
        ballast.unlink()
        assert await store.healthy()
        kept.append((await store.append(sample.entry())).entry)

    assert [entry.seq for entry in kept] == list(range(1, len(kept) + 1))
    told = [record.message for record in caplog.records if record.name == "seans.stores"]
    assert [message.split(":")[0] for message in told] == [
        "The store cannot write",
        "The store can write again",
    ] * 3
    await store.close()
    again = SqliteStore(tiny_disk / "data")
    await again.open()
    assert list(await again.entries(sample.show.id, after=0, limit=9999)) == kept
    await again.close()


async def test_a_file_that_may_grow_no_further_refuses_and_is_well_again(folder: Path) -> None:
    """The same without a file system of one's own, in a process whose files may not grow."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.stores.limited",
        str(folder),
        stdout=asyncio.subprocess.PIPE,
        cwd=CHECKOUT,
    )
    told, _ = await process.communicate()

    assert process.returncode == 0
    assert told.decode().split() == ["kept", "20", "refused", "5", "unhealthy", "kept", "21"]


async def test_a_file_at_its_limit_refuses_what_does_not_fit(sqlite: SqliteStore) -> None:
    sample = await SampleShow().create(sqlite)

    def limit_to(pages: int) -> Callable[[sqlite3.Connection], object]:
        return lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()

    await sqlite.writer.submit(limit_to(1))
    outcomes = [
        await asyncio.gather(sqlite.append(sample.entry(text="x" * 2000)), return_exceptions=True)
        for _ in range(20)
    ]
    refused = sum(isinstance(each, StoreUnavailable) for [each] in outcomes)
    assert refused >= 10
    assert await tail_of(sqlite, sample.show.id) == 20 - refused

    await sqlite.writer.submit(limit_to(1_000_000))
    appended = await sqlite.append(sample.entry(text="x" * 2000))
    assert appended.entry.seq == 21 - refused
