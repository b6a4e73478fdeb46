"""The packets of the last seconds, shared by all viewers: for NACKs and for latecomers. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from streamer.webrtc.packets import MediaPackets

__all__ = ["KEPT_S", "MAX_BYTES", "History", "Packet"]

KEPT_S = 3.0
"""How long packets are kept for retransmission, seconds; a picture that is later is useless."""

MAX_BYTES = 32 << 20
"""Payload bytes kept at most, whatever the length of a group of pictures."""

MAX_ITEMS = 10_000
"""Items of a group of pictures that are kept at most: a picture that stands for half an hour."""

_WRAP = 1 << 16


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of some."""

    packets: MediaPackets
    """Those that it was sent with."""

    index: int
    """Its place among them."""

    @property
    def sequence(self) -> int:
        """Its extended sequence number."""
        return self.packets.first_sequence + self.index


class History:
    """The last packets of one stream: the group of pictures in progress, and KEPT_S before now.

    Items are numbered from 0 in the order of ``add``; a reader keeps the number it comes to next.
    """

    def __init__(self) -> None:
        self._items: deque[MediaPackets] = deque()
        self._first = 0
        self._gop_start: int | None = None
        self._by_sequence: dict[int, tuple[MediaPackets, int]] = {}
        self._bytes = 0

    @property
    def end(self) -> int:
        """Number of the item that is added next."""
        return self._first + len(self._items)

    @property
    def gop_start(self) -> int:
        """Number of the last keyframe; ``end`` where there is none."""
        return self.end if self._gop_start is None else self._gop_start

    def add(self, packets: MediaPackets) -> None:
        """Keep ``packets``, the newest, and forget what is too old."""
        if packets.keyframe:
            self._gop_start = self.end
        self._items.append(packets)
        self._bytes += packets.octets
        for index in range(len(packets.payloads)):
            self._by_sequence[packets.first_sequence + index] = packets, index
        self._forget(packets.shown_at - KEPT_S)

    def item(self, number: int) -> MediaPackets | None:
        """Return item ``number``; None where it is no longer, or not yet, here."""
        index = number - self._first
        return self._items[index] if 0 <= index < len(self._items) else None

    def end_of(self, timestamp: int) -> tuple[int, MediaPackets] | None:
        """Return the last item of the picture with an RTP timestamp, and its number."""
        for number in range(self.end - 1, self._first - 1, -1):
            packets = self._items[number - self._first]
            if packets.timestamp == timestamp and packets.complete:
                return number, packets
        return None

    def find(self, sequence: int) -> Packet | None:
        """Return the newest packet whose sequence number is ``sequence`` in its lower 16 bits."""
        if not self._items:
            return None
        newest = self._items[-1].next_sequence - 1
        found = self._by_sequence.get(newest - (newest - sequence) % _WRAP)
        return None if found is None else Packet(*found)

    def clear(self) -> None:
        """Forget all; the numbers go on."""
        while self._items:
            self._forget_first()
        self._gop_start = None

    def _forget(self, before: float) -> None:
        # The group of pictures in progress stays whole, for latecomers, unless it is huge.
        while self._items[0].shown_at < before and self._first < self.gop_start:
            self._forget_first()
        while len(self._items) > MAX_ITEMS or (self._bytes > MAX_BYTES and len(self._items) > 1):
            self._forget_first()
        if self._gop_start is not None and self._gop_start < self._first:
            self._gop_start = None

    def _forget_first(self) -> None:
        packets = self._items.popleft()
        self._first += 1
        self._bytes -= packets.octets
        for sequence in range(packets.first_sequence, packets.next_sequence):
            self._by_sequence.pop(sequence, None)
