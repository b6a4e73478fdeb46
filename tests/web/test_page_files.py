"""What the pages are made of: the bundle where it is of just these files, else the modules."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from hatch_build import _sources
from streamer.app import static_folder
from streamer.web.http.app_keys import STATIC
from streamer.web.page_files import PageFiles, sources
from streamer.web.pages import routes

PAGE = "room.html"


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """Return a folder of pages with a bundle of them."""
    (tmp_path / "i18n").mkdir()
    (tmp_path / "i18n" / "ru.json").write_text('{"name": "Имя", "count": {"one": "1"}}')
    (tmp_path / PAGE).write_text("modules")
    built = tmp_path / "built"
    built.mkdir()
    (built / "room.ru.html").write_text("bundle")
    (built / "manifest.json").write_text(json.dumps({"sources": sources(tmp_path)}))
    return tmp_path


def test_a_bundle_of_just_these_files_is_served(
    static: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = PageFiles(static)

    assert files.bundled
    assert files.html("room", "ru") == "bundle"
    assert not caplog.records


def test_a_bundle_of_other_files_is_not_served(
    static: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (static / PAGE).write_text("modules, edited")

    files = PageFiles(static)

    assert files.html("room", "ru") == "modules, edited"
    assert "static/ has changed since it was bundled" in caplog.text


def test_without_a_bundle_the_modules_are_served(
    static: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (static / "built" / "manifest.json").unlink()

    files = PageFiles(static)

    assert files.html("room", "ru") == "modules"
    assert "nothing was bundled" in caplog.text


@pytest.mark.parametrize("manifest", ["", "[]", "{}", "null"])
def test_a_manifest_that_is_none_is_no_bundle(
    static: Path, caplog: pytest.LogCaptureFixture, manifest: str
) -> None:
    (static / "built" / "manifest.json").write_text(manifest)

    assert not PageFiles(static).bundled
    assert "the bundle can't be read" in caplog.text


def test_words_without_plurals_are_known_by_key(static: Path) -> None:
    assert PageFiles(static).words("ru") == {"name": "Имя"}


def test_who_bundles_and_who_serves_count_the_same_files() -> None:
    assert sources(static_folder()) == _sources(static_folder())


@pytest.fixture
async def client(static: Path) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application()
    app[STATIC] = static
    app.add_routes(routes)
    async with TestClient(TestServer(app)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "caching"),
    [
        ("built/room.en-ABCD1234.js", "public, max-age=31536000, immutable"),
        ("vendor/kit.js", "max-age=3600"),
        ("js/rebuilt.js", "no-cache"),
    ],
)
async def test_only_names_with_a_hash_are_kept_for_good(
    client: TestClient[web.Request, web.Application], static: Path, name: str, caching: str
) -> None:
    file = static / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("export {};")

    async with client.get(f"/static/{name}") as answer:
        assert answer.headers["Cache-Control"] == caching
        assert answer.content_type == "text/javascript"


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None)]
)
async def test_the_bundle_comes_compressed_as_the_browser_likes(
    client: TestClient[web.Request, web.Application],
    static: Path,
    accepted: str,
    encoding: str | None,
) -> None:
    script = static / "built" / "room-ABCD1234.js"
    for suffix in ("", ".br", ".gz"):
        script.with_name(script.name + suffix).write_bytes(f"as{suffix}".encode())

    async with client.get(
        f"/static/built/{script.name}", headers={"Accept-Encoding": accepted}, auto_decompress=False
    ) as answer:
        assert answer.headers.get("Content-Encoding") == encoding
        assert answer.content_type == "text/javascript"
        assert await answer.read() == {"br": b"as.br", "gzip": b"as.gz", None: b"as"}[encoding]
        assert encoding is None or answer.headers["Vary"] == "Accept-Encoding"
