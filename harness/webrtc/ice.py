"""Where a peer can be reached, and the two messages of a check (RFC 8445, RFC 8489)."""

from __future__ import annotations

import socket

from aioice import stun

__all__ = ["answer", "own_addresses", "request"]

_PRIORITY = (110 << 24) + (65535 << 8) + 255


def own_addresses() -> tuple[str, ...]:
    """Return this machine's address towards others, where it has one, and the loopback one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737; connecting UDP sends nothing
            host: str = probe.getsockname()[0]
        except OSError:
            return ("127.0.0.1",)
    return tuple(dict.fromkeys((host, "127.0.0.1")))


def request(*, from_: str, to: str, password: str, tie_breaker: int, controlling: bool) -> bytes:
    """Return a check by the peer named ``from_``; a controlling one nominates at once."""
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = f"{to}:{from_}"
    message.attributes["PRIORITY"] = _PRIORITY
    if controlling:
        message.attributes["ICE-CONTROLLING"] = tie_breaker
        message.attributes["USE-CANDIDATE"] = None
    else:
        message.attributes["ICE-CONTROLLED"] = tie_breaker
    message.add_message_integrity(password.encode())
    return bytes(message)


def answer(check: stun.Message, address: tuple[str, int], password: str) -> bytes:
    """Return the answer to a check that came from ``address``, by who has ``password``."""
    message = stun.Message(
        stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=check.transaction_id
    )
    message.attributes["XOR-MAPPED-ADDRESS"] = address
    message.add_message_integrity(password.encode())
    return bytes(message)
