"""A WHEP player of aiortc: decodes what comes, and speaks on the data channel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import av
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcsctptransport import (
    SCTP_DATA_FIRST_FRAG,
    WEBRTC_STRING,
    DataChunk,
    RTCSctpTransport,
    tsn_plus_one,
)

from harness.live.counter_rendition import number_in

__all__ = ["Post", "WhepPlayer", "whep_player"]

Post = Callable[[str], Awaitable[str]]
"""Posts an offer and returns the answer."""


class WhepPlayer:
    """Plays one stream."""

    def __init__(
        self, *, channel: bool = False, configuration: RTCConfiguration | None = None
    ) -> None:
        self.connection = RTCPeerConnection(configuration)
        self.numbers: asyncio.Queue[int] = asyncio.Queue()
        """Numbers of the frames that were decoded."""
        self.sound_packets = 0
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        """What was said on the data channel."""
        self.ended = asyncio.Event()
        self.channel_closed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.connection.addTransceiver("video", direction="recvonly")
        self.connection.addTransceiver("audio", direction="recvonly")
        self.connection.on("track", self._play)
        self.connection.on("connectionstatechange", self._changed)
        self.channel = self.connection.createDataChannel("room") if channel else None
        if self.channel is not None:
            self.channel.on("message", lambda text: self.messages.put_nowait(json.loads(text)))
            self.channel.on("close", self.channel_closed.set)

    async def offer(self) -> str:
        """Return an offer with all candidates."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def say(self, **message: object) -> None:
        """Say something on the data channel, once it is open."""
        assert self.channel is not None
        if self.channel.readyState != "open":
            opened = asyncio.Event()
            self.channel.on("open", opened.set)
            async with asyncio.timeout(30.0):
                await opened.wait()
        self.channel.send(json.dumps(message))

    def allow_any_length(self) -> None:
        """Send messages that are longer than the server takes, as no browser does."""
        assert self.channel is not None
        self.channel.transport._remote_max_message_size = 0

    def send_without_end(self) -> None:
        """Send a message of 4 MiB, whatever the server says that it takes, without its end."""
        assert self.channel is not None
        sctp = self.channel.transport
        self._tasks.append(asyncio.create_task(_flood(sctp, self.channel.id or 0)))

    async def hears(self, *types: str) -> dict[str, Any]:
        """Return the next message of one of these types."""
        async with asyncio.timeout(30.0):
            while True:
                message = await self.messages.get()
                if message["type"] in types:
                    return message

    async def next_number(self) -> int:
        """Return the number of the frame that is decoded next."""
        async with asyncio.timeout(30.0):
            return await self.numbers.get()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.connection.close()

    def _changed(self) -> None:
        if self.connection.connectionState in ("closed", "failed"):
            self.ended.set()

    def _play(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.create_task(self._decode(track)))

    async def _decode(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    self.numbers.put_nowait(number_in(frame))
                else:
                    self.sound_packets += 1
        except MediaStreamError:
            self.ended.set()


@asynccontextmanager
async def whep_player(
    post: Post, *, channel: bool = False, configuration: RTCConfiguration | None = None
) -> AsyncIterator[WhepPlayer]:
    """Play the stream that ``post`` answers for."""
    player = WhepPlayer(channel=channel, configuration=configuration)
    try:
        await player.accept(await post(await player.offer()))
        yield player
    finally:
        await player.close()


async def _flood(sctp: RTCSctpTransport, stream_id: int) -> None:
    """Send pieces of a message whose last piece never comes, past all flow control."""
    for number in range(4096):
        chunk = DataChunk(flags=SCTP_DATA_FIRST_FRAG if number == 0 else 0)
        chunk.tsn = sctp._local_tsn
        chunk.stream_id, chunk.stream_seq, chunk.protocol = stream_id, 1, WEBRTC_STRING
        chunk.user_data = bytes(1024)
        sctp._local_tsn = tsn_plus_one(sctp._local_tsn)
        await sctp._send_chunk(chunk)
        if number % 16 == 0:
            await asyncio.sleep(0.001)
