"""A WebSocket as the carrier of a link: frames, and a reader that stops reading."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest
import uvloop
from aiohttp import web
from aiohttp.test_utils import TestServer

from harness.rooms import until
from sessions.live.fanout import Batch
from sessions.live.outgoing_queue import MAX_MESSAGES, OutgoingCounts, OutgoingQueue
from streamer.web.websocket_frames import close_frame, text_frames
from streamer.web.websocket_link import WRITE_THROUGH, WebSocketCarrier


@dataclass(slots=True)
class Side:
    """The server's side of one socket."""

    link: OutgoingQueue
    wire: asyncio.Transport
    counts: OutgoingCounts


@asynccontextmanager
async def linked() -> AsyncIterator[tuple[Side, aiohttp.ClientWebSocketResponse]]:
    sides: list[Side] = []

    async def handler(request: web.Request) -> web.WebSocketResponse:
        response = web.WebSocketResponse(compress=False, timeout=0.5, autoclose=False)
        await response.prepare(request)
        assert request.transport is not None
        counts = OutgoingCounts()
        carrier = WebSocketCarrier(response, request)
        link = OutgoingQueue(carrier, counts)
        sides.append(Side(link, request.transport, counts))
        async for _ in response:
            pass
        carrier.peer_closed()
        await link.closed()
        return response

    app = web.Application()
    app.router.add_get("/", handler)
    async with (
        TestServer(app) as server,
        aiohttp.ClientSession() as session,
        session.ws_connect(server.make_url("/"), autoclose=False, max_msg_size=1 << 24) as socket,
    ):
        await until(lambda: sides)
        yield sides[0], socket


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 200_000])
async def test_a_frame_of_any_size_arrives_as_it_was(size: int) -> None:
    async with linked() as (side, socket):
        side.link.offer(Batch(["x" * size, "end"]))

        assert (await socket.receive()).data == "x" * size
        assert (await socket.receive()).data == "end"


def test_text_is_counted_in_bytes_and_not_in_characters() -> None:
    assert text_frames(["я".encode()]) == b"\x81\x02\xd1\x8f"


def test_a_close_frame_carries_code_and_reason() -> None:
    assert close_frame(4408, "too_slow") == b"\x88\x0a\x11\x38too_slow"


async def test_the_last_word_comes_before_the_close() -> None:
    async with linked() as (side, socket):
        side.link.offer(Batch(["before"]))
        side.link.close(4403, "removed", "last")
        side.link.offer(Batch(["after"]))

        assert (await socket.receive()).data == "before"
        assert (await socket.receive()).data == "last"
        closing = await socket.receive()
        assert (closing.type, closing.data, closing.extra) == (
            aiohttp.WSMsgType.CLOSE,
            4403,
            "removed",
        )


async def test_who_stops_reading_is_told_4408_behind_what_was_sent() -> None:
    async with linked() as (side, socket):
        connection = socket._response.connection  # the only way to stop a client's reading
        assert connection is not None
        assert connection.transport is not None
        connection.transport.pause_reading()
        sent = 0
        while not side.counts.too_slow:
            side.link.offer(Batch([f"{sent:06d}" + "x" * 2000]))
            sent += 1
            await asyncio.sleep(0)
            assert sent < 100_000

        connection.transport.resume_reading()
        read = [await socket.receive()]
        while read[-1].type is aiohttp.WSMsgType.TEXT:
            read.append(await socket.receive())

        *words, goodbye, closing = read
        assert [int(word.data[:6]) for word in words] == list(range(len(words)))
        assert goodbye.data == '{"type":"goodbye","code":4408,"reason":"too_slow"}'
        assert closing.data == 4408
        assert sent - len(words) == side.counts.dropped > MAX_MESSAGES


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_reader_that_only_paused_gets_everything_in_order(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def evening() -> None:
        async with linked() as (side, socket):
            connection = socket._response.connection
            assert connection is not None
            assert connection.transport is not None
            connection.transport.pause_reading()
            total = 0
            while side.wire.get_write_buffer_size() < WRITE_THROUGH and total < 10_000:
                side.link.offer(Batch([f"{total:06d}" + "x" * 2000]))
                total += 1
                await asyncio.sleep(0)
            for _ in range(MAX_MESSAGES // 2):
                side.link.offer(Batch([f"{total:06d}"]))
                total += 1

            connection.transport.resume_reading()
            words = [await socket.receive_str() for _ in range(total)]

            assert [int(word[:6]) for word in words] == list(range(total))
            assert not side.counts.too_slow

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(evening())


def test_what_is_said_to_who_is_gone_already_troubles_nobody_on_the_loop_that_serves() -> None:
    async def evening() -> None:
        failed: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, about: failed.append(about))
        async with linked() as (side, socket):
            connection = socket._response.connection
            assert connection is not None
            assert connection.transport is not None
            connection.transport.pause_reading()
            while side.wire.get_write_buffer_size() < WRITE_THROUGH:
                side.link.offer(Batch(["x" * 20_000]))
                await asyncio.sleep(0)
            side.link.offer(Batch(["queued"]))
            side.wire.abort()
            await until(side.wire.is_closing)

            for _ in range(2 * MAX_MESSAGES):
                side.link.offer(Batch(["after"]))
            side.link.write(Batch(["after"]))
            # Else the client waits for the end that it does not read.
            connection.transport.resume_reading()
        assert failed == []

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(evening())
