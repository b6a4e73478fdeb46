"""Fan-out in rounds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.rooms import FakeLink, until
from sessions.live.fanout import Audience, Batch, Link
from sessions.server_messages import ServerMessage


def watch(audience: Audience, *links: Link, session_id: str = "film") -> None:
    """Let ``links`` hear everything of a session."""
    for link in links:
        audience.enter(link, session_id)
        audience.go_live(link)


def message(reason: str) -> ServerMessage:
    """Return some message."""
    return {"type": "goodbye", "code": 1000, "reason": reason}


async def test_texts_of_one_moment_travel_together() -> None:
    audience, link = Audience(), FakeLink()
    watch(audience, link)

    for number in range(5):
        audience.publish(message(str(number)), logged=True)
    assert not link.messages
    await until(lambda: link.messages)

    assert [told["reason"] for told in link.messages] == ["0", "1", "2", "3", "4"]
    assert link.rounds == [5]


async def test_an_urgent_text_takes_along_what_waits() -> None:
    audience, link = Audience(), FakeLink()
    watch(audience, link)

    audience.publish(message("slow"), logged=True)
    audience.publish(message("fast"), urgent=True)

    assert [told["reason"] for told in link.messages] == ["slow", "fast"]
    assert link.rounds == [2]


async def test_who_is_catching_up_gets_everything_but_the_log() -> None:
    audience, link = Audience(), FakeLink()
    audience.enter(link, "film")

    audience.publish(message("of the log"), logged=True)
    audience.publish(message("not of the log"))
    audience.settle()

    assert [told["reason"] for told in link.messages] == ["not of the log"]


async def test_a_link_that_goes_in_the_midst_of_a_round_harms_nobody() -> None:
    audience, stays = Audience(), FakeLink()

    class Goes(FakeLink):
        def offer(self, _batch: Batch) -> None:
            audience.discard(self)

    watch(audience, Goes(), stays, Goes())

    audience.publish(message("x"), urgent=True)

    assert audience.live == {stays}
    assert len(stays.messages) == 1


async def test_a_link_that_raises_ends_alone(caplog: pytest.LogCaptureFixture) -> None:
    audience, stays = Audience(), FakeLink()

    class Broken(FakeLink):
        def offer(self, _batch: Batch) -> None:
            raise RuntimeError("a channel in a bad state")

    broken = Broken()
    watch(audience, broken, stays)

    audience.publish(message("x"), urgent=True)

    assert audience.live == {stays}
    assert len(stays.messages) == 1
    assert broken.closed == (1011, "unexpected")
    assert audience.failed == 1
    assert "a channel in a bad state" in caplog.text


def test_the_bytes_of_a_batch_are_made_once_for_all_links() -> None:
    made: list[Sequence[bytes]] = []

    def frame(payloads: Sequence[bytes]) -> bytes:
        made.append(payloads)
        return b"".join(payloads)

    batch = Batch(["\u044f", "b"])

    assert batch.wire(frame) is batch.wire(frame)
    assert batch.size == 3
    assert made == [["\u044f".encode(), b"b"]]
