"""A data channel as the carrier of a link."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import cast

import pytest
from aiortc import RTCDataChannel
from aiortc.exceptions import InvalidStateError

from sessions.live.fanout import Batch
from sessions.live.outgoing_queue import OutgoingCounts, OutgoingQueue
from streamer.webrtc.channel import MAX_EARLY, WRITE_THROUGH, DataChannelCarrier


class FakeChannel:
    """A channel whose peer reads when it is told to."""

    def __init__(self) -> None:
        self.readyState = "open"
        self.bufferedAmount = 0
        self.bufferedAmountLowThreshold = 0
        self.sent: list[str] = []
        self._handlers: dict[str, Callable[..., object]] = {}

    def on(self, event: str, handler: Callable[..., object]) -> None:
        self._handlers[event] = handler

    def emit(self, event: str, *values: object) -> None:
        self._handlers[event](*values)

    def send(self, text: str) -> None:
        if self.readyState != "open":
            raise InvalidStateError
        self.sent.append(text)
        self.bufferedAmount += len(text)

    def read(self) -> None:
        self.bufferedAmount = 0
        self.emit("bufferedamountlow")

    def close(self) -> None:
        self.readyState = "closing"

    def peer_closes(self) -> None:
        self.readyState = "closed"
        self.emit("close")


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def carrier(channel: FakeChannel) -> DataChannelCarrier:
    return DataChannelCarrier(cast("RTCDataChannel", channel))


@pytest.fixture
async def queue(carrier: DataChannelCarrier) -> AsyncIterator[OutgoingQueue]:
    queue = OutgoingQueue(carrier, OutgoingCounts(), farewell=0.05)
    yield queue
    queue.close(1001, "test")
    await queue.closed()


def test_each_text_is_a_message(channel: FakeChannel, carrier: DataChannelCarrier) -> None:
    carrier.send(Batch(["a", "b"]))

    assert channel.sent == ["a", "b"]
    assert carrier.transport == "webrtc"


async def test_what_the_peer_does_not_read_waits(
    channel: FakeChannel, carrier: DataChannelCarrier, queue: OutgoingQueue
) -> None:
    queue.offer(Batch(["x" * WRITE_THROUGH]))
    queue.offer(Batch(["later"]))
    assert not carrier.writable
    await asyncio.sleep(0)
    assert channel.sent == ["x" * WRITE_THROUGH]

    channel.read()
    await asyncio.sleep(0.01)

    assert channel.sent[1:] == ["later"]


async def test_a_goodbye_is_sent_before_the_channel_closes(
    channel: FakeChannel, queue: OutgoingQueue
) -> None:
    queue.close(4403, "removed", "goodbye")
    await asyncio.sleep(0)

    assert channel.sent == ["goodbye"]
    assert channel.readyState == "closing"
    channel.peer_closes()
    await queue.closed()


async def test_the_stream_waits_for_the_last_words(
    channel: FakeChannel, carrier: DataChannelCarrier, queue: OutgoingQueue
) -> None:
    await carrier.last_said()
    queue.close(4403, "removed", "goodbye")
    await asyncio.sleep(0)
    waiting = asyncio.create_task(carrier.last_said())
    await asyncio.sleep(0)
    assert not waiting.done()

    channel.peer_closes()

    await asyncio.wait_for(waiting, 1.0)


async def test_a_peer_that_never_closes_is_not_waited_for(
    channel: FakeChannel, queue: OutgoingQueue
) -> None:
    queue.close(1001, "server_stops", "goodbye")

    await asyncio.wait_for(queue.closed(), 1.0)

    assert channel.sent == ["goodbye"]


async def test_nothing_is_sent_to_a_peer_that_is_gone(
    channel: FakeChannel, carrier: DataChannelCarrier
) -> None:
    channel.bufferedAmount = 2 * WRITE_THROUGH
    draining = asyncio.create_task(carrier.drain())
    await asyncio.sleep(0)

    channel.peer_closes()
    await asyncio.wait_for(draining, 1.0)
    carrier.send(Batch(["a"]))

    assert channel.sent == []
    assert carrier.writable


def test_what_comes_before_anybody_listens_is_kept(
    channel: FakeChannel, carrier: DataChannelCarrier
) -> None:
    for n in range(MAX_EARLY + 5):
        channel.emit("message", str(n))
    heard: list[str | bytes] = []

    carrier.listen(heard.append)
    channel.emit("message", "now")

    assert heard == [*(str(n) for n in range(MAX_EARLY)), "now"]
