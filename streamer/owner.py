"""The owner's address: whoever opens it may schedule shows. Printed at the start, and on demand."""

from __future__ import annotations

import io
import socket
from typing import TextIO

import segno

from streamer.secret import owner_token
from streamer.settings import Settings

__all__ = ["owner_address", "print_owner_address"]

UNROUTED = "192.0.2.1", 9
"""An address for documentation (RFC 5737): a socket connected to it sends nothing."""

LINES = """\
The owner's address. Whoever opens it may see all films and schedule shows, so keep it to yourself;
its path works under every name of this server.
{address}
"""


def owner_address(settings: Settings, port: int, token: str) -> str:
    """Return the owner's address as others on the network open it."""
    if settings.public_url is not None:
        return f"{settings.public_url}/owner/{token}"
    host = settings.host
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = _network_host() or "127.0.0.1"
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/owner/{token}"


def print_owner_address(settings: Settings, port: int, out: TextIO, *, renew: bool = False) -> None:
    """Print the owner's address, as a QR code too where ``out`` is a terminal.

    Raises SecretUnusable.
    """
    owners = owner_address(settings, port, owner_token(settings.data, renew=renew))
    out.write(LINES.format(address=owners))
    if out.isatty() and (drawn := _drawn(owners, out.encoding or "")):
        out.write(drawn)
    out.flush()


def _drawn(text: str, encoding: str) -> str:
    """Return a QR code of ``text``; empty where the terminal cannot show it."""
    drawing = io.StringIO()
    segno.make(text, error="l").terminal(drawing, compact=True)
    try:
        drawing.getvalue().encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ""
    return drawing.getvalue()


def _network_host() -> str | None:
    """Return this machine's address on the network that leads out; None where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(UNROUTED)
        except OSError:
            return None
        host: str = probe.getsockname()[0]
        return host
