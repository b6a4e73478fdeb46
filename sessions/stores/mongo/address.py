"""The address of a MongoDB database: its name, and what may be shown of it.

See https://www.mongodb.com/docs/manual/reference/connection-string/
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["MongoAddress", "parse_address"]

_ADDRESS = re.compile(
    r"(?P<scheme>mongodb|mongodb\+srv)://(?:[^/?#]*@)?(?P<hosts>[^/?#@]+)"
    r"/(?P<database>[^/?#]+)(?:\?[^#]*)?"
)

# https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions
_DATABASE = re.compile(r"[A-Za-z0-9_-]{1,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class MongoAddress:
    """Where a database is."""

    url: str
    """All of the address, which may hold a password."""

    database: str
    """The database's name."""

    shown: str
    """The address without user, password and options, for logs and errors."""


def parse_address(url: str) -> MongoAddress:
    """Return the parts of ``url``. Raises ValueError, whose words hold no part of it."""
    found = _ADDRESS.fullmatch(url)
    if found is None or not url.isprintable():
        raise ValueError("must be sqlite, or like mongodb://HOST/DATABASE")
    database = found["database"]
    if not _DATABASE.fullmatch(database):
        raise ValueError("must name a database of letters, digits, _ and -")
    return MongoAddress(url, database, f"{found['scheme']}://{found['hosts']}/{database}")
