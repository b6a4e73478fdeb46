"""All live viewers: by session and person, their bounds, and their end."""

from __future__ import annotations

from collections.abc import Callable

from aiortc import RTCDataChannel

from streamer.webrtc.broadcast import Broadcast

__all__ = ["Peer", "Peers"]


class Peer:
    """One stream to one viewer (a WHEP resource)."""

    id: str
    session_id: str
    user_id: str
    answer: str
    """SDP answer."""

    etag: str
    """Entity tag of the ICE session (RFC 9725 section 4.3.1), with its quotes."""

    async def closed(self) -> None:
        """Wait until it has ended, by whomever."""
        raise NotImplementedError


class Peers:
    """All streams; an async context manager: leaving it closes them all."""

    async def offer(
        self,
        session_id: str,
        user_id: str,
        broadcast: Broadcast,
        sdp: str,
        on_channel: Callable[[Peer, RTCDataChannel], None] | None = None,
    ) -> Peer:
        """Answer ``sdp``; the peer is subscribed to ``broadcast`` once it is connected.

        ``on_channel`` is called when the viewer opens the data channel labelled ``room``.
        Raises BadOffer (422), NoCommonCodec (406), TooManyStreams (429), ServerFull (503).
        """
        raise NotImplementedError

    def find(self, session_id: str, peer_id: str, user_id: str) -> Peer:
        """Return a person's own stream. Raises UnknownStream (404)."""
        raise NotImplementedError

    async def trickle(self, peer: Peer, fragment: str) -> None:
        """Add the candidates of an SDP fragment (RFC 8840). Raises BadOffer (422)."""
        raise NotImplementedError

    async def end(self, peer: Peer) -> None:
        """Close one stream."""
        raise NotImplementedError

    def end_of_user(self, session_id: str, user_id: str) -> None:
        """Close all streams of a removed member in a session, at once."""
        raise NotImplementedError

    def end_of_session(self, session_id: str) -> None:
        """Close all streams of a session."""
        raise NotImplementedError

    def of_session(self, session_id: str) -> list[Peer]:
        """Return the streams of a session, for rows and figures."""
        raise NotImplementedError
