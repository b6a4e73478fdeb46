"""SCTP for data channels, by aiortc, that takes no more of a viewer than browsers send.

aiortc trusts its peer: it walks through all that waits for each chunk that comes, and through each
number that an acknowledgement names. So what waits, and what comes in a second, is bounded here.

Used of ``RTCSctpTransport`` and not public: ``_handle_data``, ``_receive_data_chunk``,
``_receive_sack_chunk`` and ``_get_inbound_stream`` are replaced; ``_advertised_rwnd``,
``_inbound_streams``, ``_last_received_tsn``, ``_sack_misordered``, ``_sack_needed`` and
``_sent_queue`` are read or set.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

from aiortc import RTCDtlsTransport
from aiortc.rtcsctptransport import (
    DataChunk,
    InboundStream,
    RTCSctpTransport,
    SackChunk,
    tsn_plus_one,
)

from streamer.webrtc.answer import SCTP_PORT

__all__ = [
    "CHUNKS_A_SECOND",
    "MAX_INBOUND_STREAMS",
    "MAX_MISORDERED",
    "MAX_PIECES",
    "BoundedSctp",
    "count_chunks",
]

CHUNKS_A_SECOND = 1000
"""Chunks taken of one viewer in a second; a chat needs a hundredth of it."""

MAX_MISORDERED = 256
"""Chunks that are kept while one before them is missing; others have to be sent again."""

MAX_PIECES = 512
"""Pieces of unfinished messages; the longest message that is allowed has some sixty."""

MAX_INBOUND_STREAMS = 128
"""Streams that a viewer may use: one for each channel, and some to spare."""

_HEADER_BYTES = 12
_CHUNK = struct.Struct("!BBH")
_UNSENT = 64
"""How many numbers more than there are an acknowledgement may name: some were given up."""


class BoundedSctp(RTCSctpTransport):
    """The association with one viewer."""

    def __init__(self, dtls: RTCDtlsTransport, on_excess: Callable[[], None]) -> None:
        """``on_excess`` is called where a viewer keeps sending what is not taken."""
        super().__init__(dtls, port=SCTP_PORT)
        self._on_excess = on_excess
        self._ended = False
        self._allowance = 0
        self._renewed_at = float("-inf")

    async def _handle_data(self, data: bytes) -> None:
        if self._advertised_rwnd <= 0:
            self._end()
        self._allowance_of_now()
        self._allowance -= count_chunks(data)
        # Beyond the allowance a packet is lost, as on a network, and sent again.
        if self._allowance >= 0 and not self._ended:
            await super()._handle_data(data)

    async def _receive_data_chunk(self, chunk: DataChunk) -> None:
        last = self._last_received_tsn
        if last is None:
            # There is no association yet.
            return
        is_next = chunk.tsn == tsn_plus_one(last)
        if self._ended or (not is_next and len(self._sack_misordered) >= MAX_MISORDERED):
            self._sack_needed = True
            return
        await super()._receive_data_chunk(chunk)
        pieces = sum(len(stream.reassembly) for stream in self._inbound_streams.values())
        if pieces > MAX_PIECES:
            self._end()

    async def _receive_sack_chunk(self, chunk: SackChunk) -> None:
        named = sum(max(0, end - begin + 1) for begin, end in chunk.gaps)
        if named > len(self._sent_queue) + _UNSENT:
            self._end()
        else:
            await super()._receive_sack_chunk(chunk)

    def _get_inbound_stream(self, stream_id: int) -> InboundStream:
        known = self._inbound_streams
        if stream_id not in known and len(known) >= MAX_INBOUND_STREAMS:
            self._end()
            return InboundStream()
        return super()._get_inbound_stream(stream_id)

    def _allowance_of_now(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._renewed_at >= 1.0:
            self._renewed_at, self._allowance = now, CHUNKS_A_SECOND

    def _end(self) -> None:
        self._ended = True
        self._on_excess()


def count_chunks(packet: bytes) -> int:
    """Return how many chunks an SCTP packet has (RFC 9260 section 3), one at least."""
    at, count = _HEADER_BYTES, 0
    while at + _CHUNK.size <= len(packet):
        size = _CHUNK.unpack_from(packet, at)[2]
        at += max(_CHUNK.size, size + 3 & ~3)
        count += 1
    return max(1, count)
