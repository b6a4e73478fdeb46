"""Open films: shared, capped, and always the version that they say they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from aiohttp import web

from streamer.delivery.film_files import Busy, OpenFilms, ServedFile
from streamer.delivery.runner import FilmRunner, make_runner, missing_in
from tests.delivery.byte_server import ByteServer


def films_in(folder: Path, count: int) -> list[ServedFile]:
    """Make some films."""
    paths = [folder / f"{number}.mp4" for number in range(count)]
    for path in paths:
        path.write_bytes(path.name.encode())
    return [ServedFile(str(path), "video/mp4", path.name) for path in paths]


def test_viewers_of_a_film_share_a_descriptor(tmp_path: Path) -> None:
    (film,) = films_in(tmp_path, 1)
    films = OpenFilms()

    assert films.acquire(film) is films.acquire(film)
    assert films.descriptors == 1


def test_the_longest_unused_film_is_closed_when_another_is_opened(tmp_path: Path) -> None:
    first, second, third = films_in(tmp_path, 3)
    films = OpenFilms(limit=2)
    for film in (first, second, first):
        films.release(films.acquire(film))
    kept = films.acquire(first)

    films.acquire(third)

    assert films.descriptors == 2
    assert kept.unchanged()
    assert films.acquire(first) is kept


def test_no_descriptor_is_taken_from_a_viewer(tmp_path: Path) -> None:
    first, second = films_in(tmp_path, 2)
    films = OpenFilms(limit=1)
    held = films.acquire(first)

    with pytest.raises(Busy):
        films.acquire(second)

    assert films.descriptors == 1
    films.release(held)
    films.acquire(second)
    assert films.descriptors == 1


def test_another_version_has_another_tag_and_the_old_one_closes_with_its_last_viewer(
    tmp_path: Path,
) -> None:
    (film,) = films_in(tmp_path, 1)
    films = OpenFilms()
    old = films.acquire(film)
    better = tmp_path / "better"
    better.write_bytes(Path(film.path).read_bytes())
    better.replace(film.path)

    new = films.acquire(film)

    assert new.etag != old.etag
    assert films.descriptors == 2
    films.release(old)
    assert films.descriptors == 1


def test_a_touched_film_is_another_version(tmp_path: Path) -> None:
    (film,) = films_in(tmp_path, 1)
    films = OpenFilms()
    old = films.acquire(film)
    os.utime(film.path, ns=(1, 1))

    assert not old.unchanged()
    assert films.acquire(film) is not old


def test_a_tag_survives_a_restart(tmp_path: Path) -> None:
    (film,) = films_in(tmp_path, 1)

    assert OpenFilms().acquire(film).etag == OpenFilms().acquire(film).etag


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    films = OpenFilms()
    os.mkfifo(tmp_path / "pipe")

    for name in ("pipe", ".", "missing"):
        with pytest.raises(OSError, match=r"regular file|No such file"):
            films.acquire(ServedFile(str(tmp_path / name), "video/mp4", ""))

    assert films.descriptors == 0


def test_the_installed_aiohttp_is_as_the_fast_path_expects(cinema: ByteServer) -> None:
    assert missing_in(web.RequestHandler) == []
    assert isinstance(cinema.runner, FilmRunner)


def test_another_aiohttp_gets_the_ordinary_handler_a_warning_and_a_count(
    cinema: ByteServer, caplog: pytest.LogCaptureFixture
) -> None:
    strange = type("Strange", (), {})
    before = cinema.films.counters.fallbacks

    runner = make_runner(web.Application(), cinema.films, connection=strange)

    assert type(runner) is web.AppRunner
    assert cinema.films.counters.fallbacks == before + 1
    assert "_waiter" in caplog.text


def test_a_film_that_became_a_link_out_of_its_folder_is_not_opened(tmp_path: Path) -> None:
    folder, secret = tmp_path / "films", tmp_path / "secret"
    folder.mkdir()
    secret.write_bytes(b"key")
    path = folder / "film.mp4"
    path.write_bytes(b"film")
    film = ServedFile(str(path), "video/mp4", "", folder=str(folder.resolve()))
    films = OpenFilms()
    films.release(films.acquire(film))

    path.unlink()
    path.symlink_to(secret)

    with pytest.raises(OSError, match="no regular file of the film folder"):
        films.acquire(film)
    assert films.descriptors == 0


def test_a_film_in_a_folder_that_became_a_link_is_not_opened(tmp_path: Path) -> None:
    folder, outside = tmp_path / "films", tmp_path / "outside"
    (folder / "series").mkdir(parents=True)
    outside.mkdir()
    for place in (folder / "series", outside):
        (place / "film.mp4").write_bytes(b"film")
    path = folder / "series" / "film.mp4"
    film = ServedFile(str(path), "video/mp4", "", folder=str(folder.resolve()))

    path.unlink()
    path.parent.rmdir()
    path.parent.symlink_to(outside)

    with pytest.raises(OSError, match="no regular file of the film folder"):
        OpenFilms().acquire(film)


def test_a_link_to_a_film_of_the_same_folder_is_opened(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"film")
    (tmp_path / "link.mp4").symlink_to(tmp_path / "film.mp4")
    film = ServedFile(str(tmp_path / "link.mp4"), "video/mp4", "", folder=str(tmp_path.resolve()))

    assert OpenFilms().acquire(film).size == 4
