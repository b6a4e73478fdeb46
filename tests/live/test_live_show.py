"""An open show over time: who comes and goes, what time brings, restarts."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from harness.rooms import T0, FakeLink, House, say, until
from sessions.core.commands import Pause, Play, Seek
from sessions.core.errors import AlreadyBegun, UnknownShow
from sessions.live.registry import Registry


async def test_rows_are_sent_when_they_change_and_not_before_the_tick(house: House) -> None:
    await house.member("Boris")
    anna, _ = await house.enter("Anna")
    _, boris = await house.enter("Boris")
    await house.registry.tick()
    await until(lambda: anna.of("members"))
    anna.messages.clear()

    say(boris, type="report", state="playing", error=-0.0123)
    say(boris, type="report", state="playing", error=-0.0131)
    assert not anna.of("members")
    await house.registry.tick()
    await until(lambda: anna.of("members"))
    say(boris, type="report", state="playing", error=-0.0128)
    await house.registry.tick()

    (message,) = anna.of("members")
    (row,) = message["rows"]
    assert (row["user"]["name"], row["state"], row["error"]) == ("Boris", "playing", -0.01)
    assert row["transport"] == "websocket"
    assert (message["present"], message["total"]) == (2, 2)


async def test_leads_follow_what_the_present_report(house: House) -> None:
    _, conversation = await house.enter("Anna")
    say(conversation, type="report", state="playing", delay=0.1, seek_cost=0.5)

    live = await house.live_session()
    paused = await live.command(house.people["Anna"].user_id, Pause(), None)
    house.clock.advance(5.0)
    sought = await live.command(house.people["Anna"].user_id, Seek(30.0), None)

    assert paused.instant == pytest.approx(house.clock() - 5.0 + 0.25)
    assert sought.instant == pytest.approx(house.clock() + 0.95)


async def test_a_new_registry_finds_every_film_at_the_right_frame(house: House) -> None:
    live = await house.live_session()
    house.clock.now = T0 + 20.0
    await live.command(house.people["Anna"].user_id, Pause(), None)
    house.clock.advance(100.0)
    await live.command(house.people["Anna"].user_id, Play(), None)
    house.clock.advance(7.0)
    before = live.room.position(house.clock())

    again = Registry(house.store, house.clock)

    now, timeline, coming = again.timeline(await house.stored_session())
    assert timeline == live.room.chain.newest
    assert timeline.at(now) == before
    assert coming is None


async def test_a_removed_member_is_seen_out_and_heard_no_more(house: House) -> None:
    boris = await house.member("Boris")
    link, conversation = await house.enter("Boris")
    removed = replace(boris, removed=True)
    entry = (await house.registry.live_show(house.show.id)).entry("removed", house.people["Anna"])
    entries = await house.store.save_members(house.show.id, [removed], [entry])

    house.registry.members_changed(house.show.id, [removed], entries)
    say(conversation, type="say", ref=1, id=str(uuid4()), text="still here?")
    with pytest.raises(UnknownShow):
        await house.chat.say(house.show.id, boris.user_id, str(uuid4()), "and now?")

    assert link.closed == (4403, "removed")
    assert link.messages[-1] == {"type": "removed", "code": 4403, "reason": "removed"}
    last = (await house.store.entries(house.show.id, limit=1))[0]
    assert last.kind == "removed"


async def test_a_removal_changes_the_counts_that_the_others_are_told(house: House) -> None:
    anna, _ = await house.enter("Anna")
    boris = await house.member("Boris")
    _, conversation = await house.enter("Boris")
    await house.registry.tick()
    await until(lambda: [m["total"] for m in anna.of("members")][-1:] == [2])

    house.registry.members_changed(house.show.id, [replace(boris, removed=True)])
    await conversation.gone()
    await house.registry.tick()
    await until(lambda: anna.of("members")[-1]["total"] == 1)

    assert (anna.of("members")[-1]["rows"], anna.of("members")[-1]["present"]) == ([], 1)


async def test_a_deleted_show_says_goodbye_and_is_no_more(house: House) -> None:
    link, _ = await house.enter("Anna")
    await house.store.delete_show(house.show.id)

    house.registry.show_deleted(house.show.id)

    assert link.messages[-1] == {"type": "goodbye", "code": 4410, "reason": "deleted"}
    with pytest.raises(UnknownShow):
        await house.registry.live_show(house.show.id)


async def test_a_stopping_server_says_goodbye_1001(house: House) -> None:
    link, _ = await house.enter("Anna")

    await house.registry.stop()

    assert link.closed == (1001, "server_stops")
    assert link.messages[-1] == {"type": "goodbye", "code": 1001, "reason": "server_stops"}


async def test_a_new_time_is_one_more_revision_until_the_film_begins(house: House) -> None:
    link, _ = await house.enter("Anna")

    await house.registry.reschedule(house.session, T0 + 600.0, house.people["Anna"])

    await until(lambda: link.of("timeline"))
    moved = link.of("timeline")[0]["timeline"]
    assert moved["revision"] == 2
    assert moved["reason"] == "rescheduled"
    assert moved["position"] == house.clock() - (T0 + 600.0)
    kept = await house.store.session(house.session.id)
    assert kept is not None
    assert kept.movie_time == T0 + 600.0
    house.clock.now = T0 + 601.0
    with pytest.raises(AlreadyBegun):
        await house.registry.reschedule(house.session, T0 + 900.0, house.people["Anna"])


async def test_an_empty_show_is_let_go_of_and_opens_again(house: House) -> None:
    _, conversation = await house.enter("Anna")
    first = await house.registry.live_show(house.show.id)
    await conversation.gone()
    house.clock.advance(31.0)
    await house.registry.tick()
    house.clock.advance(31.0)
    await house.registry.tick()

    assert house.registry.open_shows() == []
    assert await house.registry.live_show(house.show.id) is not first


async def test_a_deleted_message_is_blank_for_who_comes_later(house: House) -> None:
    anna, conversation = await house.enter("Anna")
    message_id = str(uuid4())
    say(conversation, type="say", ref=1, id=message_id, text="a secret")
    await until(lambda: anna.of("accepted"))

    await house.chat.delete(house.show.id, house.people["Anna"].user_id, message_id)
    await until(lambda: anna.of("deleted"))
    late, _ = await house.enter("Anna", after=0)

    (message,) = late.of("message")
    assert (message["text"], message["deleted"]) == ("", True)
    assert late.of("deleted")[0]["id"] == message_id


async def test_what_another_task_kept_and_never_told_is_fetched(house: House) -> None:
    link, conversation = await house.enter("Anna")
    live = await house.registry.live_show(house.show.id)
    await house.store.append(live.entry("renamed", house.people["Anna"]))

    say(conversation, type="say", ref=1, id=str(uuid4()), text="after the gap")
    await until(lambda: link.of("accepted"))
    assert not link.of("message")
    await house.registry.tick()

    await until(lambda: link.of("message"))
    assert link.log() == [1, 2, 3]


async def test_one_shows_fault_does_not_end_the_care_of_the_others(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.member("Boris")
    anna, _ = await house.enter("Anna")
    live = await house.registry.live_show(house.show.id)
    other = await House.build(house.store, house.clock)
    broken = await house.registry.live_show(other.show.id)

    def fail() -> None:
        raise RuntimeError("broken")

    object.__setattr__(broken, "tick", fail)
    live.roster.touch([house.people["Boris"].user_id])
    await house.registry.tick()

    await until(lambda: anna.of("members"))
    assert "was not looked after" in caplog.text


async def test_who_comes_to_a_show_that_is_over_is_sent_away(house: House) -> None:
    live = await house.registry.live_show(house.show.id)
    live.say_goodbye(4410, "deleted")
    link = FakeLink()

    say(house.conversation(link, "Anna"), type="hello", protocol=1)

    await until(lambda: link.closed)
    assert link.closed == (4410, "deleted")
    assert link not in live.audience.catching_up
