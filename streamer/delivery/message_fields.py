"""Fields of heads: the server's own on every response, and request fields on which aiohttp fails.

For each of the latter, aiohttp gave no answer or a 500 to a line that anybody can send. They are
removed or replaced before aiohttp reads them.
"""

from __future__ import annotations

from typing import Final

from aiohttp import hdrs
from aiohttp.helpers import parse_http_date
from aiohttp.http_parser import RawRequestMessage
from multidict import CIMultiDict, CIMultiDictProxy

__all__ = ["OWN_FIELDS", "readable"]

OWN_FIELDS: Final = {"Server": "seans", "X-Content-Type-Options": "nosniff"}
"""Fields of every response, whatever part of the server makes it."""

_DATES: Final = (hdrs.IF_MODIFIED_SINCE, hdrs.IF_UNMODIFIED_SINCE, hdrs.IF_RANGE)


def readable(message: RawRequestMessage) -> RawRequestMessage:
    """Return ``message`` without fields that aiohttp can't read.

    A precondition with an invalid date is ignored (RFC 9110 section 13.1). An expectation with
    non-ASCII bytes is still one that is not met (section 10.1.1).
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
        # aiohttp 3.14 does not catch the OverflowError of a year beyond C's int.
        return False
    return True
