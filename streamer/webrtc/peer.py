"""One stream to one viewer: a WHEP resource (RFC 9725), from the offer to its end."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Protocol

from aiortc import RTCDataChannel

from sessions.background import log_failure
from streamer.webrtc.broadcast import Broadcast
from streamer.webrtc.egress import Reception
from streamer.webrtc.offer import Fragment
from streamer.webrtc.packets import Kind

__all__ = [
    "CHANNEL",
    "CONNECT_WITHIN_S",
    "SILENT_AFTER_S",
    "ConnectionFailed",
    "Peer",
    "PeerStats",
    "Request",
]

logger = logging.getLogger("seans.webrtc")

CONNECT_WITHIN_S = 10.0
"""How long ICE and DTLS may take, seconds."""

SILENT_AFTER_S = 10.0
"""A viewer of whom nothing was heard for so long has vanished, seconds.

Browsers send a check or a report at least every 5 s.
"""

CLOSE_WITHIN_S = 2.0
"""How long is waited for a close, seconds; it takes milliseconds where the machine is not busy."""

FAREWELL_S = 0.5
"""How long a connection is kept for the last messages of its channels, seconds."""

MAX_CHANNELS = 64
"""Channels that a viewer may open one after another; each costs a conversation."""

CHANNEL = "room"
"""Label of the data channel that carries the room protocol."""


class Farewell(Protocol):
    """A channel that may have something left to say when its stream ends."""

    async def last_said(self) -> None:
        """Wait until what was said last has arrived, where the channel is being closed."""
        ...


class ConnectionFailed(Exception):
    """The viewer could not be reached, or is not who the offer said."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants a stream of what."""

    session_id: str
    """The running session."""

    user_id: str
    """The viewer."""

    broadcast: Broadcast
    """What the session sends."""

    until: float = float("inf")
    """When the viewer's passport expires, server time, Unix seconds."""

    on_channel: Callable[[Peer, RTCDataChannel], None] | None = None
    """Is called when the viewer opens the data channel ``room``."""


@dataclass(frozen=True, slots=True)
class PeerStats:
    """Figures of one stream."""

    connected: bool
    """Whether ICE and DTLS are done."""

    profile: str
    """SRTP protection profile; "" before, and where aiortc itself sends."""

    packets: int
    """Packets sent, without retransmissions."""

    octets: int
    """Payload bytes sent, without retransmissions."""

    dropped: int
    """Pictures and sounds that were not sent whole."""

    reception: dict[Kind, Reception] = field(default_factory=dict)
    """What the viewer reports of each stream."""


class Peer(ABC):
    """One stream to one viewer."""

    def __init__(self, request: Request, on_end: Callable[[Peer, str], None]) -> None:
        """``on_end`` is called once, with a reason, when it begins to close."""
        self.id = token_urlsafe(16)
        self.session_id = request.session_id
        self.user_id = request.user_id
        self.until = request.until
        self.answer = ""
        """SDP answer."""
        self.etag = ""
        """Entity tag of the ICE session, with its quotes (RFC 9725 section 4.3.1)."""
        self.channels: set[Farewell] = set()
        """Channels whose last messages are waited for."""
        self._channels_opened = 0
        self._broadcast = request.broadcast
        self._on_channel = request.on_channel
        self._on_end = on_end
        self._running: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def ending(self) -> bool:
        """Whether it is closed, or closing."""
        return self._ending is not None

    def start(self) -> None:
        """Connect in the background, then serve, until it ends."""
        self._running = asyncio.create_task(self._run())
        log_failure(self._running, logger, "a live stream")

    def end(self, reason: str) -> None:
        """Begin to close it; nothing is sent any more. A second call does nothing."""
        if self._ending is None:
            logger.info("the stream %s ends: %s", self.id, reason)
            self._ending = asyncio.create_task(self._close())
            log_failure(self._ending, logger, "the close of a live stream")
            self._on_end(self, reason)

    async def closed(self) -> None:
        """Wait until it has ended, by whomever, and everything of it is closed."""
        if self._running is not None:
            await asyncio.wait([self._running])
        if self._ending is not None:
            await asyncio.shield(self._ending)

    @abstractmethod
    def stats(self) -> PeerStats:
        """Return its figures."""

    @abstractmethod
    async def trickle(self, fragment: Fragment) -> None:
        """Take more candidates of the viewer. Raises BadOffer."""

    @abstractmethod
    def look_after(self, now: float) -> None:
        """Do what is due once a second; ``now`` is server time, Unix seconds."""

    @abstractmethod
    async def _serve(self) -> None:
        """Connect and begin to send; return when the viewer ends it. Raises ConnectionFailed."""

    @abstractmethod
    async def _release(self) -> None:
        """Stop sending and close everything."""

    async def _run(self) -> None:
        reason = "failed"
        try:
            reason = await self._serve_until_end()
        finally:
            # A task that is cancelled is being closed already.
            self.end(reason)

    async def _serve_until_end(self) -> str:
        try:
            await self._serve()
        except ConnectionFailed as error:
            return str(error)
        return "the viewer left"

    async def _close(self) -> None:
        if self._running is not None and not self._running.done():
            self._running.cancel()
        releasing = asyncio.create_task(self._release())
        log_failure(releasing, logger, "the close of a live stream")
        await asyncio.wait([releasing], timeout=CLOSE_WITHIN_S)
        if not releasing.done():
            # It goes on: half closed, it would keep its tasks.
            logger.warning("the stream %s takes long to close", self.id)

    async def _farewell(self) -> None:
        """Wait for the last messages of the channels, such as why the stream ends."""
        if self.channels:
            waits = [asyncio.create_task(channel.last_said()) for channel in self.channels]
            _, late = await asyncio.wait(waits, timeout=FAREWELL_S)
            for wait in late:
                wait.cancel()

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        self._channels_opened += 1
        if self._channels_opened > MAX_CHANNELS:
            self.end("too many channels")
            return
        if channel.label != CHANNEL or self._on_channel is None or self.ending:
            channel.close()
            return
        self._on_channel(self, channel)
