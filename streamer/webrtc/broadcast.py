"""What one running session sends to all its live viewers: packets made once, and the fan-out."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from sessions.background import log_failure
from streamer.webrtc.egress import Layouts
from streamer.webrtc.fresh_start import FirstPicture, FreshStart, OwnKeyframe
from streamer.webrtc.history import History, Packet
from streamer.webrtc.packets import (
    Kind,
    MediaPackets,
    Packetizer,
    rtp_timestamp,
)
from streamer.webrtc.sound_schedule import SoundPacket

__all__ = ["Broadcast", "Subscriber"]

logger = logging.getLogger("seans.webrtc")

VIEWERS_A_TURN = 20
"""Viewers that are sent to before the event loop goes on with other things."""

PIECE = 32
"""Packets of a large picture that each viewer gets at once; then the next viewer has its turn."""

PIECE_EVERY_S = 0.003
"""Time between pieces, seconds: 100 Mbit/s, which neither a browser's socket nor a router drops.

A browser's UDP buffer holds some 64 KiB.
"""

SOUND_GAP_S = 0.03
"""Opus packets of 20 ms follow each other where their times differ by less than this, seconds."""

FIRST_PICTURE_WITHIN_S = 0.3
"""How long a viewer waits for a keyframe of its own, seconds; then it gets what was sent so far."""

_FIRST_SEQUENCES = 1 << 15


async def _no_first_picture() -> OwnKeyframe | None:
    return None


class Subscriber(Protocol):
    """A viewer's egress."""

    def send(self, packets: MediaPackets) -> None:
        """Encrypt and send; never blocks, never raises."""
        ...


