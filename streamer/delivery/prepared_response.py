"""The answer to a plain request, prepared but for the range.

A player asks for one piece of a film after another in the same words. Whether its conditions hold
does not depend on the piece, so the first answer's decision stands for all that follow, for as
long as the film is the same version.
"""

from __future__ import annotations

from functools import lru_cache

from streamer.delivery.film_files import OpenFilm
from streamer.delivery.preconditions import format_date
from streamer.delivery.ranges import ByteRange, Decision, one_range
from streamer.delivery.request_head import PlainHead

__all__ = ["Plan", "head_of"]

_STATUS_LINES = {200: "HTTP/1.1 200 OK", 206: "HTTP/1.1 206 Partial Content"}
_OF_THE_RANGE = ("Content-Length", "Content-Range")


def head_of(decision: Decision, fields: dict[str, str], now: float) -> bytes:
    """Return the head of an answer; ``now`` is its date, Unix seconds."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in decision.headers])
    return f"{_opening(decision.status, fields, now)}{lines}\r\n".encode("latin-1")


def _opening(status: int, fields: dict[str, str], now: float) -> str:
    lines = "".join([f"{name}: {value}\r\n" for name, value in fields.items()])
    return f"{_STATUS_LINES[status]}\r\nDate: {format_date(now)}\r\n{lines}"


@lru_cache(maxsize=256)
def _opening_of_second(fields: tuple[tuple[str, str], ...], second: int) -> bytes:
    """Return the opening of all answers of one second that say the same of one film."""
    return _opening(206, dict(fields), second).encode("latin-1")


class Plan:
    """One range after another of one version of a film, asked for in the same words."""

    __slots__ = ("_fields", "_size", "_words", "opened", "until")

    def __init__(
        self,
        words: PlainHead,
        opened: OpenFilm,
        decision: Decision,
        fields: dict[str, str],
        *,
        until: float,
    ) -> None:
        """Prepare from the first answer: its decision is 206 with one range.

        ``until`` is when the catalogue and the signer are to be asked again, Unix seconds.
        """
        constant = (pair for pair in decision.headers if pair[0] not in _OF_THE_RANGE)
        self.opened = opened
        self.until = until
        self._words = words
        self._size = opened.size
        self._fields = (*fields.items(), *constant)

    def range_in(self, data: bytes) -> ByteRange | None:
        """Return what ``data`` asks for, or None where it needs a decision of its own."""
        value = self._words.range_in(data)
        return None if value is None else one_range(value, self._size)

    def head(self, piece: ByteRange, now: float) -> bytes:
        """Return the head of the answer with ``piece``; ``now`` is its date, Unix seconds."""
        start, stop = piece
        return b"%bContent-Length: %d\r\nContent-Range: bytes %d-%d/%d\r\n\r\n" % (
            _opening_of_second(self._fields, int(now)),
            stop - start,
            start,
            stop - 1,
            self._size,
        )
