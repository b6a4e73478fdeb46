"""What films are called, by the names that people and programs give to files."""

from __future__ import annotations

import time
from pathlib import PurePosixPath

import pytest
from guessit.api import GuessitException
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.library import naming
from streamer.library.naming import FILM_YEARS, TITLE_LIMIT, Name, name_film, search_key

MOVIES = {
    "Big Buck Bunny.mp4": Name("Big Buck Bunny"),
    "Сталкер (1979).mkv": Name("Сталкер", 1979),
    "Ирония судьбы, или С лёгким паром!.1975.DVDRip.avi": Name(
        "Ирония судьбы, или С лёгким паром!", 1975
    ),
    "Фильм_без_года.mp4": Name("Фильм без года"),
    "The.Matrix.1999.1080p.BluRay.x264-GRP.mkv": Name("The Matrix", 1999),
    "2001 A Space Odyssey 1968.mkv": Name("2001 A Space Odyssey", 1968),
    "Blade Runner 2049 (2017).mkv": Name("Blade Runner 2049", 2017),
    "Spider-Man.No.Way.Home.2021.mkv": Name("Spider-Man No Way Home", 2021),
    "Mission - Impossible (1996).mkv": Name("Mission - Impossible", 1996),
    "Amélie (2001) [1080p].mkv": Name("Amélie", 2001),
    "1917.2019.mp4": Name("1917", 2019),
    "1917.mp4": Name("1917"),
    "300.mp4": Name("300"),
    "Se7en.1080p.mkv": Name("Se7en"),
    "(2019) Film.mp4": Name("(2019) Film"),
    # words about codecs are not taken for the end of a title
    "h264-aac-2audio.mkv": Name("h264-aac-2audio"),
    "no-audio.mp4": Name("no-audio"),
    "vfr.mp4": Name("vfr"),
    "counter-120s.mp4": Name("counter-120s"),
}


@pytest.mark.parametrize("name", MOVIES)
def test_a_movie_is_called_what_its_file_is(name: str) -> None:
    assert name_film(PurePosixPath(name)) == MOVIES[name]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Pilot.Show.S01E02.mkv", Name("Pilot Show · S01E02", None, "Pilot Show", 1, 2)),
        ("Pilot Show/Season 01/S01E02.mkv", Name("Pilot Show · S01E02", None, "Pilot Show", 1, 2)),
        ("Pilot.Show.S00E01.mkv", Name("Pilot Show · S00E01", None, "Pilot Show", 0, 1)),
        (
            "The Office - 3x05 - Initiation.mkv",
            Name(
                "The Office · S03E05 · Initiation",
                None,
                "The Office",
                3,
                5,
                episode_title="Initiation",
            ),
        ),
    ],
)
def test_an_episode_is_called_by_its_series_and_number(path: str, name: Name) -> None:
    assert name_film(PurePosixPath(path)) == name


@pytest.mark.parametrize("stem", ["VID_20230501", "movie", "title_t00", "0123456789abcdef0123"])
def test_the_title_inside_stands_in_for_a_name_that_nobody_chose(stem: str) -> None:
    assert name_film(PurePosixPath(f"{stem}.mp4"), "Our wedding") == Name("Our wedding")


def test_the_title_inside_does_not_replace_a_chosen_name() -> None:
    assert name_film(PurePosixPath("Solaris (1972).mkv"), "RARBG rip") == Name("Solaris", 1972)


@pytest.mark.parametrize("inner", ["Downloaded from www.films.example", "http://x", "video", None])
def test_a_title_inside_that_is_no_title_is_not_taken(inner: str | None) -> None:
    assert name_film(PurePosixPath("movie.mp4"), inner) == Name("movie")


def test_a_folder_made_for_one_film_names_it() -> None:
    assert name_film(PurePosixPath("The Matrix (1999)/movie.mkv")) == Name("The Matrix", 1999)
    assert name_film(PurePosixPath("downloads/movie.mkv")) == Name("movie")


def test_a_name_that_cannot_be_read_stands_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str, options: object) -> object:
        raise GuessitException(name, {}) from RuntimeError("too much")

    monkeypatch.setattr(naming, "guessit", fail)

    assert name_film(PurePosixPath("Some.Film.1999.mkv")) == Name("Some Film 1999")


def test_folders_far_above_cost_nothing() -> None:
    folder = "S1E1-E2-" * 30
    path = PurePosixPath(*[folder] * 14, "E01.mp4")
    began = time.process_time()

    name = name_film(path)

    assert time.process_time() - began < 15.0, "with all folders it takes a minute"
    assert name == Name("E01")


def test_a_longer_name_than_file_systems_have_keeps_its_beginning() -> None:
    assert name_film(PurePosixPath(r"The Film (1999) \xff" + r"\xff" * 200)) == Name(
        "The Film", 1999
    )


FILE_NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=80
).filter(lambda text: text not in (".", ".."))


@settings(max_examples=150, deadline=None)
@given(FILE_NAMES, st.none() | st.text(max_size=300))
def test_any_file_name_gives_a_title_that_can_be_shown(stem: str, inner: str | None) -> None:
    name = name_film(PurePosixPath(f"{stem}.mkv"), inner)

    assert name.title.isprintable()
    assert name.title == name.title.strip()
    assert 1 <= len(name.title) <= TITLE_LIMIT + len(" · S99E99")
    assert name.year is None or name.year in FILM_YEARS


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Ёжик в тумане", "ежик"),
        ("Amélie", "AMELIE"),
        ("Straße", "strasse"),
        ("СТАЛКЕР", "сталкер"),
    ],
)
def test_a_search_overlooks_case_and_accents(text: str, query: str) -> None:
    assert search_key(query) in search_key(text)
