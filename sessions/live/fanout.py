"""Fan-out: what a show says is made into text once and given to each Link's bounded queue.

Texts of one moment travel together: a round over all links is followed by a rest at least as
long, so that a large room costs at most half of a core and a ``ping`` never waits for more than
one round.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sessions.server_messages import ServerMessage
from sessions.wire import encode

__all__ = ["Audience", "Batch", "Link"]

logger = logging.getLogger("seans.live")

MIN_SPACING_S = 0.004
"""Shortest time between two rounds, seconds."""


class Batch:
    """Texts that travel together, and their bytes on the wire, made once for all links."""

    __slots__ = ("_payloads", "_wire", "texts")

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._payloads: list[bytes] | None = None
        self._wire: dict[Callable[[Sequence[bytes]], bytes], bytes] = {}

    @property
    def payloads(self) -> Sequence[bytes]:
        """The texts in UTF-8."""
        if self._payloads is None:
            self._payloads = [text.encode() for text in self.texts]
        return self._payloads

    @property
    def size(self) -> int:
        """How long the texts are in UTF-8, bytes."""
        return sum(map(len, self.payloads))

    def wire(self, frame: Callable[[Sequence[bytes]], bytes]) -> bytes:
        """Return the payloads as ``frame`` joins them, once."""
        if frame not in self._wire:
            self._wire[frame] = frame(self.payloads)
        return self._wire[frame]


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


@dataclass(frozen=True, slots=True)
class _PendingMessage:
    """A message on its way to the links."""

    message: ServerMessage
    logged: bool
    session_id: str | None
    """Whose links it concerns; None: everybody's."""


class Audience:
    """The links of a show. Live ones get everything, those still catching up all but the log."""

    def __init__(self) -> None:
        self.live: set[Link] = set()
        self.catching_up: set[Link] = set()
        self.failed = 0
        """Links that were ended because they raised."""
        self._session_ids: dict[Link, str] = {}
        self._pending: list[_PendingMessage] = []
        self._earliest = 0.0
        self._timer: asyncio.Handle | None = None

    def __len__(self) -> int:
        return len(self.live) + len(self.catching_up)

    def publish(
        self,
        message: ServerMessage,
        *,
        logged: bool = False,
        session_id: str | None = None,
        urgent: bool = False,
    ) -> None:
        """Send ``message`` to all, or to a session's links, with the next round.

        An ``urgent`` one starts it now. The text is made in the round, so it must not be changed.
        """
        self._pending.append(_PendingMessage(message, logged, session_id))
        if urgent:
            self._cancel()
            self._round()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(self._earliest, loop.time()), self._round)

    def settle(self) -> None:
        """Hand out what is waiting now, so that nothing is on its way to only some."""
        if self._pending:
            self._cancel()
            self._round()

    def enter(self, link: Link, session_id: str) -> None:
        """Add ``link``, which watches a session and still has to catch up with the log."""
        self._session_ids[link] = session_id
        self.catching_up.add(link)

    def session_id_of(self, link: Link) -> str | None:
        """Return which session ``link`` watches; None: it is not here."""
        return self._session_ids.get(link)

    def go_live(self, link: Link) -> None:
        """Let ``link`` hear everything from here on."""
        self.catching_up.discard(link)
        self.live.add(link)

    def offer(self, link: Link, batch: Batch) -> None:
        """Give ``batch`` to one link; one that raises is ended."""
        try:
            link.offer(batch)
        except Exception:
            # One link's fault must not keep the others from hearing this round.
            self.failed += 1
            logger.exception("a link failed and is ended")
            # Which session it watched stays known: that one is still to hear that it left.
            self.live.discard(link)
            self.catching_up.discard(link)
            try:
                link.close(1011, "unexpected")
            except Exception:
                logger.exception("a link that failed could not be closed")

    def discard(self, link: Link) -> None:
        """Forget ``link``."""
        self.live.discard(link)
        self.catching_up.discard(link)
        self._session_ids.pop(link, None)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _round(self) -> None:
        self._timer = None
        pending, self._pending = self._pending, []
        if not self:
            # Nobody is here, so no text is made.
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        texts = [(text, each) for each in pending if (text := _text(each.message)) is not None]
        session_ids = set(self._session_ids.values())
        for session_id in session_ids:
            for_session = [
                (text, each) for text, each in texts if each.session_id in (None, session_id)
            ]
            # Most shows have one session; then nothing is sorted out.
            only = None if len(session_ids) == 1 else session_id
            self._send(only, self.live, [text for text, _ in for_session])
            unlogged = [text for text, each in for_session if not each.logged]
            self._send(only, self.catching_up, unlogged)
        ended = loop.time()
        self._earliest = ended + max(MIN_SPACING_S, ended - began)

    def _send(self, session_id: str | None, links: set[Link], texts: Sequence[str]) -> None:
        """Send ``texts`` to those of ``links`` that watch a session; None: to all of them."""
        if texts:
            batch = Batch(texts)
            for link in tuple(links):
                if session_id is None or self._session_ids.get(link) == session_id:
                    self.offer(link, batch)


def _text(message: ServerMessage) -> str | None:
    """Return a message as its links read it; None where it is a fault of this server's own."""
    try:
        return encode(message)
    except (TypeError, ValueError):
        # It must not take along what else is said in this round.
        logger.exception("a message %s could not be made into text", message.get("type"))
        return None