class Broadcast:
    """The streams of one running session: SSRCs, packets, history, subscribers.

    The pump makes one and gives it pictures and sound; ``Peers.offer`` subscribes viewers to it.
    """

    def __init__(
        self,
        on_viewers: Callable[[int], None] | None = None,
        *,
        first_picture: FirstPicture = _no_first_picture,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
        random_below: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        """``on_viewers`` is called with the number of viewers when it changes.

        ``first_picture`` makes a keyframe for who comes in the middle of a group of pictures.
        ``pause`` waits so many seconds.
        """
        self._on_viewers = on_viewers or (lambda _: None)
        self._first_picture = first_picture
        self._fresh: dict[Subscriber, FreshStart] = {}
        """Viewers who began with a keyframe of their own, until the next one of all."""
        self._pause = pause
        picture, again, sound, unused = _distinct(4, random_below)
        self.ssrcs: dict[Kind, tuple[int, int]] = {
            "video": (picture, again),
            "audio": (sound, unused),
        }
        """SSRC of each stream, and of its retransmissions."""
        self._packetizers = {
            kind: Packetizer(kind, ssrc, random_below(_FIRST_SEQUENCES))
            for kind, (ssrc, _) in self.ssrcs.items()
        }
        self._histories: dict[Kind, History] = {"video": History(), "audio": History()}
        self._kinds: dict[int, Kind] = {ssrc: kind for kind, (ssrc, _) in self.ssrcs.items()}
        self._subscribers: dict[Subscriber, bool] = {}
        """Viewers, and whether each has caught up with the pictures."""
        self._catching_up: dict[Subscriber, asyncio.Task[None]] = {}
        self._variant = 0
        self.layouts = Layouts()

    @property
    def viewers(self) -> int:
        """How many viewers are subscribed."""
        return len(self._subscribers)

    async def send(self, data: bytes, *, shown_at: float, keyframe: bool = True) -> None:
        """Send a picture to all, to be shown at server time ``shown_at``.

        ``data`` as in ``Sample.data``. Yields to the event loop. Raises ValueError where ``data``
        is no picture.
        """
        packets = self._packetizers["video"].packets(data, shown_at=shown_at, keyframe=keyframe)
        if len(packets.payloads) <= PIECE:
            await self._send_piece(packets)
            return
        for number, piece in enumerate(packets.pieces(PIECE)):
            if number:
                await self._pause(PIECE_EVERY_S)
            await self._send_piece(piece)

    async def send_sounds(self, sounds: Sequence[SoundPacket]) -> None:
        """Send Opus packets to all; those that follow each other together. Raises ValueError."""
        run: list[SoundPacket] = []
        for sound in sounds:
            if run and not 0.0 < sound.shown_at - run[-1].shown_at < SOUND_GAP_S:
                await self._send_run(run)
                run = []
            run.append(sound)
        if run:
            await self._send_run(run)

    async def _send_run(self, run: list[SoundPacket]) -> None:
        data = [sound.data for sound in run]
        packets = self._packetizers["audio"].sounds(data, shown_at=run[0].shown_at)
        await self._send_piece(packets)

    def caught_up(self, subscriber: Subscriber) -> bool:
        """Return whether ``subscriber`` has the group of pictures in progress."""
        return self._subscribers.get(subscriber, False)

    def subscribe(self, subscriber: Subscriber) -> None:
        """Send ``subscriber`` the picture of the moment, then what all get.

        It is a keyframe made for this moment, else the group of pictures in progress.
        """
        self._subscribers[subscriber] = False
        self._start(subscriber, self._begin)
        self._on_viewers(self.viewers)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Send it nothing more. A second call does nothing."""
        if self._subscribers.pop(subscriber, None) is None:
            return
        if task := self._catching_up.pop(subscriber, None):
            task.cancel()
        self._fresh.pop(subscriber, None)
        self._on_viewers(self.viewers)

    def refresh(self, subscriber: Subscriber) -> None:
        """Send ``subscriber`` the group of pictures in progress again, beside what all get."""
        if subscriber not in self._subscribers or subscriber in self._catching_up:
            return
        if fresh := self._fresh.get(subscriber):
            for packets in fresh.sent:
                subscriber.send(packets)
        else:
            self._start(subscriber, self._send_gop)

    def find(self, ssrc: int, sequence: int, subscriber: Subscriber | None = None) -> Packet | None:
        """Return a packet of the last seconds, by its sequence number of 16 bits.

        A ``subscriber`` gets its own where it was sent another than all.
        """
        kind = self._kinds.get(ssrc)
        fresh = self._fresh.get(subscriber) if subscriber and kind == "video" else None
        if fresh is not None:
            return fresh.find(sequence)
        return self._histories[kind].find(sequence) if kind else None

    def forget(self) -> None:
        """Forget what was sent, for a rest; latecomers begin with the next keyframe."""
        for history in self._histories.values():
            history.clear()

    async def _send_piece(self, packets: MediaPackets) -> None:
        self._histories[packets.kind].add(packets)
        picture = packets.kind == "video"
        # Who comes while this goes on gets these packets from the history.
        ready = [
            subscriber
            for subscriber, caught_up in self._subscribers.items()
            if caught_up or not picture
        ]
        for number, subscriber in enumerate(ready, 1):
            if subscriber in self._subscribers:
                subscriber.send(self._adapted(subscriber, packets) if self._fresh else packets)
            if number % VIEWERS_A_TURN == 0:
                await asyncio.sleep(0)

    def _adapted(self, subscriber: Subscriber, packets: MediaPackets) -> MediaPackets:
        """Return ``packets`` as ``subscriber`` gets them after a keyframe of its own."""
        fresh = self._fresh.get(subscriber)
        if fresh is None or packets.kind != "video":
            return packets
        if packets.keyframe:
            del self._fresh[subscriber]
            return packets
        return fresh.adapted(packets)

    def _start(self, subscriber: Subscriber, work: Callable[[Subscriber], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._catch_up(subscriber, work))
        log_failure(task, logger, "sending a first picture")
        self._catching_up[subscriber] = task

    async def _catch_up(
        self, subscriber: Subscriber, work: Callable[[Subscriber], Awaitable[None]]
    ) -> None:
        try:
            await work(subscriber)
            self._subscribers[subscriber] = True
        finally:
            # Also where it failed: the viewer can ask for a picture then.
            if self._catching_up.get(subscriber) is asyncio.current_task():
                del self._catching_up[subscriber]

    async def _begin(self, subscriber: Subscriber) -> None:
        history = self._histories["video"]
        number = await self._begin_fresh(subscriber)
        if number is None:
            await self._send_gop(subscriber)
            return
        while number < history.end:
            packets = history.item(number)
            if packets is not None:
                subscriber.send(self._adapted(subscriber, packets))
            number += 1

    async def _begin_fresh(self, subscriber: Subscriber) -> int | None:
        """Send a keyframe of the viewer's own; return the item of the history that follows it.

        None: there is none, or it came too late.
        """
        history = self._histories["video"]
        try:
            async with asyncio.timeout(FIRST_PICTURE_WITHIN_S):
                first = await self._first_picture()
        except TimeoutError:
            return None
        place = None if first is None else history.end_of(rtp_timestamp("video", first.shown_at))
        if first is None or place is None:
            return None
        item, before = place
        self._variant += 1
        fresh = FreshStart(first, before, self._variant)
        self._fresh[subscriber] = fresh
        for number, piece in enumerate(fresh.keyframe.pieces(PIECE)):
            if number:
                await self._pause(PIECE_EVERY_S)
            subscriber.send(piece)
        return item + 1

    async def _send_gop(self, subscriber: Subscriber) -> None:
        history = self._histories["video"]
        number, sent = history.gop_start, 0
        while number < history.end:
            packets = history.item(number)
            if packets is None:
                # Forgotten meanwhile: only a newer keyframe helps.
                number = history.gop_start
                continue
            subscriber.send(packets)
            number += 1
            sent += len(packets.payloads)
            if sent >= PIECE:
                sent = 0
                await self._pause(PIECE_EVERY_S)


def _distinct(count: int, random_below: Callable[[int], int]) -> tuple[int, ...]:
    """Return ``count`` different SSRCs, none of them 0."""
    found: dict[int, None] = {}
    while len(found) < count:
        found[random_below((1 << 32) - 1) + 1] = None
    return tuple(found)
