"""Sends a film, or a range of one, to a socket without copying it through this process."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Protocol

from streamer.delivery.film_files import OpenFilm
from streamer.delivery.ranges import ByteRange

__all__ = ["FilmChanged", "StallWatch", "Transfer"]

# More at once would block the event loop for longer than a pong may wait; less needs more calls
# (ADR 0001).
_MOST_AT_ONCE = 1024 * 1024


class FilmChanged(Exception):
    """The film has changed since the head was sent."""


class Transfer:
    """A response's head and the range of the film that follows it.

    A slow peer costs only this object, and no copy of the film.
    """

    __slots__ = (
        "_has_begun",
        "_head",
        "_head_length",
        "_offset",
        "_offset_at_progress",
        "began_at",
        "last_progress",
        "open_film",
        "piece",
        "status",
    )

    def __init__(
        self, open_film: OpenFilm, piece: ByteRange, head: bytes, *, status: int, began_at: float
    ) -> None:
        """``began_at`` is the event loop's time."""
        self.open_film = open_film
        self.piece = piece
        self.status = status
        self.began_at = began_at
        self.last_progress = began_at
        self._head = head
        self._head_length = len(head)
        self._offset = self._offset_at_progress = piece.start
        self._has_begun = False

    @property
    def sent(self) -> int:
        """Bytes of the film given to the socket so far."""
        return self._offset - self.piece.start

    @property
    def written(self) -> int:
        """Bytes given to the socket so far, including the head."""
        return self._head_length - len(self._head) + self._offset - self.piece.start

    def note_progress(self, at: float) -> None:
        """Note at ``at``, the event loop's time, whether the peer has taken more bytes."""
        # The socket's buffer takes some bytes even if the peer is dead, so only progress counts.
        if self._offset > self._offset_at_progress:
            self._offset_at_progress = self._offset
            self.last_progress = at

    def advance(self, peer: socket.socket) -> bool:
        """Send as much as the socket takes; return whether that was the rest.

        Raises :class:`FilmChanged` if the rest would come from another version of the film, and
        :class:`OSError` if the connection is gone.
        """
        # The first piece was checked when the film was acquired.
        if self._has_begun and not self.open_film.unchanged():
            raise FilmChanged
        self._has_begun = True
        try:
            if self._head:
                # MSG_MORE: the head and the first bytes of the film leave in one segment.
                self._head = self._head[peer.send(self._head, socket.MSG_MORE) :]
                if self._head:
                    return False
            offset = self._offset
            left = self.piece.stop - offset
            most = min(_MOST_AT_ONCE, left)
            sent = os.sendfile(peer.fileno(), self.open_film.descriptor, offset, most)
        except BlockingIOError:
            return False
        # The file ends before the promised end: it was truncated meanwhile.
        if not sent:
            raise FilmChanged
        self._offset = offset + sent
        return sent == left


class _Stallable(Protocol):
    def end_if_stalled_since(self, limit: float) -> None: ...


class StallWatch:
    """Ends transfers whose peer has stopped reading, with one timer for all of them."""

    def __init__(self, loop: asyncio.AbstractEventLoop, timeout: float) -> None:
        """End transfers without progress for ``timeout`` seconds."""
        self._loop = loop
        self._timeout = timeout
        self._waiting: set[_Stallable] = set()
        self._next_look: asyncio.TimerHandle | None = None

    def watch(self, connection: _Stallable) -> None:
        """Watch a connection whose transfer waits for its peer."""
        self._waiting.add(connection)
        if self._next_look is None:
            self._look_later()

    def forget(self, connection: _Stallable) -> bool:
        """Stop watching a connection; return whether it was watched."""
        if connection not in self._waiting:
            return False
        self._waiting.remove(connection)
        return True

    def _look_later(self) -> None:
        self._next_look = self._loop.call_later(min(1.0, self._timeout / 4), self._look)

    def _look(self) -> None:
        self._next_look = None
        limit = self._loop.time() - self._timeout
        # Ending a transfer changes the set.
        for connection in list(self._waiting):
            connection.end_if_stalled_since(limit)
        if self._waiting:
            self._look_later()
