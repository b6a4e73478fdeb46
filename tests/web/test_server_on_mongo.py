"""The server as a process that keeps everything in MongoDB."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pymongo
import pytest

from harness.films import counter_film, put_film
from harness.mongo_server import MongoServer
from tests.web.test_server import a_show, command, ended, serving


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    running = MongoServer(tmp_path_factory.mktemp("mongo"))
    running.start()
    yield running
    running.close()


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    put_film(counter_film(), folder / "Counter.mp4")
    return folder


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_what_was_said_outlives_a_kill_of_the_server(
    database: MongoServer, media: Path, tmp_path: Path, driver: str
) -> None:
    flags = ["--store", database.url, "--mongo-driver", driver]
    acknowledged: dict[str, int] = {}

    async with serving(media, tmp_path / "data", *flags) as server:
        headers, show = await a_show(server)
        messages = f"/api/shows/{show['id']}/messages"

        async def say() -> None:
            message = {"id": str(uuid4()), "text": "Начинаем!"}
            async with server.client.post(
                server.address + messages, json=message, headers=headers
            ) as answer:
                acknowledged[message["id"]] = (await answer.json())["seq"]

        saying = [asyncio.create_task(say()) for _ in range(20)]
        await asyncio.wait(saying, return_when=asyncio.FIRST_COMPLETED)
        server.process.send_signal(signal.SIGKILL)
        await asyncio.wait(saying)

    async with (
        serving(media, tmp_path / "data", *flags) as server,
        server.client.get(server.address + messages, headers=headers) as answer,
    ):
        kept = {each["id"]: each["seq"] for each in (await answer.json())["items"]}
        assert await server.stop() < 5.0
    assert acknowledged
    assert acknowledged.items() <= kept.items()
    assert sorted(kept.values()) == list(range(1, len(kept) + 1))
    assert not (tmp_path / "data" / "seans.sqlite3").exists()


async def test_a_database_that_is_away_is_said_in_one_line(media: Path, tmp_path: Path) -> None:
    url = "mongodb://anna:hunter2@127.0.0.1:9/cinema?serverSelectionTimeoutMS=300"

    code, out, err = await ended(command(media, tmp_path / "data", "--store", url))

    assert (code, out) == (1, "")
    assert err.startswith("seans: the store mongodb://127.0.0.1:9/cinema cannot be used: ")
    assert err.count("\n") == 1
    assert "hunter2" not in err


async def test_a_database_of_a_newer_version_is_left_alone(
    database: MongoServer, media: Path, tmp_path: Path
) -> None:
    url = database.url
    client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(url)
    with client:
        client.get_default_database().meta.insert_one({"id": "schema", "version": 1000})

    code, out, err = await ended(command(media, tmp_path / "data", "--store", url))

    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "newer" in err


async def test_the_data_folder_is_locked_whatever_the_store(
    database: MongoServer, media: Path, tmp_path: Path
) -> None:
    async with serving(media, tmp_path / "data", "--store", database.url):
        code, _, err = await ended(command(media, tmp_path / "data", "--store", database.url))

    assert code == 1
    assert "in use by another process" in err
