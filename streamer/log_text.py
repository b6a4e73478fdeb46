"""Makes text fit for a log: one line, nothing that a terminal obeys, nothing that opens a door."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["HIDDEN", "one_line", "without_secrets"]

HIDDEN: Final = "***"
"""What stands where a secret stood."""

_NAMES: Final = "access_token|token|sig|signature|passport|secret"
# Not what stands in braces: that is a path's template, which a fault is logged with.
_VALUE: Final = r"[^\s&\"'<>,;(){}\[\]]+"
_SEGMENT: Final = r"[^\s&\"'<>,;(){}\[\]/\\?#]+"

_SECRETS: Final = re.compile(
    # In a query or a cookie, also one that is quoted in another.
    rf"(?P<before>(?:\b|%[0-9A-F]{{2}})(?:{_NAMES})(?:=|%3D)[\"']?"
    # In JSON, and as Python shows a dictionary.
    rf"|[\"'](?:{_NAMES})[\"']\s*:\s*[\"']"
    rf"|\bBearer\s+){_VALUE}"
    rf"|(?P<link>[/\\](?:w|invites|calendar)[/\\]+){_SEGMENT}"
    # A JSON Web Token (RFC 7519), as passports are, begins with an encoded brace.
    r"|\beyJ[\w-]*\.[\w-]+\.[\w-]*"
    # What webhooks are signed with (Standard Webhooks 1.0.0).
    r"|\bwhsec_[\w+/=-]+",
    re.IGNORECASE,
)


def one_line(text: str) -> str:
    """Return ``text`` with all that is not printable, or breaks the line, as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def without_secrets(text: str) -> str:
    """Return ``text`` with tokens, signatures and the tokens of links masked."""
    return _SECRETS.sub(lambda found: (found["before"] or found["link"] or "") + HIDDEN, text)
