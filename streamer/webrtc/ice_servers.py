"""STUN and TURN servers, as the setting names them and as viewers are told of them. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

__all__ = ["CREDENTIAL_S", "IceServer", "ServerForViewer", "for_viewer", "link_field", "parse"]

CREDENTIAL_S = 24 * 3600.0
"""How long credentials made from a shared secret are good, seconds."""

_URL = re.compile(
    r"(?P<scheme>stuns?|turns?):(?:(?P<userinfo>[^@\s]+)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<transport>\?transport=(?:udp|tcp))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class IceServer:
    """A server of the setting ``ice_servers``."""

    url: str
    """URL as in RFC 7064 and RFC 7065, without credentials."""

    host: str
    """Name or address."""

    port: int
    """Port."""

    username: str = ""
    """Name at a TURN server, where it is a fixed one."""

    credential: str = ""
    """Password of that name; without a name the secret that passwords are made from."""

    @property
    def relays(self) -> bool:
        """Whether it is a TURN server."""
        return self.url.startswith("turn")


@dataclass(frozen=True, slots=True)
class ServerForViewer:
    """A server with what one viewer needs to use it."""

    url: str
    """URL without credentials."""

    username: str
    """Name at a TURN server; "" for STUN."""

    credential: str
    """Password."""


def parse(text: str) -> tuple[IceServer, ...]:
    """Return the servers of the setting: URLs with commas between. Raises ValueError.

    ``stun:HOST[:PORT]``, ``turn:NAME:PASSWORD@HOST[:PORT][?transport=tcp]``, or, for coturn's
    ``use-auth-secret``, ``turn:SECRET@HOST…``; percent signs escape characters in the credentials.
    """
    return tuple(_server(word) for word in (part.strip() for part in text.split(",")) if word)


def _server(text: str) -> IceServer:
    match = _URL.fullmatch(text)
    if match is None or (match["scheme"].startswith("stun") and match["transport"]):
        raise ValueError("must be like stun:stun.example or turn:name:password@turn.example:3478")
    scheme, host, transport = match["scheme"], match["host"], match["transport"] or ""
    port = int(match["port"] or (5349 if scheme.endswith("s") else 3478))
    if not 0 < port < 65536:
        raise ValueError("has a port that does not exist")
    if scheme.startswith("turn") != bool(match["userinfo"]):
        raise ValueError("must have a name and password, or a secret, for turn and none for stun")
    name, colon, password = (match["userinfo"] or "").partition(":")
    username, credential = (name, password) if colon else ("", name)
    url = f"{scheme}:{host}:{port}{transport}"
    return IceServer(url, host.strip("[]"), port, unquote(username), unquote(credential))


def for_viewer(servers: Sequence[IceServer], user_id: str, now: float) -> list[ServerForViewer]:
    """Return the servers with credentials for ``user_id`` at ``now``, Unix seconds.

    Where a secret is shared, they are good for a day (draft-uberti-behave-turn-rest-00).
    """
    return [_for_viewer(server, user_id, now) for server in servers]


def _for_viewer(server: IceServer, user_id: str, now: float) -> ServerForViewer:
    if not server.relays or server.username:
        return ServerForViewer(server.url, server.username, server.credential)
    username = f"{int(now + CREDENTIAL_S)}:{user_id}"
    digest = hmac.digest(server.credential.encode(), username.encode(), hashlib.sha1)
    return ServerForViewer(server.url, username, base64.b64encode(digest).decode())


def link_field(server: ServerForViewer) -> str:
    """Return the value of a ``Link`` field that tells of a server (RFC 9725 section 4.6)."""
    value = f'<{server.url}>; rel="ice-server"'
    if server.username:
        value += f"; username={_quoted(server.username)}; credential={_quoted(server.credential)}"
        value += '; credential-type="password"'
    return value


def _quoted(text: str) -> str:
    """Return a quoted string (RFC 9110 section 5.6.4)."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
