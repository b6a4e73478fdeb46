"""Who registers with an open show hears what happens in it."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from harness.rooms import House, say, until
from sessions.live.listener import Listener
from sessions.live.live_show import LINGER_S


class Diary(Listener):
    """A listener that keeps what it hears."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def moved(self, entry: object, made: object, before: object) -> None:
        self.lines.append("moved")

    def said(self, entry: object) -> None:
        self.lines.append("said")

    def entered(self, user_id: str, link: object) -> None:
        self.lines.append("entered")

    def left(self, user_id: str, link: object) -> None:
        self.lines.append("left")

    def reported(self, user_id: str, link: object, report: object) -> None:
        self.lines.append("reported")

    def changed(self) -> None:
        self.lines.append("changed")

    def removed(self, user_id: str) -> None:
        self.lines.append("removed")

    def closed(self) -> None:
        self.lines.append("closed")


class Broken(Listener):
    """A listener that cannot bear chat."""

    def said(self, entry: object) -> None:
        raise RuntimeError("broken")


async def test_a_listener_hears_what_happens_though_another_fails(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    live = await house.registry.live_show(house.show.id)
    diary = Diary()
    live.listeners.extend([Broken(), diary])
    link, conversation = await house.enter("Anna")

    say(conversation, type="report", state="ready")
    say(conversation, type="say", ref=1, id=str(uuid4()), text="hello")
    await until(lambda: link.of("message"))
    say(conversation, type="command", ref=2, action="pause")
    await until(lambda: link.of("timeline"))
    house.registry.show_changed(house.show)
    await house.member("Boris")
    await conversation.gone()

    told = ["entered", "reported", "said", "moved", "changed", "changed", "left"]
    assert diary.lines == told
    assert "a listener" in caplog.text


async def test_a_listener_hears_of_a_removal_and_of_the_end_once(house: House) -> None:
    boris = await house.member("Boris")
    _, conversation = await house.enter("Boris")
    live = await house.registry.live_show(house.show.id)
    of_show, of_session = Diary(), Diary()
    live.listeners.append(of_show)
    live.session(house.session.id).listeners.append(of_session)

    house.registry.members_changed(house.show.id, [replace(boris, removed=True)])
    await conversation.gone()
    house.registry.show_deleted(house.show.id)
    live.close()

    assert of_show.lines == of_session.lines == ["removed", "changed", "left", "closed"]


async def test_a_show_that_nobody_watches_tells_its_listeners_when_it_closes(house: House) -> None:
    live = await house.registry.live_show(house.show.id)
    diary = Diary()
    live.listeners.append(diary)
    house.clock.advance(LINGER_S + 1.0)

    await house.registry.tick()

    assert diary.lines == ["closed"]


async def test_a_show_that_is_held_stays_open_though_nobody_is_there(house: House) -> None:
    live = await house.registry.live_show(house.show.id)
    with live.hold(), live.hold():
        house.clock.advance(LINGER_S + 1.0)
        await house.registry.tick()
        assert house.registry.find_open(house.show.id) is live

    await house.registry.tick()
    assert house.registry.find_open(house.show.id) is live, "it lingers as after the last link"
    house.clock.advance(LINGER_S + 1.0)
    await house.registry.tick()
    assert house.registry.find_open(house.show.id) is None
