"""The first pictures of a viewer who comes in the middle of a group of pictures. Pure.

It begins with a keyframe of its own, of the picture that was sent last. Up to the next keyframe of
all it gets what all get, numbered after its own keyframe; sequence numbers and timestamps are those
of all, so that it needs nothing of its own afterwards.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from streamer.preparation.stream_layout import StreamLayout
from streamer.webrtc.h264 import NumberedPayloads
from streamer.webrtc.history import Packet
from streamer.webrtc.packets import MediaPackets, video_payloads

__all__ = ["FirstPicture", "FreshStart", "OwnKeyframe"]

_WRAP = 1 << 16


@dataclass(frozen=True, slots=True)
class OwnKeyframe:
    """A keyframe that was made for latecomers."""

    data: bytes
    """NAL units with 4 bytes of length before each."""

    shown_at: float
    """When the picture is shown that it is a keyframe of, server time, Unix seconds."""

    layout: StreamLayout
    """The stream that it begins."""


FirstPicture = Callable[[], Awaitable[OwnKeyframe | None]]
"""Makes a keyframe of the picture that was sent last; None where there is none."""


class FreshStart:
    """What one viewer gets from its own keyframe to the next keyframe of all."""

    def __init__(self, first: OwnKeyframe, before: MediaPackets, variant: int) -> None:
        """Begin with ``first`` in place of the picture that ends with ``before``.

        ``variant`` tells these packets from those of all, and of others who came in between.
        """
        payloads = video_payloads(first.data)
        # Nothing before it was sent to this viewer: the numbers up to the next picture are free.
        self.keyframe = replace(
            before,
            first_sequence=before.next_sequence - len(payloads),
            payloads=payloads,
            keyframe=True,
            complete=True,
            variant=variant,
        )
        """Its packets."""
        self.sent = [self.keyframe]
        """All packets so far."""
        self._numbers = NumberedPayloads(first.layout)
        self._timestamp = before.timestamp
        self._variant = variant
        self._packets: dict[int, Packet] = {}
        self._keep(self.keyframe)

    def adapted(self, packets: MediaPackets) -> MediaPackets:
        """Return ``packets`` of the next picture, or of a piece of it, as this viewer gets them."""
        if packets.timestamp != self._timestamp:
            self._timestamp = packets.timestamp
            self._numbers.next_picture()
        own = replace(
            packets,
            payloads=tuple(self._numbers.numbered(payload) for payload in packets.payloads),
            variant=self._variant,
        )
        self.sent.append(own)
        self._keep(own)
        return own

    def find(self, sequence: int) -> Packet | None:
        """Return a packet by the lower 16 bits of its sequence number."""
        return self._packets.get(sequence % _WRAP)

    def _keep(self, packets: MediaPackets) -> None:
        for index in range(len(packets.payloads)):
            packet = Packet(packets, index)
            self._packets[packet.sequence % _WRAP] = packet
