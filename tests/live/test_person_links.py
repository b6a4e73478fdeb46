"""What one person may hold and send, over all of their links."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest

from harness.rooms import FakeLink, House, say, until
from sessions.core.commands import Seek
from sessions.core.errors import NotAllowed, RateLimited
from sessions.core.rates import SHOW_COMMAND_LIMIT
from sessions.live.person_links import MAX_LINKS


async def test_the_oldest_of_too_many_links_gives_way(house: House) -> None:
    links = [(await house.enter("Anna"))[0] for _ in range(MAX_LINKS + 1)]

    assert links[0].closed == (4409, "too_many_links")
    assert links[0].messages[-1] == {
        "type": "goodbye",
        "code": 4409,
        "reason": "too_many_links",
    }
    assert [link.closed for link in links[1:]] == [None] * MAX_LINKS


async def test_a_link_that_others_closed_is_heard_no_more(house: House) -> None:
    boris = await house.member("Boris")
    anna, _ = await house.enter("Anna")
    link, conversation = await house.enter("Boris")
    live = await house.registry.live_show(house.show.id)
    say(conversation, type="report", state="waiting")
    house.registry.members_changed(house.show.id, [replace(boris, removed=True)])
    assert link.closed == (4403, "removed")
    before = list(link.messages)

    say(conversation, type="typing")
    say(conversation, type="report", state="playing", error=0.0)
    say(conversation, type="ping", c0=1.0)
    conversation.binary()

    live.audience.settle()
    assert conversation.has_ended
    assert not anna.of("typing")
    assert live.roster.presence(boris.user_id).state == "waiting"
    assert link.messages == before


async def test_a_link_that_went_makes_room_for_another(house: House) -> None:
    first, conversation = await house.enter("Anna")
    others = [(await house.enter("Anna"))[0] for _ in range(MAX_LINKS - 1)]

    await conversation.gone()
    await house.enter("Anna")

    assert first.closed is None
    assert not any(link.closed for link in others)


async def test_somebody_elses_links_give_way_to_nobody(house: House) -> None:
    await house.member("Boris")
    boris, _ = await house.enter("Boris")

    for _ in range(MAX_LINKS + 1):
        await house.enter("Anna")

    assert boris.closed is None


async def test_two_links_of_one_person_flood_together(house: House) -> None:
    (one, first), (other, second) = await house.enter("Anna"), await house.enter("Anna")

    for _ in range(6):
        for _ in range(251):
            say(first, type="ping", c0=0.0)
            say(second, type="ping", c0=0.0)
        house.clock.advance(1.0)

    assert {one.closed, other.closed} == {(4429, "flood")}


async def test_replays_again_and_again_are_refused(house: House) -> None:
    for _ in range(20):
        await house.enter("Anna", after=0)

    link = FakeLink()
    say(house.conversation(link, "Anna"), type="hello", protocol=1, after=0)

    await until(lambda: link.closed)
    assert link.closed == (1013, "rate_limited")


async def test_reports_are_counted_for_each_person(house: House) -> None:
    (one, first), (other, second) = await house.enter("Anna"), await house.enter("Anna")

    for _ in range(101):
        say(first, type="report", state="playing")
        say(second, type="report", state="playing")

    refused = [*one.of("refused"), *other.of("refused")]
    assert [message["code"] for message in refused] == ["rate_limited"] * 2


async def test_what_all_of_a_show_say_is_bounded(house: House) -> None:
    for number in range(30):
        await house.member(f"Guest {number}")

    async def say_once(number: int) -> None:
        person = house.people[f"Guest {number % 30}"]
        await house.chat.say(house.show.id, person.user_id, str(uuid4()), "hi")

    for number in range(1000):
        await say_once(number)
    with pytest.raises(RateLimited):
        await say_once(1000)


async def test_a_piece_of_the_replay_is_bounded_by_bytes(house: House) -> None:
    anna = house.people["Anna"]
    for _ in range(40):
        await house.chat.say(house.show.id, anna.user_id, str(uuid4()), "\N{GRINNING FACE}" * 2000)
        house.clock.advance(1.0)

    link, _ = await house.enter("Anna", after=0)

    assert len(link.of("message")) == 40
    assert link.log() == sorted(link.log())
    assert max(link.rounds) <= 4


async def test_all_members_together_move_a_film_only_so_often(house: House) -> None:
    names = [f"guest {number}" for number in range(int(SHOW_COMMAND_LIMIT.burst / 10.0))]
    people = [await house.member(name, "moderator") for name in names]
    bystander = await house.member("Boris")
    await house.live_session()
    house.registry.show_changed(replace(house.show, control="moderators"))
    command = partial(house.registry.command, house.session, revision=None)
    for number, person in enumerate(10 * people):
        await command(person.user_id, Seek(float(number)))

    with pytest.raises(RateLimited):
        await command(house.people["Anna"].user_id, Seek(0.0))

    house.clock.advance(2.0 / SHOW_COMMAND_LIMIT.rate)
    for _ in range(3):
        with pytest.raises(NotAllowed):
            await command(bystander.user_id, Seek(0.0))
    await command(house.people["Anna"].user_id, Seek(0.0))
