"""Another name and an account are seen in every show, in open rooms at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from harness.rooms import Clock, FailingStore, FakeLink, House, until
from harness.samples import SampleShow, new_id, tail_of
from sessions.core.errors import AlreadyMoved, RateLimited, StoreUnavailable
from sessions.core.records import Member, User
from sessions.services.locks import Locks
from sessions.services.members import Members
from sessions.services.people import People
from sessions.stores.base import PeopleChange

ACCOUNT = User(id="7d5b8f0e-0a53-4a0c-9f6b-2d6f6f3c9b11", name="Анна", guest=False)


@pytest.fixture
def locks() -> Locks:
    return Locks()


@pytest.fixture
def people(store: FailingStore, house: House, clock: Clock, locks: Locks) -> People:
    return People(store, house.registry, clock, locks)


async def names_in(store: FailingStore, user_id: str) -> list[str]:
    return [place.name for place in await store.places_of(user_id)]


async def renaming_told(link: FakeLink) -> dict[str, Any]:
    """Return the notice of a new name, once it has come."""
    await until(lambda: [n for n in link.of("notice") if n["kind"] == "renamed"])
    return link.of("notice")[-1]


async def elsewhere(store: FailingStore, member: Member) -> SampleShow:
    """Return another show in which somebody has a place, and which is not open."""
    sample = await SampleShow().create(store)
    await store.save_members(sample.show.id, [replace(member, id=new_id(), show_id=sample.show.id)])
    return sample


async def test_a_new_name_is_told_to_the_open_room_alone(
    people: People, house: House, store: FailingStore
) -> None:
    boris = await house.member("Boris")
    closed = await elsewhere(store, boris)
    link, _ = await house.enter("Anna")

    await people.rename(house.user("Boris"), "Борис")

    assert await names_in(store, boris.user_id) == ["Борис", "Борис"]
    notice = await renaming_told(link)
    assert (notice["kind"], notice["by"], notice["name"]) == ("renamed", boris.user_id, "Boris")
    assert notice["user"] == {"id": boris.user_id, "name": "Борис"}
    assert await tail_of(store, closed.show.id) == 0
    live = await house.registry.live_show(house.show.id)
    live.tick()
    await until(lambda: link.of("members"))
    rows = [row["user"] for row in link.of("members")[-1]["rows"]]
    assert {"id": boris.user_id, "name": "Борис"} in rows


async def test_a_room_that_opens_later_knows_the_new_name(people: People, house: House) -> None:
    await people.rename(house.user("Anna"), "Аня")

    live = await house.registry.live_show(house.show.id)

    assert [member.name for member in live.members.values()] == ["Аня"]


async def test_the_same_name_again_changes_nothing(
    people: People, house: House, store: FailingStore
) -> None:
    await house.registry.live_show(house.show.id)

    for _ in range(20):
        await people.rename(house.user("Anna"), "Anna")

    assert await tail_of(store, house.show.id) == 0


async def test_somebody_muted_cannot_write_by_new_names(
    people: People, house: House, store: FailingStore
) -> None:
    boris = await house.member("Boris")
    await store.save_members(house.show.id, [replace(boris, muted=True)])
    await house.registry.live_show(house.show.id)

    await people.rename(house.user("Boris"), "Buy at evil.example")

    assert await tail_of(store, house.show.id) == 0
    assert await names_in(store, boris.user_id) == ["Buy at evil.example"]


async def test_who_is_called_otherwise_all_the_time_waits(
    people: People, house: House, clock: Clock
) -> None:
    anna = house.user("Anna")
    for number in range(5):
        await people.rename(anna, f"Anna {number}")

    with pytest.raises(RateLimited):
        await people.rename(anna, "Anna")

    clock.advance(10.0)
    await people.rename(anna, "Anna")


async def test_a_role_given_at_the_same_moment_does_not_bring_back_the_old_name(
    people: People, house: House, store: FailingStore, locks: Locks
) -> None:
    boris = await house.member("Boris")
    members = Members(store, house.registry, locks)
    anna = house.people["Anna"].user_id

    for number in range(4):
        await asyncio.gather(
            members.change(house.show.id, anna, boris.user_id, "moderator", None),
            people.rename(house.user("Boris"), f"Борис {number}"),
            members.change(house.show.id, anna, boris.user_id, "guest", None),
        )
        assert await names_in(store, boris.user_id) == [f"Борис {number}"]


async def test_a_name_that_cannot_be_kept_is_told_to_nobody(
    people: People, house: House, store: FailingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, _ = await house.enter("Anna")
    before = len(link.messages)

    async def full(*_: object) -> PeopleChange:
        raise StoreUnavailable

    monkeypatch.setattr(store, "rename_user", full)
    with pytest.raises(StoreUnavailable):
        await people.rename(house.user("Anna"), "Аня")

    live = await house.registry.live_show(house.show.id)
    live.tick()
    assert "Аня" not in str(link.messages[before:])


async def test_a_host_takes_an_open_show_along(
    people: People, house: House, store: FailingStore
) -> None:
    await house.member("Boris")
    old, _ = await house.enter("Anna")
    other, _ = await house.enter("Boris")
    anna = house.people["Anna"]

    assert await people.take_along(house.user("Anna"), ACCOUNT) == 1

    assert old.closed == (4401, "passport_moved")
    notice = await renaming_told(other)
    assert (notice["kind"], notice["by"], notice["name"]) == ("renamed", anna.user_id, "Anna")
    assert notice["user"] == {"id": ACCOUNT.id, "name": "Анна"}
    live = await house.registry.live_show(house.show.id)
    live.tick()
    assert anna.user_id not in live.members
    assert live.members[ACCOUNT.id].role == "host"
    await until(lambda: other.of("members"))
    assert other.of("members")[-1]["total"] == 2
    kept = await store.show(house.show.id)
    assert kept is not None
    assert kept.user_id == ACCOUNT.id


async def test_who_left_under_the_old_id_leaves_no_trace_that_fails(
    people: People, house: House, clock: Clock
) -> None:
    _, conversation = await house.enter("Anna")
    await people.take_along(house.user("Anna"), ACCOUNT)
    await conversation.gone()
    live = await house.registry.live_show(house.show.id)

    clock.advance(60.0)
    await house.registry.tick()

    assert live.roster.user_ids() == ()


async def test_the_account_goes_on_in_the_room_with_all_rights(
    people: People, house: House
) -> None:
    await house.registry.live_show(house.show.id)
    await people.take_along(house.user("Anna"), ACCOUNT)
    house.people["Account"] = Member("m", 0.0, ACCOUNT.id, house.show.id, "Анна", "host")

    link, _ = await house.enter("Account")

    (welcome,) = link.of("welcome")
    assert (welcome["role"], welcome["user"]["name"]) == ("host", "Анна")
    assert welcome["show"]["user_id"] == ACCOUNT.id


async def test_again_takes_nothing_more_and_another_gets_nothing(
    people: People, house: House
) -> None:
    anna = house.user("Anna")
    await people.take_along(anna, ACCOUNT)

    assert await people.take_along(anna, ACCOUNT) == 0
    with pytest.raises(AlreadyMoved):
        await people.take_along(anna, replace(ACCOUNT, id=new_id()))


async def test_removed_places_are_taken_along_and_not_counted(
    people: People, house: House, store: FailingStore
) -> None:
    boris = await house.member("Boris")
    await store.save_members(house.show.id, [replace(boris, removed=True)])

    assert await people.take_along(house.user("Boris"), ACCOUNT) == 0

    kept = await store.member(house.show.id, ACCOUNT.id)
    assert kept is not None
    assert kept.removed


async def test_two_who_take_shows_along_at_once_do_not_wait_for_each_other_for_ever(
    people: People, house: House, store: FailingStore
) -> None:
    boris = await house.member("Boris")
    for member in (house.people["Anna"], boris):
        await elsewhere(store, member)
    other = replace(ACCOUNT, id=new_id())

    async with asyncio.timeout(10.0):
        taken = await asyncio.gather(
            people.take_along(house.user("Anna"), ACCOUNT),
            people.take_along(house.user("Boris"), other),
            people.rename(house.user("Anna"), "Аня"),
        )

    assert list(taken[:2]) == [2, 2]
