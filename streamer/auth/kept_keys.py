"""The last good key set on disk: a server that starts while the Auth service is away has it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

__all__ = ["FILE_NAME", "MAX_KEPT_S", "KeptKeys"]

FILE_NAME = "auth-keys.json"
"""Name of the file in the data folder."""

MAX_KEPT_S = 86_400.0
"""How old a kept key set may be, seconds: the service may have taken a key back since."""

WRITE_EVERY_S = 3600.0
"""How often a key set that has not changed is written again, seconds."""

MAX_SIZE = 1 << 20
"""Longest file that is read, bytes."""


class KeptKeys:
    """The file of the key set of one address."""

    def __init__(self, folder: Path, url: str, clock: Callable[[], float]) -> None:
        """Keep what is fetched from ``url`` in ``folder``; ``clock`` gives Unix seconds."""
        self._path = folder / FILE_NAME
        self._url = url
        self._clock = clock
        self._text: str | None = None
        self._written_at = float("-inf")

    def read(self) -> bytes | None:
        """Return the key set; None where there is none of this address, or it is too old.

        Raises OSError.
        """
        try:
            with self._path.open("rb") as file:
                kept = json.loads(file.read(MAX_SIZE))
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError):
            # Cut off, or another program's: the next fetch replaces it.
            return None
        match kept:
            case {"url": self._url, "fetched_at": float(fetched_at), "jwks": str(text)}:
                is_fresh = 0.0 <= self._clock() - fetched_at <= MAX_KEPT_S
                return text.encode() if is_fresh else None
            case _:
                return None

    def write(self, text: bytes) -> None:
        """Keep a key set, unless the same one was kept lately. Raises OSError."""
        now, jwks = self._clock(), text.decode()
        if jwks == self._text and now - self._written_at < WRITE_EVERY_S:
            return
        kept = {"url": self._url, "fetched_at": float(now), "jwks": jwks}
        unfinished = self._path.with_name(f".{FILE_NAME}.part")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(kept, file)
        unfinished.replace(self._path)
        self._text, self._written_at = jwks, now
