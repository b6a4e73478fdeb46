"""Comings and goings: each is told once, also where a server dies in between."""

from __future__ import annotations

from harness.rooms import FailingStore, House, until
from sessions.core.records import EntryKind


async def test_coming_is_told_once_and_leaving_after_half_a_minute(house: House) -> None:
    await house.member("Boris")
    anna, _ = await house.enter("Anna")
    _, boris = await house.enter("Boris")

    await boris.gone()
    house.clock.advance(29.0)
    await house.registry.tick()
    _, boris = await house.enter("Boris")
    await boris.gone()
    house.clock.advance(31.0)
    await house.registry.tick()

    await until(lambda: anna.of("notice")[-1]["kind"] == "left")
    boris_says = [n["kind"] for n in anna.of("notice") if n["name"] == "Boris"]
    assert boris_says == ["joined", "left"]


async def test_two_tabs_of_a_person_are_one(house: House) -> None:
    await house.member("Boris")
    anna, _ = await house.enter("Anna")
    _, first = await house.enter("Boris")
    await house.enter("Boris")

    await first.gone()
    house.clock.advance(31.0)
    await house.registry.tick()

    assert [n["kind"] for n in anna.of("notice") if n["name"] == "Boris"] == ["joined"]
    assert house.registry.presence(house.show.id, house.people["Boris"].user_id).state == "waiting"


async def test_who_was_there_when_the_server_died_does_not_come_again(house: House) -> None:
    await house.enter("Anna")
    again = house.after_a_kill()

    await again.enter("Anna")

    notices = await house.store.entries(house.show.id, limit=10)
    assert [entry.kind for entry in notices] == ["joined"]


async def test_who_was_there_when_the_server_died_and_stays_away_has_left(house: House) -> None:
    await house.member("Boris")
    await house.enter("Anna")
    await house.enter("Boris")
    again = house.after_a_kill()
    await again.enter("Anna")

    house.clock.advance(31.0)
    await again.registry.tick()

    last = (await house.store.entries(house.show.id, limit=1))[0]
    assert (last.kind, last.name) == ("left", "Boris")


async def test_who_was_there_is_known_however_many_came_and_went_since(house: House) -> None:
    await house.member("Boris")
    clara = await house.member("Clara")
    await house.enter("Boris")
    live = await house.live_session()
    kinds: list[EntryKind] = ["joined", "left"] * 600
    await house.store.save_members(house.show.id, (), [live.entry(kind, clara) for kind in kinds])
    again = house.after_a_kill()
    await again.enter("Anna")

    house.clock.advance(31.0)
    await again.registry.tick()

    told = await house.store.entries(house.show.id, limit=2)
    assert [(entry.kind, entry.name) for entry in told] == [("joined", "Anna"), ("left", "Boris")]


async def test_a_store_that_cannot_write_lets_people_in_and_tells_their_leaving_later(
    house: House, store: FailingStore
) -> None:
    await house.member("Boris")
    await house.enter("Anna")
    store.full = True
    boris, conversation = await house.enter("Boris")
    assert boris.of("welcome")
    store.full = False
    await conversation.gone()
    _, conversation = await house.enter("Boris")
    await conversation.gone()
    house.clock.advance(31.0)
    store.full = True
    await house.registry.tick()
    store.full = False
    await house.registry.tick()

    told = await house.store.entries(house.show.id, limit=10)
    assert [(e.name, e.kind) for e in told] == [
        ("Anna", "joined"),
        ("Boris", "joined"),
        ("Boris", "left"),
    ]
