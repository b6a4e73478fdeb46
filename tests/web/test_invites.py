"""Links into a show."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from harness.fakes import DURATION
from harness.rooms import T0
from tests.web.app_harness import AppHarness, Person, at, token_of
from tests.web.conftest import Open

SECRET = "a secret of the tests, " * 2

UNKNOWN = "6a4c2a1e-1f0b-4c63-9c52-0d8b7a1c9e55"
"""An id that names nothing; the same in each process, or pytest-xdist refuses to begin."""


def invites_of(show: dict[str, Any]) -> str:
    return f"/api/shows/{show['id']}/invites"


async def invited(host: Person, show: dict[str, Any], **fields: object) -> dict[str, Any]:
    answer = await host.post(invites_of(show), fields)
    assert answer.status == 201, answer.text
    return dict(answer.json)


def accept(linked: dict[str, Any]) -> str:
    return f"/api/invites/{token_of(linked)}/accept"


async def test_the_shows_link_makes_a_guest_as_often_as_it_is_followed(
    cinema: AppHarness, show: dict[str, Any]
) -> None:
    boris = await cinema.guest("Boris")
    entrance = {"show_id": show["id"], "session_id": show["sessions"][0]["id"], "role": "guest"}

    for _ in range(2):
        assert (await boris.post(accept(show))).json == entrance


async def test_the_host_keeps_the_role_when_following_the_own_link(
    host: Person, show: dict[str, Any]
) -> None:
    assert (await host.post(accept(show))).json["role"] == "host"


async def test_an_invite_with_a_number_of_uses_is_used_up_by_people_not_by_clicks(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    cinema.clock.advance(1.0)
    invite = await invited(host, show, uses=1, role="moderator")
    boris, eve = await cinema.guest("Boris"), await cinema.guest("Eve")

    for _ in range(3):
        assert (await boris.post(accept(invite))).json["role"] == "moderator"

    assert (await eve.post(accept(invite))).said == (410, "invite_gone")
    listed = (await host.get(invites_of(show))).json["items"]
    assert [(item["uses"], item["used"]) for item in listed] == [(None, 0), (1, 1)]


async def test_a_guest_becomes_a_moderator_by_a_moderators_link(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)
    invite = await invited(host, show, role="moderator")

    assert (await boris.post(accept(invite))).json["role"] == "moderator"
    assert (await boris.post(accept(show))).json["role"] == "moderator"


async def test_an_invite_expires(cinema: AppHarness, host: Person, show: dict[str, Any]) -> None:
    invite = await invited(host, show, expires=at(cinema.clock() + 10))
    boris = await cinema.guest("Boris")
    assert (await cinema.anybody.get(f"/w/{token_of(invite)}")).status == 200

    cinema.clock.advance(10)

    assert (await boris.post(accept(invite))).said == (410, "invite_gone")
    preview = f"/api/invites/{token_of(invite)}"
    assert (await cinema.anybody.get(preview)).said == (410, "invite_gone")
    assert (await cinema.anybody.get(f"/w/{token_of(invite)}")).status == 410


async def test_a_revoked_invite_opens_nothing_and_members_stay(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    invite = await invited(host, show)
    boris, eve = await cinema.guest("Boris"), await cinema.guest("Eve")
    await boris.post(accept(invite))

    for _ in range(2):
        assert (await host.delete(f"{invites_of(show)}/{invite['id']}")).status == 204

    assert (await eve.post(accept(invite))).said == (410, "invite_gone")
    assert (await boris.get(f"/api/shows/{show['id']}")).status == 200
    listed = (await host.get(invites_of(show))).json["items"]
    assert [item["own"] for item in listed] == [True]


async def test_revoking_the_shows_own_link_makes_a_new_one(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    (own,) = (await host.get(invites_of(show))).json["items"]
    assert own["link"] == show["link"]

    for _ in range(2):
        assert (await host.delete(f"{invites_of(show)}/{own['id']}")).status == 204

    renewed = (await host.get(f"/api/shows/{show['id']}")).json
    assert renewed["link"] != show["link"]
    eve = await cinema.guest("Eve")
    assert (await eve.post(accept(show))).said == (410, "invite_gone")
    assert (await eve.post(accept(renewed))).status == 200
    assert len((await host.get(invites_of(show))).json["items"]) == 1


async def test_who_may_invite_whom(cinema: AppHarness, host: Person, show: dict[str, Any]) -> None:
    boris, mila = await cinema.member("Boris", show), await cinema.member("Mila", show)
    await host.patch(f"/api/shows/{show['id']}/members/{mila.id}", {"role": "moderator"})
    own = (await host.get(invites_of(show))).json["items"][0]
    for_moderators = await invited(host, show, role="moderator")

    assert (await boris.post(invites_of(show), {})).said == (403, "not_allowed")
    assert (await boris.get(invites_of(show))).said == (403, "not_allowed")
    assert (await boris.delete(f"{invites_of(show)}/{own['id']}")).said == (403, "not_allowed")
    assert (await mila.post(invites_of(show), {})).status == 201
    forbidden = {"role": "moderator"}
    assert (await mila.post(invites_of(show), forbidden)).said == (403, "not_allowed")
    seen = (await mila.get(invites_of(show))).json["items"]
    assert {item["role"] for item in seen} == {"guest"}
    path = f"{invites_of(show)}/{for_moderators['id']}"
    assert (await mila.delete(path)).said == (403, "not_allowed")


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "host"},
        {"role": None},
        {"uses": 0},
        {"uses": -1},
        {"uses": 1.5},
        {"uses": "1"},
        {"uses": True},
        {"uses": 10**30},
        {"expires": at(T0 - 61)},
        {"expires": "soon"},
        {"expires": 1_900_000_000},
        {"token": "x"},
    ],
)
async def test_an_invite_that_makes_no_sense_is_not_made(
    host: Person, show: dict[str, Any], fields: dict[str, object]
) -> None:
    refused = await host.post(invites_of(show), fields)

    assert refused.said == (422, "invalid")
    assert [error["path"] for error in refused.json["errors"]] == list(fields)
    assert len((await host.get(invites_of(show))).json["items"]) == 1


@pytest.mark.parametrize(
    "token", ["x", "a" * 32, "a" * 5000, "%00", "%ff", "{x}", "%2e%2e%2fx", "é", UNKNOWN]
)
async def test_nothing_guessable_opens_a_room(cinema: AppHarness, host: Person, token: str) -> None:
    assert (await host.post(f"/api/invites/{token}/accept")).said == (404, "unknown_invite")
    assert (await host.get(f"/api/invites/{token}")).said == (404, "unknown_invite")
    assert (await cinema.anybody.get(f"/w/{token}")).status == 404


async def test_an_invite_of_another_show_is_not_found(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    other = await cinema.show(host)
    (own,) = (await host.get(invites_of(other))).json["items"]

    for name in (own["id"], str(uuid4()), "x"):
        refused = await host.delete(f"{invites_of(show)}/{name}")
        assert refused.said == (404, "unknown_invite")


async def test_a_link_tells_what_stands_behind_it(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    path = f"/api/invites/{token_of(show)}"

    seen = (await cinema.anybody.get(path)).json

    assert [source["kind"] for source in seen.pop("sources")] == ["file", "live"]
    assert seen == {
        "show_id": show["id"],
        "session_id": show["sessions"][0]["id"],
        "title": "Counter",
        "movie_time": show["movie_time"],
        "target_id": cinema.film,
        "duration": DURATION,
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
        "guests": True,
        "member": False,
    }
    as_host = (await host.get(path)).json
    assert (as_host["member"], as_host["role"]) == (True, "host")


async def test_the_film_is_not_given_to_who_could_not_come_in(open_cinema: Open) -> None:
    cinema = await open_cinema(secret=SECRET)
    show = await cinema.show(await cinema.guest("Anna"))
    await cinema.close()

    members_only = await open_cinema(secret=SECRET, guests=False)
    seen = (await members_only.anybody.get(f"/api/invites/{token_of(show)}")).json

    assert (seen["guests"], seen["sources"], seen["title"]) == (False, [], "Counter")


async def test_accepting_needs_a_passport(cinema: AppHarness, show: dict[str, Any]) -> None:
    assert (await cinema.anybody.post(accept(show))).said == (401, "unauthenticated")


async def test_who_makes_very_many_links_waits(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    path = f"/api/shows/{show['id']}/invites"
    for _ in range(100):
        assert (await host.post(path, {})).status == 201

    refused = await host.post(path, {})

    assert refused.said == (429, "rate_limited")
    assert refused.headers["Retry-After"] == "5"
    cinema.clock.advance(5.0)
    assert (await host.post(path, {})).status == 201
