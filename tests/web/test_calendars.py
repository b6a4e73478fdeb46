"""Calendars: a show as a file, and the feed of all of somebody's shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Component

from harness.fakes import DURATION
from harness.rooms import T0
from harness.samples import SampleShow
from sessions.core.records import Session
from streamer.delivery.access_log import masked
from streamer.log_text import without_secrets
from streamer.web.calendar_text import CalendarEntry, calendar_text, disposition, event_text
from streamer.web.http.app_keys import STORE
from tests.web.app_harness import Answer, AppHarness, Person, at, token_of
from tests.web.conftest import Open


def events(answer: Answer) -> list[Component]:
    """The events of an answer that must be a calendar."""
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.text).walk("VEVENT"))


def path_of(show: dict[str, Any]) -> str:
    return f"/api/shows/{show['id']}/calendar.ics"


async def feed_path(person: Person) -> str:
    """Give somebody a new address; return its path."""
    answer = await person.post("/api/me/calendar")
    assert answer.status == 201, answer.text
    url = str(answer.json["url"])
    return url[url.index("/api/calendar/") :]


def a_calendar(title: str, **fields: object) -> tuple[bytes, Session]:
    sample = SampleShow()
    show = replace(sample.show, title=title)
    session = replace(sample.session, **fields)  # type: ignore[arg-type]
    entry = CalendarEntry(show, session, "https://x.example/w/t")
    return calendar_text([event_text(entry)], title), session


async def test_a_show_is_one_event_for_its_session(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    (event,) = events(await host.get(path_of(show)))

    (session,) = show["sessions"]
    assert event["UID"] == session["id"]
    assert event["SUMMARY"] == show["title"]
    assert event["SEQUENCE"] == 0
    assert event.decoded("DTSTART") == datetime.fromtimestamp(T0, UTC)
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(seconds=DURATION)
    assert event.decoded("DTSTAMP") == datetime.fromtimestamp(int(cinema.clock()), UTC)
    assert event["URL"] == event["DESCRIPTION"] == show["link"]
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("TRIGGER") == timedelta(minutes=-10)
    assert alarm["ACTION"] == "DISPLAY"


async def test_the_file_is_called_as_the_show_and_kept_by_no_shared_cache(
    cinema: AppHarness, host: Person
) -> None:
    show = await cinema.show(host, title="Кино: «да»/нет")

    answer = await host.get(path_of(show))

    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Content-Disposition"] == (
        "inline; filename=\"____ ____ ___.ics\"; filename*=UTF-8''"
        "%D0%9A%D0%B8%D0%BD%D0%BE%20%C2%AB%D0%B4%D0%B0%C2%BB%20%D0%BD%D0%B5%D1%82.ics"
    )


@pytest.mark.parametrize("title", ["...", "///", "\u202e", "a" * 500, '"\r\nX-Evil: 1'])
def test_no_title_makes_a_wrong_file_name(title: str) -> None:
    header = disposition(title)

    assert header.isprintable()
    assert header.count('"') == 2
    assert len(header) < 250
    assert header.endswith(".ics")


async def test_the_same_calendar_is_not_sent_twice(host: Person, show: dict[str, Any]) -> None:
    first = await host.get(path_of(show))

    again = await host.get(path_of(show), **{"If-None-Match": first.headers["ETag"]})
    await host.patch(f"/api/shows/{show['id']}", {"title": "Another"})
    changed = await host.get(path_of(show), **{"If-None-Match": first.headers["ETag"]})

    assert (again.status, again.text) == (304, "")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert changed.status == 200


async def test_each_change_of_time_or_title_raises_the_sequence(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    session = show["sessions"][0]["id"]
    seen = [events(await host.get(path_of(show)))[0]]

    for change in (
        (f"/api/sessions/{session}", {"movie_time": at(T0 + 3600)}),
        (f"/api/shows/{show['id']}", {"title": "Another"}),
        (f"/api/sessions/{session}", {"movie_time": at(T0 + 60)}),
        (f"/api/shows/{show['id']}", {"title": show["title"]}),
    ):
        cinema.clock.advance(10)
        assert (await host.patch(*change)).status == 200
        seen.append(events(await host.get(path_of(show)))[0])

    sequences = [int(str(event["SEQUENCE"])) for event in seen]
    stamps = [event.decoded("DTSTAMP") for event in seen]
    assert sequences == sorted(set(sequences))
    assert stamps == sorted(set(stamps))
    assert len({event["UID"] for event in seen}) == 1
    assert seen[1].decoded("DTSTART") == datetime.fromtimestamp(T0 + 3600, UTC)
    assert seen[2]["SUMMARY"] == "Another"


async def test_a_change_that_changes_nothing_raises_nothing(
    host: Person, show: dict[str, Any]
) -> None:
    before = await host.get(path_of(show))

    await host.patch(f"/api/shows/{show['id']}", {"title": show["title"]})

    assert (await host.get(path_of(show))).text == before.text


async def test_the_sequence_is_kept_over_a_restart(open_cinema: Open) -> None:
    cinema = await open_cinema(secret="s" * 32)
    host = await cinema.guest("Anna")
    show = await cinema.show(host)
    await host.patch(f"/api/shows/{show['id']}", {"title": "Another"})
    before = events(await host.get(path_of(show)))[0]["SEQUENCE"]
    await cinema.close()

    cinema = await open_cinema(secret="s" * 32)
    again = Person(cinema.client, {"id": host.id, "name": host.name}, host.token)

    assert events(await again.get(path_of(show)))[0]["SEQUENCE"] == before == 1


async def test_strangers_and_removed_members_see_no_calendar_of_a_show(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)
    assert len(events(await boris.get(path_of(show)))) == 1
    await host.delete(f"/api/shows/{show['id']}/members/{boris.id}")

    assert (await boris.get(path_of(show))).said == (404, "unknown_show")
    assert (await (await cinema.guest("Vera")).get(path_of(show))).said == (404, "unknown_show")
    assert (await cinema.anybody.get(path_of(show))).said == (401, "unauthenticated")
    assert (await host.get("/api/shows/x/calendar.ics")).said == (404, "unknown_show")


async def test_an_address_is_made_when_it_is_asked_for(cinema: AppHarness, host: Person) -> None:
    assert (await host.get("/api/me/calendar")).json == {"url": None, "created_at": None}

    made = await host.post("/api/me/calendar")

    assert made.status == 201
    assert made.json["url"].startswith(f"{cinema.client.make_url('/')}api/calendar/")
    assert (await host.get("/api/me/calendar")).json == made.json
    assert (await cinema.anybody.get("/api/me/calendar")).said == (401, "unauthenticated")
    assert (await cinema.anybody.post("/api/me/calendar")).said == (401, "unauthenticated")


async def test_the_address_begins_with_the_public_one(open_cinema: Open) -> None:
    cinema = await open_cinema(public_url="https://cinema.example")

    made = await (await cinema.guest("Anna")).post("/api/me/calendar")

    assert made.json["url"].startswith("https://cinema.example/api/calendar/")


async def test_the_feed_needs_no_passport_and_has_all_shows_in_order(
    cinema: AppHarness, host: Person
) -> None:
    late = await cinema.show(host, movie_time=at(T0 + 7200), title="Late")
    early = await cinema.show(host, movie_time=at(T0), title="Early")
    running = await cinema.show(host, movie_time=at(cinema.clock() - 30), title="Running")
    theirs = await cinema.show(await cinema.guest("Vera"), title="Theirs")
    path = await feed_path(host)

    found = events(await cinema.anybody.get(path))

    assert [str(event["SUMMARY"]) for event in found] == ["Running", "Early", "Late"]
    assert {str(event["URL"]) for event in found} == {
        late["link"],
        early["link"],
        running["link"],
    }
    assert theirs["link"] not in {str(event["URL"]) for event in found}


async def test_films_of_the_past_stay_in_the_feed(cinema: AppHarness, host: Person) -> None:
    for n in range(3):
        await cinema.show(host, movie_time=at(T0 + n), title=f"Past {n}")
    path = await feed_path(host)
    cinema.clock.advance(3600)
    await cinema.show(host, movie_time=at(cinema.clock() + 60), title="Coming")

    found = events(await cinema.anybody.get(path))

    assert [str(e["SUMMARY"]) for e in found] == ["Past 0", "Past 1", "Past 2", "Coming"]


async def test_a_feed_follows_who_belongs_where(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.guest("Boris")
    path = await feed_path(boris)
    assert events(await cinema.anybody.get(path)) == []

    await boris.post(f"/api/invites/{token_of(show)}/accept")
    assert len(events(await cinema.anybody.get(path))) == 1

    await host.delete(f"/api/shows/{show['id']}/members/{boris.id}")
    assert events(await cinema.anybody.get(path)) == []


async def test_a_show_that_is_called_off_leaves_the_feed(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    path = await feed_path(host)
    before = await cinema.anybody.get(path)

    await host.delete(f"/api/shows/{show['id']}")
    after = await cinema.anybody.get(path, **{"If-None-Match": before.headers["ETag"]})

    assert len(events(before)) == 1
    assert events(after) == []
    # RFC 5545 section 3.6: a calendar has a component.
    (zone,) = Calendar.from_ical(after.text).subcomponents
    assert zone["TZID"] == "UTC"


async def test_a_replaced_address_opens_nothing(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    old = await feed_path(host)

    new = await feed_path(host)

    assert new != old
    assert (await cinema.anybody.get(old)).said == (404, "unknown_calendar")
    assert len(events(await cinema.anybody.get(new))) == 1


@pytest.mark.parametrize("token", ["x", "a" * 32, "a" * 65, "%00", "..%2f", "é" * 32])
async def test_no_guess_opens_a_calendar(cinema: AppHarness, token: str) -> None:
    answer = await cinema.anybody.get(f"/api/calendar/{token}.ics")

    assert answer.said == (404, "unknown_calendar")


async def test_the_token_of_a_show_opens_no_calendar_and_none_of_a_calendar_a_show(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    calendar_token = (await feed_path(host)).removeprefix("/api/calendar/").removesuffix(".ics")

    by_show = await cinema.anybody.get(f"/api/calendar/{token_of(show)}.ics")
    by_calendar = await host.post(f"/api/invites/{calendar_token}/accept")

    assert by_show.said == (404, "unknown_calendar")
    assert by_calendar.said == (404, "unknown_invite")
    assert len(calendar_token) >= 22


async def test_who_reads_a_feed_too_often_is_told_when_to_come_back(
    cinema: AppHarness, host: Person
) -> None:
    path = await feed_path(host)
    answers = [await cinema.anybody.get(path) for _ in range(21)]

    assert [answer.status for answer in answers] == [200] * 20 + [429]
    assert answers[-1].headers["Retry-After"] == "2"
    cinema.clock.advance(2)
    assert (await cinema.anybody.get(path)).status == 200


async def test_no_log_has_the_token(cinema: AppHarness, host: Person) -> None:
    path = await feed_path(host)
    token = path.removeprefix("/api/calendar/").removesuffix(".ics")

    for seen in (path, path.upper(), f"/{token}.ics", f"/x{path}", path.replace("/", "%2F")):
        assert token.lower() not in masked(seen).lower(), seen
    assert token not in without_secrets(f"GET https://x.example{path} failed")
    show = str(uuid4())
    assert masked(f"/api/shows/{show}/calendar.ics") == f"/api/shows/{show}/calendar.ics"


@pytest.mark.parametrize(
    "title",
    [
        "a, b; c: d \\ e \\n f",
        "two\nlines\r\nEND:VEVENT\r\nBEGIN:VEVENT",
        "\u05e1\u05e8\u05d8 \u202eabc\u2066 def",
        "Длинное название " * 12,
        "🎬" * 200,
        "\x00\x07\x1b[31m",
        'BEGIN:VALARM"',
    ],
)
def test_no_title_breaks_the_calendar(title: str) -> None:
    text, session = a_calendar(title)

    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert event["UID"] == session.id
    (alarm,) = event.walk("VALARM")
    assert event["SUMMARY"] == alarm["DESCRIPTION"]
    readable = [c for c in title if c.isalnum() or c in ",;:\\🎬"]
    assert [c for c in str(event["SUMMARY"]) if c.isalnum() or c in ",;:\\🎬"] == readable
    lines = text.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 for line in lines)
    assert all(line.decode().isprintable() for line in lines)


@pytest.mark.parametrize(
    "local",
    [
        datetime(2026, 3, 29, 1, 59, 59, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 3, 29, 3, 0, 0, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 10, 25, 2, 30, 0, tzinfo=ZoneInfo("Europe/Berlin"), fold=0),
        datetime(2026, 10, 25, 2, 30, 0, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        datetime(2026, 4, 5, 2, 45, 0, tzinfo=ZoneInfo("Australia/Lord_Howe"), fold=1),
    ],
)
def test_times_are_right_where_clocks_are_put_forward_or_back(local: datetime) -> None:
    text, session = a_calendar("Night", movie_time=local.timestamp(), duration=5400.0)

    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert event.decoded("DTSTART").utcoffset() == timedelta(0)
    assert event.decoded("DTSTART").timestamp() == session.movie_time
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(minutes=90)
    assert b"TZID" not in text
    assert b"DTSTART:" + local.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ").encode() in text


def test_an_event_is_never_shorter_than_its_film() -> None:
    text, _ = a_calendar("Film", movie_time=T0 + 0.9, duration=100.2)

    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert event.decoded("DTSTART") == datetime.fromtimestamp(T0, UTC)
    assert event.decoded("DTEND") == datetime.fromtimestamp(T0 + 102, UTC)


async def test_the_feed_is_bounded(cinema: AppHarness, host: Person) -> None:
    store = cinema.app[STORE]
    for n in range(260):
        sample = SampleShow(movie_time=T0 + n, host_id=host.id)
        await sample.create(store)
    path = await feed_path(host)

    assert len(events(await cinema.anybody.get(path))) == 200
