"""Recognises the plain GET for a film that players send again and again, with another range.

A head is parsed by the grammar of RFC 9112. A head that is not plain, or has a field that changes
how a message is framed or answered, is not recognised. A parsed head is kept, so that the same
head with another range needs only a comparison.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from streamer.delivery.host_names import is_authority

__all__ = ["PlainHead", "read_head"]

_MOST_BYTES = 4096
_MOST_FIELDS = 64
_HEAD = re.compile(
    rb"GET (?P<target>/media/[!-~]+) HTTP/1\.1\r\n"
    rb"(?P<fields>(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)+)\r\n"
)
_DECIDING = frozenset(
    (
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "range",
    )
)
_NOT_PLAIN = frozenset(
    ("content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade")
)


@dataclass(frozen=True, slots=True)
class PlainHead:
    """The head of a GET; the next one may differ in the value of ``Range``."""

    target: str
    """Path and query as sent."""

    fields: dict[str, str]
    """The fields that affect the response, by lower-case name."""

    host: bytes
    """The value of ``Host``."""

    before: bytes
    """The bytes before the value of ``Range``; the whole head if it has none."""

    after: bytes
    """The bytes after the value."""

    ranged: bool
    """Whether there is a ``Range``."""

    def range_in(self, data: bytes) -> bytes | None:
        """Return the value of ``Range`` if ``data`` differs from this head in nothing else.

        The value need not be a valid range: malformed ones are ignored later, and a line break
        makes a value malformed.
        """
        start, stop = len(self.before), len(data) - len(self.after)
        if (
            not self.ranged
            or start > stop
            or not data.startswith(self.before)
            or not data.endswith(self.after)
        ):
            return None
        return data[start:stop]


def _is_plain(name: str, value: bytes) -> bool:
    """Return whether the fast path may answer a head with this field."""
    if name == "host":
        return is_authority(value)
    if name == "connection":
        return value.lower() == b"keep-alive"
    return name not in _NOT_PLAIN


def read_head(data: bytes) -> PlainHead | None:
    """Return the head if ``data`` is exactly one plain head, else None."""
    if len(data) > _MOST_BYTES:
        return None
    head = _HEAD.fullmatch(data)
    if head is None:
        return None
    lines = head["fields"].split(b"\r\n")[:-1]
    if len(lines) > _MOST_FIELDS:
        return None
    fields: dict[str, str] = {}
    host, hosts, range_at = b"", 0, (len(data), len(data))
    line_at = head.start("fields")
    for line in lines:
        raw_name, _, raw_value = line.partition(b":")
        name, value = raw_name.decode("ascii").lower(), raw_value.strip(b" \t")
        # RFC 9110 section 5.3 joins several lines with the same name; the ordinary handler does.
        if name in fields or not _is_plain(name, value):
            return None
        if name == "host":
            host, hosts = value, hosts + 1
        if name == "range":
            value_at = line_at + line.index(value, len(raw_name) + 1)
            range_at = (value_at, value_at + len(value))
        if name in _DECIDING:
            fields[name] = value.decode("latin-1")
        line_at += len(line) + 2
    # RFC 9112 section 3.2: no Host, or two, is an error, which aiohttp answers.
    if hosts != 1:
        return None
    return PlainHead(
        target=head["target"].decode("ascii"),
        fields=fields,
        host=host,
        before=data[: range_at[0]],
        after=data[range_at[1] :],
        ranged="range" in fields,
    )
