"""Pages of lists that are at hand whole: a cursor is the place where the next page begins."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import TypeVar

from sessions.core.errors import Invalid
from streamer.web.http.fields import PageQuery

__all__ = ["part_of"]

T = TypeVar("T")

CURSOR_PREFIX = b"at:"
MAX_CURSOR_LENGTH = 24
"""Longest cursor made here, characters."""


def part_of(items: Sequence[T], query: PageQuery) -> tuple[Sequence[T], str | None]:
    """Return the asked part of ``items`` and the cursor of the next. Raises Invalid."""
    begin = 0 if query.cursor is None else _place(query.cursor)
    end = begin + query.limit
    return items[begin:end], _cursor(end) if end < len(items) else None


def _cursor(place: int) -> str:
    return urlsafe_b64encode(CURSOR_PREFIX + str(place).encode()).decode().rstrip("=")


def _place(cursor: str) -> int:
    """Return the place that ``cursor`` stands for; only what was made here is one."""
    refusal = Invalid("Input should be a cursor as an answer gave it", path="cursor")
    if len(cursor) > MAX_CURSOR_LENGTH or not cursor.isascii():
        raise refusal
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        place = int(text.removeprefix(CURSOR_PREFIX.decode()))
    except ValueError as error:
        raise refusal from error
    if place < 0 or _cursor(place) != cursor:
        raise refusal
    return place
