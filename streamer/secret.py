"""The secret that passports and film addresses are signed with: given, or kept with the data."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sessions.services.passports import MIN_SECRET

__all__ = ["FILE_NAME", "SecretUnusable", "secret_of"]

FILE_NAME = "secret"
"""Name of the file in the data folder; its owner alone reads it."""


class SecretUnusable(Exception):
    """The kept secret can't be read or is none; the text says which."""


def secret_of(given: str | None, folder: Path) -> bytes:
    """Return the secret, making one in ``folder`` at the first start. Raises SecretUnusable."""
    if given is not None:
        return given.encode(errors="surrogateescape")
    path = folder / FILE_NAME
    try:
        if not path.exists():
            _make(path)
        secret = path.read_bytes().strip()
    except OSError as error:
        raise SecretUnusable(f"the secret {path}: {error.strerror}") from error
    if len(secret) < MIN_SECRET:
        raise SecretUnusable(f"the secret {path} is shorter than {MIN_SECRET} bytes")
    return secret


def _make(path: Path) -> None:
    """Write a new secret; it stands there only when it is whole."""
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(MIN_SECRET).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
