"""Many viewers in one thread: one epoll set, read in rounds, and a queue of what is due."""

from __future__ import annotations

import heapq
import itertools
import select
import time
from collections.abc import Callable

from harness.webrtc.receiving import Datagrams
from harness.webrtc.viewer import Viewer

__all__ = ["Audience"]

_ROUND_S = 0.004


class Audience:
    """Viewers and what drives them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.viewers: list[Viewer] = []
        """All that were added, closed ones too."""
        self._epoll = select.epoll()
        self._room = Datagrams()
        self._by_descriptor: dict[int, Viewer] = {}
        self._due: list[tuple[float, int, Viewer]] = []
        self._order = itertools.count()

    def add(self, viewer: Viewer) -> None:
        """Take care of a viewer that knows its other side."""
        self.viewers.append(viewer)
        self._by_descriptor[viewer.fileno()] = viewer
        self._epoll.register(viewer.fileno(), select.EPOLLIN)
        heapq.heappush(self._due, (self.clock(), next(self._order), viewer))

    def run_for(self, seconds: float) -> None:
        """Let all watch for so long."""
        end = self.clock() + seconds
        while (now := self.clock()) < end:
            self._round(now)

    def run_until(self, done: Callable[[], bool], within: float) -> bool:
        """Let all watch until ``done``, at most so many seconds; return whether it came so."""
        end = self.clock() + within
        while not done():
            if (now := self.clock()) >= end:
                return False
            self._round(now)
        return True

    def _round(self, now: float) -> None:
        # Waiting by sleep and not by epoll spares the servers a wake-up for each datagram, which
        # viewers on other machines would not cost them either.
        time.sleep(_ROUND_S)
        while self._due and self._due[0][0] <= now:
            _, order, viewer = heapq.heappop(self._due)
            if viewer.state != "closed":
                heapq.heappush(self._due, (viewer.tick(now), order, viewer))
        for descriptor, _ in self._epoll.poll(0):
            self._by_descriptor[descriptor].read(self._room, now)
