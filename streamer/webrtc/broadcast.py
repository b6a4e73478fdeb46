"""What one running session sends to all its live viewers: packets made once, and the fan-out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from streamer.webrtc.packets import Kind, MediaPackets

__all__ = ["Broadcast", "Subscriber"]


class Subscriber(Protocol):
    """A viewer's egress."""

    def send(self, packets: MediaPackets) -> None:
        """Encrypt and send; never blocks, never raises."""
        ...


class Broadcast:
    """The streams of one running session: SSRCs, packets, history, subscribers.

    The pump makes one, gives it frames, and closes it. ``Peers.offer`` answers for it.
    """

    def __init__(
        self, clock: Callable[[], float], on_viewers: Callable[[int], None] | None = None
    ) -> None:
        """``on_viewers`` is called with the number of viewers when it changes."""
        raise NotImplementedError

    @property
    def viewers(self) -> int:
        """How many viewers get it now (connected ones)."""
        raise NotImplementedError

    async def send(
        self, kind: Kind, data: bytes, *, shown_at: float, keyframe: bool = True
    ) -> None:
        """Send a picture or an Opus packet to all, to be shown at server time ``shown_at``.

        ``data`` as in ``Sample.data``. Yields to the event loop every 20 viewers. Raises
        ValueError where ``data`` is no picture or packet.
        """
        raise NotImplementedError
