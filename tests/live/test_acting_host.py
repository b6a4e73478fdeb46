"""The acting host of a room: chosen after a minute, told to all, and no host in anything else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.rooms import T0, House, until
from sessions.core.acting import ACTS_AFTER_S
from sessions.core.commands import Pause, Play
from sessions.core.errors import NotAllowed, UnknownShow
from sessions.live.live_show import LiveShow
from sessions.live.registry import Registry
from sessions.services.locks import Locks
from sessions.services.members import Members


async def minute(house: House) -> LiveShow:
    """Let a minute go by in a room that is ticked once a second, and then some."""
    for _ in range(int(ACTS_AFTER_S) + 2):
        house.clock.advance(1.0)
        await house.registry.tick()
    return await house.registry.live_show(house.show.id)


def acting(live: LiveShow) -> str | None:
    return live.acting.user_id


async def command(house: House, user_id: str) -> None:
    await house.registry.command(house.session, user_id, Pause(), None)
    await house.registry.command(house.session, user_id, Play(), None)


async def test_after_a_minute_without_host_the_longest_present_commands(house: House) -> None:
    boris, vera = await house.member("Boris"), await house.member("Vera")
    house.clock.now = T0 + 1.0
    seen, _ = await house.enter("Vera")
    house.clock.advance(1.0)
    await house.enter("Boris")
    with pytest.raises(NotAllowed):
        await command(house, vera.user_id)

    live = await minute(house)

    assert acting(live) == vera.user_id
    (notice,) = [n for n in seen.of("notice") if n["kind"] == "acting"]
    assert notice["user"] == {"id": vera.user_id, "name": "Vera"}
    assert (notice["by"], "reason" in notice) == (None, False)
    assert seen.of("show")[-1]["acting"] == vera.user_id
    may = seen.of("rights")[-1]["may"]
    assert [right for right, has in may.items() if has] == ["command"]
    await command(house, vera.user_id)
    with pytest.raises(NotAllowed):
        await command(house, boris.user_id)
    late, _ = await house.enter("Boris")
    assert late.of("welcome")[0]["settings"]["acting"] == vera.user_id


async def test_a_host_who_is_back_has_the_film_again(house: House) -> None:
    vera = await house.member("Vera")
    house.clock.now = T0 + 1.0
    seen, _ = await house.enter("Vera")
    live = await minute(house)
    assert acting(live) == vera.user_id

    await house.enter("Anna")
    house.clock.advance(1.0)
    await house.registry.tick()

    assert acting(live) is None
    await until(lambda: len([n for n in seen.of("notice") if n["kind"] == "acting"]) == 2)
    assert "user" not in seen.of("notice")[-1]
    await until(lambda: not seen.of("rights")[-1]["may"]["command"])
    with pytest.raises(NotAllowed):
        await command(house, vera.user_id)


async def test_the_acting_host_may_not_do_what_else_a_host_may(house: House) -> None:
    boris, vera = await house.member("Boris"), await house.member("Vera")
    house.clock.now = T0 + 1.0
    await house.enter("Vera")
    await minute(house)

    people = Members(house.store, house.registry, Locks())
    with pytest.raises(NotAllowed):
        await people.change(house.show.id, vera.user_id, boris.user_id, "moderator", None)
    with pytest.raises(NotAllowed):
        await people.remove(house.show.id, vera.user_id, boris.user_id)


async def test_an_acting_host_who_is_removed_commands_no_more(house: House) -> None:
    vera = await house.member("Vera")
    house.clock.now = T0 + 1.0
    await house.enter("Vera")
    live = await minute(house)

    house.registry.members_changed(house.show.id, [replace(vera, removed=True)])

    with pytest.raises(UnknownShow):
        await command(house, vera.user_id)
    assert acting(live) == vera.user_id
    await minute(house)
    assert acting(live) is None


async def test_an_open_control_ends_the_acting(house: House) -> None:
    vera = await house.member("Vera")
    house.clock.now = T0 + 1.0
    await house.enter("Vera")
    live = await minute(house)
    assert acting(live) == vera.user_id

    house.registry.show_changed(replace(house.show, control="everyone"))
    await house.registry.tick()

    assert acting(live) is None
    await command(house, vera.user_id)


async def test_before_the_film_nobody_acts(house: House) -> None:
    await house.member("Vera")
    house.clock.now = T0 - 3600.0
    await house.enter("Vera")

    live = await minute(house)

    assert acting(live) is None


async def test_a_restarted_server_knows_who_acts(house: House) -> None:
    vera = await house.member("Vera")
    house.clock.now = T0 + 1.0
    await house.enter("Vera")
    await minute(house)

    again = Registry(house.store, house.clock)
    live = await again.live_show(house.show.id)

    assert acting(live) == vera.user_id
