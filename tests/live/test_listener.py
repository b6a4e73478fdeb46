"""Who registers with an open show hears what happens in it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from harness.rooms import House, say, until
from sessions.live.listener import Listener


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
