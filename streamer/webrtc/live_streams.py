"""The live streams of all sessions: for each session a pump, and the peers that it sends to.

A session's pump listens to it: each timeline counts as soon as it has arrived from the log, the
streams of a removed member end at once, and all streams end with the show.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from functools import partial
from typing import Any, Self

from aiortc import RTCDataChannel

from sessions.background import log_failure
from sessions.core.errors import UnknownSession
from sessions.core.membership import require_member
from sessions.core.records import Entry, Session, User
from sessions.core.room import RoomState
from sessions.core.timeline import Timeline
from sessions.live.listener import Listener
from sessions.live.live_session import LiveSession
from sessions.live.live_show import LiveShow
from sessions.live.registry import Registry
from streamer.preparation.live_rendition import LiveRendition
from streamer.webrtc.channel import DataChannelCarrier
from streamer.webrtc.keyframe_maker import KeyframeMaker
from streamer.webrtc.peer import Peer, Request
from streamer.webrtc.peers import Peers
from streamer.webrtc.pump import Pump
from streamer.webrtc.pump_run import PumpCounts

__all__ = ["LiveStreams", "OpenRendition"]

logger = logging.getLogger("seans.webrtc")

STOP_WITHIN_S = 1.0
"""How long pumps may take to stop, seconds."""

OpenRendition = Callable[[str], Awaitable[LiveRendition]]
"""Opens the live rendition of a film by its id. Raises RenditionUnavailable."""


class LiveStreams:
    """The live streams of all sessions of this server."""

    def __init__(
        self,
        registry: Registry,
        peers: Peers,
        rendition: OpenRendition,
        clock: Callable[[], float],
    ) -> None:
        """``clock`` is server time, Unix seconds."""
        self.peers = peers
        self.counts = PumpCounts()
        self.keyframes = KeyframeMaker()
        self._registry = registry
        self._rendition = rendition
        self._clock = clock
        self._sessions: dict[str, _SessionStream] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        streams = list(self._sessions.values())
        for stream in streams:
            stream.closed()
        stopping = [asyncio.create_task(stream.pump.stopped()) for stream in streams]
        if stopping:
            await asyncio.wait(stopping, timeout=STOP_WITHIN_S)
        self.keyframes.close()

    @property
    def running(self) -> int:
        """How many pumps run."""
        return sum(stream.pump.running for stream in self._sessions.values())

    def rendition_of(self, session_id: str) -> LiveRendition | None:
        """Return what a session is sent from now; None where nothing is."""
        stream = self._sessions.get(session_id)
        return stream.pump.rendition if stream else None

    async def open(
        self,
        session: Session,
        user: User,
        sdp: str,
        on_channel: Callable[[Peer, RTCDataChannel], None] | None = None,
    ) -> Peer:
        """Answer ``sdp`` with the stream of a session.

        Raises BadOffer, NoCommonCodec, RateLimited, ServerFull, UnknownSession.
        """
        show = await self._registry.live_show(session.show_id)
        # While it was opened, the show may have been deleted, or the caller removed: then nobody
        # would end this stream any more.
        if self._registry.find_open(session.show_id) is not show:
            raise UnknownSession
        require_member(show.members.get(user.id), UnknownSession)
        stream = self._stream(show, show.session(session.id))
        request = Request(
            session_id=session.id,
            user_id=user.id,
            broadcast=stream.pump.broadcast,
            until=user.expires,
            on_channel=on_channel,
        )
        peer = await self.peers.offer(request, sdp)
        stream.pump.begin()
        show.roster.stream_began(user.id)
        self._watch(self._await_end(peer, show), "the care of a live stream")
        return peer

    async def _await_end(self, peer: Peer, show: LiveShow) -> None:
        await peer.closed()
        show.roster.stream_ended(peer.user_id)

    def _watch(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """Run ``work`` in the background."""
        task = asyncio.create_task(work)
        log_failure(task, logger, what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def carry(
        self, peer: Peer, carrier: DataChannelCarrier, work: Coroutine[Any, Any, None]
    ) -> None:
        """Run the conversation ``work`` of a peer's channel until the stream ends."""
        self._watch(self._carry(peer, carrier, work), "the conversation on a data channel")

    async def _carry(
        self, peer: Peer, carrier: DataChannelCarrier, work: Coroutine[Any, Any, None]
    ) -> None:
        peer.channels.add(carrier)
        conversing, ended = asyncio.create_task(work), asyncio.create_task(peer.closed())
        try:
            await asyncio.wait({conversing, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Where the connection is gone, the channel is not told.
            carrier.peer_closed()
            peer.channels.discard(carrier)
            ended.cancel()
            await conversing

    def _stream(self, show: LiveShow, live: LiveSession) -> _SessionStream:
        """Return the stream of a session; a show that was closed and opened again has another."""
        stream = self._sessions.get(live.session.id)
        if stream is None or stream.live is not live:
            pump = Pump(
                show,
                live,
                lambda: self._rendition(live.session.target_id),
                self._clock,
                self.counts,
                self.keyframes,
                lambda: self._lines(live),
            )
            stream = self._sessions[live.session.id] = _SessionStream(live, pump, self)
            live.sent_live = partial(self._viewers, live.session.id)
        return stream

    def _viewers(self, session_id: str) -> set[str]:
        """Return the ids of those who are sent a session live, now."""
        return {
            peer.user_id for peer in self.peers.of_session(session_id) if peer.stats().connected
        }

    def _lines(self, live: LiveSession) -> Iterator[float]:
        """Yield the one-way delays that a session's live viewers report, seconds."""
        for user_id in {peer.user_id for peer in self.peers.of_session(live.session.id)}:
            said = live.reports.last_report(user_id)
            if said is not None and said[0].delay is not None:
                yield said[0].delay

    def forget(self, stream: _SessionStream) -> None:
        """Forget a session whose show is closed."""
        if self._sessions.get(stream.live.session.id) is stream:
            del self._sessions[stream.live.session.id]


class _SessionStream(Listener):
    """The pump of a session, told what happens there."""

    def __init__(self, live: LiveSession, pump: Pump, streams: LiveStreams) -> None:
        self.live = live
        self.pump = pump
        self._streams = streams
        live.listeners.append(self)

    def moved(self, entry: Entry, made: Timeline, before: RoomState) -> None:
        """Let the pump look at the timelines."""
        del entry, made, before
        self.pump.timeline_changed()

    def removed(self, user_id: str) -> None:
        """End the streams of a removed member at once."""
        self._streams.peers.end_of_user(self.live.session.id, user_id, "removed")

    def closed(self) -> None:
        """End all streams."""
        self.pump.stop()
        self._streams.peers.end_of_session(self.live.session.id, "the show is closed")
        self._streams.forget(self)
