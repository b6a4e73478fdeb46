"""Episodes make series: by names, by what stands beside them, and whatever names may be."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from uuid import UUID

import pytest

from streamer.library.catalogue import Catalogue
from streamer.library.naming import name_film
from streamer.library.series import series_id
from streamer.library.titles import Series
from tests.library.test_catalogue import catalogue, put

ID = UUID("5b2f7a52-8c1e-4a75-9d0c-6a1f0f2f7c11")


def put_all(films: Path, *names: str) -> None:
    for name in names:
        (films / name).parent.mkdir(parents=True, exist_ok=True)
        put(films / name, name)


async def scanned(films: Path) -> Catalogue:
    of = catalogue(films)
    await of.scan()
    return of


async def only_series(films: Path) -> Series:
    [series] = (await scanned(films)).titles(kind="series")
    assert isinstance(series, Series)
    return series


def numbers(series: Series) -> list[tuple[int | None, int, int | None]]:
    places = [title.episode for title in series.episodes]
    return [(place.season, place.number, place.number_to) for place in places if place]


@pytest.mark.parametrize(
    ("path", "series", "season", "first", "last"),
    [
        ("Show.S01E01E02.mkv", "Show", 1, 1, 2),
        ("Show S02E01-E03 720p.mkv", "Show", 2, 1, 3),
        ("Show 1x02x03.mkv", "Show", 1, 2, 3),
        ("Show.S00E05.Making.Of.mkv", "Show", 0, 5, None),
        ("Show/Specials/Show - S00E02 - Extra.mkv", "Show", 0, 2, None),
        ("[Group] Naruto - 105 [1080p].mkv", "Naruto", None, 105, None),
        ("[Group] Cowboy Bebop - 05v2 (BD 1080p).mkv", "Cowboy Bebop", None, 5, None),
        ("One.Piece.E1015.mkv", "One Piece", None, 1015, None),
        ("Show/Season 1/02.mkv", "Show", 1, 2, None),
        ("Сериал 1 сезон 3 серия.mkv", "Сериал", 1, 3, None),
        ("Сериал. Серия 4.mkv", "Сериал", None, 4, None),
        ("24 S01E05.mkv", "24", 1, 5, None),
        ("9-1-1.S02E01.mkv", "9-1-1", 2, 1, None),
    ],
)
def test_an_episode_is_known_by_its_name(
    path: str, series: str, season: int | None, first: int, last: int | None
) -> None:
    name = name_film(PurePosixPath(path))

    found = (name.series, name.season, name.episode, name.last_episode)
    assert found == (series, season, first, last)


@pytest.mark.parametrize(
    "name",
    ["Apollo 13.mkv", "Ocean's 11.mkv", "The 100.mkv", "District 9.mkv", "Show.2021.01.15.mkv"],
)
def test_a_number_in_a_films_name_makes_no_episode_of_it(name: str) -> None:
    assert name_film(PurePosixPath(name)).series is None


async def test_episodes_stand_in_order_and_specials_last(films: Path) -> None:
    put_all(
        films,
        *("Show.S00E01.mkv", "Show/Season 2/show s02e01.mkv", "SHOW - 1x10.mkv"),
        *("Show.S01E02.mkv", "Show.S01E03E04.mkv", "Solaris (1972).mkv"),
    )
    of = await scanned(films)

    series, film = of.titles()

    assert (film.title, film.type, series.title) == ("Solaris", "movie", "Show")
    assert isinstance(series, Series)
    assert numbers(series) == [
        *((1, 2, None), (1, 3, 4), (1, 10, None), (2, 1, None), (0, 1, None)),
    ]
    assert [title.type for title in series.episodes] == ["episode"] * 5
    assert series.duration == sum(title.duration or 0.0 for title in series.episodes)


async def test_an_episode_is_no_title_of_its_own_and_is_found_by_its_id(films: Path) -> None:
    put_all(films, "Show.S01E01.mkv")
    of = await scanned(films)

    [series] = of.titles()

    assert isinstance(series, Series)
    [episode] = series.episodes
    assert of.titles(kind="movie") == []
    assert of.get(episode.id) is episode
    assert of.series(series.id) is series
    assert (of.get(series.id), of.series(episode.id)) == (None, None)


async def test_a_search_finds_a_series_by_its_episodes_too(films: Path) -> None:
    put_all(films, "Show.S01E01.The.Árrival.mkv", "Arrival (2016).mkv")
    of = await scanned(films)

    assert [title.title for title in of.titles("arrival")] == ["Arrival", "Show"]
    assert [title.title for title in of.titles("show")] == ["Show"]
    assert of.titles("arrival show 2016") == []


def test_a_series_keeps_its_id_however_its_name_is_written() -> None:
    assert len({series_id(name) for name in ("The Office", "the.office", "THE  OFFICE!")}) == 1
    assert series_id("Чип и Дейл") != series_id("Чип и Гейл")
    assert series_id("!!!") != series_id("???")


async def test_a_series_toml_in_the_folder_above_goes_before_the_names(films: Path) -> None:
    put_all(films, "Show/Season 1/a.S01E01.mkv", "Show/Season 2/b.S02E01.mkv", "a.S01E02.mkv")
    put(films / "Show" / "series.toml", f'id = "{ID}"\ntitle = "Штука"\nyear = 1999\n')

    found = (await scanned(films)).titles(kind="series")

    assert [(title.title, title.year, title.id == ID) for title in found] == [
        ("a", None, False),
        ("Штука", 1999, True),
    ]
    assert isinstance(found[1], Series)
    assert numbers(found[1]) == [(1, 1, None), (2, 1, None)]
    assert found[1].episodes[0].title == "Штука · S01E01"


async def test_a_films_sidecar_makes_an_episode_of_it(films: Path) -> None:
    put_all(films, "vol1.mkv")
    put(films / "vol1.toml", 'series = "Show"\nseason = 3\nnumber = 4\nnumber_to = 5\ntitle = "X"')

    series = await only_series(films)

    assert numbers(series) == [(3, 4, 5)]
    assert series.episodes[0].title == "Show · S03E04-E05 · X"


async def test_kodis_files_are_read_and_a_sidecar_goes_before_them(films: Path) -> None:
    put_all(films, "Show/x1.mkv", "Show/x2.mkv", "Film.mkv")
    put(films / "Show" / "tvshow.nfo", "<tvshow><title>Шоу</title><year>2001</year></tvshow>")
    put(
        films / "Show" / "x1.nfo",
        "<episodedetails><title>One</title><season>1</season><episode>1</episode></episodedetails>\n"
        "<episodedetails><title>Two</title><season>1</season><episode>2</episode></episodedetails>\n"
        "https://www.thetvdb.com/?id=7",
    )
    put(
        films / "Show" / "x2.nfo",
        "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
        "<episodedetails><title>Old</title><season>1</season><episode>3</episode><actor><title>no</title></actor></episodedetails>",
    )
    put(films / "Show" / "x2.toml", 'title = "Three"')
    put(films / "Film.nfo", "<movie><title>Фильм</title><premiered>1999-02-03</premiered></movie>")
    of = await scanned(films)

    film, series = of.titles()

    assert (film.title, film.year, series.title, series.year) == ("Фильм", 1999, "Шоу", 2001)
    assert isinstance(series, Series)
    assert numbers(series) == [(1, 1, 2), (1, 3, None)]
    assert [title.title for title in series.episodes] == [
        "Шоу · S01E01-E02 · One / Two",
        "Шоу · S01E03 · Three",
    ]


@pytest.mark.parametrize(
    ("content", "warned"),
    [
        (b"Release notes of a group: <3", False),
        (b"\xff\xfe\x00", False),
        (b"<episodedetails><title>\xff</title></episodedetails>", True),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><movie><title>&b;</title></movie>", True),
        (
            b"<?xml version='1.0'?><!DOCTYPE m SYSTEM 'file:///etc/passwd'><movie><title>x</title>"
            b"</movie>",
            True,
        ),
        (b"<movie><title>&lol;</title></movie>", True),
        (b"<movie><title>", True),
        (b"<movie>" + b"<a>" * 60_000, True),
        (b"<movie><title>x</title></movie>" + b" " * (1 << 18), True),
    ],
    ids=["text", "bytes", "not utf-8", "entity", "dtd", "lol", "cut", "deep", "long"],
)
async def test_a_bad_nfo_is_a_warning_at_most_and_the_film_stands(
    content: bytes, warned: bool, films: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put_all(films, "Solaris (1972).mkv")
    put(films / "Solaris (1972).nfo", content)
    of = await scanned(films)

    [film] = of.titles()

    assert (film.title, film.year) == ("Solaris", 1972)
    assert ("cannot be used" in caplog.text) == warned


async def test_of_two_files_of_an_episode_one_is_listed_and_both_are_found(
    films: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put_all(films, "Show.S01E01.720p.mkv", "Show.S01E01.1080p.mkv")
    of = await scanned(films)

    [series] = of.titles()

    assert isinstance(series, Series)
    assert len(series.episodes) == 1
    assert len(of.films()) == 2
    assert "is listed by another file" in caplog.text


async def test_a_change_of_a_series_toml_is_noticed_without_a_new_look_at_films(
    films: Path,
) -> None:
    put_all(films, "Show/Show.S01E01.mkv")
    of = await scanned(films)
    assert [title.title for title in of.titles()] == ["Show"]

    put(films / "Show" / "series.toml", 'title = "Другое"')
    await of.scan()

    assert [title.title for title in of.titles()] == ["Другое"]
    assert of.counts.probes == 1


async def test_a_series_does_not_hide_the_film_whose_id_it_claims(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put_all(tmp_path, "Film.mp4", "Show/Show.S01E01.mkv")
    (tmp_path / "Film.toml").write_text(f'id = "{ID}"', "utf-8")
    (tmp_path / "Show/series.toml").write_text(f'id = "{ID}"', "utf-8")

    of = await scanned(tmp_path)

    assert of.get(ID) is not None
    assert of.series(ID) is None
    assert [title.id for title in of.titles()] == [ID]
    assert "its id in series.toml is that of a film" in caplog.text
