"""Fan-out: what a room says is made into text once and given to each Link's bounded queue.

Texts of one moment travel together: a round over all links is followed by a rest at least as
long, so that a large room costs at most half of a core and a ``ping`` never waits for more than
one round.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

__all__ = ["Audience", "Batch", "Link"]

logger = logging.getLogger("seans.live")

SPACING = 0.004
"""Shortest time between two rounds, seconds."""


class Batch:
    """Texts that travel together, and their bytes on the wire, made once for all links."""

    __slots__ = ("_wire", "texts")

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._wire: dict[Callable[[Sequence[str]], bytes], bytes] = {}

    def wire(self, encode: Callable[[Sequence[str]], bytes]) -> bytes:
        """Return the texts as ``encode`` makes them, once."""
        if encode not in self._wire:
            self._wire[encode] = encode(self.texts)
        return self._wire[encode]


class Link(Protocol):
    """One connection, whatever carries it. Nothing here waits, save ``drained``."""

    @property
    def transport(self) -> str:
        """What carries it, in the contract's word: websocket or webrtc."""
        ...

    def offer(self, batch: Batch) -> None:
        """Send ``batch``, or queue it; a queue over its bound ends the link (4408)."""
        ...

    def write(self, batch: Batch) -> None:
        """Send ``batch`` outside the queue's bound: for who asks ``drained`` before."""
        ...

    async def drained(self) -> bool:
        """Wait until little is left unsent; False where the link is over or stuck."""
        ...

    def close(self, code: int, reason: str, last: str | None = None) -> None:
        """Say ``last`` and close with ``code``; further texts are dropped."""
        ...


class Audience:
    """The links of a room. Live ones get everything, those still catching up all but the log."""

    def __init__(self) -> None:
        self.live: set[Link] = set()
        self.catching_up: set[Link] = set()
        self.failed = 0
        """Links that were ended because they raised."""
        self._texts: list[str] = []
        self._unlogged: list[str] = []
        self._earliest = 0.0
        self._timer: asyncio.Handle | None = None

    def __len__(self) -> int:
        return len(self.live) + len(self.catching_up)

    def publish(self, text: str, *, logged: bool, urgent: bool = False) -> None:
        """Send ``text`` to all with the next round; an ``urgent`` one starts it now."""
        self._texts.append(text)
        if not logged:
            self._unlogged.append(text)
        if urgent:
            self._cancel()
            self._round()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(self._earliest, loop.time()), self._round)

    def settle(self) -> None:
        """Hand out what is waiting now, so that nothing is on its way to only some."""
        if self._texts:
            self._cancel()
            self._round()

    def go_live(self, link: Link) -> None:
        """Let ``link`` hear everything from here on."""
        self.catching_up.discard(link)
        self.live.add(link)

    def discard(self, link: Link) -> None:
        """Forget ``link``."""
        self.live.discard(link)
        self.catching_up.discard(link)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _round(self) -> None:
        self._timer = None
        batch, unlogged = Batch(self._texts), Batch(self._unlogged)
        self._texts, self._unlogged = [], []
        loop = asyncio.get_running_loop()
        began = loop.time()
        for link in tuple(self.live):
            self._offer(link, batch)
        if unlogged.texts:
            for link in tuple(self.catching_up):
                self._offer(link, unlogged)
        ended = loop.time()
        self._earliest = ended + max(SPACING, ended - began)

    def _offer(self, link: Link, batch: Batch) -> None:
        try:
            link.offer(batch)
        except Exception:
            # One link's fault must not keep the others from hearing this round.
            self.failed += 1
            logger.exception("a link failed and is ended")
            self.discard(link)
            try:
                link.close(1011, "unexpected")
            except Exception:
                logger.exception("a link that failed could not be closed")
