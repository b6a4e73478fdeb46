"""The chat over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from harness.rooms import T0
from tests.web.app_harness import AppHarness, Person


def chat_of(show: dict[str, Any]) -> str:
    return f"/api/shows/{show['id']}/messages"


async def test_what_is_said_stands_in_the_history_with_its_place(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    cinema.clock.now = T0 + 12.5
    message_id = str(uuid4()).upper()

    said = await host.post(chat_of(show), {"id": message_id, "text": "Смотри!"})

    assert said.status == 201
    assert said.json == {
        "id": message_id.lower(),
        "created_at": "2027-01-15T08:00:12.500Z",
        "user_id": host.id,
        "type": "chat_message",
        "target_id": show["id"],
        "target_type": "show",
        "text": "Смотри!",
        "seq": 1,
        "name": "Anna",
        "session_id": show["sessions"][0]["id"],
        "position": 12.5,
    }
    assert (await host.get(chat_of(show))).json == {"items": [said.json]}


async def test_the_same_message_again_is_the_same_message(
    host: Person, show: dict[str, Any]
) -> None:
    message = {"id": str(uuid4()), "text": "once"}

    first = await host.post(chat_of(show), message)
    again = await host.post(chat_of(show), message)

    assert (first.status, again.status) == (201, 200)
    assert first.json == again.json
    assert len((await host.get(chat_of(show))).json["items"]) == 1


async def test_an_id_names_one_message_of_one_person(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)
    message_id = str(uuid4())
    await host.post(chat_of(show), {"id": message_id, "text": "mine"})

    other_text = await host.post(chat_of(show), {"id": message_id, "text": "other"})
    other_person = await boris.post(chat_of(show), {"id": message_id, "text": "mine"})

    assert other_text.said == (409, "id_taken")
    assert other_person.said == (409, "id_taken")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", list(range(1, 8))),
        ("?limit=3", [5, 6, 7]),
        ("?after=2", [3, 4, 5, 6, 7]),
        ("?after=2&limit=2", [3, 4]),
        ("?before=4", [1, 2, 3]),
        ("?before=4&limit=2", [2, 3]),
        ("?after=1&before=6", [2, 3, 4, 5]),
        ("?after=1&before=6&limit=2", [2, 3]),
        ("?after=7", []),
        ("?before=1", []),
    ],
)
async def test_the_history_is_read_by_places(
    cinema: AppHarness, host: Person, show: dict[str, Any], query: str, expected: list[int]
) -> None:
    for number in range(7):
        await cinema.say(host, show, f"{number}")

    items = (await host.get(chat_of(show) + query)).json["items"]

    assert [item["seq"] for item in items] == expected


async def test_another_sessions_messages_are_left_out(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    await cinema.say(host, show, "hi")
    session = show["sessions"][0]["id"]

    assert len((await host.get(f"{chat_of(show)}?session={session}")).json["items"]) == 1
    assert (await host.get(f"{chat_of(show)}?session={uuid4()}")).json["items"] == []


@pytest.mark.parametrize(
    "query", ["?limit=0", "?limit=201", "?limit=x", "?after=-1", "?before=1.5", "?session=x"]
)
async def test_a_query_out_of_range_is_invalid(
    host: Person, show: dict[str, Any], query: str
) -> None:
    assert (await host.get(chat_of(show) + query)).said == (422, "invalid")


async def test_a_deleted_message_keeps_its_place_and_loses_its_text(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)
    message = (await cinema.say(boris, show, "a secret")).json

    assert (await host.delete(f"{chat_of(show)}/{message['id']}")).status == 204
    assert (await host.delete(f"{chat_of(show)}/{message['id']}")).status == 204

    (kept,) = (await boris.get(chat_of(show))).json["items"]
    assert (kept["seq"], kept["text"], kept["deleted"]) == (message["seq"], "", True)


async def test_a_guest_takes_back_only_what_they_said(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)
    of_host = (await cinema.say(host, show, "mine")).json
    own = (await cinema.say(boris, show, "his")).json

    assert (await boris.delete(f"{chat_of(show)}/{of_host['id']}")).said == (403, "not_allowed")
    assert (await boris.delete(f"{chat_of(show)}/{own['id']}")).status == 204
    unknown = await boris.delete(f"{chat_of(show)}/{uuid4()}")
    assert unknown.said == (404, "unknown_message")


async def test_a_muted_member_reads_and_does_not_speak(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)
    await host.patch(f"/api/shows/{show['id']}/members/{boris.id}", {"muted": True})

    assert (await cinema.say(boris, show, "hm")).said == (403, "muted")
    assert (await boris.get(chat_of(show))).status == 200


async def test_strangers_neither_read_nor_speak(cinema: AppHarness, show: dict[str, Any]) -> None:
    eve = await cinema.guest("Eve")

    assert (await eve.get(chat_of(show))).said == (404, "unknown_show")
    assert (await cinema.say(eve, show, "hi")).said == (404, "unknown_show")
    assert (await cinema.anybody.get(chat_of(show))).status == 401


async def test_too_many_messages_are_told_to_wait(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    answers = [await cinema.say(host, show, f"{number}") for number in range(41)]

    assert [answer.status for answer in answers[:40]] == [201] * 40
    assert answers[40].said == (429, "rate_limited")
    assert answers[40].headers["Retry-After"] == "1"


async def test_who_takes_back_too_much_is_told_to_wait(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    message = (await cinema.say(host, show, "a secret")).json

    answers = [await host.delete(f"{chat_of(show)}/{message['id']}") for _ in range(51)]

    assert [answer.status for answer in answers[:50]] == [204] * 50
    assert answers[50].said == (429, "rate_limited")


async def test_in_slow_mode_guests_wait_and_staff_does_not(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    guest = await cinema.member("Boris", show)
    path = f"/api/shows/{show['id']}"
    assert show["slow_mode"] == 0.0
    changed = await host.patch(path, {"slow_mode": 30})
    assert changed.json["slow_mode"] == 30.0

    assert (await cinema.say(guest, show, "one")).status == 201
    refused = await cinema.say(guest, show, "two")
    assert refused.said == (429, "rate_limited")
    assert refused.headers["Retry-After"] == "30"
    for text in ("a", "b"):
        assert (await cinema.say(host, show, text)).status == 201
    cinema.clock.advance(30.0)
    assert (await cinema.say(guest, show, "three")).status == 201
    await host.patch(path, {"slow_mode": 0})
    assert (await cinema.say(guest, show, "four")).status == 201


@pytest.mark.parametrize("value", [-1, 3601, "30", None, True])
async def test_a_slow_mode_that_makes_no_sense_is_refused(
    host: Person, show: dict[str, Any], value: object
) -> None:
    path = f"/api/shows/{show['id']}"

    assert (await host.patch(path, {"slow_mode": value})).said == (422, "invalid")

    assert (await host.get(path)).json["slow_mode"] == 0.0


async def test_a_message_that_is_refused_frees_nobody_from_slow_mode(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    guest = await cinema.member("Boris", show)
    path = f"/api/shows/{show['id']}"
    await host.patch(path, {"slow_mode": 60})
    said = {"id": str(uuid4()), "text": "one"}
    assert (await guest.post(f"{path}/messages", said)).status == 201

    other = await guest.post(f"{path}/messages", {**said, "text": "another"})

    assert other.said == (409, "id_taken")
    assert (await cinema.say(guest, show, "two")).said == (429, "rate_limited")
