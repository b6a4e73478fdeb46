"""Frames of a WebSocket server (RFC 6455), made once for all links."""

from __future__ import annotations

import struct
from collections.abc import Sequence

__all__ = ["close_frame", "pong_frame", "text_frames"]

MAX_REASON_BYTES = 123
"""What a close frame holds beside its code (section 5.5), bytes."""


def text_frames(payloads: Sequence[bytes]) -> bytes:
    """Return UTF-8 ``payloads`` as unmasked text frames, one behind the other (section 5.2)."""
    return b"".join(_frame(0x81, payload) for payload in payloads)


def close_frame(code: int, reason: str) -> bytes:
    """Return a close frame (section 5.5.1)."""
    return _frame(0x88, struct.pack("!H", code) + reason.encode()[:MAX_REASON_BYTES])


def pong_frame(payload: bytes) -> bytes:
    """Return the answer to a ping frame (section 5.5.3)."""
    return _frame(0x8A, payload)


def _frame(head: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((head, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", head, 126, size) + payload
    return struct.pack("!BBQ", head, 127, size) + payload
