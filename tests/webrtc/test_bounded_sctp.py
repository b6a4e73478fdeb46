"""What one viewer can make the server do by SCTP packets that no browser sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiortc import RTCDataChannel
from aiortc.rtcsctptransport import (
    SCTP_DATA_FIRST_FRAG,
    SCTP_DATA_LAST_FRAG,
    WEBRTC_STRING,
    Chunk,
    DataChunk,
    ForwardTsnChunk,
    HeartbeatChunk,
    RTCSctpTransport,
    SackChunk,
    serialize_packet,
)

from harness.live.client import Client, connecting
from harness.rooms import until
from streamer.webrtc.bounded_sctp import CHUNKS_A_SECOND, MAX_MISORDERED, MAX_PIECES
from streamer.webrtc.peer import Peer
from tests.webrtc.conftest import LiveRoom

AT_ONCE_S = 0.25
WHOLE = SCTP_DATA_FIRST_FRAG | SCTP_DATA_LAST_FRAG


class Together(Chunk):
    """Chunks of one packet."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        super().__init__()
        self._chunks = chunks

    def __bytes__(self) -> bytes:
        return b"".join(map(bytes, self._chunks))


@dataclass
class Hostile:
    """A viewer whose packets are made by hand."""

    client: Client
    peer: Peer
    heard: list[str | bytes]

    @property
    def sctp(self) -> RTCSctpTransport:
        sctp = self.client.connection.sctp
        assert sctp is not None
        return sctp

    @property
    def others(self) -> RTCSctpTransport:
        """The server's side."""
        sctp = self.peer._transport._sctp  # type: ignore[attr-defined]
        assert isinstance(sctp, RTCSctpTransport)
        return sctp

    @property
    def answers(self) -> int:
        """How many datagrams the server has sent by DTLS."""
        return int(self.others.transport._RTCDtlsTransport__tx_packets)  # type: ignore[attr-defined]

    async def send(self, *chunks: Chunk) -> None:
        sctp = self.sctp
        ports = sctp._local_port, sctp._remote_port or 0
        tag = sctp._remote_verification_tag
        await sctp.transport._send_data(serialize_packet(*ports, tag, Together(chunks)))

    def pieces(
        self, first: int, count: int, *, flags: int = 0, text: bytes = b"x", stream: int = 9
    ) -> Sequence[DataChunk]:
        """Return ``count`` pieces, ``first`` after the next sequence number."""
        made = []
        for number in range(first, first + count):
            chunk = DataChunk(flags=flags)
            chunk.tsn = self.sctp._local_tsn + number
            chunk.stream_id, chunk.stream_seq, chunk.protocol = stream, 0, WEBRTC_STRING
            chunk.user_data = text
            made.append(chunk)
        return made

    async def is_answered(self) -> bool:
        """Return whether the channel still works."""
        before = len(self.heard)
        self.client.channel.send("still here")
        await until(lambda: len(self.heard) > before)
        return True


@asynccontextmanager
async def hostile(room: LiveRoom) -> AsyncIterator[Hostile]:
    heard: list[str | bytes] = []

    def opened(_: Peer, channel: RTCDataChannel) -> None:
        channel.on("message", heard.append)

    async with connecting(sound=False) as client:
        peer = await room.offer(client.offer, on_channel=opened)
        await client.accept(peer.answer)
        await until(lambda: client.channel.readyState == "open")
        yield Hostile(client, peer, heard)


async def longest_turn(seconds: float) -> float:
    """Return how long the event loop was kept from other things at most, seconds."""
    loop = asyncio.get_running_loop()
    end, longest = loop.time() + seconds, 0.0
    while (before := loop.time()) < end:
        await asyncio.sleep(0.005)
        longest = max(longest, loop.time() - before - 0.005)
    return longest


async def test_what_was_never_sent_is_not_looked_for(room: LiveRoom) -> None:
    async with hostile(room) as viewer:
        chunk = SackChunk()
        chunk.cumulative_tsn, chunk.advertised_rwnd = viewer.sctp._last_received_tsn, 1 << 17
        chunk.gaps = [(1, 65535)] * 280
        await viewer.send(chunk)

        assert await longest_turn(0.3) < AT_ONCE_S
        await viewer.peer.closed()


async def test_pieces_behind_a_gap_are_kept_up_to_a_bound(room: LiveRoom) -> None:
    async with hostile(room) as viewer:
        for packet in range(12):
            await viewer.send(*viewer.pieces(10 + 50 * packet, 50, text=b""))
        await asyncio.sleep(0.1)

        assert len(viewer.others._sack_misordered) <= MAX_MISORDERED
        assert await viewer.is_answered()


async def test_a_message_of_endless_small_pieces_ends_the_stream(room: LiveRoom) -> None:
    async with hostile(room) as viewer:
        await viewer.send(*viewer.pieces(0, 1, flags=SCTP_DATA_FIRST_FRAG))
        for begin in range(1, MAX_PIECES + 50, 50):
            await viewer.send(*viewer.pieces(begin, 50))

        await viewer.peer.closed()


async def test_streams_without_end_end_the_stream(room: LiveRoom) -> None:
    async with hostile(room) as viewer:
        chunk = ForwardTsnChunk()
        chunk.cumulative_tsn = viewer.sctp._local_tsn
        chunk.streams = [(number, 0) for number in range(280)]
        await viewer.send(chunk)

        await viewer.peer.closed()
        assert len(viewer.others._inbound_streams) < 280


async def test_so_many_chunks_are_taken_in_a_second(room: LiveRoom) -> None:
    async with hostile(room) as viewer:
        for _ in range(20):
            await viewer.send(*(HeartbeatChunk() for _ in range(250)))
        await asyncio.sleep(0.2)

        # The 5,000 that were sent take no second; a few others are ICE's and the channel's.
        assert viewer.answers < 2 * CHUNKS_A_SECOND + 50
        await asyncio.sleep(1.0)
        assert await viewer.is_answered()


async def test_a_message_in_the_longest_pieces_arrives(room: LiveRoom) -> None:
    async with hostile(room) as viewer:
        viewer.client.channel.send("x" * 65_000)

        await until(lambda: viewer.heard == ["x" * 65_000])
