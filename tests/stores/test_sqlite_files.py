"""The embedded store and its data folder: modes, lock, versions."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest

from harness.samples import NOON, SampleShow
from sessions.core.errors import StoreUnavailable, TooNew
from sessions.stores.sqlite.schema import MIGRATIONS, Migration, migrate
from sessions.stores.sqlite.store import SqliteStore
from tests.stores.files import CHECKOUT, contents_of, lay_out, modes_in

HOLDER = """
import asyncio, sys
from pathlib import Path
from sessions.stores.sqlite.store import SqliteStore

async def hold():
    await SqliteStore(Path(sys.argv[1])).open()
    print("held", flush=True)
    await asyncio.Event().wait()

asyncio.run(hold())
"""


@contextmanager
def held_by_another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", HOLDER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.send_signal(signal.SIGKILL)


async def test_what_is_kept_is_for_its_owners_eyes_only(sqlite: SqliteStore, folder: Path) -> None:
    await SampleShow().create(sqlite)

    assert modes_in(folder.parent) == {"data": 0o700}
    assert modes_in(folder) == dict.fromkeys(
        ("lock", "seans.sqlite3", "seans.sqlite3-wal", "seans.sqlite3-shm"), 0o600
    )


async def test_a_closed_store_is_one_file(folder: Path) -> None:
    store = SqliteStore(folder)
    await store.open()
    await SampleShow().create(store)
    await store.close()

    assert set(modes_in(folder)) == {"lock", "seans.sqlite3"}


async def test_a_store_closes_while_every_thread_of_the_loop_hangs(folder: Path) -> None:
    store, over = SqliteStore(folder), Event()
    await store.open()
    with ThreadPoolExecutor(1) as threads:
        asyncio.get_running_loop().set_default_executor(threads)
        hung = asyncio.create_task(asyncio.to_thread(over.wait))
        try:
            async with asyncio.timeout(10.0):
                await store.close()
        finally:
            over.set()
            await hung

    assert set(modes_in(folder)) == {"lock", "seans.sqlite3"}


@pytest.mark.parametrize("name", ["seans.sqlite3", "seans.sqlite3-wal", "lock"])
async def test_a_store_whose_files_were_taken_away_or_replaced_is_not_healthy(
    sqlite: SqliteStore, folder: Path, name: str
) -> None:
    file, away = folder / name, folder / "away"
    assert await sqlite.healthy()

    file.rename(away)
    assert not await sqlite.healthy()
    file.write_bytes(away.read_bytes())
    assert not await sqlite.healthy()

    away.replace(file)
    assert await sqlite.healthy()


async def test_a_store_whose_folder_was_renamed_is_not_healthy(
    sqlite: SqliteStore, folder: Path
) -> None:
    await asyncio.to_thread(folder.rename, folder.with_name("elsewhere"))

    assert not await sqlite.healthy()


async def test_a_second_process_is_refused_in_words(folder: Path) -> None:
    with held_by_another_process(folder) as process:
        with pytest.raises(StoreUnavailable) as refused:
            await SqliteStore(folder).open()

        assert refused.value.detail == (
            f"the data folder {folder} is in use by another process (pid {process.pid})"
        )
    store = SqliteStore(folder)
    await store.open()
    await store.close()


async def test_a_second_store_in_this_process_is_refused_too(
    sqlite: SqliteStore, folder: Path
) -> None:
    with pytest.raises(StoreUnavailable, match="in use"):
        await SqliteStore(folder).open()

    assert await sqlite.healthy()


def version_of(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "seans.sqlite3")) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    assert isinstance(version, int)
    return version


async def test_a_store_of_a_newer_version_is_refused_in_words_and_left_alone(
    folder: Path,
) -> None:
    store = SqliteStore(folder)
    await store.open()
    await store.close()
    with closing(sqlite3.connect(folder / "seans.sqlite3")) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = (folder / "seans.sqlite3").read_bytes()

    for _ in range(2):
        with pytest.raises(TooNew, match="newer version of Seans") as refused:
            await store.open()
        assert str(folder) in str(refused.value)

    assert (folder / "seans.sqlite3").read_bytes() == before


LATER: Sequence[Migration] = (*MIGRATIONS, "ALTER TABLE shows ADD COLUMN stars INTEGER DEFAULT 5")


async def test_an_older_store_is_brought_forward_with_all_that_it_keeps(folder: Path) -> None:
    store = SqliteStore(folder)
    await store.open()
    sample = await SampleShow().create(store)
    await store.close()

    with closing(sqlite3.connect(folder / "seans.sqlite3", isolation_level=None)) as connection:
        migrate(connection, LATER)
        migrate(connection, LATER)
        kept = connection.execute("SELECT id, stars FROM shows").fetchall()

    assert kept == [(sample.show.id, 5)]
    assert version_of(folder) == len(MIGRATIONS) + 1


async def test_a_migration_that_fails_changes_nothing(folder: Path) -> None:
    store = SqliteStore(folder)
    await store.open()
    sample = await SampleShow().create(store)
    await store.close()
    broken = (*MIGRATIONS, "DELETE FROM shows; ALTER TABLE nowhere ADD COLUMN stars INTEGER")

    with closing(sqlite3.connect(folder / "seans.sqlite3", isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            migrate(connection, broken)
        assert not connection.in_transaction

    assert version_of(folder) == len(MIGRATIONS)
    await store.open()
    assert await store.show(sample.show.id) == sample.show
    await store.close()


async def test_a_file_that_is_no_store_is_refused_and_left_alone(folder: Path) -> None:
    recipes = {"seans.sqlite3": b"my recipes\n" * 1000}
    lay_out(folder, recipes)

    with pytest.raises(StoreUnavailable, match="cannot be used"):
        await SqliteStore(folder).open()

    assert contents_of(folder).items() >= recipes.items()


async def test_a_damaged_store_says_so_and_is_not_made_worse(folder: Path) -> None:
    store = SqliteStore(folder)
    await store.open()
    await SampleShow().create(store)
    await store.close()
    kept = contents_of(folder)["seans.sqlite3"]
    damaged = kept[:4096] + b"\xa5" * (len(kept) - 4096)
    (folder / "seans.sqlite3").write_bytes(damaged)

    with pytest.raises(StoreUnavailable, match="cannot be used"):
        await store.open()

    assert contents_of(folder)["seans.sqlite3"] == damaged


async def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreUnavailable, match="cannot be used"):
        await SqliteStore(tmp_path / "file" / "data").open()


async def test_the_tables_speak_the_contracts_words(sqlite: SqliteStore, folder: Path) -> None:
    sample = await SampleShow().create(sqlite)
    said = (await sqlite.append(sample.entry())).entry
    await sqlite.append(sample.move(2, position=90.0, instant=NOON + 100))

    with closing(sqlite3.connect(folder / "seans.sqlite3")) as connection:
        common = "id, created_at, user_id, type, target_id, target_type"
        found = {
            table: connection.execute(f"SELECT {common} FROM {table}").fetchone()  # noqa: S608
            for table in ("shows", "sessions", "members", "invites", "entries")
        }
        (ends_at, revision) = connection.execute(
            "SELECT ends_at, revision FROM sessions"
        ).fetchone()

    film, show = (sample.show.target_id, "movie"), (sample.show.id, "show")
    at, who = sample.created_at, sample.host_id
    assert found == {
        "shows": (sample.show.id, at, who, "show", *film),
        "sessions": (sample.session.id, at, who, "session", *film),
        "members": (sample.host.id, at, who, "member", *show),
        "invites": (sample.link.id, at, who, "invite", *show),
        "entries": (said.id, said.created_at, who, "chat_message", *show),
    }
    assert (ends_at, revision) == (None, 2)
