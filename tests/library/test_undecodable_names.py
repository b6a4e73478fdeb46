"""A film folder with names that are not UTF-8: films are listed, and nothing ends."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from pathlib import Path

import pytest

from harness.rooms import until
from tests.library.test_catalogue import catalogue, listed, put, watching


def put_bytes(folder: Path, name: bytes, content: bytes) -> None:
    path = os.fsencode(folder) + b"/" + name
    with open(path, "wb") as file:  # noqa: PTH123 - Path takes no bytes
        file.write(content)


async def test_a_name_that_is_not_utf8_ends_no_watch(
    films: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    of = catalogue(films)
    async with watching(of):
        put(films / "one.mp4", b"one")
        await until(lambda: listed(of) == ["one"])

        put_bytes(films, b"s\xe9rie.mp4", b"coffee")
        await until(lambda: len(listed(of)) == 2)
        put(films / "two.mp4", b"two")
        await until(lambda: len(listed(of)) == 3)

    late = [text for text in caplog.messages if "noticed late" in text]
    assert late == []


async def test_a_folder_that_holds_such_names_from_the_start_is_watched_too(films: Path) -> None:
    folder = os.fsencode(films) + b"/s\xe9rie"
    await asyncio.to_thread(os.mkdir, folder)
    put_bytes(films, b"s\xe9rie/one.mp4", b"one")
    of = catalogue(films)

    async with watching(of):
        await until(lambda: listed(of) == ["one"])
        put_bytes(films, b"s\xe9rie/two.mp4", b"two")
        await until(lambda: listed(of) == ["one", "two"])


async def test_such_a_film_has_a_title_that_json_can_carry(films: Path) -> None:
    put_bytes(films, b"s\xe9rie.mp4", b"coffee")
    of = catalogue(films)

    await of.scan()

    [title] = of.films()
    assert json.dumps(title.title, ensure_ascii=False).encode()
    assert await asyncio.to_thread(title.source.path.read_bytes) == b"coffee"
