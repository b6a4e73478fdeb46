"""Decides the response to a request for a film: the whole film, ranges, or a refusal.

RFC 9110 section 14, after the conditions of section 13. Where the RFC leaves a choice:

- A ``Range`` that is malformed, of another unit or asks for more than :data:`MOST_RANGES` ranges
  is ignored, and the whole film is sent (section 14.2).
- Ranges that overlap or touch are sent as one; a gap is never filled, since a film's bytes
  cost more than a part's header. One range left is sent as one range, not as a multipart body.
- ``If-Range`` that holds changes nothing for ranges outside the film: 416, as without it.
- The end of an empty film is the whole of it: a suffix range gets 200.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from streamer.delivery.preconditions import Validators, evaluate, format_date, range_applies

__all__ = ["MOST_RANGES", "ByteRange", "Decision", "decide", "one_range", "parse_ranges"]

MOST_RANGES = 32
"""More ranges in one request count as an attack (RFC 9110 section 17.15)."""

_SPEC = re.compile(r"([0-9]*)-([0-9]*)")
_MOST_PLAIN_BYTES = len("bytes=-") + 2 * 18
_MOST_DIGITS = 640


class ByteRange(NamedTuple):
    """A range within a film; a tuple, because every request makes one."""

    start: int
    """Offset of the first byte."""

    stop: int
    """Offset after the last byte; always greater than :attr:`start`."""

    @property
    def length(self) -> int:
        """Bytes in the range."""
        return self.stop - self.start

    def content_range(self, size: int) -> str:
        """Return the value of ``Content-Range`` in a film of ``size`` bytes."""
        return f"bytes {self.start}-{self.stop - 1}/{size}"


@dataclass(frozen=True, slots=True)
class Decision:
    """The response to a request for a film."""

    status: int
    """200, 206, 304, 412 or 416."""

    ranges: tuple[ByteRange, ...]
    """The ranges to send, in order. Several are sent as a multipart body. Empty: the response
    has no content of the film, or the film is empty."""

    headers: tuple[tuple[str, str], ...]
    """The fields that follow from the decision. ``Content-Length`` and ``Content-Range`` are
    among them unless there are several ranges."""


def decide(
    method: str,
    headers: Mapping[str, str],
    *,
    size: int,
    etag: str,
    modified: float,
    now: float,
) -> Decision:
    """Decide the response to a GET or HEAD for a film of ``size`` bytes.

    ``headers`` have lower-case names, repeated ones joined by ``", "``; ``modified`` and ``now``
    are Unix seconds. Never raises, whatever the fields hold.
    """
    validators = Validators(etag, modified)
    modified_field = format_date(validators.modified_as_sent(now))
    known: tuple[tuple[str, str], ...] = (("ETag", etag), ("Last-Modified", modified_field))
    refusal = evaluate(method, headers, validators, now)
    if refusal == 304:
        return Decision(304, (), known)
    if refusal is not None:
        return Decision(refusal, (), ())
    known = (*known, ("Accept-Ranges", "bytes"))
    wanted = None
    if method == "GET" and "range" in headers and range_applies(headers, validators, now):
        wanted = parse_ranges(headers["range"], size)
    if wanted is None:
        whole = (ByteRange(0, size),) if size else ()
        return Decision(200, whole, (*known, ("Content-Length", str(size))))
    if not wanted:
        return Decision(416, (), (("Accept-Ranges", "bytes"), ("Content-Range", f"bytes */{size}")))
    if len(wanted) > 1:
        return Decision(206, wanted, known)
    only = wanted[0]
    length = ("Content-Length", str(only.length))
    return Decision(206, wanted, (*known, length, ("Content-Range", only.content_range(size))))


def parse_ranges(field: str, size: int) -> tuple[ByteRange, ...] | None:
    """Return the ranges of a ``Range`` field that lie within ``size`` bytes, in the field's order.

    An empty tuple means that none does (416), None that the field is to be ignored: it is
    malformed, of another unit, of too many ranges, or the end of an empty film.
    """
    unit, equals, specs = field.partition("=")
    if not equals or unit.lower() != "bytes" or specs.startswith((" ", "\t")):
        return None
    given = [stripped for spec in specs.split(",") if (stripped := spec.strip(" \t"))]
    if not given or len(given) > MOST_RANGES:
        return None
    inside: list[ByteRange] = []
    for spec in given:
        match = _SPEC.fullmatch(spec)
        if match is None or spec == "-":
            return None
        first, last = match.groups()
        if not first:
            start, stop = max(0, size - _integer(last)), size
            if not size and _integer(last):
                return None
        else:
            start, stop = _integer(first), _integer(last) + 1 if last else size
            if last and stop <= start:
                return None
        stop = min(stop, size)
        if start < stop:
            inside.append(ByteRange(start, stop))
    return _joined(inside) if len(inside) > 1 else tuple(inside)


def one_range(field: bytes, size: int) -> ByteRange | None:
    """Return the range of the most common kind of field, as :func:`parse_ranges` would.

    That is one range with a first position, inside the film and written plainly. None says only
    that it is another kind.
    """
    # Not by a regular expression, which costs twice as much; every request comes here.
    if not field.startswith(b"bytes=") or len(field) > _MOST_PLAIN_BYTES:
        return None
    first, dash, last = field[6:].partition(b"-")
    if not dash or not first.isdigit() or not (last.isdigit() or not last):
        return None
    start = int(first)
    stop = int(last) + 1 if last else size
    if stop > size:
        stop = size
    return ByteRange(start, stop) if start < stop else None


def _integer(digits: str) -> int:
    """Return the number; with too many digits for Python, a number larger than any file."""
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS


def _joined(ranges: list[ByteRange]) -> tuple[ByteRange, ...]:
    """Merge ranges that overlap or touch, at the place of the first one (section 15.3.7.2)."""
    joined: list[tuple[int, ByteRange]] = []
    for place, piece in sorted(enumerate(ranges), key=lambda entry: entry[1].start):
        if joined and piece.start <= joined[-1][1].stop:
            before, open_range = joined[-1]
            together = ByteRange(open_range.start, max(open_range.stop, piece.stop))
            joined[-1] = (min(before, place), together)
        else:
            joined.append((place, piece))
    return tuple(piece for _, piece in sorted(joined, key=lambda entry: entry[0]))
