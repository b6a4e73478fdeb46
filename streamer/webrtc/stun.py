"""What the UDP port reads of a STUN message to find the viewer that it belongs to (RFC 8489). Pure.

The rest, and every answer, is aioice's.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import socket
import struct
from collections.abc import Iterator

__all__ = [
    "binding_request",
    "is_authentic",
    "is_request",
    "mapped_address",
    "transaction_id",
    "username",
]

_HEADER = struct.Struct("!HHI12s")
_ATTRIBUTE = struct.Struct("!HH")
_COOKIE = 0x2112A442
_BINDING_REQUEST, _CLASS_MASK = 0x0001, 0x0110
_USERNAME, _INTEGRITY, _XOR_MAPPED = 0x0006, 0x0008, 0x0020
_INTEGRITY_BYTES = 20
_IPV4 = 1


def is_request(data: bytes) -> bool:
    """Return whether ``data`` is a STUN request; the other kinds are answers and indications."""
    return len(data) >= _HEADER.size and _ATTRIBUTE.unpack_from(data)[0] & _CLASS_MASK == 0


def transaction_id(data: bytes) -> bytes:
    """Return the transaction id of a STUN message, b"" where it is cut off."""
    return data[8 : _HEADER.size]


def username(data: bytes) -> str:
    """Return the receiver's ufrag in a check's USERNAME (RFC 8445 section 7.2.2), or ""."""
    for kind, begin, end in _attributes(data):
        if kind == _USERNAME:
            return data[begin:end].partition(b":")[0].decode("ascii", "replace")
    return ""


def is_authentic(data: bytes, password: str) -> bool:
    """Return whether a message was made by someone who knows ``password`` (section 14.5)."""
    for kind, begin, end in _attributes(data):
        if kind == _INTEGRITY and end - begin == _INTEGRITY_BYTES:
            before = begin - _ATTRIBUTE.size
            # The length in the header counts up to this attribute, whatever follows it.
            length = struct.pack("!H", end - _HEADER.size)
            covered = data[:2] + length + data[4:before]
            made = hmac.digest(password.encode(), covered, hashlib.sha1)
            return hmac.compare_digest(made, data[begin:end])
    return False


def binding_request() -> tuple[bytes, bytes]:
    """Return a request for our own address, as a STUN server sees it, and its transaction id."""
    transaction = secrets.token_bytes(12)
    return _HEADER.pack(_BINDING_REQUEST, 0, _COOKIE, transaction), transaction


def mapped_address(data: bytes) -> tuple[str, int] | None:
    """Return the IPv4 address and port in an answer's XOR-MAPPED-ADDRESS (section 14.2)."""
    for kind, begin, end in _attributes(data):
        if kind == _XOR_MAPPED and end - begin == 8 and data[begin + 1] == _IPV4:
            port = int.from_bytes(data[begin + 2 : begin + 4]) ^ _COOKIE >> 16
            host = int.from_bytes(data[begin + 4 : end]) ^ _COOKIE
            return socket.inet_ntoa(host.to_bytes(4)), port
    return None


def _attributes(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield kind, begin and end of each attribute; stop where one is cut off."""
    at = _HEADER.size
    while at + _ATTRIBUTE.size <= len(data):
        kind, size = _ATTRIBUTE.unpack_from(data, at)
        begin = at + _ATTRIBUTE.size
        if begin + size > len(data):
            return
        yield kind, begin, begin + size
        at = begin + (size + 3 & ~3)
