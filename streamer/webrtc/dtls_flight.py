"""The last flight of a DTLS handshake, sent again until it is answered (RFC 6347 section 4.2.4).

OpenSSL waits for a second before it does, and nothing that is public sets that timer. On a line
that loses 2 % of all datagrams, a viewer in twenty-five would wait for its first picture that long.
"""

from __future__ import annotations

from asyncio import TimerHandle
from collections.abc import Callable
from typing import Final

__all__ = ["MAX_REPEATS", "REPEAT_AFTER_S", "DtlsFlight"]

REPEAT_AFTER_S: Final = 0.1
"""When a flight is first sent again, seconds; then after twice as long, and so on. Chromium begins
with 50 ms."""

MAX_REPEATS: Final = 3
"""How often; then a second is over, and OpenSSL sends it again itself."""


class DtlsFlight:
    """Datagrams that the other side has not answered yet.

    The very same datagrams are sent: the other side drops records that it has got already.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        call_later: Callable[[float, Callable[[], None]], TimerHandle],
    ) -> None:
        self._send = send
        self._call_later = call_later
        self._datagrams: list[bytes] = []
        self._answered = False
        self._is_last = False
        self._repeats = 0
        self._timer: TimerHandle | None = None

    def sent(self, datagram: bytes) -> None:
        """Note a datagram that was sent; after an answer it begins the next flight."""
        if self._answered:
            self.end()
        self._answered = False
        self._datagrams.append(datagram)
        if self._timer is None:
            self._wait()

    def received(self) -> None:
        """Note that something came; before the last flight, it need not be the whole answer."""
        self._answered = True
        if self._is_last:
            self.end()

    def handshake_done(self) -> None:
        """Go on until something comes: the other side may still wait for our last flight."""
        self._is_last = True
        if self._answered:
            self.end()

    def end(self) -> None:
        """Send nothing of it any more."""
        self._datagrams.clear()
        self._repeats = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        self._timer = self._call_later(REPEAT_AFTER_S * 2**self._repeats, self._repeat)

    def _repeat(self) -> None:
        self._timer = None
        for datagram in self._datagrams:
            self._send(datagram)
        self._repeats += 1
        if self._repeats < MAX_REPEATS:
            self._wait()
