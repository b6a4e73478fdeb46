"""The outgoing queue of a link, over any carrier: bounded, so that no reader slows the others.

Messages go to the carrier at once if it takes them. The others wait here, at most MAX_MESSAGES or
MAX_BYTES. A reader that is slower gets a goodbye and is closed; it catches up by ``after``.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from sessions.live.fanout import Batch
from sessions.wire import goodbye

__all__ = [
    "FAREWELL_S",
    "MAX_BYTES",
    "MAX_MESSAGES",
    "Carrier",
    "OutgoingCounts",
    "OutgoingQueue",
]

logger = logging.getLogger("seans.live")

MAX_MESSAGES = 256
"""Messages that may wait for one reader."""

MAX_BYTES = 1 << 20
"""Bytes that may wait for one reader."""

MAX_STUCK_S = 30.0
"""A reader that takes nothing of a replay for this long is closed, seconds."""

FAREWELL_S = 1.0
"""Time for a last message and the carrier's closing handshake, seconds."""


@dataclass(slots=True)
class OutgoingCounts:
    """Counters of slow links since the start, for the metrics."""

    too_slow: int = 0
    """Links closed because they read too slowly."""

    dropped: int = 0
    """Messages that were waiting when their links were closed."""


class Carrier(Protocol):
    """What carries the messages of one link: a WebSocket, a data channel."""

    @property
    def transport(self) -> str:
        """Its name in the contract: websocket or webrtc."""
        ...

    @property
    def writable(self) -> bool:
        """Whether little is unsent, or the peer is gone and nothing will be sent."""
        ...

    @property
    def unsent(self) -> int:
        """How much was given to the carrier and is not yet sent, bytes."""
        ...

    def send(self, batch: Batch) -> None:
        """Send ``batch``; does nothing if the peer is gone."""
        ...

    async def drain(self) -> None:
        """Wait until it is writable again."""
        ...

    async def close(self, code: int, reason: str, last: Batch | None) -> None:
        """Send ``last``, close, and wait until the peer has closed too."""
        ...

    def abort(self) -> None:
        """Close it now; unsent data is lost."""
        ...


class OutgoingQueue:
    """The sending side of one link: a ``Link`` over any carrier."""

    def __init__(
        self,
        carrier: Carrier,
        counts: OutgoingCounts,
        *,
        stuck_after: float = MAX_STUCK_S,
        farewell: float = FAREWELL_S,
    ) -> None:
        """Send by ``carrier``, adding to ``counts``.

        A replay waits ``stuck_after`` seconds for its reader to take anything. A close waits
        ``farewell`` seconds for the peer to close too.
        """
        self._carrier = carrier
        self._counts = counts
        self._stuck_after = stuck_after
        self._farewell_within = farewell
        self._waiting: deque[Batch] = deque()
        self._messages = 0
        self._bytes = 0
        self._sending: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def transport(self) -> str:
        """The carrier's name in the contract."""
        return self._carrier.transport

    @property
    def closing(self) -> bool:
        """Whether it was closed, by whomever."""
        return self._closing is not None

    def offer(self, batch: Batch) -> None:
        """Send ``batch``, or queue it; a queue over its bound ends the link (4408)."""
        if self._closing is not None:
            return
        if not self._waiting and self._carrier.writable:
            self._carrier.send(batch)
            return
        self._waiting.append(batch)
        self._messages += len(batch.texts)
        self._bytes += batch.size
        if self._messages > MAX_MESSAGES or self._bytes > MAX_BYTES:
            self._leave_behind()
        elif self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send_waiting())

    def write(self, batch: Batch) -> None:
        """Send ``batch`` without the queue's bound; the caller awaits ``drained`` first."""
        if self._closing is None:
            self._carrier.send(batch)

    async def drained(self) -> bool:
        """Wait until little is unsent; return False if the link is closed or stuck."""
        unsent = self._carrier.unsent
        while self._closing is None and not self._carrier.writable:
            try:
                async with asyncio.timeout(self._stuck_after):
                    await self._carrier.drain()
            except TimeoutError:
                if self._carrier.unsent >= unsent:
                    return False
                unsent = self._carrier.unsent
        return self._closing is None

    def close(self, code: int, reason: str, last: str | None = None) -> None:
        """Send ``last`` and close with ``code``; further messages are dropped."""
        if self._closing is not None:
            return
        self._send_what_fits()
        if self._sending is not None:
            self._sending.cancel()
        if self._messages:
            self._counts.dropped += self._messages
            logger.info("a link ends (%s) with %d messages waiting", reason, self._messages)
            self._waiting.clear()
            self._messages = self._bytes = 0
        farewell = self._farewell(code, reason, None if last is None else Batch([last]))
        self._closing = asyncio.get_running_loop().create_task(farewell)

    async def closed(self) -> None:
        """Wait until ``close`` has finished."""
        if self._closing is not None:
            await self._closing

    def _leave_behind(self) -> None:
        """Close a link whose reader is too slow; the goodbye comes after what is unsent."""
        self._counts.too_slow += 1
        self.close(4408, "too_slow", goodbye(4408, "too_slow"))

    async def _send_waiting(self) -> None:
        try:
            while self._waiting:
                await self._carrier.drain()
                self._send_what_fits()
        except Exception:
            # An error closes this link; nobody awaits this task.
            logger.exception("a link failed and is ended")
            self._sending = None
            self.close(1011, "unexpected")
        else:
            self._sending = None

    def _send_what_fits(self) -> None:
        while self._waiting and self._carrier.writable:
            batch = self._waiting.popleft()
            self._messages -= len(batch.texts)
            self._bytes -= batch.size
            self._carrier.send(batch)

    async def _farewell(self, code: int, reason: str, last: Batch | None) -> None:
        try:
            async with asyncio.timeout(self._farewell_within):
                await self._carrier.close(code, reason, last)
        except TimeoutError:
            self._carrier.abort()
        except Exception:
            # Nobody awaits the result of a close.
            logger.exception("a link could not be closed, and is cut off")
            self._carrier.abort()
