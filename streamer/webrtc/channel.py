"""The data channel ``room`` (RFC 8831) as the carrier of a link: the same protocol as a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiortc import RTCDataChannel
from aiortc.exceptions import InvalidStateError

from sessions.core.records import Session, Show, User
from sessions.core.roles import Role
from sessions.live.conversation_context import ConversationContext
from sessions.live.fanout import Batch
from sessions.live.open_link import open_link
from streamer.webrtc.answer import MAX_MESSAGE

__all__ = ["WRITE_THROUGH", "DataChannelCarrier", "converse"]

WRITE_THROUGH = 1 << 15
"""Bytes that the channel may hold before messages wait in the queue instead."""

MAX_EARLY = 64
"""Messages of a client that are kept until somebody listens, a moment after the channel opened."""

WRITABLE_AGAIN = 1 << 13
"""Bytes left in a full channel at which it takes more."""


class DataChannelCarrier:
    """The sending side of one data channel."""

    transport = "webrtc"

    def __init__(self, channel: RTCDataChannel) -> None:
        """Send by an open ``channel``."""
        self._channel = channel
        self._has_room = asyncio.Event()
        self._closed = asyncio.Event()
        self._closing = False
        channel.bufferedAmountLowThreshold = WRITABLE_AGAIN
        channel.on("bufferedamountlow", self._has_room.set)
        channel.on("close", self.peer_closed)
        self._take: Callable[[str | bytes], object] = self._keep
        self._early: list[str | bytes] = []
        # At once: a hello may come in the same datagram as the channel.
        channel.on("message", self._received)
        if channel.readyState == "closed":
            self.peer_closed()

    @property
    def writable(self) -> bool:
        """Whether little is unsent, or the peer is gone."""
        return self._channel.readyState != "open" or self.unsent < WRITE_THROUGH

    @property
    def unsent(self) -> int:
        """What the channel holds, bytes."""
        return int(self._channel.bufferedAmount)

    def send(self, batch: Batch) -> None:
        """Send each text of ``batch`` as a message."""
        for text in batch.texts:
            try:
                self._channel.send(text)
            except InvalidStateError:
                # The peer is gone, or going: nothing is written, as on a closed socket.
                return

    async def drain(self) -> None:
        """Wait until the channel has room again, or is closed."""
        while not self.writable:
            self._has_room.clear()
            await self._has_room.wait()

    async def close(self, code: int, reason: str, last: Batch | None) -> None:
        """Send ``last`` and close; a channel has no codes (RFC 8831 section 6.7), ``last`` says it.

        Waits until the peer has closed too.
        """
        del code, reason
        self._closing = True
        if last is not None:
            self.send(last)
        self._channel.close()
        await self._closed.wait()

    def abort(self) -> None:
        """Close it without waiting for anybody."""
        self._channel.close()
        self.peer_closed()

    def peer_closed(self) -> None:
        """Note that nothing will be sent any more, and wake who waits."""
        self._closed.set()
        self._has_room.set()

    async def last_said(self) -> None:
        """Wait until the peer has closed too, where the channel is being closed."""
        if self._closing:
            await self._closed.wait()

    async def closed(self) -> None:
        """Wait until the channel is closed."""
        await self._closed.wait()

    def listen(self, take: Callable[[str | bytes], object]) -> None:
        """Give ``take`` what the peer has sent so far, and all that it sends."""
        self._take = take
        early, self._early = self._early, []
        for message in early:
            take(message)

    def _received(self, message: str | bytes) -> None:
        self._take(message)

    def _keep(self, message: str | bytes) -> None:
        if len(self._early) < MAX_EARLY:
            self._early.append(message)


async def converse(
    carrier: DataChannelCarrier,
    context: ConversationContext,
    session: Session,
    user: User,
    show_link: Callable[[Show, Role], Awaitable[str | None]],
) -> None:
    """Carry the conversation of ``user`` with the room until the channel is closed."""
    async with open_link(context, carrier, session, user, show_link) as conversation:

        def take(message: str | bytes) -> None:
            if isinstance(message, bytes):
                conversation.binary()
            elif len(message) > MAX_MESSAGE or len(message.encode()) > MAX_MESSAGE:
                # The answer told the limit; who goes beyond it ends the link (1009).
                conversation.too_large()
            else:
                conversation.received(message)

        carrier.listen(take)
        await carrier.closed()
