"""Members of a show: their roles, muting, keeping out and pardoning."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.web.app_harness import AppHarness, Person, token_of


def members_of(show: dict[str, Any]) -> str:
    return f"/api/shows/{show['id']}/members"


async def roles(person: Person, show: dict[str, Any]) -> dict[str, str]:
    rows = (await person.get(members_of(show))).json["items"]
    return {row["user"]["name"]: row["role"] for row in rows}


async def notices(person: Person, show: dict[str, Any], cinema: AppHarness) -> list[dict[str, Any]]:
    """Return what the room's log tells of people, as a link is sent it."""
    session = show["sessions"][0]["id"]
    async with cinema.client.ws_connect(
        f"/api/sessions/{session}/socket",
        headers={**person.headers, "Origin": str(cinema.client.make_url("/")).rstrip("/")},
    ) as socket:
        await socket.send_json({"type": "hello", "protocol": 1, "after": 0})
        found = []
        seq, seen = None, 0
        while seq is None or seen < seq:
            message = await socket.receive_json(timeout=30)
            seq = message["seq"] if message["type"] == "welcome" else seq
            if message["type"] in ("message", "notice", "deleted"):
                seen = message["seq"]
            if message["type"] == "notice":
                found.append(message)
    return [notice for notice in found if notice["kind"] in ("role", "removed")]


async def test_members_are_rows_as_in_the_roster(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)

    page = (await boris.get(members_of(show))).json

    assert page["items"][0] == {
        "user": {"id": host.id, "name": "Anna"},
        "role": "host",
        "muted": False,
        "state": "away",
        "error": None,
        "transport": None,
    }
    assert [row["user"]["name"] for row in page["items"]] == ["Anna", "Boris"]
    assert page["next"] is None


async def test_the_host_gives_roles_and_the_log_tells(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)

    changed = await host.patch(f"{members_of(show)}/{boris.id}", {"role": "moderator"})

    assert changed.json["role"] == "moderator"
    (notice,) = await notices(host, show, cinema)
    assert (notice["kind"], notice["by"], notice["role"]) == ("role", host.id, "moderator")
    assert notice["user"] == {"id": boris.id, "name": "Boris"}


async def test_giving_host_away_makes_the_old_host_a_moderator(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)
    await host.patch(f"{members_of(show)}/{boris.id}", {"muted": True})

    given = await host.patch(f"{members_of(show)}/{boris.id}", {"role": "host"})

    assert (given.json["role"], given.json["muted"]) == ("host", False)
    assert await roles(host, show) == {"Anna": "moderator", "Boris": "host"}
    assert (await host.patch(f"/api/shows/{show['id']}", {"title": "x"})).status == 403
    assert (await boris.patch(f"/api/shows/{show['id']}", {"title": "x"})).status == 200


async def test_a_show_is_never_without_its_host(host: Person, show: dict[str, Any]) -> None:
    me = f"{members_of(show)}/{host.id}"

    assert (await host.patch(me, {"role": "guest"})).said == (409, "needs_host")
    assert (await host.patch(me, {"role": "host"})).status == 200
    assert (await host.patch(me, {"muted": True})).said == (403, "not_allowed")
    assert (await host.delete(me)).said == (403, "not_allowed")
    assert await roles(host, show) == {"Anna": "host"}


