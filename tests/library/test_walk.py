"""Which files of a folder are films."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from streamer.library.errors import FolderUnusable
from streamer.library.walk import stamp, walk

NOBODY = 65534
"""A user who owns nothing."""


def names(folder: Path) -> list[str]:
    return [file.name for file in walk(folder).files]


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"film")
    return path


def test_films_are_found_at_any_depth_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.MKV", "a/z.mp4", "a/b/c.webm", "c.ts"):
        touch(tmp_path / name)

    assert names(tmp_path) == ["a/b/c.webm", "a/z.mp4", "b.MKV", "c.ts"]


@pytest.mark.parametrize(
    "name",
    [
        *(".hidden.mp4", ".folder/x.mp4", "x.mp4.part", "x.mp4.crdownload", "x.mp4.!qB"),
        *("x.toml", "x.srt", "x.jpg", "x", "x.mp4~", "mp4"),
    ],
)
def test_what_is_hidden_unfinished_or_no_film_is_left_out(name: str, tmp_path: Path) -> None:
    touch(tmp_path / name)

    assert names(tmp_path) == []


def test_a_link_is_followed_within_the_folder_alone(tmp_path: Path) -> None:
    outside, folder = touch(tmp_path / "outside" / "secret.mp4"), tmp_path / "films"
    inside = touch(folder / "inside.mp4")
    (folder / "again.mp4").symlink_to(inside)
    (folder / "away.mp4").symlink_to(outside)
    (folder / "away").symlink_to(outside.parent)
    (folder / "dots.mp4").symlink_to("../outside/secret.mp4")
    (folder / "nowhere.mp4").symlink_to(folder / "gone.mp4")
    (folder / "itself.mp4").symlink_to(folder / "itself.mp4")

    found = walk(folder)

    assert [file.name for file in found.files] == ["again.mp4", "inside.mp4"]
    assert {warning.split()[0] for warning in found.warnings} == {
        *("away", "away.mp4", "dots.mp4", "nowhere.mp4", "itself.mp4")
    }
    assert len(found.warnings) == 5
    assert found.folders == (folder,), "the other is not to be watched"


def test_a_film_folder_that_links_to_itself_is_named_in_words(tmp_path: Path) -> None:
    (tmp_path / "films").symlink_to(tmp_path / "films")

    with pytest.raises(FolderUnusable, match="Too many levels of symbolic links"):
        walk(tmp_path / "films")


def test_a_folder_that_links_to_itself_ends(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "x.mp4")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "self").symlink_to(tmp_path / "a")

    assert names(tmp_path) == ["a/x.mp4"]


def test_the_film_folder_may_itself_be_a_link(tmp_path: Path) -> None:
    touch(tmp_path / "disk" / "x.mp4")
    (tmp_path / "films").symlink_to(tmp_path / "disk")

    assert names(tmp_path / "films") == ["x.mp4"]


def test_pipes_and_folders_named_like_films_are_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    touch(tmp_path / "folder.mp4" / "x.mp4")

    assert names(tmp_path) == ["folder.mp4/x.mp4"]


def test_a_name_that_is_no_text_is_found_and_can_be_shown(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/\xff\xfe.mp4"
    with open(raw, "wb"):  # noqa: PTH123 - a path of bytes
        pass

    [file] = walk(tmp_path).files

    assert file.name == r"\xff\xfe.mp4"
    assert stamp(file) == file


def test_a_missing_folder_is_named_in_words(tmp_path: Path) -> None:
    with pytest.raises(FolderUnusable, match="does not exist"):
        walk(tmp_path / "gone")
    with pytest.raises(FolderUnusable, match="is not a folder"):
        walk(touch(tmp_path / "x.mp4"))


@contextmanager
def not_root() -> Iterator[None]:
    """Drop root's right to read everything, where the tests have it."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_folder_that_may_not_be_read_is_named_in_words() -> None:
    with TemporaryDirectory(prefix="seans-walk-") as name:  # pytest's own are closed to others
        folder, closed = Path(name), Path(name) / "closed"
        folder.chmod(0o755)
        touch(folder / "open.mp4")
        closed.mkdir(mode=0)

        with not_root():
            found = walk(folder)
            with pytest.raises(FolderUnusable, match="Permission denied"):
                walk(closed)

    assert [file.name for file in found.files] == ["open.mp4"]
    assert found.warnings == ("The folder closed is passed over: Permission denied",)


def test_folders_that_link_to_one_another_are_walked_once(tmp_path: Path) -> None:
    names = "abcdefgh"
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "film.mp4").write_bytes(b"film")
    for name in names:
        for other in names:
            if other != name:
                (tmp_path / name / other).symlink_to(tmp_path / other)

    found = walk(tmp_path)

    assert [file.name for file in found.files] == [f"{name}/film.mp4" for name in names]
