"""The library as people and pages see it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from harness.fakes import CONTENT, DURATION
from streamer.web.api.titles import LIVE_TYPE
from streamer.web.http.app_keys import CATALOGUE, SETTINGS, SIGNER
from tests.web.app_harness import AppHarness

UNKNOWN = "6a4c2a1e-1f0b-4c63-9c52-0d8b7a1c9e55"
"""An id that names nothing; the same in each process, or pytest-xdist refuses to begin."""


async def test_the_library_lists_what_can_be_shown_and_why_the_rest_can_not(
    cinema: AppHarness,
) -> None:
    page = (await cinema.anybody.get("/api/titles")).json

    assert page["next"] is None
    counter, heavy = page["items"]
    assert counter == {
        "id": cinema.film,
        "type": "movie",
        "title": "Counter",
        "year": None,
        "duration": DURATION,
        "poster": None,
        "state": "ready",
    }
    assert heavy["state"] == "unplayable"
    assert heavy["reason_code"] == "protected"
    assert "copying" in heavy["reason"]


async def test_the_library_is_searched_by_words(cinema: AppHarness) -> None:
    found = (await cinema.anybody.get("/api/titles?type=movie&query=count")).json["items"]

    assert [title["title"] for title in found] == ["Counter"]


@pytest.mark.parametrize(
    "query",
    ["+".join(["count"] * 33), "+".join(f"w{n}" for n in range(16)), "%F0%9F%8E%AC" * 200, ""],
    ids=["one word again and again", "16 words", "200 characters", "nothing"],
)
async def test_a_search_may_have_16_words_and_200_characters(
    cinema: AppHarness, query: str
) -> None:
    assert (await cinema.anybody.get(f"/api/titles?query={query}")).status == 200


async def test_a_search_that_is_too_much_is_refused_in_words(cinema: AppHarness) -> None:
    long = await cinema.anybody.get("/api/titles?query=" + "a" * 201)
    many = await cinema.anybody.get("/api/titles?query=" + "+".join("abcdefghijklmnopq"))

    assert long.json["detail"] == "query: Should have at most 200 characters"
    assert many.json["detail"] == "query: Should have at most 16 different words"


async def test_a_list_is_read_page_by_page(cinema: AppHarness) -> None:
    first = (await cinema.anybody.get("/api/titles?limit=1")).json
    second = (await cinema.anybody.get(f"/api/titles?limit=1&cursor={first['next']}")).json

    assert [title["title"] for title in first["items"] + second["items"]] == ["Counter", "Heavy"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=", "limit"),
        ("limit=1.0", "limit"),
        ("limit=1_0", "limit"),
        ("limit=%201", "limit"),
        ("limit=%D9%A1", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=2&limit=3", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=YXQ6MDE", "cursor"),
        ("cursor=YXQ6LTE", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=" + "A" * 5000, "cursor"),
        ("query=" + "a" * 201, "query"),
        ("query=" + "+".join(f"w{n}" for n in range(17)), "query"),
        ("query=" + "1+" * 4000, "query"),
        ("type=book", "type"),
        ("type=", "type"),
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(
    cinema: AppHarness, query: str, path: str
) -> None:
    refused = await cinema.anybody.get(f"/api/titles?{query}")

    assert refused.said == (422, "invalid")
    assert [error["path"] for error in refused.json["errors"]] == [path]


async def test_a_series_is_listed_once_and_told_with_its_episodes(cinema: AppHarness) -> None:
    media = cinema.app[SETTINGS].media
    for name in ("Pilot.Show.S01E02.mkv", "Pilot.Show.S01E01.Arrival.mp4", "Pilot.Show.S00E01.mp4"):
        (media / name).write_bytes(name.encode())
    await cinema.app[CATALOGUE].scan()

    (row,) = (await cinema.anybody.get("/api/titles?type=series&query=pilot")).json["items"]
    told = (await cinema.anybody.get(f"/api/titles/{row['id']}")).json
    first = (await cinema.anybody.get(f"/api/titles/{told['episodes'][0]['id']}")).json
    movies = (await cinema.anybody.get("/api/titles?type=movie")).json["items"]

    assert (row["type"], row["title"], row["episode_count"]) == ("series", "Pilot Show", 3)
    assert told == {**row, "episodes": told["episodes"]}
    assert [
        (each["season"], each["number"], each["title"], each["state"]) for each in told["episodes"]
    ] == [
        (1, 1, "Arrival", "ready"),
        (1, 2, "Pilot Show · S01E02", "unplayable"),
        (0, 1, "Pilot Show · S00E01", "ready"),
    ]
    assert (first["type"], first["series_id"]) == ("episode", row["id"])
    assert first["sources"][0]["kind"] == "file"
    assert [title["title"] for title in movies] == ["Counter", "Heavy"]


async def test_parameters_that_mean_nothing_here_are_let_be(cinema: AppHarness) -> None:
    assert (await cinema.anybody.get("/api/titles?v=7")).status == 200


async def test_a_film_is_told_with_its_tracks_and_a_source_that_plays(cinema: AppHarness) -> None:
    film = (await cinema.anybody.get(f"/api/titles/{cinema.film.upper()}")).json

    assert film["language"] == "en"
    assert film["audio"] == [{"n": 0, "language": "en", "label": "English", "url": None}]
    assert (film["subtitles"], film["storyboard"]) == ([], None)
    source, live = film["sources"]
    assert (source["kind"], source["width"], source["height"]) == ("file", 640, 360)
    assert source["type"].startswith("video/mp4")
    async with cinema.client.get(source["url"], headers={"Range": "bytes=2-4"}) as answer:
        assert answer.status == 206
        assert await answer.read() == CONTENT[2:5]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert live == {"kind": "live", "type": LIVE_TYPE, "width": 640, "height": 360}


async def test_a_film_without_its_signature_is_nobodys(cinema: AppHarness) -> None:
    for film in (cinema.film, str(uuid4()), "x"):
        assert (await cinema.anybody.get(f"/media/{film}/file")).status == 403


async def test_a_film_that_does_not_play_has_no_sources(cinema: AppHarness) -> None:
    film = (await cinema.anybody.get(f"/api/titles/{cinema.heavy}")).json

    assert (film["state"], film["sources"]) == ("unplayable", [])


@pytest.mark.parametrize("name", ["x", UNKNOWN, "%00", "{" + UNKNOWN + "}", "%ff", "é"])
async def test_a_title_that_is_none_is_not_found(cinema: AppHarness, name: str) -> None:
    assert (await cinema.anybody.get(f"/api/titles/{name}")).said == (404, "unknown_title")


async def test_the_same_refusal_reads_the_same_of_a_film_as_of_all_else(cinema: AppHarness) -> None:
    nobody = uuid4()
    signed = cinema.app[SIGNER].sign(str(nobody), "file", length=60.0)
    pairs = [
        (await cinema.anybody.get(signed), await cinema.anybody.get(f"/api/titles/{nobody}")),
        (await cinema.anybody.post(signed), await cinema.anybody.post("/healthz")),
    ]

    assert [film.said for film, _ in pairs] == [(404, "unknown_title"), (405, "method_not_allowed")]
    for film, other in pairs:
        assert {**film.json, "detail": ""} == {**other.json, "detail": ""}
        kept = ("Content-Type", "Cache-Control", "X-Content-Type-Options")
        assert [film.headers[name] for name in kept] == [other.headers[name] for name in kept]
