"""The embedded store's files: backups of them, and that what was deleted is in none."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from harness.samples import SampleShow
from sessions.core.errors import UnknownMessage
from sessions.stores.sqlite.store import SqliteStore
from tests.stores.files import bytes_in, contents_of, lay_out


async def test_a_backup_taken_while_it_is_written_to_is_a_store_as_it_stood(
    sqlite: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    sample = await SampleShow().create(sqlite)
    other = tmp_path / "other"
    other.mkdir()
    saying = [asyncio.create_task(sqlite.append(sample.entry())) for _ in range(300)]
    await saying[99]

    await asyncio.to_thread(back_up, folder / "seans.sqlite3", other / "seans.sqlite3")

    await asyncio.gather(*saying)
    copy = SqliteStore(other)
    await copy.open()
    entries = await copy.entries(sample.show.id, after=0, limit=999)
    assert 100 <= len(entries) <= 300
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert await copy.show(sample.show.id) == sample.show
    await copy.close()


def back_up(store: Path, copy: Path) -> None:
    """Copy a store as docs/01-running.md says."""
    with (
        closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)


async def test_the_text_of_what_was_deleted_is_in_no_file(
    sqlite: SqliteStore, folder: Path
) -> None:
    sample, other = await SampleShow().create(sqlite), await SampleShow().create(sqlite)
    short = (await sqlite.append(sample.entry(text="a short secret"))).entry
    long = (await sqlite.append(sample.entry(text="a long secret" * 150))).entry
    await sqlite.append(other.entry(text="a third secret"))
    await sqlite.append(sample.entry(text="nothing special"))
    assert all(word in bytes_in(folder) for word in (b"short sec", b"long sec", b"third sec"))

    await sqlite.delete_message(short.id, sample.entry("deleted"))
    await sqlite.delete_message(long.id, sample.entry("deleted"))
    await sqlite.delete_show(other.show.id)
    # The next write comes after the log was emptied.
    assert await sqlite.healthy()

    left = bytes_in(folder)
    assert b"nothing special" in left
    assert b"secret" not in left


async def test_what_takes_nothing_back_leaves_the_log_as_it_is(
    sqlite: SqliteStore, folder: Path
) -> None:
    sample = await SampleShow().create(sqlite)
    said = (await sqlite.append(sample.entry(text="a short secret"))).entry
    wal = folder / "seans.sqlite3-wal"
    await sqlite.delete_message(said.id, sample.entry("deleted"))
    # The log is emptied before the next write, and grows again by this one.
    await sqlite.append(sample.entry())
    size = wal.stat().st_size

    await sqlite.delete_message(said.id, sample.entry("deleted"))
    with pytest.raises(UnknownMessage):
        await sqlite.delete_message(str(uuid4()), sample.entry("deleted"))
    await sqlite.append(sample.entry())

    assert wal.stat().st_size > size > 0


async def test_deleted_text_that_a_reader_still_holds_goes_when_it_lets_go(
    sqlite: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    sample = await SampleShow().create(sqlite)
    said = (await sqlite.append(sample.entry(text="a short secret"))).entry

    with closing(sqlite3.connect(folder / "seans.sqlite3", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM entries").fetchall()
        await sqlite.delete_message(said.id, sample.entry("deleted"))
        lay_out(tmp_path / "killed", contents_of(folder))
    assert b"secret" in bytes_in(tmp_path / "killed")
    assert await sqlite.healthy()
    assert b"secret" not in bytes_in(folder)

    # Who was killed in between finds it there, and takes it away.
    again = SqliteStore(tmp_path / "killed")
    await again.open()
    assert b"secret" not in bytes_in(tmp_path / "killed")
    assert (await again.entries(sample.show.id, limit=9))[0].deleted
    await again.close()
