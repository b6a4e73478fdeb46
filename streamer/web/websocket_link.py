"""A WebSocket as a Link: frames made once for all (RFC 6455), and a bounded queue.

What fits the socket is written at once. What does not waits in a queue of at most MAX_MESSAGES or
MAX_BYTES; a reader slower than that is told so and left behind, and nobody else notices.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from aiohttp import web

from sessions.live.fanout import Batch

__all__ = ["MAX_BYTES", "MAX_MESSAGES", "WRITE_THROUGH", "SocketLink", "close_frame", "text_frames"]

MAX_MESSAGES = 256
"""Messages that may wait for one reader."""

MAX_BYTES = 1 << 20
"""Bytes that may wait for one reader."""

WRITE_THROUGH = 1 << 15
"""Bytes that the transport may hold before messages wait here instead."""

SEND_BUFFER = 1 << 16
"""What the kernel may hold for one reader, bytes: else a stuck one is noticed megabytes late."""

FAREWELL_ROOM = 1 << 19
"""The kernel's buffer while a stuck reader is told goodbye behind what it has not read, bytes."""

LOOK_AGAIN = 0.02
"""How often a full socket is looked at, seconds."""

STUCK = 30.0
"""After which a reader that takes nothing in a replay is given up, seconds."""

FAREWELL = 1.0
"""Time for the last word, seconds."""

FLOODED = 4429
"""Close code of who sends too much; their answer is not waited for."""


def text_frames(texts: Sequence[str]) -> bytes:
    """Return ``texts`` as unmasked text frames, one behind the other (RFC 6455 section 5.2)."""
    return b"".join(_frame(0x81, text.encode()) for text in texts)


def close_frame(code: int, reason: str) -> bytes:
    """Return a close frame (RFC 6455 section 5.5.1)."""
    return _frame(0x88, struct.pack("!H", code) + reason.encode()[:123])


def _frame(head: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((head, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", head, 126, size) + payload
    return struct.pack("!BBQ", head, 127, size) + payload


class SocketLink:
    """The sending side of one room socket."""

    transport = "websocket"

    def __init__(
        self,
        response: web.WebSocketResponse,
        wire: asyncio.Transport,
        too_slow: Callable[[], None],
    ) -> None:
        """Send over ``wire``, where ``response`` opened a WebSocket."""
        self._response = response
        self._wire = wire
        self._too_slow = too_slow
        self._loop = asyncio.get_running_loop()
        self._queue: deque[tuple[int, bytes]] = deque()
        self._messages = 0
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None
        self._over = False
        self._socket: socket.socket | None = wire.get_extra_info("socket")
        self._buffer(SEND_BUFFER)

    def offer(self, batch: Batch) -> None:
        """Send ``batch``, or queue it; a queue over its bound ends the link (4408)."""
        if self._over:
            return
        data = batch.wire(text_frames)
        if not self._queue and self._unsent() < WRITE_THROUGH:
            self._write(data)
            return
        self._queue.append((len(batch.texts), data))
        self._messages += len(batch.texts)
        self._bytes += len(data)
        if self._messages > MAX_MESSAGES or self._bytes > MAX_BYTES:
            self._leave_behind()
        elif self._timer is None:
            self._timer = self._loop.call_later(LOOK_AGAIN, self._pump)

    def write(self, batch: Batch) -> None:
        """Send ``batch`` outside the queue's bound: for who asks ``drained`` before."""
        if not self._over:
            self._write(batch.wire(text_frames))

    async def drained(self) -> bool:
        """Wait until little is left unsent; False where the link is over or stuck."""
        last, since = self._unsent(), self._loop.time()
        while not self._over and last >= WRITE_THROUGH:
            await asyncio.sleep(LOOK_AGAIN)
            unsent = self._unsent()
            if unsent < last:
                since = self._loop.time()
            elif self._loop.time() - since > STUCK:
                return False
            last = unsent
        return not self._over

    def pong(self, payload: bytes) -> None:
        """Answer a ping frame (RFC 6455 section 5.5.3), unless much is left unsent already."""
        if not self._over and self._unsent() < WRITE_THROUGH:
            self._write(_frame(0x8A, payload))

    def close(self, code: int, reason: str, last: str | None = None) -> None:
        """Say ``last`` and close with ``code``; further texts are dropped."""
        if self._over:
            return
        self._pump()
        self._stop()
        if last is not None:
            self._write(text_frames([last]))
        if code == FLOODED:
            self._write(close_frame(code, reason))
            self._closing = self._loop.create_task(self._cut_off())
            return
        closing = self._response.close(code=code, message=reason.encode()[:123])
        self._closing = self._loop.create_task(self._close(closing))

    async def closed(self) -> None:
        """Wait until the closing that ``close`` began is done."""
        if self._closing is not None:
            await self._closing

    def _pump(self) -> None:
        self._timer = None
        while self._queue and self._unsent() < WRITE_THROUGH:
            count, data = self._queue.popleft()
            self._messages -= count
            self._bytes -= len(data)
            self._write(data)
        if self._queue and not self._over:
            self._timer = self._loop.call_later(LOOK_AGAIN, self._pump)

    def _write(self, data: bytes) -> None:
        """Write where there is still somebody: uvloop raises where a connection is over."""
        if not self._wire.is_closing():
            self._wire.write(data)

    def _unsent(self) -> int:
        return 0 if self._wire.is_closing() else self._wire.get_write_buffer_size()

    def _stop(self) -> None:
        self._over = True
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _leave_behind(self) -> None:
        """Tell a reader that is too slow; what it has not read yet stands before the goodbye."""
        self._stop()
        self._too_slow()
        self._buffer(FAREWELL_ROOM)
        goodbye = text_frames(['{"type":"goodbye","reason":"too_slow"}'])
        self._write(goodbye + close_frame(4408, "too_slow"))
        self._loop.call_later(FAREWELL, self._hang_up)

    def _hang_up(self) -> None:
        if self._unsent():
            self._wire.abort()
        else:
            self._wire.close()

    async def _cut_off(self) -> None:
        """Let the goodbye be read, and read nothing more: what still comes would be the flood.

        aiohttp's own closing reads on until the peer answers, and never gives way meanwhile.
        """
        if not self._wire.is_closing():
            self._wire.pause_reading()
        await asyncio.sleep(FAREWELL)
        self._wire.abort()

    async def _close(self, closing: Coroutine[Any, Any, bool]) -> None:
        try:
            await asyncio.wait_for(closing, FAREWELL)
        except TimeoutError:
            self._wire.abort()

    def _buffer(self, size: int) -> None:
        if self._socket is not None and not self._wire.is_closing():
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)
