"""Sessions over HTTP: timeline, commands, rescheduling."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from harness.fakes import DURATION
from harness.rooms import T0
from tests.web.app_harness import AppHarness, Person, at


@pytest.fixture
def session(show: dict[str, Any]) -> str:
    return f"/api/sessions/{show['sessions'][0]['id']}"


async def test_a_session_is_read_with_its_films_sources(
    cinema: AppHarness, host: Person, show: dict[str, Any], session: str
) -> None:
    record = (await host.get(session)).json

    assert record["show_id"] == show["id"]
    assert record["title"] == show["title"]
    assert (record["state"], record["duration"]) == ("scheduled", DURATION)
    source, live = record["sources"]
    assert (source["kind"], live["kind"]) == ("file", "live")
    assert live["url"] == f"{session}/whep"
    part = await cinema.anybody.ask("GET", source["url"], headers={"Range": "bytes=0-9"})
    assert part.status == 206


async def test_a_plan_is_the_first_timeline(cinema: AppHarness, host: Person, session: str) -> None:
    assert (await host.get(f"{session}/timeline")).json == {
        "now": cinema.clock(),
        "timeline": {
            "revision": 1,
            "position": 0.0,
            "rate": 1.0,
            "instant": T0,
            "by": None,
            "reason": "scheduled",
        },
        "next": None,
    }


async def test_a_command_acts_a_lead_later_and_both_lines_are_told(
    cinema: AppHarness, host: Person, session: str
) -> None:
    cinema.clock.now = T0 + 10.0

    made = await host.post(f"{session}/commands", {"action": "pause"})

    assert made.status == 202
    assert made.json["revision"] == 2
    assert made.json["timeline"]["instant"] == pytest.approx(T0 + 10.15)
    told = (await host.get(f"{session}/timeline")).json
    assert (told["timeline"]["revision"], told["next"]["revision"]) == (1, 2)
    cinema.clock.advance(0.2)
    told = (await host.get(f"{session}/timeline")).json
    assert (told["timeline"]["revision"], told["next"]) == (2, None)


async def test_what_changes_nothing_is_accepted_with_what_stands(
    host: Person, session: str
) -> None:
    made = await host.post(f"{session}/commands", {"action": "play"})

    assert (made.status, made.json["revision"]) == (202, 1)


async def test_a_stale_revision_is_a_conflict(host: Person, session: str) -> None:
    await host.post(f"{session}/commands", {"action": "pause", "revision": 1})

    again = await host.post(f"{session}/commands", {"action": "play", "revision": 1})

    assert again.said == (409, "stale_revision")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid"),
        ({"action": "dance"}, "invalid"),
        ({"action": "seek"}, "invalid"),
        ({"action": "seek", "position": -0.1}, "invalid"),
        ({"action": "seek", "position": DURATION + 0.1}, "invalid"),
        ({"action": "seek", "position": "10"}, "invalid"),
        ({"action": "rate", "rate": 0.4}, "invalid"),
        ({"action": "rate", "rate": 2.1}, "invalid"),
        ({"action": "play", "position": 3.0}, "invalid"),
        ({"action": "play", "revision": "1"}, "invalid"),
        ({"action": "play", "extra": 1}, "invalid"),
        ({"action": "next", "position": 1.0}, "invalid"),
    ],
)
async def test_a_command_that_makes_no_sense_changes_nothing(
    host: Person, session: str, body: dict[str, object], code: str
) -> None:
    assert (await host.post(f"{session}/commands", body)).said == (422, code)

    assert (await host.get(f"{session}/timeline")).json["timeline"]["revision"] == 1


@pytest.mark.parametrize(
    ("control", "moderator", "guest"),
    [("host", 403, 403), ("moderators", 202, 403), ("everyone", 202, 202)],
)
async def test_who_moves_the_film_is_the_shows_setting(
    cinema: AppHarness, host: Person, control: str, moderator: int, guest: int
) -> None:
    show = await cinema.show(host, control=control)
    session = f"/api/sessions/{show['sessions'][0]['id']}/commands"
    boris, eve = await cinema.member("Boris", show), await cinema.member("Eve", show)
    await host.patch(f"/api/shows/{show['id']}/members/{boris.id}", {"role": "moderator"})

    answers = [await p.post(session, {"action": "pause"}) for p in (eve, boris, host)]

    assert [answer.status for answer in answers] == [guest, moderator, 202]


async def test_strangers_find_no_session(cinema: AppHarness, session: str) -> None:
    eve = await cinema.guest("Eve")

    for path in ("", "/timeline"):
        assert (await eve.get(session + path)).said == (404, "unknown_session")
    commanded = await eve.post(f"{session}/commands", {"action": "pause"})
    assert commanded.said == (404, "unknown_session")
    assert (await eve.get(f"/api/sessions/{uuid4()}")).said == (404, "unknown_session")
    assert (await eve.get("/api/sessions/nonsense")).said == (404, "unknown_session")


async def test_a_show_is_rescheduled_until_it_begins(
    cinema: AppHarness, host: Person, show: dict[str, Any], session: str
) -> None:
    moved = await host.patch(session, {"movie_time": at(T0 + 3600.0)})

    assert (moved.status, moved.json["movie_time"]) == (200, "2027-01-15T09:00:00Z")
    timeline = (await host.get(f"{session}/timeline")).json["timeline"]
    assert (timeline["revision"], timeline["reason"]) == (2, "rescheduled")
    assert timeline["position"] == cinema.clock() - (T0 + 3600.0)
    assert (await host.get(f"/api/shows/{show['id']}")).json["movie_time"] == "2027-01-15T09:00:00Z"
    cinema.clock.now = T0 + 3601.0
    late = await host.patch(session, {"movie_time": at(T0 + 7200.0)})
    assert late.said == (409, "already_begun")


async def test_a_new_time_may_not_lie_further_back_than_the_film_is_long(
    cinema: AppHarness, host: Person, session: str
) -> None:
    gone = await host.patch(session, {"movie_time": at(cinema.clock() - DURATION - 1.0)})
    running = await host.patch(session, {"movie_time": at(cinema.clock() - 5.0)})

    assert gone.said == (422, "in_the_past")
    assert (running.status, running.json["state"]) == (200, "running")


async def test_next_is_refused_where_nothing_follows(host: Person, session: str) -> None:
    refused = await host.post(f"{session}/commands", {"action": "next"})

    assert refused.said == (409, "no_next_session")
    assert (await host.get(f"{session}/timeline")).json["timeline"]["revision"] == 1


async def test_only_the_host_reschedules_and_nobody_deletes_the_only_session(
    cinema: AppHarness, host: Person, show: dict[str, Any], session: str
) -> None:
    boris = await cinema.member("Boris", show)

    assert (await boris.patch(session, {"movie_time": at(T0)})).said == (403, "not_allowed")
    assert (await boris.delete(session)).said == (403, "not_allowed")
    assert (await host.delete(session)).said == (409, "only_session")
    other_film = await host.patch(session, {"movie_time": at(T0), "target_id": str(uuid4())})
    assert other_film.said == (422, "not_supported")
    assert (await host.patch(session, {})).said == (422, "invalid")


async def test_too_many_commands_are_told_to_wait(host: Person, session: str) -> None:
    answers = [
        await host.post(f"{session}/commands", {"action": "pause" if n % 2 else "play"})
        for n in range(21)
    ]

    assert [answer.status for answer in answers[:20]] == [202] * 20
    assert answers[20].said == (429, "rate_limited")
