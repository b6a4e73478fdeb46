"""What the host sees of everybody's step, and what the room is told when the film is over."""

from __future__ import annotations

import pytest

from harness.rooms import T0, House, say, until
from sessions.live.conversation import Conversation
from sessions.live.step_report import MAX_ROWS, sync_record
from sessions.record_types import SyncRecord


async def seen(house: House) -> SyncRecord:
    return sync_record(house.registry.find_session(house.session), house.clock())


async def watch(house: House, *seats: tuple[Conversation, float], seconds: int = 10) -> None:
    """Let pictures play on for ``seconds``, each off by as much as it is given with."""
    for _ in range(seconds):
        house.clock.advance(1.0)
        for conversation, error in seats:
            say(conversation, type="report", state="playing", error=error, revision=1)


async def test_of_a_show_that_is_not_open_nothing_is_known(house: House) -> None:
    assert await seen(house) == {
        "viewers": 0,
        "in_step": 0,
        "error": {"p50": None, "p95": None, "max": None},
        "p50": None,
        "p95": None,
        "samples": 0,
        "rows": [],
    }


async def test_a_row_tells_what_the_page_said_last_and_how_it_went(house: House) -> None:
    _, anna = await house.enter("Anna")
    house.clock.now = T0 + 10.0
    await watch(house, (anna, -0.01))
    house.clock.advance(2.0)

    say(
        anna,
        type="report",
        state="playing",
        revision=1,
        error=-0.00123456,
        clock_error=0.012,
        delay=0.05,
        buffered=12.0,
        seek_cost=0.35,
        start_latency=0.07,
        dropped=3,
    )

    (row,) = (await seen(house))["rows"]
    assert row["p50"] == pytest.approx(0.01, rel=0.03)
    assert row["p95"] == pytest.approx(0.01, rel=0.03)
    assert {name: value for name, value in row.items() if name not in ("p50", "p95")} == {
        "user": {"id": house.people["Anna"].user_id, "name": "Anna"},
        "state": "playing",
        "error": -0.0012,
        "bound": 0.012,
        "delay": 0.05,
        "buffered": 12.0,
        "seek_cost": 0.35,
        "start_latency": 0.07,
        "dropped": 3,
        "transport": "websocket",
        "reported_at": T0 + 22.0,
        "samples": 11,
    }


async def test_who_is_there_and_says_nothing_has_a_row_and_is_no_viewer(house: House) -> None:
    await house.enter("Anna")

    told = await seen(house)

    assert (told["viewers"], told["rows"][0]["state"]) == (0, "waiting")
    assert (told["rows"][0]["error"], told["rows"][0]["reported_at"]) == (None, None)


async def test_in_step_are_those_within_a_frame_or_paused(house: House) -> None:
    seats = []
    for name in ("Boris", "Vera", "Gleb"):
        await house.member(name)
        seats.append((await house.enter(name))[1])
    house.clock.now = T0 + 10.0

    await watch(house, (seats[0], 0.03), (seats[1], -0.2), seconds=1)
    say(seats[2], type="report", state="paused", revision=1)

    told = await seen(house)
    assert (told["viewers"], told["in_step"]) == (3, 2)
    assert told["error"] == {"p50": 0.03, "p95": 0.2, "max": 0.2}
    house.clock.advance(61.0)
    told = await seen(house)
    assert (told["viewers"], told["in_step"]) == (0, 0)
    assert told["error"] == {"p50": None, "p95": None, "max": None}


async def test_who_left_keeps_their_row_until_they_are_removed(house: House) -> None:
    boris = await house.member("Boris")
    await house.enter("Anna")
    _, conversation = await house.enter("Boris")
    house.clock.now = T0 + 10.0
    await watch(house, (conversation, 0.01))
    await conversation.gone()

    rows = (await seen(house))["rows"]

    assert [(row["user"]["name"], row["state"]) for row in rows] == [
        ("Anna", "waiting"),
        ("Boris", "away"),
    ]
    assert (rows[1]["samples"], rows[1]["error"], rows[1]["reported_at"]) == (10, None, None)
    live = await house.registry.live_show(house.show.id)
    del live.members[boris.user_id]
    assert len((await seen(house))["rows"]) == 1


async def test_there_are_no_more_rows_than_can_be_read(house: House) -> None:
    live = await house.registry.live_show(house.show.id)
    for n in range(MAX_ROWS + 5):
        member = await house.member(f"guest {n}")
        live.enter(member.user_id, (await house.enter("Anna"))[0], house.session.id)

    assert len((await seen(house))["rows"]) == MAX_ROWS


async def test_one_who_reports_nonsense_changes_nobody_elses_row(house: House) -> None:
    await house.member("Eve")
    _, anna = await house.enter("Anna")
    eve_link, eve = await house.enter("Eve")
    house.clock.now = T0 + 10.0
    await watch(house, (anna, 0.01), seconds=5)
    before = (await seen(house))["rows"][0]

    errors: tuple[object, ...] = (1e308, -1e308, 11.0, 0.0, "1", None, [], True, 1e999, 9.9)
    for error in errors:
        house.clock.advance(1.0)
        say(eve, type="report", state="playing", error=error, revision=10**30, dropped=10**400)
        say(eve, type="report", state="playing", error=error, dropped=10**400, delay=1e308)

    told = await seen(house)
    assert told["rows"][0] == before
    assert told["rows"][1]["dropped"] is None
    assert told["p50"] == pytest.approx(0.01, rel=0.03)
    assert eve_link.closed is None
    assert (await house.live_session()).room.chain.newest.revision == 1


async def test_the_room_is_told_once_how_it_went_when_the_film_is_over(house: House) -> None:
    await house.member("Boris")
    anna_link, anna = await house.enter("Anna")
    _, boris = await house.enter("Boris")
    assert anna_link.of("welcome")[0]["summary"] is None
    house.clock.now = T0 + 10.0
    await watch(house, (anna, 0.005), (boris, -0.005))
    await house.registry.tick()

    house.clock.now = T0 + house.session.duration + 1.0
    await house.registry.tick()
    await house.registry.tick()

    await until(lambda: anna_link.of("summary"))
    (summary,) = anna_link.of("summary")
    assert summary["viewers"] == 2
    assert summary["p50"] == summary["p95"] == pytest.approx(0.005, rel=0.03)
    again, _ = await house.enter("Anna")
    assert again.of("welcome")[0]["summary"] == {
        name: summary[name] for name in ("p50", "p95", "viewers")
    }


async def test_a_film_that_is_played_once_more_ends_once_more(house: House) -> None:
    anna_link, anna = await house.enter("Anna")
    house.clock.now = T0 + 10.0
    await watch(house, (anna, 0.005))
    house.clock.now = T0 + house.session.duration + 1.0
    await house.registry.tick()

    say(anna, type="command", ref=1, action="seek", position=100.0)
    await until(lambda: anna_link.of("accepted"))
    house.clock.advance(2.0)
    await house.registry.tick()
    house.clock.advance(100.0)
    await house.registry.tick()

    await until(lambda: len(anna_link.of("summary")) == 2)


async def test_all_errors_are_counted_in_one_place(house: House) -> None:
    _, anna = await house.enter("Anna")
    house.clock.now = T0 + 10.0

    await watch(house, (anna, 0.03), seconds=4)

    counts = house.registry.counts.errors.cumulative()
    assert dict(counts)["0.02"] == 0
    assert dict(counts)["0.04"] == dict(counts)["+Inf"] == 4
