"""A show with two sessions: one log and one roster, and each film for itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

from harness.rooms import T0, Clock, FailingStore, FakeLink, House, say, until
from sessions.core.commands import Pause, Seek
from sessions.core.records import Session
from sessions.core.roles import Waiting
from sessions.live.conversation import Conversation
from sessions.live.fanout import Batch
from sessions.live.live_session import LiveSession
from sessions.live.registry import Registry
from sessions.live.step_report import sync_record


@pytest.fixture
async def house(store: FailingStore, clock: Clock) -> AsyncIterator[House]:
    house = await House.build(store, clock, later=[10.0])
    await house.member("Boris")
    yield house
    await house.registry.stop()


async def both(house: House) -> tuple[LiveSession, LiveSession]:
    """Return the two sessions as they are open."""
    registry = house.registry
    return await registry.live_session(house.session), await registry.live_session(house.later[0])


async def enter_both(house: House) -> tuple[tuple[FakeLink, Conversation], ...]:
    """Let Anna watch the first film and Boris the second."""
    return await house.enter("Anna"), await house.enter("Boris", session=house.later[0])


async def wait_policy(house: House, waiting: Waiting) -> None:
    house.show = replace(house.show, waiting=waiting)
    await house.store.save_show(house.show)
    house.registry.show_changed(house.show)


async def test_a_command_moves_only_the_session_it_was_given_to(house: House) -> None:
    (anna, _), (boris, conversation) = await enter_both(house)
    house.clock.now = T0 + 30.0
    first, second = await both(house)
    stood = first.room
    host = house.people["Anna"].user_id

    await second.command(host, Seek(60.0), None)
    await until(lambda: boris.of("timeline"))
    await until(lambda: anna.of("notice")[-1]["kind"] == "sought")

    assert first.room == stood
    assert second.room.chain.newest.position == 60.0
    assert not anna.of("timeline")
    assert anna.of("notice")[-1]["session_id"] == house.later[0].id
    assert boris.of("timeline")[0]["next"]["position"] == 60.0
    say(conversation, type="command", ref=1, action="pause")
    await until(lambda: boris.of("refused"))
    assert (await kept(house, house.session)).timelines == ()
    assert (await kept(house, house.later[0])).timelines[-1].revision == 2


async def test_each_session_counts_revisions_and_all_share_one_seq(house: House) -> None:
    (anna, first), _ = await enter_both(house)
    boris, second = await house.enter("Anna", session=house.later[0])
    house.clock.now = T0 + 30.0

    for conversation in (first, second, first):
        say(conversation, type="command", ref=1, action="seek", position=60.0)
    say(second, type="say", ref=2, id=str(uuid4()), text="in the second")
    await until(lambda: anna.of("message"))
    await until(lambda: len(anna.of("accepted")) == len(boris.of("accepted")) == 2)

    log = await house.store.entries(house.show.id, limit=100)
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
    assert anna.log() == list(range(1, len(log) + 1))
    moves = [(entry.session_id, entry.revision) for entry in log if entry.timeline]
    first_id, second_id = house.session.id, house.later[0].id
    assert sorted(moves) == sorted([(first_id, 2), (first_id, 3), (second_id, 2)])
    (message,) = anna.of("message")
    assert (message["session_id"], message["position"]) == (second_id, 20.0)


async def test_only_the_session_that_somebody_watches_waits_for_them(house: House) -> None:
    await wait_policy(house, "start")
    (anna, first), (boris, second) = await enter_both(house)
    say(first, type="report", state="ready")
    say(second, type="report", state="waiting")
    for seconds in (-0.5, 5.0, 9.5):
        house.clock.now = T0 + seconds
        await house.registry.tick()

    await until(lambda: boris.of("waiting"))

    live = await both(house)
    assert [session.room.wait is not None for session in live] == [False, True]
    assert not anna.of("waiting")
    assert boris.of("waiting")[0]["for"][0]["name"] == "Boris"
    assert live[0].wait_monitor.waiting is None


async def test_step_is_counted_for_each_session(house: House) -> None:
    (anna, first), (boris, second) = await enter_both(house)
    house.clock.now = T0 + 30.0

    say(first, type="report", state="playing", error=0.01, revision=1, delay=0.3)
    say(second, type="report", state="playing", error=0.5, revision=1, delay=0.1)
    house.clock.now = T0 + 121.0
    await house.registry.tick()
    await until(lambda: anna.of("summary"))

    live = await both(house)
    rows = [sync_record(each, house.clock())["rows"] for each in live]
    assert [[row["user"]["name"] for row in each] for each in rows] == [["Anna"], ["Boris"]]
    assert [list(each.reports.delays()) for each in live] == [[0.3], [0.1]]
    assert anna.of("summary")[0]["p50"] == pytest.approx(0.01, rel=0.03)
    assert not boris.of("summary")


async def test_a_welcome_names_all_sessions_and_the_one_entered(house: House) -> None:
    _, (boris, _) = await enter_both(house)

    (welcome,) = boris.of("welcome")

    second = house.later[0].id
    assert welcome["session"]["id"] == second
    assert [each["id"] for each in welcome["show"]["sessions"]] == [house.session.id, second]
    assert welcome["timeline"]["instant"] == T0 + 10.0
    assert (welcome["roster"]["present"], welcome["seq"]) == (2, 1)


async def test_both_sessions_are_found_as_they_stood(house: House) -> None:
    first, second = await both(house)
    host = house.people["Anna"].user_id
    house.clock.now = T0 + 30.0
    await first.command(host, Pause(), None)
    await second.command(host, Seek(60.0), None)

    again = Registry(house.store, house.clock)

    for session, live in ((house.session, first), (house.later[0], second)):
        assert (await again.live_session(session)).room == live.room


async def test_what_is_said_over_http_belongs_to_the_session_that_runs(house: House) -> None:
    host = house.people["Anna"].user_id
    later = house.later[0]
    for seconds, session in ((0.0, house.session), (125.0, later), (999.0, later)):
        house.clock.now = T0 + seconds

        said = await house.chat.say(house.show.id, host, str(uuid4()), "hello")

        assert said.entry.session_id == session.id


async def test_a_session_that_the_show_does_not_have_sends_away(house: House) -> None:
    link = FakeLink()
    stranger = replace(house.session, id=str(uuid4()))

    say(house.conversation(link, "Anna", stranger), type="hello", protocol=1)
    await until(lambda: link.closed)

    assert link.closed == (4403, "unknown_session")
    assert not (await house.registry.live_show(house.show.id)).audience


async def test_a_link_that_failed_leaves_its_session_all_the_same(house: House) -> None:
    class Breaks(FakeLink):
        def offer(self, batch: Batch) -> None:
            if '{"type":"goodbye","code":1000,"reason":"x"}' in batch.texts:
                raise RuntimeError("broken")
            super().offer(batch)

    link = Breaks()
    conversation = house.conversation(link, "Anna", house.later[0])
    say(conversation, type="hello", protocol=1)
    _, second = await both(house)
    await until(lambda: second.live_show.audience.live)

    second.live_show.audience.publish({"type": "goodbye", "code": 1000, "reason": "x"}, urgent=True)
    await conversation.gone()

    assert link.closed == (1011, "unexpected")
    assert list(second.reports.present()) == []


async def kept(house: House, session: Session) -> Session:
    """Return ``session`` as the store has it."""
    found = await house.store.session(session.id)
    assert found is not None
    return found
