"""An aiortc client that watches a live room: it decodes, and talks on the data channel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

__all__ = ["Client", "connecting"]


@dataclass
class Client:
    """One client; what it got so far."""

    connection: RTCPeerConnection
    """Its connection."""

    channel: RTCDataChannel
    """The channel ``room``."""

    pictures: list[VideoFrame] = field(default_factory=list)
    """Decoded pictures."""

    sounds: list[AudioFrame] = field(default_factory=list)
    """Decoded sound."""

    texts: list[str] = field(default_factory=list)
    """Messages of the channel."""

    @property
    def offer(self) -> str:
        """The SDP offer."""
        return self.connection.localDescription.sdp

    async def accept(self, answer: str) -> None:
        """Connect as ``answer`` says."""
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))


@asynccontextmanager
async def connecting(*, sound: bool = True) -> AsyncIterator[Client]:
    """Make a client with an offer; close it at the end."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver("video", "recvonly")
    if sound:
        connection.addTransceiver("audio", "recvonly")
    client = Client(connection, connection.createDataChannel("room"))
    client.channel.on("message", client.texts.append)
    readers: list[asyncio.Task[None]] = []

    @connection.on("track")
    def begin(track: MediaStreamTrack) -> None:
        readers.append(asyncio.create_task(_read(track, client)))

    await connection.setLocalDescription(await connection.createOffer())
    try:
        yield client
    finally:
        await connection.close()
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)


async def _read(track: MediaStreamTrack, client: Client) -> None:
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        if isinstance(frame, VideoFrame):
            client.pictures.append(frame)
        elif isinstance(frame, AudioFrame):
            client.sounds.append(frame)
