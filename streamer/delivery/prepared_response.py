"""The response to a plain request, prepared except for the range.

A player asks for one range of a film after another, and nothing else in its request changes.
Whether its preconditions hold does not depend on the range. So the decision for the first request
is used for all that follow, as long as the film is the same version.
"""

from __future__ import annotations

from functools import lru_cache

from streamer.delivery.film_files import OpenFilm
from streamer.delivery.preconditions import format_date
from streamer.delivery.ranges import ByteRange, Decision, one_range
from streamer.delivery.request_head import PlainHead

__all__ = ["PreparedResponse", "head_of"]

_STATUS_LINES = {200: "HTTP/1.1 200 OK", 206: "HTTP/1.1 206 Partial Content"}
_OF_THE_RANGE = ("Content-Length", "Content-Range")


def head_of(decision: Decision, fields: dict[str, str], now: float) -> bytes:
    """Return the head of a response; ``now`` is its date, Unix seconds."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in decision.headers])
    return f"{_opening(decision.status, fields, now)}{lines}\r\n".encode("latin-1")


def _opening(status: int, fields: dict[str, str], now: float) -> str:
    lines = "".join([f"{name}: {value}\r\n" for name, value in fields.items()])
    return f"{_STATUS_LINES[status]}\r\nDate: {format_date(now)}\r\n{lines}"


@lru_cache(maxsize=256)
def _opening_of_second(fields: tuple[tuple[str, str], ...], second: int) -> bytes:
    """Return the first lines of every response with these fields in this second."""
    return _opening(206, dict(fields), second).encode("latin-1")


class PreparedResponse:
    """Responses to requests that differ only in their range, for one version of a film."""

    __slots__ = ("_fields", "_head", "_opening", "_second", "_size", "open_film", "until")

    def __init__(
        self,
        head: PlainHead,
        open_film: OpenFilm,
        decision: Decision,
        fields: dict[str, str],
        *,
        until: float,
    ) -> None:
        """Prepare from the first request, whose ``decision`` is 206 with one range.

        After ``until``, Unix seconds, the catalogue and the signer must be asked again.
        """
        constant = (pair for pair in decision.headers if pair[0] not in _OF_THE_RANGE)
        self.open_film = open_film
        self.until = until
        self._head = head
        self._size = open_film.size
        self._fields = (*fields.items(), *constant)
        self._second = -1
        self._opening = b""

    def range_in(self, data: bytes) -> ByteRange | None:
        """Return the range that ``data`` asks for; None if it needs a decision of its own."""
        value = self._head.range_in(data)
        return None if value is None else one_range(value, self._size)

    def head(self, piece: ByteRange, now: float) -> bytes:
        """Return the head of the response with ``piece``; ``now`` is its date, Unix seconds."""
        start, stop = piece
        second = int(now)
        # Kept here too, because looking it up by all fields costs more than the rest of the head.
        if second != self._second:
            self._second, self._opening = second, _opening_of_second(self._fields, second)
        return b"%bContent-Length: %d\r\nContent-Range: bytes %d-%d/%d\r\n\r\n" % (
            self._opening,
            stop - start,
            start,
            stop - 1,
            self._size,
        )
