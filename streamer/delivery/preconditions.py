"""Evaluates a request's preconditions: entity tags, dates and their order of precedence.

RFC 9110 section 13, for a resource that always has a strong entity tag and a modification
date. Field names are given in lower case; a field sent on several lines is joined by ``", "``,
as section 5.3 allows, which makes a repeated date or ``If-Range`` as invalid as it is.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache

__all__ = ["Validators", "evaluate", "format_date", "parse_date", "range_applies"]

_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_LONG_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = "(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:{_DAYS}), (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT",
        rf"(?:{_LONG_DAYS}), (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT",
        rf"(?:{_DAYS}) {_MONTH} (?P<day>[0-9]{{2}}| [0-9]) {_TIME} (?P<year>[0-9]{{4}})",
    )
)
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SECONDS_A_YEAR = 31_556_952
_LIST_ELEMENT = re.compile(r'[ \t]*(?:(?P<tag>(?:W/)?"[^"\x00-\x20\x7f]*")[ \t]*)?(?:,|$)')


@dataclass(frozen=True, slots=True)
class Validators:
    """The validators of one version of a film."""

    etag: str
    """A strong entity tag with its quotes (RFC 9110 section 8.8.3)."""

    modified: float
    """Last modification, Unix seconds; sent and compared in whole seconds, as HTTP does."""

    def modified_as_sent(self, now: float) -> int:
        """Return the second of ``Last-Modified``, never after ``now`` (section 8.8.2.1)."""
        return int(min(self.modified, now))


def evaluate(
    method: str, headers: Mapping[str, str], validators: Validators, now: float
) -> int | None:
    """Return 304 or 412 if a precondition says so, else None (section 13.2.2, steps 1-4).

    ``now`` is server time in Unix seconds.
    """
    safe = method in ("GET", "HEAD")
    if (tags := headers.get("if-match")) is not None:
        if not _matches(tags, validators.etag, weakly=False):
            return 412
    elif (since := headers.get("if-unmodified-since")) is not None:
        date = parse_date(since, now)
        if date is not None and validators.modified_as_sent(now) > date:
            return 412
    if (tags := headers.get("if-none-match")) is not None:
        if _matches(tags, validators.etag, weakly=True):
            return 304 if safe else 412
    elif safe and (since := headers.get("if-modified-since")) is not None:
        date = parse_date(since, now)
        if date is not None and validators.modified_as_sent(now) <= date:
            return 304
    return None


def range_applies(headers: Mapping[str, str], validators: Validators, now: float) -> bool:
    """Return whether ``If-Range`` allows to send ranges (section 13.1.5).

    An entity tag is compared strongly. A date must be exactly the one sent, and strong: the
    second that it names must be over, so that nothing else can have happened within it.
    """
    condition = headers.get("if-range")
    if condition is None:
        return True
    if condition.startswith(('"', "W/")):
        return condition == validators.etag
    modified = validators.modified_as_sent(now)
    return parse_date(condition, now) == modified and now >= modified + 1


def format_date(when: float) -> str:
    """Return ``when``, Unix seconds, as an IMF-fixdate (section 5.6.7)."""
    return _format_second(int(when))


@lru_cache(maxsize=1024)
def _format_second(second: int) -> str:
    return formatdate(second, usegmt=True)


def parse_date(text: str, now: float) -> int | None:
    """Return the Unix seconds of an HTTP-date in any of its three forms, or None if it is none.

    A two-digit year that would lie more than 50 years after ``now`` is in the century before
    (section 5.6.7).
    """
    for pattern in _DATES:
        if match := pattern.fullmatch(text):
            break
    else:
        return None
    year, month, day = int(match["year"]), _MONTHS.index(match["month"]) + 1, int(match["day"])
    clock = int(match["hour"]), int(match["minute"]), int(match["second"])
    if len(match["year"]) == 2:
        this_year = 1970 + int(now // _SECONDS_A_YEAR)
        year += this_year - this_year % 100
        if year > this_year + 50:
            year -= 100
    if not _exists(year, month, day, clock):
        return None
    return timegm((year, month, day, *clock))


def _exists(year: int, month: int, day: int, clock: tuple[int, int, int]) -> bool:
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    hour, minute, second = clock
    return (
        year >= 1
        and 1 <= day <= _MONTH_LENGTHS[month - 1] + leap
        and hour <= 23
        and minute <= 59
        and second <= 60
    )


def _matches(field: str, etag: str, *, weakly: bool) -> bool:
    """Return whether the field is ``*`` or lists ``etag``; an invalid list matches nothing."""
    if field.strip(" \t") == "*":
        return True
    tags = list(_tags(field))
    if None in tags:
        return False
    return any((tag.removeprefix("W/") if weakly else tag) == etag for tag in tags if tag)


def _tags(field: str) -> Iterator[str | None]:
    """Yield the entity tags of a list; None if the list is invalid."""
    position = 0
    while position < len(field):
        element = _LIST_ELEMENT.match(field, position)
        if element is None:
            yield None
            return
        if tag := element["tag"]:
            yield tag
        position = element.end()
