"""The secrets of a server, given or kept with the data: for what it signs, and for its webhooks."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from sessions.services.passports import MIN_SECRET
from streamer.webhooks.signing import new_secret, secret_bytes

__all__ = [
    "FILE_NAME",
    "WEBHOOK_FILE_NAME",
    "SecretUnusable",
    "secret_of",
    "webhook_secret_of",
]

FILE_NAME = "secret"
"""Name of the file in the data folder; its owner alone reads it."""

WEBHOOK_FILE_NAME = "webhook-secret"
"""The same for what webhooks are signed with; the receiver needs a copy."""


class SecretUnusable(Exception):
    """The kept secret can't be read or is none; the text says which."""


def secret_of(given: str | None, folder: Path) -> bytes:
    """Return what passports and film addresses are signed with.

    One is made in ``folder`` at the first start. Raises SecretUnusable.
    """
    if given is not None:
        return given.encode(errors="surrogateescape")
    path = folder / FILE_NAME
    secret = _kept(path, lambda: secrets.token_hex(MIN_SECRET))
    if len(secret) < MIN_SECRET:
        raise SecretUnusable(f"the secret {path} is shorter than {MIN_SECRET} bytes")
    return secret


def webhook_secret_of(given: str | None, folder: Path) -> bytes:
    """Return what webhooks are signed with, likewise. Raises SecretUnusable."""
    if given is not None:
        return secret_bytes(given)
    path = folder / WEBHOOK_FILE_NAME
    kept = _kept(path, new_secret)
    try:
        return secret_bytes(kept.decode(errors="replace"))
    except ValueError as error:
        raise SecretUnusable(f"the secret {path} {error}") from error


def _kept(path: Path, make: Callable[[], str]) -> bytes:
    """Return the secret that a file keeps, and make it where there is none."""
    try:
        if not path.exists():
            _write(path, make())
        return path.read_bytes().strip()
    except OSError as error:
        raise SecretUnusable(f"the secret {path}: {error.strerror}") from error


def _write(path: Path, secret: str) -> None:
    """Write a new secret; it stands there only when it is whole."""
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
