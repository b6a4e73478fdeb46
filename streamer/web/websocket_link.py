"""A WebSocket (RFC 6455) as the carrier of a link."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from aiohttp import web

from sessions.live.fanout import Batch
from streamer.web.websocket_frames import close_frame, pong_frame, text_frames

__all__ = ["WRITE_THROUGH", "WebSocketCarrier"]

WRITE_THROUGH = 1 << 15
"""Bytes that the transport may hold before messages wait in the queue instead."""

WRITABLE_AGAIN = 1 << 13
"""Bytes left in a full transport at which it takes more."""

SEND_BUFFER = 1 << 16
"""What the kernel may hold for one reader, bytes: else a stuck one is noticed megabytes late."""

FAREWELL_BUFFER = 1 << 19
"""The kernel's buffer while a stuck reader is told goodbye behind what it has not read, bytes."""

FLOOD_CLOSE_CODE = 4429
"""Close code of who sends too much; their answer is not waited for."""


class WebSocketCarrier:
    """The sending side of one WebSocket, past aiohttp's writer: frames are made once for all."""

    transport = "websocket"

    def __init__(self, response: web.WebSocketResponse, request: web.Request) -> None:
        """Send to whoever ``request`` came from; ``response`` has been prepared."""
        if request.transport is None:
            raise ConnectionResetError("the peer is gone")
        self._response = response
        self._request = request
        self._protocol = request.protocol
        self._wire = request.transport
        self._peer_closed = asyncio.Event()
        # The transport then wakes who waits as soon as the reader takes something (drain).
        self._wire.set_write_buffer_limits(high=WRITE_THROUGH, low=WRITABLE_AGAIN)
        self._set_buffer(SEND_BUFFER)

    @property
    def writable(self) -> bool:
        """Whether little is unsent, or the peer is gone."""
        return self._wire.is_closing() or not self._protocol.writing_paused

    @property
    def unsent(self) -> int:
        """What the transport holds, bytes."""
        return 0 if self._wire.is_closing() else self._wire.get_write_buffer_size()

    def send(self, batch: Batch) -> None:
        """Write ``batch`` as text frames."""
        self._write(batch.wire(text_frames))

    async def drain(self) -> None:
        """Wait until the transport has room again, or is closed."""
        # The connection may be lost meanwhile; then it is writable, and nothing is written.
        with suppress(ConnectionError):
            await self._request.writer.drain()

    def pong(self, payload: bytes) -> None:
        """Answer a ping frame, unless much is left unsent already."""
        if self.writable:
            self._write(pong_frame(payload))

    async def close(self, code: int, reason: str, last: Batch | None) -> None:
        """Send ``last`` and a close frame, and wait until the peer has answered."""
        # Not by aiohttp's own close. It waits for a stuck reader before it looks at the time. It
        # reads all frames of a peer that floods, and other links wait meanwhile. Where another task
        # is receiving, it hangs up before a slow reader has the goodbye.
        if not self.writable:
            self._set_buffer(FAREWELL_BUFFER)
        self._write((last.wire(text_frames) if last else b"") + close_frame(code, reason))
        if code == FLOOD_CLOSE_CODE and not self._wire.is_closing():
            self._wire.pause_reading()
        # Whoever waits for this hangs up after a second.
        await self._peer_closed.wait()
        self.abort()

    def peer_closed(self) -> None:
        """Note that the peer has closed, or answered our close."""
        self._peer_closed.set()

    def abort(self) -> None:
        """Hang up; what the kernel has still goes out."""
        # Also where it is closing already: that would wait for a stuck reader.
        if self._wire.get_write_buffer_size():
            self._wire.abort()
        else:
            self._wire.close()

    def _write(self, data: bytes) -> None:
        """Write where there is still somebody: uvloop raises where a connection is over."""
        if not self._wire.is_closing():
            self._wire.write(data)

    def _set_buffer(self, size: int) -> None:
        peer: socket.socket | None = self._wire.get_extra_info("socket")
        if peer is not None and not self._wire.is_closing():
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)
