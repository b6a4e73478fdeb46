"""A show that waits: whom the room is told of, how it goes on, and what can get in the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
import uvloop

from harness.rooms import T0, Clock, FailingStore, FakeLink, House, say, until
from sessions.core.commands import Pause, Play, Seek
from sessions.core.roles import Waiting
from sessions.live.live_session import LiveSession
from sessions.live.registry import Registry
from sessions.live.wait_monitor import MIN_SPACING_S


async def choose(house: House, waiting: Waiting) -> None:
    """Let the show wait as ``waiting`` says from here on."""
    house.show = replace(house.show, waiting=waiting)
    await house.store.save_show(house.show)
    house.registry.show_changed(house.show)


async def at(house: House, seconds: float) -> LiveSession:
    """Let it be ``seconds`` after the start, and the open shows be looked after."""
    house.clock.now = T0 + seconds
    await house.registry.tick()
    return await house.live_session()


async def held_start(house: House) -> tuple[FakeLink, LiveSession]:
    """Let Anna be ready and Boris not, half a second before the start."""
    await choose(house, "start")
    await house.member("Boris")
    anna, conversation = await house.enter("Anna")
    _, boris = await house.enter("Boris")
    say(conversation, type="report", state="ready")
    say(boris, type="report", state="waiting")
    live = await at(house, -0.5)
    await until(lambda: anna.of("waiting"))
    return anna, live


async def rest(house: House) -> None:
    """Let the wait monitor look at all that there is to see."""
    live = await house.live_session()
    await until(lambda: live.wait_monitor.is_idle)


async def test_a_film_that_waits_stands_at_its_first_frame_and_says_for_whom(house: House) -> None:
    anna, _ = await held_start(house)

    told = [m for m in anna.messages if m["type"] in ("timeline", "waiting")]
    boris = {"id": house.people["Boris"].user_id, "name": "Boris"}
    assert [m["type"] for m in told] == ["timeline", "waiting"]
    assert told[0]["timeline"]["revision"] == 1
    assert told[0]["next"] == {
        "revision": 2,
        "position": 0.0,
        "rate": 0.0,
        "instant": T0,
        "by": None,
        "reason": "waiting",
    }
    assert told[1] == {"type": "waiting", "for": [boris], "until": T0 + 15.0}
    await until(lambda: anna.of("notice")[-1]["kind"] == "paused")
    notice = anna.of("notice")[-1]
    assert (notice["by"], notice["name"], notice["reason"]) == (None, "", "waiting")
    assert (notice["position"], notice["revision"]) == (0.0, 2)


async def test_who_comes_while_the_room_waits_is_told_so_by_their_welcome(house: House) -> None:
    anna, _ = await held_start(house)
    await house.member("Clara")

    clara, _ = await house.enter("Clara")

    (welcome,) = clara.of("welcome")
    assert anna.of("welcome")[0]["waiting"] is None
    assert welcome["waiting"] == {k: anna.of("waiting")[0][k] for k in ("for", "until")}
    assert welcome["settings"]["waiting"] == "start"


async def test_the_last_ones_report_orders_the_film_to_begin_without_any_tick(house: House) -> None:
    await choose(house, "start")
    anna, conversation = await house.enter("Anna")
    say(conversation, type="report", state="waiting")
    await at(house, -0.9)
    await until(lambda: anna.of("waiting"))
    house.clock.now = T0 + 3.0

    say(conversation, type="report", state="ready")

    await until(lambda: len(anna.of("waiting")) == 2)
    assert anna.of("waiting")[-1] == {"type": "waiting", "for": [], "until": None}
    going = anna.of("timeline")[-1]["next"]
    assert (going["rate"], going["instant"], going["by"]) == (1.0, T0 + 3.5, None)
    await until(lambda: anna.of("notice")[-1]["kind"] == "played")
    assert anna.of("notice")[-1]["reason"] == "waiting"


async def test_a_second_before_the_start_does_not_wait_for_the_tick(house: House) -> None:
    await choose(house, "start")
    anna, conversation = await house.enter("Anna")
    say(conversation, type="report", state="waiting")
    await rest(house)
    await at(house, -1.3)
    await rest(house)
    assert not anna.of("waiting")

    house.clock.now = T0 - 1.0

    await until(lambda: anna.of("waiting"))


async def test_after_the_bound_the_film_begins_without_who_is_slow(house: House) -> None:
    anna, live = await held_start(house)

    await at(house, 14.9)
    await rest(house)
    assert live.room.wait
    await at(house, 15.0)
    await until(lambda: live.room.wait is None)

    assert live.room.chain.newest.instant == T0 + 15.5
    await until(lambda: anna.of("waiting")[-1]["for"] == [])


async def test_a_client_that_only_chats_is_not_waited_for(house: House) -> None:
    await choose(house, "always")
    await house.enter("Anna")

    live = await at(house, 5.0)
    await rest(house)

    assert live.room.chain.newest.revision == 1
    assert live.room.position(house.clock()) == 5.0


async def test_nobody_comes_and_the_film_begins_all_the_same(house: House) -> None:
    await choose(house, "start")
    _, conversation = await house.enter("Anna")
    say(conversation, type="report", state="waiting")
    await conversation.gone()

    live = await at(house, -0.5)
    await rest(house)

    assert live.room.chain.newest.revision == 1


async def test_who_goes_and_who_is_removed_are_waited_for_no_more(house: House) -> None:
    _, live = await held_start(house)
    clara = await house.member("Clara")
    _, conversation = await house.enter("Clara")
    say(conversation, type="report", state="waiting")
    await until(
        lambda: len(live.wait_monitor.waiting["for"]) == 2 if live.wait_monitor.waiting else False
    )

    await conversation.gone()
    await until(
        lambda: len(live.wait_monitor.waiting["for"]) == 1 if live.wait_monitor.waiting else False
    )
    boris = replace(house.people["Boris"], removed=True)
    house.registry.members_changed(house.show.id, [boris])
    await until(lambda: live.room.wait is None)

    assert clara.user_id not in live.reports.present()
    assert live.room.chain.newest.reason == "play"


async def test_of_two_pages_of_somebody_one_is_enough(house: House) -> None:
    await choose(house, "start")
    _, phone = await house.enter("Anna")
    _, laptop = await house.enter("Anna")
    say(phone, type="report", state="ready")
    say(laptop, type="report", state="waiting")

    live = await at(house, -0.5)
    await rest(house)
    assert live.room.wait is None
    await choose(house, "always")
    await at(house, 5.0)
    say(laptop, type="report", state="stalled")
    await phone.gone()
    await at(house, 6.0)
    await until(lambda: live.room.wait)


async def test_a_page_that_goes_makes_what_the_others_said_no_newer(house: House) -> None:
    await choose(house, "start")
    await house.member("Boris")
    _, anna = await house.enter("Anna")
    _, phone = await house.enter("Boris")
    _, laptop = await house.enter("Boris")
    say(anna, type="report", state="waiting")
    for page in (phone, laptop):
        say(page, type="report", state="ready")
    live = await at(house, -0.5)
    await until(lambda: live.room.wait)
    await live.command(house.people["Anna"].user_id, Seek(30.0), None)
    house.clock.advance(1.0)

    say(anna, type="report", state="ready")
    await phone.gone()
    await rest(house)
    assert live.room.wait
    say(laptop, type="report", state="ready")

    await until(lambda: live.room.wait is None)


async def test_a_stall_stops_the_film_and_five_seconds_ready_let_it_go_on(house: House) -> None:
    await choose(house, "always")
    anna, conversation = await house.enter("Anna")
    say(conversation, type="report", state="ready", buffered=20.0)
    await at(house, 10.0)
    say(conversation, type="report", state="stalled", buffered=0.0)
    await rest(house)

    live = await at(house, 11.0)
    await until(lambda: anna.of("waiting"))
    stops = live.room.chain.newest
    assert stops.position == pytest.approx(11.15)
    assert stops.instant == T0 + 11.15
    house.clock.advance(2.0)
    say(conversation, type="report", state="paused", buffered=5.0)

    await until(lambda: live.room.wait is None)
    assert live.room.chain.newest.position == stops.position
    assert live.room.chain.newest.instant == T0 + 13.5


async def test_go_on_and_pause_and_seek_are_ordinary_orders(house: House) -> None:
    _, live = await held_start(house)
    anna = house.people["Anna"].user_id

    sought = await live.command(anna, Seek(30.0), None)
    assert live.room.wait
    paused = await live.command(anna, Pause(), None)
    await until(lambda: live.wait_monitor.waiting is None)
    played = await live.command(anna, Play(), None)
    await rest(house)

    assert [t.reason for t in (sought, paused, played)] == ["seek", "pause", "play"]
    assert [t.by for t in (sought, paused, played)] == [anna] * 3
    assert live.room.chain.newest == played


async def test_another_policy_lets_the_room_go_on_at_once(house: House) -> None:
    anna, live = await held_start(house)

    await choose(house, "never")

    await until(lambda: live.room.wait is None)
    await until(lambda: anna.of("waiting")[-1]["for"] == [])


async def test_what_cannot_be_kept_has_not_happened_and_is_tried_again(
    house: House, store: FailingStore, caplog: pytest.LogCaptureFixture
) -> None:
    await choose(house, "start")
    anna, conversation = await house.enter("Anna")
    say(conversation, type="report", state="waiting")
    await rest(house)
    store.full = True
    live = await at(house, -0.9)
    await until(lambda: "could not wait" in caplog.text)
    assert not anna.of("waiting")
    assert not anna.of("timeline")
    assert live.wait_monitor.waiting is None

    store.full = False
    house.clock.advance(0.3)
    await until(lambda: anna.of("waiting"))
    store.full = True
    house.clock.now = T0 + 20.0
    await house.registry.tick()
    await rest(house)
    assert live.room.wait
    store.full = False
    house.clock.advance(0.3)
    await until(lambda: live.room.wait is None)

    assert len(caplog.records) == 2


async def test_a_fault_does_not_end_the_care_of_a_room_that_stands(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    _, live = await held_start(house)
    keep = live.move

    async def fail(*_: object) -> None:
        raise RuntimeError("broken")

    object.__setattr__(live, "move", fail)
    await at(house, 15.0)
    await until(lambda: "could not wait or go on" in caplog.text)
    object.__setattr__(live, "move", keep)
    house.clock.advance(0.3)

    await until(lambda: live.room.wait is None)


async def test_a_flood_of_reports_costs_a_few_messages(house: House) -> None:
    anna, _ = await held_start(house)
    await house.member("Clara")
    _, conversation = await house.enter("Clara")
    anna.messages.clear()
    loop = asyncio.get_running_loop()
    begun = loop.time()

    for _ in range(200):
        say(conversation, type="report", state="waiting")
        say(conversation, type="report", state="ready")
        await asyncio.sleep(0)
    await rest(house)

    assert len(anna.of("waiting")) <= 2 + (loop.time() - begun) / MIN_SPACING_S


async def test_after_a_kill_people_who_come_back_are_waited_for_within_the_same_bound(
    house: House,
) -> None:
    await held_start(house)
    again = with_a_new_registry(house)
    house.clock.now = T0 + 2.0

    anna, conversation = await again.enter("Anna")
    say(conversation, type="report", state="waiting")
    await until(lambda: anna.of("waiting"))

    assert anna.of("welcome")[0]["timeline"]["reason"] == "waiting"
    assert anna.of("waiting")[0]["until"] == T0 + 15.0
    live = await at(again, 15.0)
    await until(lambda: live.room.wait is None)
    await again.registry.stop()


async def test_after_a_kill_the_film_goes_on_when_all_are_back_and_ready(house: House) -> None:
    await held_start(house)
    again = with_a_new_registry(house)
    house.clock.now = T0 + 2.0
    anna, conversation = await again.enter("Anna")
    _, boris = await again.enter("Boris")
    live = await again.live_session()

    say(conversation, type="report", state="ready")
    await rest(again)
    assert live.room.wait
    say(boris, type="report", state="ready")
    await until(lambda: live.room.wait is None)

    assert live.room.chain.newest.instant == T0 + 2.5
    assert not anna.of("waiting")
    await again.registry.stop()


async def test_after_a_kill_whoever_asks_where_the_film_stands_lets_it_go_on(house: House) -> None:
    await held_start(house)
    again = with_a_new_registry(house)
    house.clock.now = T0 + 3600.0

    _, timeline, _ = again.registry.timeline(await again.stored_session())
    assert timeline.reason == "waiting"
    await until(lambda: again.registry.find_open(again.show.id))
    live = await at(again, 3600.0)
    await until(lambda: live.room.wait is None)

    assert live.room.chain.newest.instant == T0 + 3600.5
    await again.registry.stop()


@pytest.mark.parametrize("seeks", [1, 33])
async def test_after_a_kill_a_place_sought_while_waiting_is_waited_at(
    house: House, seeks: int
) -> None:
    _, live = await held_start(house)
    for place in range(seeks):
        await live.command(house.people["Anna"].user_id, Seek(float(place)), None)
    again = with_a_new_registry(house)

    found = await again.live_session()

    assert found.room.wait == live.room.wait
    await again.registry.stop()


async def test_a_show_that_stands_is_not_let_go_of(house: House, store: FailingStore) -> None:
    _, live = await held_start(house)
    store.full = True
    (show,) = house.registry.open_shows()
    for link in (*show.audience.live,):
        for name in ("Anna", "Boris"):
            show.leave(house.people[name].user_id, link)
    for _ in range(3):
        house.clock.advance(31.0)
        await house.registry.tick()
    assert house.registry.open_shows() == [show]

    store.full = False
    house.clock.advance(1.0)
    await house.registry.tick()
    await until(lambda: live.room.wait is None)
    house.clock.advance(31.0)
    await house.registry.tick()
    assert house.registry.open_shows() == []


def with_a_new_registry(house: House) -> House:
    """Return the same house after its server died and came back."""
    for live in house.registry.open_shows():
        live.close()
    registry = Registry(house.store, house.clock)
    return replace(house, registry=registry, chat=type(house.chat)(registry, house.clock))


def test_many_words_at_one_moment_end_nobodys_link_on_the_loop_that_serves(tmp_path: Path) -> None:
    async def evening() -> None:
        store = FailingStore(tmp_path / "data")
        await store.open()
        house = await House.build(store, Clock())
        await held_start(house)
        clara = await house.member("Clara")
        link, conversation = await house.enter("Clara")
        await rest(house)
        await asyncio.sleep(2 * MIN_SPACING_S)

        for state in ("waiting", "ready", "stalled", "waiting"):
            say(conversation, type="report", state=state)
        await conversation.gone()

        assert not link.of("goodbye")
        live = await house.live_session()
        assert live.live_show.roster.presence(clara.user_id).state == "away"
        await house.registry.stop()
        await store.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(evening())
