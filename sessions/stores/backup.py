"""A copy of the embedded store, taken while it is in use."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sessions.core.errors import Invalid, StoreUnavailable
from sessions.stores.folder import sync_folder

__all__ = ["copy"]


def copy(connection: sqlite3.Connection, file: Path, path: Path) -> None:
    """Copy ``file``, open as ``connection``, beside ``path`` and then give the copy that name.

    In one step, so that no write falls in between (https://www.sqlite.org/backup.html). Raises
    StoreUnavailable where it cannot be written, Invalid where ``path`` is the store itself.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        if path.exists() and path.samefile(file):
            raise Invalid("a backup needs another place than the store's own", path="path")
        os.close(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
        try:
            _fill(connection, beside)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        sync_folder(path.parent)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnavailable(f"no backup at {path}: {error}") from error


def _fill(connection: sqlite3.Connection, beside: Path) -> None:
    target = sqlite3.connect(beside, isolation_level=None)
    try:
        connection.backup(target)
    finally:
        target.close()
    with beside.open("rb") as file:
        os.fsync(file.fileno())
