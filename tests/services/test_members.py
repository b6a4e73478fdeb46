"""What is done to people is in the log and in the room, once and for all."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from harness.rooms import House, until
from harness.samples import everybody_in
from sessions.core.errors import NeedsHost, NotAllowed, UnknownMember, UnknownShow
from sessions.core.roles import Role
from sessions.services.locks import Locks
from sessions.services.members import Members
from sessions.stores.sqlite.store import SqliteStore


@pytest.fixture
def people(store: SqliteStore, house: House) -> Members:
    return Members(store, house.registry, Locks())


async def test_a_role_is_one_entry_that_names_who_gave_what_to_whom(
    people: Members, house: House, store: SqliteStore
) -> None:
    anna, boris = house.people["Anna"], await house.member("Boris")

    member, presence = await people.change(
        house.show.id, anna.user_id, boris.user_id, "moderator", None
    )

    (entry,) = await store.entries(house.show.id, limit=10)
    assert (member.role, presence.state) == ("moderator", "away")
    assert (entry.kind, entry.user_id, entry.role) == ("role", anna.user_id, "moderator")
    assert (entry.subject, entry.subject_name) == (boris.user_id, "Boris")
    assert (entry.seq, entry.revision, entry.position) == (1, 1, -60.0)


async def test_the_same_role_again_makes_no_entry(
    people: Members, house: House, store: SqliteStore
) -> None:
    anna, boris = house.people["Anna"], await house.member("Boris")

    await people.change(house.show.id, anna.user_id, boris.user_id, "guest", False)

    assert await store.entries(house.show.id, limit=10) == []


async def test_muting_is_seen_in_the_roster_and_not_in_the_log(
    people: Members, house: House, store: SqliteStore
) -> None:
    anna, boris = house.people["Anna"], await house.member("Boris")

    await people.change(house.show.id, anna.user_id, boris.user_id, None, True)

    assert await store.entries(house.show.id, limit=10) == []
    kept = await store.member(house.show.id, boris.user_id)
    assert kept is not None
    assert kept.muted


async def test_the_room_is_told_in_the_order_of_the_log(people: Members, house: House) -> None:
    anna, boris = house.people["Anna"], await house.member("Boris")
    link, conversation = await house.enter("Anna")

    for role in ("moderator", "guest"):
        await people.change(house.show.id, anna.user_id, boris.user_id, role, None)
    await people.remove(house.show.id, anna.user_id, boris.user_id)

    await until(lambda: len(link.log()) == 4)
    kinds = [(notice["kind"], notice.get("role")) for notice in link.of("notice")]
    assert kinds == [("joined", None), ("role", "moderator"), ("role", "guest"), ("removed", None)]
    assert link.log() == [1, 2, 3, 4]
    await conversation.gone()


async def test_the_host_is_one_though_the_role_is_given_away_many_times_at_once(
    people: Members, house: House, store: SqliteStore
) -> None:
    anna = house.people["Anna"]
    guests = [await house.member(f"Guest {n}") for n in range(5)]

    done = await asyncio.gather(
        *(
            people.change(house.show.id, anna.user_id, guest.user_id, "host", None)
            for guest in guests
        ),
        return_exceptions=True,
    )

    assert [type(result) for result in done].count(NotAllowed) == 4
    roles = [member.role for member in await everybody_in(store, house.show.id)]
    assert sorted(roles) == ["guest"] * 4 + ["host", "moderator"]


@pytest.mark.parametrize("role", ["moderator", "guest"])
async def test_the_host_can_not_lay_the_role_down(
    people: Members, house: House, role: Role
) -> None:
    anna = house.people["Anna"].user_id

    with pytest.raises(NeedsHost):
        await people.change(house.show.id, anna, anna, role, None)


async def test_the_removed_are_out_of_the_room_at_once(people: Members, house: House) -> None:
    anna, boris = house.people["Anna"], await house.member("Boris")
    link, conversation = await house.enter("Boris")

    await people.remove(house.show.id, anna.user_id, boris.user_id)

    assert link.closed == (4403, "removed")
    with pytest.raises(UnknownShow):
        await people.list(house.show.id, boris.user_id, 50)
    rows, _ = await people.list(house.show.id, anna.user_id, 50)
    assert [member.name for member, _ in rows] == ["Anna"]
    await conversation.gone()


async def test_a_pardon_lets_in_again_with_the_role_it_gives(people: Members, house: House) -> None:
    anna, boris = house.people["Anna"], await house.member("Boris")
    await people.remove(house.show.id, anna.user_id, boris.user_id)
    with pytest.raises(UnknownMember):
        await people.change(house.show.id, anna.user_id, boris.user_id, None, False)

    member, _ = await people.change(house.show.id, anna.user_id, boris.user_id, "moderator", None)

    assert (member.removed, member.role) == (False, "moderator")


async def test_nothing_that_a_removed_person_says_stands_behind_their_removal(
    people: Members, house: House
) -> None:
    for number in range(10):
        boris = await house.member(f"Boris {number}")
        _, conversation = await house.enter(boris.name)
        saying = [
            asyncio.create_task(house.chat.say(house.show.id, boris.user_id, str(uuid4()), "hm"))
            for _ in range(10)
        ]
        removing = asyncio.create_task(
            people.remove(house.show.id, house.people["Anna"].user_id, boris.user_id)
        )
        for _ in range(20):
            await asyncio.sleep(0)
            saying.append(
                asyncio.create_task(
                    house.chat.say(house.show.id, boris.user_id, str(uuid4()), "and?")
                )
            )
        await asyncio.gather(removing, *saying, return_exceptions=True)
        await conversation.gone()

        log = await house.store.entries(house.show.id, limit=200)
        own = [e.kind for e in log if e.user_id == boris.user_id or e.subject == boris.user_id]
        assert "removed" in own
        assert "message" not in own[own.index("removed") :]
