"""Fan-out: a show's messages are encoded once and given to each Link's bounded queue.

Messages of the same moment are sent together, in a round over all links. After a round there is a
pause of at least the same length, so a large room uses at most half of a core, and a ``ping`` never
waits for more than one round.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sessions.server_messages import ServerMessage
from sessions.wire import encode

__all__ = ["Audience", "Batch", "Link", "close_link"]

logger = logging.getLogger("seans.live")

MIN_SPACING_S = 0.004
"""Shortest time between two rounds, seconds."""


class Batch:
    """Texts that are sent together, and their bytes on the wire, made once for all links."""

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
        """Length of the texts in UTF-8, bytes."""
        return sum(map(len, self.payloads))

    def wire(self, frame: Callable[[Sequence[bytes]], bytes]) -> bytes:
        """Return the payloads framed by ``frame``; the result is cached."""
        if frame not in self._wire:
            self._wire[frame] = frame(self.payloads)
        return self._wire[frame]


class Link(Protocol):
    """One connection, over any carrier. Only ``drained`` waits."""

    @property
    def transport(self) -> str:
        """The carrier, by the contract's name: websocket or webrtc."""
        ...

    @property
    def closing(self) -> bool:
        """Whether it was closed, by whomever: nothing that it says counts any more."""
        ...

    def offer(self, batch: Batch) -> None:
        """Send ``batch``, or queue it; a queue over its bound ends the link (4408)."""
        ...

    def write(self, batch: Batch) -> None:
        """Send ``batch`` without the queue's bound; the caller awaits ``drained`` first."""
        ...

    async def drained(self) -> bool:
        """Wait until little is unsent; return False if the link is closed or stuck."""
        ...

    def close(self, code: int, reason: str, last: str | None = None) -> None:
        """Send ``last`` and close with ``code``; further texts are dropped."""
        ...


def close_link(link: Link, code: int, reason: str, last: str | None = None) -> None:
    """Close ``link``; one that raises must not keep the links after it from being closed."""
    try:
        link.close(code, reason, last)
    except Exception:
        logger.exception("a link could not be closed (%s)", reason)


@dataclass(frozen=True, slots=True)
class _PendingMessage:
    """A message that waits for the next round."""

    message: ServerMessage
    logged: bool
    session_id: str | None
    """The session whose links get it; None: all links."""


class Audience:
    """The links of a show. Links that still catch up get everything except log entries."""

    def __init__(self) -> None:
        self.live: set[Link] = set()
        self.catching_up: set[Link] = set()
        self.failed = 0
        """Links that were closed because they raised."""
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
        """Send ``message`` to all links, or to those of a session, in the next round.

        An ``urgent`` message starts the round now. The round encodes it, so do not change it.
        """
        self._pending.append(_PendingMessage(message, logged, session_id))
        if urgent:
            self._cancel()
            self._round()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(self._earliest, loop.time()), self._round)

    def settle(self) -> None:
        """Send all waiting messages now, before the set of live links changes."""
        if self._pending:
            self._cancel()
            self._round()

    def enter(self, link: Link, session_id: str) -> None:
        """Add ``link``, which watches a session and has yet to catch up with the log."""
        self._session_ids[link] = session_id
        self.catching_up.add(link)

    def session_id_of(self, link: Link) -> str | None:
        """Return which session ``link`` watches; None: the link is unknown."""
        return self._session_ids.get(link)

    def go_live(self, link: Link) -> None:
        """Send log entries to ``link`` too, from now on."""
        self.catching_up.discard(link)
        self.live.add(link)

    def offer(self, link: Link, batch: Batch) -> None:
        """Give ``batch`` to one link; a link that raises is closed."""
        try:
            link.offer(batch)
        except Exception:
            # An error in one link must not keep the others from getting this round.
            self.failed += 1
            logger.exception("a link failed and is ended")
            # Its session stays known, because the session's listeners must still get `left`.
            self.live.discard(link)
            self.catching_up.discard(link)
            close_link(link, 1011, "unexpected")

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
            # There are no links, so nothing is encoded.
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        texts = [(text, each) for each in pending if (text := _text(each.message)) is not None]
        session_ids = set(self._session_ids.values())
        for session_id in session_ids:
            for_session = [
                (text, each) for text, each in texts if each.session_id in (None, session_id)
            ]
            # Most shows have one session; then there is nothing to filter.
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
    """Return a message encoded; None if it cannot be, which is a bug of this server."""
    try:
        return encode(message)
    except (TypeError, ValueError):
        # It must not affect the other messages of this round.
        logger.exception("a message %s could not be made into text", message.get("type"))
        return None
