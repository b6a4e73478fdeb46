"""Shows of several films over HTTP: a series, several movies in a row, and their sessions."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from harness.fakes import DURATION
from harness.rooms import T0
from streamer.web.http.app_keys import CATALOGUE, REGISTRY, SETTINGS
from tests.web.app_harness import AppHarness, Person, at

EVENING = 3600.0


@pytest.fixture
async def series(cinema: AppHarness) -> dict[str, Any]:
    """Return a series of three episodes and a special, as the library tells of it."""
    media = cinema.app[SETTINGS].media
    for name in ("S01E01.Arrival", "S01E02", "S01E03", "S00E01"):
        (media / f"Pilot.Show.{name}.mp4").write_bytes(name.encode())
    await cinema.app[CATALOGUE].scan()
    (row,) = (await cinema.anybody.get("/api/titles?type=series")).json["items"]
    return dict((await cinema.anybody.get(f"/api/titles/{row['id']}")).json)


def sessions_of(series: dict[str, Any], *times: float) -> list[dict[str, str]]:
    episodes = series["episodes"][: len(times)]
    return [
        {"target_id": episode["id"], "movie_time": at(time)}
        for episode, time in zip(episodes, times, strict=True)
    ]


def plan(series: dict[str, Any], *times: float, **more: object) -> dict[str, object]:
    return {
        "target_id": series["id"],
        "target_type": "series",
        "sessions": sessions_of(series, *times),
        **more,
    }


async def test_a_show_of_a_series_has_a_session_for_each_episode(
    cinema: AppHarness, host: Person, series: dict[str, Any]
) -> None:
    made = await host.post("/api/shows", plan(series, T0, T0 + EVENING, T0 + 7 * 86_400.0))

    show = made.json
    assert made.status == 201
    assert (show["target_type"], show["title"], "movie_time" in show) == (
        *("series", "Pilot Show", False),
    )
    assert [each["target_id"] for each in show["sessions"]] == [
        episode["id"] for episode in series["episodes"][:3]
    ]
    first = show["sessions"][0]
    assert (first["target_type"], first["duration"], first["state"]) == (
        *("episode", DURATION, "scheduled"),
    )
    assert first["film"] == {
        "title": "Arrival",
        "series": "Pilot Show",
        "season": 1,
        "number": 1,
    }
    cinema.clock.now = T0 + DURATION + 1.0
    again = (await host.get(f"/api/shows/{show['id']}")).json
    assert [each["state"] for each in again["sessions"]] == ["ended", "scheduled", "scheduled"]
    (listed,) = (await host.get("/api/shows")).json["items"]
    assert listed["sessions"] == again["sessions"]


async def test_several_films_in_a_row_are_a_show_of_the_first(
    cinema: AppHarness, host: Person, series: dict[str, Any]
) -> None:
    films = [cinema.film, series["episodes"][1]["id"]]
    body = {
        "target_id": cinema.film,
        "target_type": "movie",
        "sessions": [
            {"target_id": film, "movie_time": at(T0 + n * 200.0)} for n, film in enumerate(films)
        ],
    }

    show = (await host.post("/api/shows", body)).json

    assert (show["title"], show["movie_time"]) == (
        *("Counter · Pilot Show · S01E02", show["sessions"][0]["movie_time"]),
    )
    assert [each["target_type"] for each in show["sessions"]] == ["movie", "episode"]


@pytest.mark.parametrize(
    ("change", "said", "path"),
    [
        ({"target_id": str(uuid4())}, (404, "unknown_title"), None),
        ({"sessions": []}, (422, "invalid"), "sessions"),
        ({"sessions": None}, (422, "invalid"), "sessions"),
        ({"movie_time": at(T0)}, (422, "invalid"), "movie_time"),
        ({"target_type": "movie"}, (422, "invalid"), "sessions.0.target_id"),
        (
            {"sessions": [{"target_id": str(uuid4()), "movie_time": at(T0)}]},
            (404, "unknown_title"),
            None,
        ),
        (
            {"sessions": [{"target_id": str(uuid4()), "movie_time": at(T0), "x": 1}]},
            (422, "invalid"),
            "sessions.0.x",
        ),
    ],
)
async def test_a_plan_of_a_series_that_makes_no_sense_makes_no_show(
    host: Person,
    series: dict[str, Any],
    change: dict[str, object],
    said: tuple[int, str],
    path: str | None,
) -> None:
    refused = await host.post("/api/shows", plan(series, T0, T0 + EVENING, **change))

    assert refused.said == said
    assert path is None or refused.json["errors"][0]["path"] == path
    assert (await host.get("/api/shows")).json["items"] == []


async def test_each_session_is_checked_and_named_where_it_is_wrong(
    cinema: AppHarness, host: Person, series: dict[str, Any]
) -> None:
    async def refusal(*times: float, **of_last: str) -> tuple[str, str]:
        body = plan(series, *times)
        sessions = sessions_of(series, *times)
        sessions[-1].update(of_last)
        refused = await host.post("/api/shows", {**body, "sessions": sessions})
        assert refused.status == 422
        return refused.code, refused.json["errors"][0]["path"]

    gone = cinema.clock() - DURATION - 1.0
    assert await refusal(T0, T0) == ("invalid", "sessions.1.movie_time")
    assert await refusal(T0 + 9.0, T0) == ("invalid", "sessions.1.movie_time")
    assert await refusal(gone, T0) == ("in_the_past", "sessions.0.movie_time")
    assert await refusal(T0, T0 + 1.0, target_id=cinema.film) == (
        *("invalid", "sessions.1.target_id"),
    )
    too_many = [
        {"target_id": series["episodes"][0]["id"], "movie_time": at(T0 + n)} for n in range(201)
    ]
    refused = await host.post("/api/shows", plan(series, sessions=too_many))
    assert refused.said == (422, "invalid")


async def test_a_session_is_added_moved_and_deleted_by_the_host_alone(
    cinema: AppHarness, host: Person, series: dict[str, Any]
) -> None:
    show = (await host.post("/api/shows", plan(series, T0, T0 + EVENING))).json
    path = f"/api/shows/{show['id']}/sessions"
    third = {"target_id": series["episodes"][2]["id"], "movie_time": at(T0 + 2 * EVENING)}
    boris = await cinema.member("Boris", show)

    added = await host.post(path, third)

    assert (added.status, added.json["state"]) == (201, "scheduled")
    one = f"/api/sessions/{added.json['id']}"
    assert added.headers["Location"] == one
    assert (await host.patch(one, {"movie_time": at(T0 + 100.0)})).status == 200
    order = [each["id"] for each in (await host.get(f"/api/shows/{show['id']}")).json["sessions"]]
    first, second = (each["id"] for each in show["sessions"])
    assert order == [first, added.json["id"], second]
    assert (await boris.post(path, third)).said == (403, "not_allowed")
    assert (await boris.delete(one)).said == (403, "not_allowed")
    assert (await (await cinema.guest("Eve")).post(path, third)).said == (404, "unknown_show")
    assert (await host.delete(one)).status == 204
    assert (await host.get(one)).said == (404, "unknown_session")
    assert (await host.delete(f"/api/sessions/{second}")).status == 204
    assert (await host.delete(f"/api/sessions/{first}")).said == (409, "only_session")


async def test_a_session_of_another_series_or_of_no_film_is_not_added(
    cinema: AppHarness, host: Person, series: dict[str, Any]
) -> None:
    show = (await host.post("/api/shows", plan(series, T0))).json
    path = f"/api/shows/{show['id']}/sessions"

    foreign = await host.post(path, {"target_id": cinema.film, "movie_time": at(T0)})
    unknown = await host.post(path, {"target_id": str(uuid4()), "movie_time": at(T0)})
    past = {"target_id": series["episodes"][1]["id"], "movie_time": at(T0 - 1000.0)}

    assert (foreign.said, unknown.said) == ((422, "invalid"), (404, "unknown_title"))
    assert (await host.post(path, past)).said == (422, "in_the_past")
    assert len((await host.get(f"/api/shows/{show['id']}")).json["sessions"]) == 1


async def test_a_film_that_runs_is_not_deleted(
    cinema: AppHarness, host: Person, series: dict[str, Any]
) -> None:
    show = (await host.post("/api/shows", plan(series, T0, T0 + EVENING))).json
    first = f"/api/sessions/{show['sessions'][0]['id']}"
    cinema.clock.now = T0 + 10.0

    assert (await host.delete(first)).said == (409, "already_begun")
    cinema.clock.now = T0 + DURATION + 10.0
    assert (await host.delete(first)).status == 204


async def test_a_film_can_be_added_to_a_movies_show(cinema: AppHarness, host: Person) -> None:
    show = await cinema.show(host)

    added = await host.post(
        f"/api/shows/{show['id']}/sessions",
        {"target_id": cinema.film, "movie_time": at(T0 + EVENING)},
    )

    assert added.status == 201
    assert (await host.delete(f"/api/sessions/{added.json['id']}")).status == 204


async def test_next_over_http_moves_the_room_and_a_late_guest_enters_the_next_session(
    cinema: AppHarness, host: Person, series: dict[str, Any]
) -> None:
    show = (await host.post("/api/shows", plan(series, T0, T0 + EVENING))).json
    first, second = (each["id"] for each in show["sessions"])
    cinema.clock.now = T0 + 10.0

    made = await host.post(f"/api/sessions/{first}/commands", {"action": "next"})
    cinema.clock.now = T0 + 20.5
    await cinema.app[REGISTRY].tick()
    boris = await cinema.guest("Boris")
    token = show["link"].rpartition("/w/")[2]
    entered = (await boris.post(f"/api/invites/{token}/accept")).json

    assert (made.status, made.json["revision"]) == (202, 2)
    assert made.json["timeline"] == {
        "revision": 2,
        "position": DURATION,
        "rate": 0.0,
        "instant": T0 + 20.0,
        "by": host.id,
        "reason": "ended",
    }
    assert entered["session_id"] == second
    preview = (await cinema.anybody.get(f"/api/invites/{token}")).json
    assert (preview["session_id"], preview["film"]["number"]) == (second, 2)
    stands = (await host.get(f"/api/shows/{show['id']}")).json["sessions"]
    assert [each["state"] for each in stands] == ["ended", "scheduled"]
    assert stands[1]["movie_time"] == "2027-01-15T08:00:25Z"


async def test_a_list_of_shows_has_ten_sessions_of_each_from_the_one_to_enter(
    cinema: AppHarness, host: Person, series: dict[str, Any]
) -> None:
    episode = series["episodes"][0]["id"]
    sessions = [{"target_id": episode, "movie_time": at(T0 + n * EVENING)} for n in range(14)]
    show = (await host.post("/api/shows", plan(series, sessions=sessions))).json
    cinema.clock.now = T0 + 2 * EVENING + 10.0

    (listed,) = (await host.get("/api/shows")).json["items"]
    cinema.clock.now = T0 + 12 * EVENING
    (later,) = (await host.get("/api/shows")).json["items"]

    ids = [each["id"] for each in show["sessions"]]
    assert [each["id"] for each in listed["sessions"]] == ids[2:12]
    assert [each["id"] for each in later["sessions"]] == ids[4:]


async def test_the_session_to_which_the_room_goes_stays_until_it_is_there(
    cinema: AppHarness, host: Person
) -> None:
    show = await cinema.show(host)
    later = {"target_id": cinema.film, "movie_time": at(T0 + 3600.0)}
    added = (await host.post(f"/api/shows/{show['id']}/sessions", later)).json
    cinema.clock.now = T0 + 5.0
    first, second = (f"/api/sessions/{each}" for each in (show["sessions"][0]["id"], added["id"]))
    assert (await host.post(f"{first}/commands", {"action": "next"})).status == 202

    assert (await host.delete(second)).said == (409, "already_begun")
    moved = await host.patch(second, {"movie_time": at(T0 + 7200.0)})
    assert moved.said == (409, "already_begun")

    assert (await host.post(f"{first}/commands", {"action": "play"})).status == 202
    assert (await host.delete(second)).status == 204
