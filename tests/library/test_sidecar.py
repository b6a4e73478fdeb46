"""The file beside a film: it overrides, and nothing in it can stop a scan."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from streamer.library.naming import Name
from streamer.library.sidecar import Sidecar, read_sidecar

ID = "5b2f7a52-8c1e-4a75-9d0c-6a1f0f2f7c11"


def write(folder: Path, content: str | bytes) -> Path:
    raw = content.encode() if isinstance(content, str) else content
    (folder / "Film.toml").write_bytes(raw)
    return folder / "Film.mp4"


def test_a_film_without_a_sidecar_is_as_it_is(tmp_path: Path) -> None:
    assert read_sidecar(tmp_path / "Film.mp4") == Sidecar()
    assert Sidecar().over(Name("Film", 1999)) == Name("Film", 1999)


def test_a_sidecar_goes_before_the_file_name(tmp_path: Path) -> None:
    film = write(tmp_path, f'id = "{ID}"\ntitle = "Сталкер"\nyear = 1979\nlanguage = "ru"\n')

    sidecar = read_sidecar(film)

    assert sidecar == Sidecar(UUID(ID), "Сталкер", 1979, "ru")
    assert sidecar.over(Name("stalker-rip", 2000)) == Name("Сталкер", 1979)


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
    film = write(tmp_path, f"{line}\n{KEPT.get(line.split()[0], KEPT[''])}\n")

    sidecar = read_sidecar(film)

    assert [complaint in warning for warning in sidecar.warnings] == [True]
    assert "Kept" in (sidecar.title or "") or sidecar.language == "de"


KEPT = {"": "title = 'Kept'", "title": "language = 'de'"}
"""A line that stays good beside a bad one of another key."""


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"title = ", b"[" * 60_000, b"x" * 100_000, b"a = " + b"[" * 5000],
    ids=["no text", "no value", "brackets", "long", "deep"],
)
def test_a_broken_sidecar_is_one_warning(content: bytes, tmp_path: Path) -> None:
    sidecar = read_sidecar(write(tmp_path, content))

    assert len(sidecar.warnings) == 1
    assert sidecar == Sidecar(warnings=sidecar.warnings)


def test_a_folder_named_like_a_sidecar_is_none(tmp_path: Path) -> None:
    (tmp_path / "Film.toml").mkdir()

    assert read_sidecar(tmp_path / "Film.mp4") == Sidecar()
