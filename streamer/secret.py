"""What the server keeps secret in the data folder: for what it signs, and the owner's token."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from sessions.services.passports import MIN_SECRET
from streamer.webhooks.signing import new_secret, secret_bytes

__all__ = [
    "OWNER_FILE",
    "SECRET_FILE",
    "WEBHOOK_FILE",
    "SecretUnusable",
    "owner_token",
    "secret_of",
    "webhook_secret_of",
]

SECRET_FILE = "secret"  # noqa: S105 - a file's name
"""Name of the secret's file in the data folder; its owner alone reads it."""

OWNER_FILE = "owner-token"
"""Name of the file that holds the token of the owner's address, likewise."""

TOKEN_BYTES = 24
"""Randomness of the owner's address: 192 bits."""

WEBHOOK_FILE = "webhook-secret"
"""The same for what webhooks are signed with; the receiver needs a copy."""


class SecretUnusable(Exception):
    """A kept secret can't be read or is none; the text says which."""


def secret_of(given: str | None, folder: Path) -> bytes:
    """Return what passports and film addresses are signed with; made in ``folder`` at first.

    Raises SecretUnusable.
    """
    if given is not None:
        return given.encode(errors="surrogateescape")
    secret = _kept(folder / SECRET_FILE, lambda: secrets.token_hex(MIN_SECRET))
    if len(secret) < MIN_SECRET:
        raise SecretUnusable(
            f"the secret {folder / SECRET_FILE} is shorter than {MIN_SECRET} bytes"
        )
    return secret


def webhook_secret_of(given: str | None, folder: Path) -> bytes:
    """Return what webhooks are signed with, likewise. Raises SecretUnusable."""
    if given is not None:
        return secret_bytes(given)
    path = folder / WEBHOOK_FILE
    kept = _kept(path, new_secret)
    try:
        return secret_bytes(kept.decode(errors="replace"))
    except ValueError as error:
        raise SecretUnusable(f"the secret {path} {error}") from error


def owner_token(folder: Path, *, renew: bool = False) -> str:
    """Return the token of the owner's address, made in ``folder`` at first, or anew.

    Raises SecretUnusable.
    """
    path = folder / OWNER_FILE
    made = _kept(path, lambda: secrets.token_urlsafe(TOKEN_BYTES), renew=renew)
    token = made.decode(errors="replace")
    if len(token) < TOKEN_BYTES or not token.isascii():
        raise SecretUnusable(f"the owner's token {path} is none: renew it")
    return token


def _kept(path: Path, make: Callable[[], str], *, renew: bool = False) -> bytes:
    """Return the secret that a file keeps, and make it where there is none."""
    try:
        if renew or not path.exists():
            _write(path, make())
        return path.read_bytes().strip()
    except OSError as error:
        raise SecretUnusable(f"the secret {path}: {error.strerror}") from error


def _write(path: Path, text: str) -> None:
    """Write a new secret; it stands there only when it is whole."""
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
