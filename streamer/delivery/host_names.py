"""The host names that this server answers to (``Host``, RFC 9110 section 7.2).

Another site can point its own name at this machine (DNS rebinding). The browser then treats our
responses as that site's own; only ``Host`` shows the difference. Nobody can redirect an IP address,
so the server answers to every address.
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
"""A valid ``Host`` (RFC 9112 section 3.2); it becomes part of links and headers."""

_MAX_ACCEPTED: Final = 64
"""How many accepted values are cached: browsers send one of a few."""


def is_authority(value: bytes) -> bool:
    """Return whether ``value`` is a valid ``Host`` field."""
    return _AUTHORITY.fullmatch(value) is not None


def machine_names() -> frozenset[str]:
    """Return the names of this machine that are known without a resolver."""
    name = socket.gethostname().lower().rstrip(".")
    short = name.partition(".")[0]
    return frozenset((name, short, f"{short}.local")) - {"", ".local"}


class HostNames:
    """The names that this server answers to."""

    def __init__(self, names: Iterable[str] = (), *, public_url: str | None = None) -> None:
        """Answer to ``names``, to the host of ``public_url``, to localhost and to IP addresses."""
        own = urlsplit(public_url).hostname if public_url else None
        self._names = frozenset(name.lower().rstrip(".") for name in (*names, own or "") if name)
        self._accepted: set[bytes] = set()

    def answers(self, value: bytes) -> bool:
        """Return whether ``value``, a ``Host`` field, names this server."""
        if value in self._accepted:
            return True
        found = self._is_ours(value)
        if found and len(self._accepted) < _MAX_ACCEPTED:
            self._accepted.add(value)
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
