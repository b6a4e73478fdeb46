"""Recognises the plain GET for a film that players send, over and over with another range.

Nothing is guessed: a head is read by the grammar of RFC 9112, and whatever is not plain, or has
a field that changes how a message is framed or answered, is not recognised. What was read once
is kept, so that the same head with another range costs a comparison.
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
    """The head of a GET, of which the value of ``Range`` may differ the next time."""

    target: str
    """Path and query as sent."""

    fields: dict[str, str]
    """The fields that decide about the answer, by lower-case name."""

    host: bytes
    """The value of ``Host``."""

    before: bytes
    """What comes before the value of ``Range``; the whole head where it has none."""

    after: bytes
    """What comes after it."""

    ranged: bool
    """Whether there is a ``Range``."""

    def range_in(self, data: bytes) -> bytes | None:
        """Return the value of ``Range`` where ``data`` differs from this head in nothing else.

        The value is what stands there, be it no range at all: who decides ignores what is
        malformed, and a line break makes it so.
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
    """Return whether the fast path may answer a head with this field; aiohttp judges the others."""
    if name == "host":
        return is_authority(value)
    if name == "connection":
        return value.lower() == b"keep-alive"
    return name not in _NOT_PLAIN


def read_head(data: bytes) -> PlainHead | None:
    """Return the head that ``data`` is, the whole and nothing else, or None if not a plain one."""
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
        # A second line with the same name: RFC 9110 section 5.3 joins them, which the ordinary way
        # does.
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
    # RFC 9112 section 3.2: none, or two, is an error, which aiohttp answers.
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
