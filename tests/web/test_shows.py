"""Shows are planned, read, changed and called off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from harness.fakes import DURATION
from harness.rooms import T0
from streamer.web.http.app_keys import CATALOGUE, MAKER
from tests.web.app_harness import AppHarness, Person, at, token_of
from tests.web.conftest import Open


async def test_a_show_is_told_as_it_was_planned(cinema: AppHarness, host: Person) -> None:
    plan = {
        "target_id": cinema.film,
        "target_type": "movie",
        "movie_time": "2027-01-15T11:00:00.250+03:00",
        "title": " Friday ",
        "control": "everyone",
    }

    answer = await host.post("/api/shows", plan)

    show = answer.json
    (session,) = show["sessions"]
    assert answer.status == 201
    assert answer.headers["Location"] == f"/api/shows/{show['id']}"
    assert show["title"] == "Friday"
    assert show["movie_time"] == session["movie_time"] == "2027-01-15T08:00:00.250Z"
    assert (show["access"], show["control"], show["waiting"]) == ("link", "everyone", "never")
    assert (show["type"], show["role"], show["user_id"]) == ("show", "host", host.id)
    assert (session["state"], session["duration"]) == ("scheduled", DURATION)
    assert (session["target_id"], session["target_type"]) == (cinema.film, "movie")
    assert (await host.get(answer.headers["Location"])).json == show


async def test_a_show_is_called_as_its_film_where_nothing_else_is_said(
    show: dict[str, Any],
) -> None:
    assert show["title"] == "Counter"
    assert show["control"] == "host"


async def test_the_link_begins_with_the_address_asked(
    cinema: AppHarness, show: dict[str, Any]
) -> None:
    assert show["link"] == f"{cinema.client.make_url('/')}w/{token_of(show)}"
    assert len(token_of(show)) >= 22


async def test_the_link_begins_with_the_public_address_where_there_is_one(
    open_cinema: Open,
) -> None:
    cinema = await open_cinema(public_url="https://cinema.example")

    show = await cinema.show(await cinema.guest("Anna"))

    assert show["link"].startswith("https://cinema.example/w/")


@pytest.mark.parametrize("late", [0.0, 60.0, DURATION])
async def test_a_film_may_have_begun_by_its_own_length_ago(
    cinema: AppHarness, host: Person, late: float
) -> None:
    show = await cinema.show(host, movie_time=at(cinema.clock() - late))

    assert show["sessions"][0]["state"] == ("ended" if late == DURATION else "running")


async def test_a_film_can_not_be_over_already(cinema: AppHarness, host: Person) -> None:
    plan = {
        "target_id": cinema.film,
        "target_type": "movie",
        "movie_time": at(cinema.clock() - DURATION - 1),
    }

    assert (await host.post("/api/shows", plan)).said == (422, "in_the_past")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target_id": str(uuid4())}, (404, "unknown_title")),
        ({"target_id": "x"}, (422, "invalid")),
        ({"target_type": "series"}, (422, "not_supported")),
        ({"target_type": "book"}, (422, "invalid")),
        ({"access": "all"}, (422, "invalid")),
        ({"waiting": "sometimes"}, (422, "invalid")),
        ({"waiting": None}, (422, "invalid")),
        ({"control": "nobody"}, (422, "invalid")),
        ({"control": None}, (422, "invalid")),
        ({"title": ""}, (422, "invalid")),
        ({"title": "   "}, (422, "invalid")),
        ({"title": "a" * 201}, (422, "invalid")),
        ({"title": None}, (422, "invalid")),
        ({"sessions": []}, (422, "invalid")),
        ({"colour": "red"}, (422, "invalid")),
        ({"movie_time": None}, (422, "not_supported")),
    ],
)
async def test_a_plan_that_makes_no_sense_makes_no_show(
    cinema: AppHarness, host: Person, change: dict[str, object], said: tuple[int, str]
) -> None:
    plan = {"target_id": cinema.film, "target_type": "movie", "movie_time": at(T0), **change}

    refused = await host.post("/api/shows", plan)

    assert refused.said == said
    if said[1] == "invalid":
        assert [error["path"] for error in refused.json["errors"]] == list(change)
    assert (await host.get("/api/shows")).json["items"] == []


@pytest.mark.parametrize(
    "moment",
    [
        "2027-01-15T11:00:00",
        "2027-01-15",
        "2027-01-15 11:00:00Z",
        "2027-01-15T11:00Z",
        "2027-02-30T11:00:00Z",
        "2027-01-15T24:00:00Z",
        "2027-01-15T11:00:60Z",
        "2027-01-15T11:00:00+24:00",
        "0001-01-01T00:00:00+23:59",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "9999-12-31T23:59:59Z",
        "20270115T110000Z",
        "1800000000",
        1_800_000_000,
        1.8e9,
        "tomorrow",
        "",
        "٢٠٢٧-01-15T11:00:00Z",
        True,
        [],
        {},
    ],
)
async def test_a_moment_is_a_date_and_a_time_with_its_zone(
    cinema: AppHarness, host: Person, moment: object
) -> None:
    plan = {"target_id": cinema.film, "target_type": "movie", "movie_time": moment}

    refused = await host.post("/api/shows", plan)

    assert refused.said == (422, "invalid")
    assert [error["path"] for error in refused.json["errors"]] == ["movie_time"]


async def test_a_film_that_browsers_do_not_play_is_not_planned(
    cinema: AppHarness, host: Person
) -> None:
    plan = {"target_id": cinema.heavy, "target_type": "movie", "movie_time": at(T0)}

    refused = await host.post("/api/shows", plan)

    assert refused.said == (422, "not_playable")
    assert "copying" in refused.json["detail"]


async def test_a_show_is_no_business_of_who_does_not_belong_to_it(
    cinema: AppHarness, show: dict[str, Any]
) -> None:
    stranger = await cinema.guest("Eve")
    path = f"/api/shows/{show['id']}"

    for method in ("GET", "PATCH", "DELETE"):
        refused = await stranger.ask(method, path, {} if method == "PATCH" else None)
        assert refused.said == (404, "unknown_show")
    assert (await stranger.get(f"{path}/members")).said == (404, "unknown_show")
    assert (await stranger.get(f"{path}/invites")).said == (404, "unknown_show")


async def test_every_member_of_an_open_show_sees_its_link(
    cinema: AppHarness, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)

    seen = (await boris.get(f"/api/shows/{show['id']}")).json

    assert show["may"]["edit"]
    assert seen == {**show, "role": "guest", "may": dict.fromkeys(show["may"], False)}


async def test_the_host_changes_what_the_body_names(host: Person, show: dict[str, Any]) -> None:
    path = f"/api/shows/{show['id']}"

    changed = await host.patch(path, {"title": "Saturday"})

    assert changed.json == {**show, "title": "Saturday"}
    assert (await host.patch(path, {"control": "everyone"})).json["title"] == "Saturday"
    assert (await host.patch(path, {})).json["control"] == "everyone"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": None}, "invalid"),
        ({"control": None}, "invalid"),
        ({"access": None}, "invalid"),
        ({"title": ""}, "invalid"),
        ({"movie_time": at(T0)}, "invalid"),
        ({"access": "nobody"}, "invalid"),
        ({"waiting": "sometimes"}, "invalid"),
        ({"waiting": None}, "invalid"),
    ],
)
async def test_a_change_that_makes_no_sense_changes_nothing(
    host: Person, show: dict[str, Any], change: dict[str, object], code: str
) -> None:
    path = f"/api/shows/{show['id']}"

    assert (await host.patch(path, {"control": "everyone", **change})).said == (422, code)
    assert (await host.get(path)).json == show


async def test_only_the_host_changes_or_calls_off(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    path = f"/api/shows/{show['id']}"
    boris = await cinema.member("Boris", show)
    await host.patch(f"{path}/members/{boris.id}", {"role": "moderator"})

    assert (await boris.patch(path, {"title": "Mine"})).said == (403, "not_allowed")
    assert (await boris.delete(path)).said == (403, "not_allowed")
    assert (await host.get(path)).json == show


async def test_a_show_called_off_is_gone_with_its_link(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    path = f"/api/shows/{show['id']}"

    called_off = await host.delete(path)

    assert (called_off.status, called_off.text) == (204, "")
    assert (await host.get(path)).said == (404, "unknown_show")
    assert (await host.delete(path)).said == (404, "unknown_show")
    link = f"/api/invites/{token_of(show)}"
    assert (await cinema.anybody.get(link)).said == (404, "unknown_invite")


async def test_shows_are_listed_as_coming_and_as_past(cinema: AppHarness, host: Person) -> None:
    late = await cinema.show(host, movie_time=at(T0 + 100), title="late")
    soon = await cinema.show(host, movie_time=at(T0), title="soon")
    cinema.clock.now = T0 + DURATION + 50

    coming = (await host.get("/api/shows")).json
    past = (await host.get("/api/shows?when=past")).json

    assert [show["id"] for show in coming["items"]] == [late["id"]]
    assert coming["items"][0]["sessions"][0]["state"] == "running"
    assert [show["id"] for show in past["items"]] == [soon["id"]]


async def test_a_list_of_shows_says_who_belongs_to_each(cinema: AppHarness, host: Person) -> None:
    show = await cinema.show(host)
    boris = await cinema.member("Boris", show)

    (listed,) = (await boris.get("/api/shows")).json["items"]

    people = listed.pop("people")
    first = [{"id": person.id, "name": person.name} for person in (host, boris)]
    assert people == {"total": 2, "first": first}
    assert listed == (await boris.get(f"/api/shows/{show['id']}")).json


async def test_shows_are_listed_page_by_page(cinema: AppHarness, host: Person) -> None:
    planned = [await cinema.show(host, movie_time=at(T0 + n)) for n in range(3)]

    first = (await host.get("/api/shows?limit=2")).json
    second = (await host.get(f"/api/shows?limit=2&cursor={first['next']}")).json

    listed = [show["id"] for show in first["items"] + second["items"]]
    assert listed == [show["id"] for show in planned]
    assert second["next"] is None


@pytest.mark.parametrize("query", ["when=now", "limit=0", "limit=x", "cursor=x", "cursor=%FF"])
async def test_a_list_of_shows_asked_for_wrongly_is_refused(host: Person, query: str) -> None:
    assert (await host.get(f"/api/shows?{query}")).said == (422, "invalid")


async def test_a_movies_show_has_exactly_one_session(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    path = f"/api/shows/{show['id']}/sessions"
    session = {"target_id": cinema.film, "movie_time": at(T0)}
    boris = await cinema.member("Boris", show)

    assert (await host.post(path, session)).said == (422, "not_supported")
    assert (await boris.post(path, session)).said == (403, "not_allowed")
    assert (await (await cinema.guest("Eve")).post(path, session)).said == (404, "unknown_show")


@pytest.mark.parametrize("is_file", [True, False])
async def test_a_film_that_can_only_be_watched_live_is_made_ahead_of_its_show(
    cinema: AppHarness, host: Person, monkeypatch: pytest.MonkeyPatch, is_file: bool
) -> None:
    prepared: list[UUID] = []
    film = cinema.app[CATALOGUE].get(UUID(cinema.film))
    assert film is not None
    shown = film if is_file else replace(film, renditions=())
    monkeypatch.setattr(cinema.app[CATALOGUE], "get", lambda _: shown)
    monkeypatch.setattr(cinema.app[MAKER], "prepare", prepared.append)

    await cinema.show(host)

    assert prepared == ([] if is_file else [film.id])
