"""The file beside a film: it overrides, and nothing in it can stop a scan."""

from __future__ import annotations

import os
import time
from pathlib import Path
from uuid import UUID

import pytest

from streamer.library.naming import Name
from streamer.library.sidecar import Sidecar, Sidecars
from streamer.library.walk import FoundFile, walk

ID = "5b2f7a52-8c1e-4a75-9d0c-6a1f0f2f7c11"


def write(folder: Path, content: str | bytes) -> Path:
    raw = content.encode() if isinstance(content, str) else content
    (folder / "Film.toml").write_bytes(raw)
    return folder


def found(folder: Path, name: str = "Film.mp4") -> FoundFile:
    return FoundFile(folder / name, name, 0, 0)


def read(folder: Path) -> Sidecar:
    return Sidecars(folder).of(found(folder))


def test_a_film_without_a_sidecar_is_as_it_is(tmp_path: Path) -> None:
    assert read(tmp_path) == Sidecar()
    assert Sidecar().applied_to(Name("Film", 1999)) == Name("Film", 1999)


def test_a_sidecar_goes_before_the_file_name(tmp_path: Path) -> None:
    folder = write(tmp_path, f'id = "{ID}"\ntitle = "Сталкер"\nyear = 1979\nlanguage = "ru"\n')

    sidecar = read(folder)

    assert sidecar == Sidecar(UUID(ID), "Сталкер", 1979, "ru")
    assert sidecar.applied_to(Name("stalker-rip", 2000)) == Name("Сталкер", 1979)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('id = "7"', "'id' must be a UUID"),
        ("id = 7", "'id' must be a UUID"),
        ('title = ""', "'title' must be"),
        ('title = "a\\nb"', "'title' must be"),
        ("title = 5", "'title' must be"),
        ('year = "1979"', "'year' must be a year"),
        ("year = true", "'year' must be a year"),
        ("year = 99", "'year' must be a year"),
        ('language = "klingonish"', "'language' must be an ISO 639-1 code"),
        ('director = "A. T."', "the key 'director' is not known"),
    ],
)
def test_a_bad_line_is_a_warning_and_the_others_count(
    line: str, complaint: str, tmp_path: Path
) -> None:
    folder = write(tmp_path, f"{line}\n{KEPT.get(line.split()[0], KEPT[''])}\n")

    sidecar = read(folder)

    assert [complaint in warning for warning in sidecar.warnings] == [True]
    assert "Kept" in (sidecar.title or "") or sidecar.language == "de"


KEPT = {"": "title = 'Kept'", "title": "language = 'de'"}
"""A line that stays good beside a bad one of another key."""


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"title = ", b"[" * 4000, b"a = " + b"[" * 4000],
    ids=["no text", "no value", "brackets", "deep"],
)
def test_a_broken_sidecar_is_one_warning(content: bytes, tmp_path: Path) -> None:
    sidecar = read(write(tmp_path, content))

    assert len(sidecar.warnings) == 1
    assert sidecar == Sidecar(warnings=sidecar.warnings)


def test_a_folder_named_like_a_sidecar_is_none(tmp_path: Path) -> None:
    (tmp_path / "Film.toml").mkdir()

    assert read(tmp_path) == Sidecar()


@pytest.mark.parametrize("length", [4097, 100_000])
def test_a_sidecar_of_more_than_4_kb_is_not_read(length: int, tmp_path: Path) -> None:
    began = time.process_time()

    sidecar = read(write(tmp_path, ".".join("a" * (length // 2)) + "=1" + " " * length))

    assert sidecar == Sidecar(warnings=("Film.toml cannot be used: it is longer than 4096 bytes",))
    assert time.process_time() - began < 2.0, "a long key takes ten seconds"


def test_a_sidecar_of_4_kb_is_read(tmp_path: Path) -> None:
    line = "title = 'Film'"

    assert read(write(tmp_path, line + " " * (4096 - len(line)))) == Sidecar(title="Film")


def test_a_sidecar_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    sidecars, film = Sidecars(write(tmp_path, "title = 'Old'")), found(tmp_path)
    path = tmp_path / "Film.toml"
    before = path.stat()
    [first] = sidecars.beside([film])

    path.write_bytes(b"title = 'New'")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    [same] = sidecars.beside([film])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    [later] = sidecars.beside([film])
    path.write_bytes(b"title = 'Newer'")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    longer = sidecars.of(film)

    assert (first.title, same.title, later.title, longer.title) == ("Old", "Old", "New", "Newer")


def test_a_sidecar_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    sidecars, film = Sidecars(write(tmp_path, "title = 'Film'")), found(tmp_path)
    [there] = sidecars.beside([film])
    (tmp_path / "Film.toml").unlink()

    assert there == Sidecar(title="Film")
    assert sidecars.beside([film]) == [Sidecar()]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    (tmp_path / "secret.toml").write_text("title = 'Secret'\npassword = 'x'")
    (folder / "Film.toml").symlink_to("../secret.toml")
    (folder / "other.toml").write_text("title = 'Other'")
    (folder / "Inside.toml").symlink_to("other.toml")

    sidecars = Sidecars(folder).beside([found(folder), found(folder, "Inside.mp4")])

    assert sidecars == [
        Sidecar(warnings=("Film.toml cannot be used: it leads elsewhere",)),
        Sidecar(title="Other"),
    ]


def test_a_pipe_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "Film.toml")

    assert read(tmp_path) == Sidecar()


def test_what_is_said_of_a_name_that_is_no_text_can_be_written(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    with open(folder + b"/\xff.mp4", "wb"), open(folder + b"/\xff.toml", "wb") as file:  # noqa: PTH123
        file.write(b"actor = 'x'")

    [sidecar] = Sidecars(tmp_path).beside(walk(tmp_path).files)

    assert sidecar.warnings == (r"\xff.toml: the key 'actor' is not known",)
