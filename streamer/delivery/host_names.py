"""Which names this server answers to: what ``Host`` may say (RFC 9110 section 7.2).

A web page of another site can point its own name at this machine (DNS rebinding), and the browser
then takes what we answer for that site's own. Only ``Host`` tells the two apart. An address can't
be pointed anywhere, so every address is answered.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

__all__ = ["HostNames", "is_authority", "machine_names"]

_AUTHORITY = re.compile(
    rb"(?:(?P<name>[A-Za-z0-9._-]+)|\[(?P<address>[0-9A-Fa-f:.]+)\])(?::[0-9]{1,5})?"
)
"""What ``Host`` may be (RFC 9112 section 3.2); it becomes part of links and headers."""

_MAX_REMEMBERED: Final = 64
"""Values that are remembered as good: what a browser sends is always one of a few."""


def is_authority(value: bytes) -> bool:
    """Tell whether ``value`` is what a ``Host`` field may say."""
    return _AUTHORITY.fullmatch(value) is not None


def machine_names() -> frozenset[str]:
    """Return the names of this machine that need no resolver to be known."""
    name = socket.gethostname().lower().rstrip(".")
    short = name.partition(".")[0]
    return frozenset((name, short, f"{short}.local")) - {"", ".local"}


class HostNames:
    """The names that are answered."""

    def __init__(self, names: Iterable[str] = (), *, public_url: str | None = None) -> None:
        """Answer to ``names``, to the host of ``public_url``, to localhost and to addresses."""
        own = urlsplit(public_url).hostname if public_url else None
        self._names = frozenset(name.lower().rstrip(".") for name in (*names, own or "") if name)
        self._remembered: set[bytes] = set()

    def answers(self, value: bytes) -> bool:
        """Tell whether ``value``, a ``Host`` field, names this server."""
        if value in self._remembered:
            return True
        found = self._is_ours(value)
        if found and len(self._remembered) < _MAX_REMEMBERED:
            self._remembered.add(value)
        return found

    def _is_ours(self, value: bytes) -> bool:
        parts = _AUTHORITY.fullmatch(value)
        if parts is None:
            return False
        if parts["address"] is not None:
            return _is_address(parts["address"].decode("ascii"))
        name = parts["name"].decode("ascii").lower().rstrip(".")
        if name in self._names or name == "localhost" or name.endswith(".localhost"):
            return True
        return _is_address(name)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
