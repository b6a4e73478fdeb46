"""Signatures of webhooks: HMAC-SHA256 as in Standard Webhooks 1.0.0, scheme ``v1``."""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from hashlib import sha256
from hmac import digest

__all__ = ["MAX_SECRET", "MIN_SECRET", "SECRET_PREFIX", "new_secret", "secret_bytes", "signature"]

SECRET_PREFIX = "whsec_"  # noqa: S105 -- what a secret begins with, and none itself

MIN_SECRET = 24
"""Shortest secret, bytes."""

MAX_SECRET = 64
"""Longest secret, bytes."""


def new_secret() -> str:
    """Return a new secret as operators see it: the prefix and 32 random bytes in Base64."""
    return SECRET_PREFIX + b64encode(secrets.token_bytes(32)).decode()


def secret_bytes(text: str) -> bytes:
    """Return the bytes of a secret; ValueError, in words, where it is none."""
    wrong = ValueError(f"must be {SECRET_PREFIX} and {MIN_SECRET} to {MAX_SECRET} bytes in Base64")
    if not text.startswith(SECRET_PREFIX):
        raise wrong
    try:
        secret = b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        # From nothing: the error of the decoder may quote what stands there.
        raise wrong from None
    if not MIN_SECRET <= len(secret) <= MAX_SECRET:
        raise wrong
    return secret


def signature(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of ``webhook-signature``; ``timestamp`` is the attempt's, Unix seconds."""
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    return f"v1,{b64encode(digest(secret, signed, sha256)).decode()}"
