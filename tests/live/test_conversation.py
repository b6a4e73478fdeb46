"""A conversation: what a client may say, and what it hears."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from uuid import uuid4

import pytest

from harness.rooms import T0, Clock, FakeLink, House, say, until
from harness.samples import tail_of
from sessions.stores.sqlite.store import SqliteStore


async def test_a_ping_is_answered_before_hello(house: House) -> None:
    link = FakeLink()
    conversation = house.conversation(link)

    say(conversation, type="ping", c0=12.5)

    now = house.clock()
    assert link.messages == [{"type": "pong", "c0": 12.5, "s1": now, "s2": now}]


async def test_a_welcome_tells_where_the_film_stands_and_who_is_here(house: House) -> None:
    link, _ = await house.enter("Anna")

    welcome = link.messages[0]
    assert welcome["type"] == "welcome"
    assert welcome["role"] == "host"
    assert welcome["timeline"]["instant"] == T0
    assert welcome["next"] is None
    assert welcome["session"]["state"] == "scheduled"
    assert welcome["roster"]["present"] == 1
    assert welcome["roster"]["rows"][0]["user"]["name"] == "Anna"
    assert welcome["show"]["link"] == "https://seans.example/w/host"


async def test_somebody_without_passport_becomes_a_seat_by_a_token_in_hello(house: House) -> None:
    link = FakeLink()
    conversation = house.conversation(link)

    say(conversation, type="hello", protocol=1, token="Anna")

    await until(lambda: link.of("welcome"))
    assert link.of("welcome")[0]["user"]["name"] == "Anna"


async def test_a_hello_without_any_passport_is_4401(house: House) -> None:
    link = FakeLink()
    conversation = house.conversation(link)

    say(conversation, type="hello", protocol=1)

    await until(lambda: link.closed)
    assert link.closed == (4401, "unauthenticated")


async def test_who_is_no_member_is_4403(house: House) -> None:
    stranger = await house.member("Boris")
    await house.registry.live_show(house.show.id)
    link = FakeLink()
    conversation = house.conversation(link, "Boris")
    del (await house.registry.live_show(house.show.id)).members[stranger.user_id]

    say(conversation, type="hello", protocol=1)

    await until(lambda: link.closed)
    assert link.closed == (4403, "not_a_member")


async def test_another_protocol_is_4400(house: House) -> None:
    link = FakeLink()
    say(house.conversation(link, "Anna"), type="hello", protocol=2)

    assert link.closed == (4400, "protocol")


async def test_nothing_is_done_before_hello(house: House) -> None:
    link = FakeLink()
    conversation = house.conversation(link, "Anna")

    say(conversation, type="say", ref=1, id=str(uuid4()), text="hi")
    say(conversation, type="command", ref="a", action="pause")
    say(conversation, type="report", state="playing")

    assert [m["code"] for m in link.messages] == ["hello_first"] * 3
    assert [m["ref"] for m in link.messages] == [1, "a", None]


async def test_words_right_behind_hello_are_heard(house: House) -> None:
    link = FakeLink()
    conversation = house.conversation(link, "Anna")

    say(conversation, type="hello", protocol=1)
    say(conversation, type="say", ref=1, id=str(uuid4()), text="first")
    say(conversation, type="say", ref=2, id=str(uuid4()), text="second")

    await until(lambda: len(link.of("message")) == 2)
    assert [m["text"] for m in link.of("message")] == ["first", "second"]
    assert sorted(m["ref"] for m in link.of("accepted")) == [1, 2]


async def test_a_message_reaches_all_with_its_place_and_the_films_position(house: House) -> None:
    await house.member("Boris")
    anna, conversation = await house.enter("Anna")
    boris, _ = await house.enter("Boris")
    house.clock.now = T0 + 10.0

    message_id = str(uuid4())
    say(conversation, type="say", ref="r", id=message_id, text="look!")

    await until(lambda: boris.of("message"))
    heard = boris.of("message")[0]
    assert (heard["id"], heard["text"], heard["position"]) == (message_id, "look!", 10.0)
    assert heard["seq"] == anna.of("accepted")[0]["seq"]


async def test_the_same_message_twice_is_stored_once(house: House) -> None:
    link, conversation = await house.enter("Anna")
    message_id = str(uuid4())

    say(conversation, type="say", ref=1, id=message_id, text="once")
    say(conversation, type="say", ref=2, id=message_id, text="once")
    await until(lambda: len(link.of("accepted")) == 2)

    await until(lambda: link.of("message"))

    assert len({m["seq"] for m in link.of("accepted")}) == 1
    assert len(link.of("message")) == 1


async def test_the_same_id_with_another_text_is_refused(house: House) -> None:
    link, conversation = await house.enter("Anna")
    message_id = str(uuid4())

    say(conversation, type="say", ref=1, id=message_id, text="one")
    say(conversation, type="say", ref=2, id=message_id, text="two")

    await until(lambda: link.of("refused"))
    assert (link.of("refused")[0]["ref"], link.of("refused")[0]["code"]) == (2, "id_taken")


async def test_a_command_moves_the_film_for_all(house: House) -> None:
    await house.member("Boris")
    anna, conversation = await house.enter("Anna")
    boris, _ = await house.enter("Boris")
    house.clock.now = T0 + 10.0

    say(conversation, type="command", ref=7, action="pause")

    await until(lambda: boris.of("timeline"))
    moved = boris.of("timeline")[0]
    assert moved["timeline"]["revision"] == 1
    assert moved["next"] == {
        "revision": 2,
        "position": pytest.approx(10.15),
        "rate": 0.0,
        "instant": pytest.approx(T0 + 10.15),
        "by": house.people["Anna"].user_id,
        "reason": "pause",
    }
    await until(lambda: anna.of("accepted"))
    assert anna.of("accepted")[0] == {"type": "accepted", "ref": 7, "revision": 2}
    assert boris.of("notice")[-1]["kind"] == "paused"
    assert boris.of("notice")[-1]["name"] == "Anna"


async def test_a_guest_may_not_move_the_film(house: House) -> None:
    await house.member("Boris")
    link, conversation = await house.enter("Boris")

    say(conversation, type="command", ref=1, action="pause")

    await until(lambda: link.of("refused"))
    assert link.of("refused")[0]["code"] == "not_allowed"
    assert not link.of("timeline")


async def test_a_stale_revision_is_refused(house: House) -> None:
    link, conversation = await house.enter("Anna")

    say(conversation, type="command", ref=1, action="pause", revision=1)
    say(conversation, type="command", ref=2, action="play", revision=1)

    await until(lambda: link.of("refused"))
    assert (link.of("refused")[0]["ref"], link.of("refused")[0]["code"]) == (2, "stale_revision")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "command", "ref": 1, "action": "seek"}, "invalid"),
        ({"type": "command", "ref": 1, "action": "seek", "position": 1e6}, "invalid"),
        ({"type": "command", "ref": 1, "action": "seek", "position": -1}, "invalid"),
        ({"type": "command", "ref": 1, "action": "rate", "rate": 9}, "invalid"),
        ({"type": "command", "ref": 1, "action": "pause", "rate": 1}, "invalid"),
        ({"type": "command", "ref": 1, "action": "next"}, "no_next_session"),
        ({"type": "command", "ref": 1, "action": "dance"}, "invalid"),
        ({"type": "command", "ref": 1, "action": "pause", "extra": 1}, "invalid"),
        ({"type": "say", "ref": 1, "id": "x", "text": "hi"}, "invalid"),
        ({"type": "say", "ref": 1, "id": str(uuid4()), "text": ""}, "invalid"),
        ({"type": "say", "ref": 1, "id": str(uuid4()), "text": " \n"}, "invalid"),
        ({"type": "say", "ref": 1, "id": str(uuid4()), "text": "x" * 2001}, "invalid"),
        ({"type": "report", "state": "dreaming"}, "invalid"),
        ({"type": "react", "emoji": "🎬"}, "not_supported"),
        ({"type": "dance"}, "unknown_type"),
        ({}, "unknown_type"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    house: House, message: dict[str, object], code: str
) -> None:
    link, conversation = await house.enter("Anna")
    before = await tail_of(house.store, house.show.id)

    conversation.received(json.dumps(message))

    await until(lambda: link.of("refused"))
    refused = link.of("refused")[0]
    assert refused["code"] == code
    assert refused["ref"] == message.get("ref")
    assert link.closed is None
    assert await tail_of(house.store, house.show.id) == before


async def test_the_tenth_message_that_is_none_closes_with_4400(house: House) -> None:
    link, conversation = await house.enter("Anna")

    for _ in range(5):
        conversation.received("not JSON")
        conversation.received("[1]")
        assert link.closed is None or len(link.of("refused")) == 10

    assert link.closed == (4400, "bad_messages")
    assert {m["code"] for m in link.of("refused")} == {"bad_message"}


async def test_who_says_too_much_is_told_when_to_go_on(house: House) -> None:
    link, conversation = await house.enter("Anna")

    for ref in range(41):
        say(conversation, type="say", ref=ref, id=str(uuid4()), text="hi")
    await until(lambda: len(link.of("accepted")) == 40)

    (refused,) = link.of("refused")
    assert refused["code"] == "rate_limited"
    assert refused["retry_after"] == pytest.approx(0.05)


async def test_a_flood_of_five_seconds_closes_with_4429(house: House) -> None:
    link, conversation = await house.enter("Anna")

    for _ in range(6):
        for _ in range(501):
            say(conversation, type="ping", c0=0.0)
        house.clock.advance(1.0)

    assert link.closed == (4429, "flood")


async def test_who_comes_back_hears_what_was_missed_once_and_in_order(house: House) -> None:
    await house.member("Boris")
    _, conversation = await house.enter("Anna")
    boris, boris_seat = await house.enter("Boris")
    last = boris.log()[-1]
    await boris_seat.gone()
    for number in range(30):
        await house.chat.say(house.show.id, house.people["Anna"].user_id, str(uuid4()), f"{number}")
        house.clock.advance(0.1)

    again, _ = await house.enter("Boris", after=last)
    say(conversation, type="say", ref=1, id=str(uuid4()), text="live")
    await until(lambda: again.of("message") and again.of("message")[-1]["text"] == "live")

    assert again.log() == list(range(last + 1, last + 32))


async def test_who_is_ahead_of_a_restored_log_starts_over(house: House) -> None:
    _, conversation = await house.enter("Anna")
    await conversation.gone()

    ahead, _ = await house.enter("Anna", after=2)

    assert ahead.of("welcome")[0]["seq"] == 1
    assert ahead.log() == [1]


async def test_who_is_ahead_of_this_process_alone_misses_and_repeats_nothing(house: House) -> None:
    await house.member("Boris")
    live = await house.registry.live_show(house.show.id)
    for _ in range(3):
        await house.store.append(live.entry("renamed", house.people["Anna"]))

    boris, _ = await house.enter("Boris", after=2)

    assert boris.of("welcome")[0]["seq"] == 3
    await until(lambda: boris.log() == [3, 4])


async def test_a_long_absence_is_read_from_the_store(house: House, clock: Clock) -> None:
    await house.member("Boris")
    await house.registry.live_show(house.show.id)
    for number in range(700):
        await house.chat.say(house.show.id, house.people["Anna"].user_id, str(uuid4()), f"{number}")
        clock.advance(0.1)

    link, _ = await house.enter("Boris", after=0)

    assert link.log() == list(range(1, 702))


async def test_nobody_hears_anything_twice_or_never_while_others_talk(house: House) -> None:
    await house.member("Boris")
    anna, conversation = await house.enter("Anna")

    async def talk() -> None:
        for number in range(300):
            say(conversation, type="say", ref=number, id=str(uuid4()), text=f"{number}")
            house.clock.advance(0.1)
            await until(partial(_accepted, anna, number - 30))

    talking = asyncio.create_task(talk())
    links = [(await house.enter("Boris", after=0))[0] for _ in range(10)]
    await talking
    tail = 302
    await until(lambda: all(link.log() and link.log()[-1] == tail for link in links))

    assert all(link.log() == list(range(1, tail + 1)) for link in links)


def _accepted(link: FakeLink, more_than: int) -> bool:
    return len(link.of("accepted")) > more_than


async def test_a_replay_that_nobody_reads_is_given_up(house: House) -> None:
    for number in range(150):
        await house.chat.say(house.show.id, house.people["Anna"].user_id, str(uuid4()), f"{number}")
        house.clock.advance(0.1)
    link = FakeLink(stuck=True)
    conversation = house.conversation(link, "Anna")

    say(conversation, type="hello", protocol=1, after=0)

    await until(lambda: link.closed)
    assert link.closed == (4408, "too_slow")


async def test_a_passport_that_ends_closes_the_link(house: House) -> None:
    link = FakeLink()
    conversation = house.conversation(link, "Anna")
    object.__setattr__(conversation._user, "expires", house.clock() + 0.02)

    say(conversation, type="hello", protocol=1)

    await until(lambda: link.closed)
    assert link.closed == (4401, "passport_expired")


async def test_hello_is_waited_for_longer_where_it_pings(house: House) -> None:
    conversation = house.conversation(FakeLink())
    assert conversation.deadline == house.clock() + 10.0

    say(conversation, type="ping", c0=0.0)

    assert conversation.deadline == house.clock() + 60.0


async def test_typing_is_passed_on_and_never_stored(house: House) -> None:
    await house.member("Boris")
    _, conversation = await house.enter("Anna")
    boris, _ = await house.enter("Boris")
    before = await tail_of(house.store, house.show.id)

    say(conversation, type="typing")
    say(conversation, type="typing")

    await until(lambda: boris.of("typing"))
    assert boris.of("typing") == [
        {"type": "typing", "user": {"id": house.people["Anna"].user_id, "name": "Anna"}}
    ]
    assert await tail_of(house.store, house.show.id) == before


async def test_a_closed_store_refuses_and_sends_nothing(house: House, store: SqliteStore) -> None:
    link, conversation = await house.enter("Anna")
    await store.close()

    say(conversation, type="say", ref=1, id=str(uuid4()), text="hi")
    say(conversation, type="command", ref=2, action="pause")

    await until(lambda: len(link.of("refused")) == 2)
    assert {m["code"] for m in link.of("refused")} == {"store_unavailable"}
    assert not link.of("message")
    assert not link.of("timeline")


async def test_a_fault_of_ours_closes_with_1011_instead_of_silence(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    link, conversation = await house.enter("Anna")
    house.chat.broken = True

    say(conversation, type="say", ref=1, id=str(uuid4()), text="hi")

    await until(lambda: link.closed)
    assert link.closed == (1011, "unexpected")
    assert "work failed" in caplog.text


async def test_a_replay_of_a_show_that_is_deleted_meanwhile_ends(
    house: House, store: SqliteStore
) -> None:
    for number in range(300):
        await house.chat.say(house.show.id, house.people["Anna"].user_id, str(uuid4()), f"{number}")
        house.clock.advance(0.1)
    await store.delete_show(house.show.id)
    link = FakeLink()

    say(house.conversation(link, "Anna"), type="hello", protocol=1, after=0)

    await until(lambda: link.closed)
    assert link.closed == (4403, "unknown_show")