async def test_two_can_not_be_made_host_at_once(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    guests = [await cinema.member(f"Guest {n}", show) for n in range(3)]

    answers = await asyncio.gather(
        *(host.patch(f"{members_of(show)}/{guest.id}", {"role": "host"}) for guest in guests)
    )

    assert sorted(answer.status for answer in answers) == [200, 403, 403]
    assert list((await roles(host, show)).values()).count("host") == 1


@pytest.mark.parametrize(
    ("asker", "target", "change", "status"),
    [
        ("moderator", "guest", {"muted": True}, 200),
        ("moderator", "guest", {"role": "moderator"}, 403),
        ("moderator", "guest", {}, 200),
        ("moderator", "host", {"muted": True}, 403),
        ("moderator", "host", {"role": "guest"}, 403),
        ("moderator", "moderator", {"muted": True}, 403),
        ("moderator", "moderator", {"role": "guest"}, 403),
        ("guest", "guest", {"muted": False}, 403),
        ("guest", "guest", {}, 403),
        ("guest", "host", {"role": "guest"}, 403),
        ("host", "moderator", {"role": "guest", "muted": True}, 200),
    ],
)
async def test_who_may_change_whom(
    cinema: AppHarness,
    host: Person,
    show: dict[str, Any],
    asker: str,
    target: str,
    change: dict[str, object],
    status: int,
) -> None:
    people = {"host": host, "guest": await cinema.member("Gleb", show)}
    people["moderator"] = await cinema.member("Mila", show)
    await host.patch(f"{members_of(show)}/{people['moderator'].id}", {"role": "moderator"})
    before = (await host.get(members_of(show))).json

    answer = await people[asker].patch(f"{members_of(show)}/{people[target].id}", change)

    assert answer.status == status
    after = (await host.get(members_of(show))).json
    assert (after != before) == (status == 200 and change != {})


async def test_the_muted_say_nothing(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)
    row = f"{members_of(show)}/{boris.id}"

    assert (await host.patch(row, {"muted": True})).json["muted"] is True
    assert (await cinema.say(boris, show, "hello")).said == (403, "muted")
    await host.patch(row, {"muted": False})
    assert (await cinema.say(boris, show, "hello")).status == 201


async def test_the_removed_stay_out_until_pardoned(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)
    row = f"{members_of(show)}/{boris.id}"
    accept = f"/api/invites/{token_of(show)}/accept"

    assert (await host.delete(row)).status == 204
    assert (await host.delete(row)).status == 204

    assert await roles(host, show) == {"Anna": "host"}
    assert (await boris.get(f"/api/shows/{show['id']}")).said == (404, "unknown_show")
    assert (await boris.get("/api/shows")).json["items"] == []
    assert (await boris.post(accept)).said == (403, "removed")
    assert (await host.patch(row, {"muted": True})).said == (404, "unknown_member")
    assert [notice["kind"] for notice in await notices(host, show, cinema)] == ["removed"]

    assert (await host.patch(row, {"role": "guest"})).status == 200

    assert await roles(boris, show) == {"Anna": "host", "Boris": "guest"}


async def test_a_moderator_pardons_guests_alone(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    mila, nora, boris = [await cinema.member(name, show) for name in ("Mila", "Nora", "Boris")]
    for moderator in (mila, nora):
        await host.patch(f"{members_of(show)}/{moderator.id}", {"role": "moderator"})
    await host.delete(f"{members_of(show)}/{nora.id}")
    await mila.delete(f"{members_of(show)}/{boris.id}")

    pardon = {"role": "guest"}
    assert (await mila.patch(f"{members_of(show)}/{nora.id}", pardon)).status == 403
    raised = await mila.patch(f"{members_of(show)}/{boris.id}", {"role": "moderator"})
    assert raised.status == 403
    assert (await mila.patch(f"{members_of(show)}/{boris.id}", pardon)).status == 200


async def test_the_removed_are_closed_out_of_the_room(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)
    session = show["sessions"][0]["id"]
    async with cinema.client.ws_connect(
        f"/api/sessions/{session}/socket",
        headers={**boris.headers, "Origin": str(cinema.client.make_url("/")).rstrip("/")},
    ) as socket:
        await socket.send_json({"type": "hello", "protocol": 1})
        assert (await socket.receive_json(timeout=30))["type"] == "welcome"

        await host.delete(f"{members_of(show)}/{boris.id}")

        async for _ in socket:
            pass
        assert socket.close_code == 4403


@pytest.mark.parametrize(
    "change", [{"role": "owner"}, {"role": None}, {"muted": "yes"}, {"muted": 1}, {"name": "x"}]
)
async def test_a_change_of_a_member_that_makes_no_sense_is_refused(
    cinema: AppHarness, host: Person, show: dict[str, Any], change: dict[str, object]
) -> None:
    boris = await cinema.member("Boris", show)

    refused = await host.patch(f"{members_of(show)}/{boris.id}", change)

    assert refused.said == (422, "invalid")


async def test_who_never_belonged_is_no_member(host: Person, show: dict[str, Any]) -> None:
    for name in (str(uuid4()), "x"):
        row = f"{members_of(show)}/{name}"
        assert (await host.patch(row, {"muted": True})).said == (404, "unknown_member")
        assert (await host.delete(row)).said == (404, "unknown_member")
