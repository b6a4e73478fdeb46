"""Many links are closed at once: one that cannot be closed keeps no other open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.rooms import FakeLink, House, say, until
from sessions.live.listener import Listener
from sessions.live.person_links import MAX_LINKS


class Stuck(FakeLink):
    """A link whose carrier raises when it is closed."""

    def close(self, _code: int, _reason: str, _last: str | None = None) -> None:
        raise RuntimeError("a channel in a bad state")


async def enter(house: House, name: str) -> Stuck:
    """Let somebody in by a link that cannot be closed."""
    link = Stuck()
    say(house.conversation(link, name), type="hello", protocol=1)
    live = await house.registry.live_show(house.show.id)
    await until(lambda: link in live.audience.live)
    return link


async def test_a_goodbye_reaches_all_though_one_link_fails(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    others = [(await house.enter("Anna"))[0]]
    for _ in range(3):
        await enter(house, "Anna")
        others.append((await house.enter("Anna"))[0])

    house.registry.show_deleted(house.show.id)

    assert [link.closed for link in others] == [(4410, "deleted")] * 4
    assert house.registry.find_open(house.show.id) is None
    assert "a channel in a bad state" in caplog.text


async def test_a_removal_is_whole_though_one_link_fails(house: House) -> None:
    await house.enter("Anna")
    boris = await house.member("Boris")
    await enter(house, "Boris")
    last, _ = await house.enter("Boris")
    live = await house.registry.live_show(house.show.id)
    changes: list[bool] = []

    class Listens(Listener):
        def changed(self) -> None:
            changes.append(True)

    live.listeners.append(Listens())
    house.registry.members_changed(house.show.id, [replace(boris, removed=True)])

    assert last.closed == (4403, "removed")
    assert changes, "the listeners hear of it after the links"


async def test_somebody_comes_in_though_their_oldest_link_fails(house: House) -> None:
    await enter(house, "Anna")

    links = [(await house.enter("Anna"))[0] for _ in range(MAX_LINKS)]

    assert not any(link.closed for link in links)
