"""``export``, ``import`` and ``backup`` on the command line."""

from __future__ import annotations

import asyncio
import json
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.mongo_server import MongoServer
from harness.samples import SampleShow
from sessions.core.errors import StoreUnavailable
from sessions.stores.mongo.store import MongoStore
from sessions.stores.sqlite.store import SqliteStore
from tests.web.test_server import PATIENCE, ended


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    running = MongoServer(tmp_path_factory.mktemp("mongo"))
    running.start()
    yield running
    running.close()


def said(word: str, *names: str, data: Path, store: str = "sqlite") -> list[str]:
    flags = ["--data", str(data), "--store", store]
    return [sys.executable, "-m", "streamer", word, *names, *flags]


async def with_input(arguments: list[str], text: str) -> tuple[int | None, str, str]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*arguments, stdin=pipe, stdout=pipe, stderr=pipe)
    out, err = await asyncio.wait_for(process.communicate(text.encode()), PATIENCE)
    return process.returncode, out.decode(), err.decode()


async def test_everything_goes_to_mongodb_and_back_beside_a_server(
    database: MongoServer, tmp_path: Path
) -> None:
    url, data, file = database.url, tmp_path / "data", tmp_path / "export.jsonl"
    async with SqliteStore(data) as store:
        sample = await SampleShow().create(store)
        await store.append(sample.entry())
        assert (await ended(said("export", str(file), data=data)))[0] == 0

    code, out, err = await with_input(
        said("import", "-", data=data, store=url), file.read_text(encoding="utf-8")
    )
    assert (code, out, err) == (0, "", "seans: import: 5 records\n")
    async with MongoStore(url) as mongo:
        assert await mongo.show(sample.show.id) == sample.show
        code, out, _ = await ended(said("export", "-", data=data, store=url))
    assert (code, out) == (0, file.read_text(encoding="utf-8"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    code, _, err = await ended(said("import", str(file), data=tmp_path / "other"))
    assert (code, err) == (0, "seans: import: 5 records\n")
    async with SqliteStore(tmp_path / "other") as copy:
        assert await copy.show(sample.show.id) == sample.show


async def test_a_backup_is_a_store_of_its_own(database: MongoServer, tmp_path: Path) -> None:
    data, copied = tmp_path / "data", tmp_path / "copied"
    copied.mkdir()
    file = copied / "seans.sqlite3"
    async with SqliteStore(data) as store:
        sample = await SampleShow().create(store)
        code, out, _ = await ended(said("backup", str(file), data=data))
    assert (code, out) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    async with SqliteStore(copied) as copy:
        assert await copy.show(sample.show.id) == sample.show

    url = database.url
    async with MongoStore(url) as mongo:
        await sample.create(mongo)
    lines = tmp_path / "backup.jsonl"
    assert (await ended(said("backup", str(lines), data=data, store=url)))[0] == 0
    assert json.loads(lines.read_text().splitlines()[1])["id"] == sample.show.id


async def test_what_cannot_be_is_said_in_one_line(tmp_path: Path) -> None:
    data, torn = tmp_path / "data", tmp_path / "torn.jsonl"
    async with SqliteStore(data) as store:
        await SampleShow().create(store)
    whole = tmp_path / "whole.jsonl"
    await ended(said("export", str(whole), data=data))
    torn.write_text("".join(whole.read_text().splitlines(keepends=True)[:-1]))
    empty, nowhere = tmp_path / "empty", tmp_path / "nowhere"

    for arguments, expected, words in (
        (said("export", data=data), 2, "export takes one file"),
        (said("import", "a", "b", data=data), 2, "import takes one file"),
        (said("export", str(nowhere / "file"), data=data), 1, "No such file"),
        (said("export", "-", data=nowhere), 1, "there is no store in"),
        (said("backup", "-", data=data), 1, "needs a file"),
        (said("import", str(nowhere), data=empty), 1, "No such file"),
        (said("import", str(torn), data=empty), 1, "cut off"),
        (said("import", str(whole), data=data), 1, "is not empty"),
    ):
        code, _, err = await ended(arguments)
        assert (code, err.count("\n")) == (expected, 1), err
        assert words in err

    assert (await ended(said("import", str(whole), data=empty)))[0] == 0


async def test_an_import_into_a_store_in_use_is_refused(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "export.jsonl"
    async with SqliteStore(data):
        await ended(said("export", str(file), data=data))
        code, _, err = await ended(said("import", str(file), data=data))

    assert code == 1
    assert "in use by another process" in err


async def test_a_database_whose_import_was_killed_is_not_opened(
    database: MongoServer, tmp_path: Path
) -> None:
    url, data = database.url, tmp_path / "data"
    async with SqliteStore(data) as store:
        for _ in range(3):
            await SampleShow().create(store)
    _, text, _ = await ended(said("export", "-", data=data))
    process = await asyncio.create_subprocess_exec(
        *said("import", "-", data=data, store=url), stdin=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(text.encode()[:-40])
    await process.stdin.drain()
    async with asyncio.timeout(PATIENCE):
        await until_refused(url)
    process.send_signal(signal.SIGKILL)
    await process.wait()

    with pytest.raises(StoreUnavailable, match="an import into it runs, or was not finished"):
        await MongoStore(url).open()


async def until_refused(url: str) -> None:
    """Wait until no server could open the database, because of an import."""
    while True:
        try:
            async with MongoStore(url):
                await asyncio.sleep(0.2)
        except StoreUnavailable:
            return
