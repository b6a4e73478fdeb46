"""A server of live streams on loopback, with a film that plays."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from harness.house import clock, house, store
from harness.live.feed import feeding
from harness.live.film import LiveFilm, counter_live_film
from streamer.webrtc.broadcast import Broadcast
from streamer.webrtc.peer import Peer, Request
from streamer.webrtc.peers import Peers

__all__ = ["Clock", "LiveRoom", "clock", "house", "store"]


class Clock:
    """Server time, which a test can let jump ahead."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class LiveRoom:
    """Peers, and what they send."""

    peers: Peers
    broadcast: Broadcast
    clock: Clock

    def request(self, user: str = "user") -> Request:
        return Request("session", user, self.broadcast)

    async def offer(self, sdp: str, user: str = "user", **changes: object) -> Peer:
        return await self.peers.offer(replace(self.request(user), **changes), sdp)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def live_film() -> LiveFilm:
    return counter_live_film(2)


@pytest.fixture
async def room(live_film: LiveFilm) -> AsyncIterator[LiveRoom]:
    clock, broadcast = Clock(), Broadcast()
    async with Peers.open(clock) as peers, feeding(broadcast, live_film, clock):
        yield LiveRoom(peers, broadcast, clock)
