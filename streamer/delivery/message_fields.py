"""Fields of heads: our own on every answer, and those of requests that aiohttp fails over.

Each of the latter gave no answer or a 500 to a line that anybody can send, and is made harmless
before aiohttp reads it.
"""

from __future__ import annotations

from typing import Final

from aiohttp import hdrs
from aiohttp.helpers import parse_http_date
from aiohttp.http_parser import RawRequestMessage
from multidict import CIMultiDict, CIMultiDictProxy

__all__ = ["OWN_FIELDS", "readable"]

OWN_FIELDS: Final = {"Server": "seans", "X-Content-Type-Options": "nosniff"}
"""On every answer, whoever makes it."""

_DATES: Final = (hdrs.IF_MODIFIED_SINCE, hdrs.IF_UNMODIFIED_SINCE, hdrs.IF_RANGE)


def readable(message: RawRequestMessage) -> RawRequestMessage:
    """Return ``message`` without what aiohttp can't read.

    A condition whose date is none is ignored (RFC 9110 section 13.1); an expectation in unknown
    bytes stays one that is not met (section 10.1.1).
    """
    fields = message.headers
    bad_dates = [name for name in _DATES if name in fields and not _is_readable(fields[name])]
    strange = not fields.get(hdrs.EXPECT, "").isascii()
    if not bad_dates and not strange:
        return message
    mended = CIMultiDict(fields)
    for name in bad_dates:
        mended.popall(name)
    if strange:
        mended[hdrs.EXPECT] = "unknown"
    return message._replace(headers=CIMultiDictProxy(mended))


def _is_readable(date: str) -> bool:
    try:
        parse_http_date(date)
    except (OverflowError, ValueError, TypeError):
        # aiohttp 3.14 lets the OverflowError of a year beyond C's int pass.
        return False
    return True
