"""The queue in front of any carrier: its bound, what wakes it, and how a link ends."""

from __future__ import annotations

import asyncio
import logging

import pytest

from harness.rooms import until
from sessions.live.fanout import Batch
from sessions.live.outgoing_queue import MAX_BYTES, MAX_MESSAGES, OutgoingCounts, OutgoingQueue


class Channel:
    """A carrier that takes a batch at a time, and the next one when it is told to."""

    transport = "webrtc"

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.unsent = 0
        self.farewell: tuple[int, str, list[str]] | None = None
        self.aborted = False
        self.broken = False
        self._room = asyncio.Event()
        self._room.set()
        self._closed = asyncio.Event()

    @property
    def writable(self) -> bool:
        return self._room.is_set()

    def send(self, batch: Batch) -> None:
        if self.broken:
            raise RuntimeError("a channel in a bad state")
        self.sent.extend(batch.texts)
        self.unsent += batch.size
        self._room.clear()

    async def drain(self) -> None:
        await self._room.wait()

    def take(self, size: int | None = None) -> None:
        """Let the peer read ``size`` bytes; None: all."""
        self.unsent -= self.unsent if size is None else size
        if not self.unsent:
            self._room.set()

    async def close(self, code: int, reason: str, last: Batch | None) -> None:
        if self.broken:
            raise RuntimeError("a channel in a bad state")
        self.farewell = code, reason, list(last.texts) if last else []
        await self._closed.wait()

    def abort(self) -> None:
        self.aborted = True

    def answer(self) -> None:
        """Let the peer close too."""
        self._closed.set()


async def queue_over(channel: Channel, farewell: float = 60.0) -> OutgoingQueue:
    return OutgoingQueue(channel, OutgoingCounts(), stuck_after=0.01, farewell=farewell)


async def test_what_does_not_fit_is_sent_when_the_carrier_says_so() -> None:
    channel = Channel()
    link = await queue_over(channel)

    for text in ("one", "two", "three"):
        link.offer(Batch([text]))
    assert channel.sent == ["one"]
    channel.take()
    await until(lambda: len(channel.sent) == 2)
    channel.take()
    await until(lambda: len(channel.sent) == 3)
    channel.take()
    link.offer(Batch(["four"]))

    assert channel.sent == ["one", "two", "three", "four"]
    assert link.transport == "webrtc"


@pytest.mark.parametrize(
    ("texts", "missed"),
    [(["x"] * (MAX_MESSAGES + 1), MAX_MESSAGES + 1), (["x" * (MAX_BYTES + 1)], 1)],
)
async def test_a_reader_behind_the_bound_is_told_and_counted(
    texts: list[str], missed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    channel, counts = Channel(), OutgoingCounts()
    link = OutgoingQueue(channel, counts)
    link.offer(Batch(["taken"]))

    for text in texts:
        assert channel.farewell is None
        link.offer(Batch([text]))
    link.offer(Batch(["after"]))
    channel.answer()
    await link.closed()

    last = '{"type":"goodbye","code":4408,"reason":"too_slow"}'
    assert channel.farewell == (4408, "too_slow", [last])
    assert channel.sent == ["taken"]
    assert (counts.too_slow, counts.dropped) == (1, missed)
    assert f"with {missed} messages waiting" in caplog.text


async def test_a_reader_at_the_bound_stays() -> None:
    channel = Channel()
    link = await queue_over(channel)
    link.offer(Batch(["taken"]))

    for _ in range(MAX_MESSAGES):
        link.offer(Batch(["x"]))

    assert channel.farewell is None
    link.close(1000, "done")


async def test_a_peer_that_does_not_close_is_cut_off() -> None:
    channel = Channel()
    link = await queue_over(channel, farewell=0.01)

    link.close(4403, "removed", "last")
    link.close(1001, "again")
    await link.closed()

    assert channel.farewell == (4403, "removed", ["last"])
    assert channel.aborted


async def test_a_peer_that_closes_is_not_cut_off() -> None:
    channel = Channel()
    link = await queue_over(channel)

    link.close(1001, "server_stops")
    channel.answer()
    await link.closed()

    assert not channel.aborted
    assert not await link.drained()


async def test_a_replay_waits_as_long_as_its_reader_takes_something() -> None:
    channel = Channel()
    link = await queue_over(channel)
    link.write(Batch(["x" * 10]))
    draining = asyncio.create_task(link.drained())

    for _ in range(9):
        await asyncio.sleep(0)
        channel.take(1)
    assert not draining.done()
    channel.take(1)

    assert await draining
    link.write(Batch(["x" * 10]))
    assert not await link.drained()


async def test_a_carrier_that_raises_ends_its_link_alone(caplog: pytest.LogCaptureFixture) -> None:
    channel = Channel()
    link = await queue_over(channel)
    link.offer(Batch(["one"]))
    link.offer(Batch(["two"]))

    channel.broken = True
    channel.take()
    await until(lambda: channel.aborted)
    await link.closed()

    assert not await link.drained()
    assert caplog.text.count("RuntimeError: a channel in a bad state") == 2
