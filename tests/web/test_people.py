"""Bookmarks, friends, and shows that are not for everybody who has the link."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from harness.rooms import T0
from tests.web.app_harness import AppHarness, Person, token_of
from tests.web.seats import seated


async def befriend(*people: Person) -> None:
    """Let each of some people bookmark all others."""
    for one in people:
        for other in people:
            if one is not other:
                body = {"target_id": other.id, "target_type": "user"}
                assert (await one.post("/api/bookmarks", body)).status in {200, 201}


async def accept(person: Person, show: dict[str, Any]) -> tuple[int, str]:
    answer = await person.post(f"/api/invites/{token_of(show)}/accept")
    return answer.status, "" if answer.status == 200 else answer.code


async def test_a_bookmark_is_kept_once_and_seen_by_its_owner_alone(cinema: AppHarness) -> None:
    anna, boris = await cinema.guest("Anna"), await cinema.guest("Boris")
    body = {"target_id": boris.id, "target_type": "user"}

    made = await anna.post("/api/bookmarks", body)
    again = await anna.post("/api/bookmarks", body)

    assert (made.status, again.status) == (201, 200)
    assert again.json == made.json
    assert made.json.keys() == {"id", "created_at", "user_id", "type", "target_id", "target_type"}
    assert made.json["type"] == "bookmark"
    assert (await anna.get("/api/bookmarks")).json == {"items": [made.json], "next": None}
    assert (await boris.get("/api/bookmarks")).json["items"] == []
    path = f"/api/bookmarks/{made.json['id']}"
    assert (await boris.delete(path)).said == (404, "unknown_bookmark")
    assert (await anna.delete(path)).status == 204
    assert (await anna.delete(path)).said == (404, "unknown_bookmark")
    assert (await anna.get("/api/bookmarks")).json["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"target_type": "user"},
        {"target_id": "x", "target_type": "user"},
        {"target_id": str(uuid4()), "target_type": "show"},
        {"target_id": str(uuid4()), "target_type": "user", "name": "Eve"},
    ],
)
async def test_a_bookmark_of_nothing_is_refused(
    cinema: AppHarness, body: dict[str, object]
) -> None:
    anna = await cinema.guest("Anna")

    assert (await anna.post("/api/bookmarks", body)).said == (422, "invalid")
    assert (await cinema.anybody.post("/api/bookmarks", body)).said == (401, "unauthenticated")


async def test_nobody_is_a_friend_of_themselves(cinema: AppHarness) -> None:
    anna = await cinema.guest("Anna")

    answer = await anna.post("/api/bookmarks", {"target_id": anna.id, "target_type": "user"})

    assert answer.said == (422, "invalid")


async def test_friends_are_listed_with_whether_they_agree(cinema: AppHarness) -> None:
    anna, boris = await cinema.guest("Anna"), await cinema.guest("Boris")
    made = await anna.post("/api/bookmarks", {"target_id": boris.id, "target_type": "user"})

    (friend,) = (await anna.get("/api/friends")).json["items"]
    expected = {"id": boris.id, "mutual": False, "bookmark_id": made.json["id"]}
    assert friend == {**expected, "name": ""}
    assert (await boris.get("/api/friends")).json["items"] == []

    await befriend(boris, anna)
    (friend,) = (await anna.get("/api/friends")).json["items"]
    assert friend == {**expected, "name": "Boris", "mutual": True}


async def test_a_show_for_friends_lets_in_who_is_one_of_its_host(cinema: AppHarness) -> None:
    host, friend, follower = [await cinema.guest(n) for n in ("Host", "Friend", "Follower")]
    show = await cinema.show(host, access="friends")
    assert show["access"] == "friends"
    await befriend(host, friend)
    await follower.post("/api/bookmarks", {"target_id": host.id, "target_type": "user"})

    assert await accept(friend, show) == (200, "")
    assert await accept(follower, show) == (403, "not_a_friend")

    path = f"/api/shows/{show['id']}"
    members = (await host.get(f"{path}/members")).json["items"]
    assert {m["user"]["id"] for m in members} == {host.id, friend.id}
    assert "link" not in (await friend.get(path)).json
    # Who stops being a friend stays a member: the host removes them, where that is meant.
    bookmark = (await host.get("/api/bookmarks")).json["items"][0]["id"]
    await host.delete(f"/api/bookmarks/{bookmark}")
    assert await accept(friend, show) == (200, "")


async def test_friends_are_those_of_the_host_of_now(cinema: AppHarness) -> None:
    first, second, friend = [await cinema.guest(n) for n in ("First", "Second", "Friend")]
    show = await cinema.show(first)
    await accept(second, show)
    path = f"/api/shows/{show['id']}"
    await first.patch(path, {"access": "friends"})
    await befriend(second, friend)
    assert await accept(friend, show) == (403, "not_a_friend")

    await first.patch(f"{path}/members/{second.id}", {"role": "host"})

    assert await accept(friend, show) == (200, "")


async def test_a_show_for_the_invited_is_not_entered_by_its_own_link(cinema: AppHarness) -> None:
    host, guest, friend = [await cinema.guest(n) for n in ("Host", "Guest", "Friend")]
    show = await cinema.show(host, access="invited")
    await befriend(host, friend)

    assert await accept(friend, show) == (403, "not_invited")

    made = (await host.post(f"/api/shows/{show['id']}/invites", {"uses": 1})).json
    assert await accept(guest, made) == (200, "")
    # A member comes in by any link.
    assert await accept(guest, show) == (200, "")
    assert await accept(friend, made) == (410, "invite_gone")


@pytest.mark.parametrize("access", ["friends", "invited"])
async def test_closing_a_show_keeps_its_members(cinema: AppHarness, access: str) -> None:
    host, old, new = [await cinema.guest(n) for n in ("Host", "Old", "New")]
    show = await cinema.show(host)
    await accept(old, show)

    answer = await host.patch(f"/api/shows/{show['id']}", {"access": access})

    assert answer.json["access"] == access
    assert await accept(old, show) == (200, "")
    assert (await accept(new, show))[0] == 403


async def test_a_member_comes_in_by_a_link_that_was_replaced(cinema: AppHarness) -> None:
    host, member, removed = [await cinema.guest(n) for n in ("Host", "Member", "Removed")]
    stranger = await cinema.guest("Stranger")
    show = await cinema.show(host)
    await accept(member, show)
    await accept(removed, show)
    path = f"/api/shows/{show['id']}"
    await host.delete(f"{path}/members/{removed.id}")
    own = next(i for i in (await host.get(f"{path}/invites")).json["items"] if i["own"])

    await host.delete(f"{path}/invites/{own['id']}")

    assert await accept(member, show) == (200, "")
    preview = f"/api/invites/{token_of(show)}"
    assert (await member.get(preview)).json["member"]
    for person in (removed, stranger):
        assert await accept(person, show) == (410, "invite_gone")
        assert (await person.get(preview)).said == (410, "invite_gone")


@pytest.mark.parametrize("at_time", [-30.0, 5.0])
async def test_what_a_friend_watches_is_told_where_one_could_join_them(
    cinema: AppHarness, at_time: float
) -> None:
    host, friend, other = [await cinema.guest(n) for n in ("Host", "Friend", "Other")]
    show = await cinema.show(host, access="friends", title="For friends")
    await befriend(host, friend)
    await befriend(host, other)
    for follower in (friend, other):
        assert "watching" not in (await follower.get("/api/friends")).json["items"][0]
    # The host waits in the lobby, or watches.
    cinema.clock.now = T0 + at_time

    async with seated(cinema, show, host):
        (seen,) = (await friend.get("/api/friends")).json["items"]
        watching = seen["watching"]
        assert (watching["show_id"], watching["title"]) == (show["id"], "For friends")
        assert watching["link"] == show["link"]
        await host.patch(f"/api/shows/{show['id']}", {"access": "link"})
        assert "watching" not in (await friend.get("/api/friends")).json["items"][0]
        await accept(friend, show)
        assert "watching" in (await friend.get("/api/friends")).json["items"][0]
        await host.delete(f"/api/shows/{show['id']}/members/{friend.id}")
        await host.patch(f"/api/shows/{show['id']}", {"access": "friends"})
        assert "watching" not in (await friend.get("/api/friends")).json["items"][0]
        assert "watching" in (await other.get("/api/friends")).json["items"][0]


@pytest.mark.parametrize("access", ["friends", "invited"])
async def test_a_link_that_lets_somebody_in_nowhere_gives_them_no_film(
    cinema: AppHarness, access: str
) -> None:
    host, friend, removed, stranger = [
        await cinema.guest(n) for n in ("Host", "Friend", "Removed", "Stranger")
    ]
    show = await cinema.show(host)
    await accept(removed, show)
    await host.delete(f"/api/shows/{show['id']}/members/{removed.id}")
    await befriend(host, friend)
    await host.patch(f"/api/shows/{show['id']}", {"access": access})
    preview = f"/api/invites/{token_of(show)}"

    for nobody in (cinema.anybody, stranger, removed):
        answer = await nobody.get(preview)
        assert answer.json["sources"] == []
        page = await nobody.get(f"/w/{token_of(show)}")
        assert "/media/" not in page.text
    assert len((await host.get(preview)).json["sources"]) == 2
    may = access == "friends"
    assert bool((await friend.get(preview)).json["sources"]) is may
    further = (await host.post(f"/api/shows/{show['id']}/invites", {})).json
    assert (await stranger.get(f"/api/invites/{token_of(further)}")).json["sources"]
