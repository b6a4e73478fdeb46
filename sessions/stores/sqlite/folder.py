"""The data folder of the embedded store: one process at a time, for its owner's eyes only."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import stat
from pathlib import Path

from sessions.core.errors import StoreUnavailable

__all__ = ["Folder", "check", "connect", "sync_folder"]

logger = logging.getLogger("seans.stores")

FILE = "seans.sqlite3"

LOCK = "lock"

KEPT = (FILE, f"{FILE}-wal", LOCK)
"""What must stay in its place while the store is open."""


KEPT_PRIVATE = (*KEPT, f"{FILE}-shm", "secret", "films.json")
"""Files of the folder that nobody else may read."""


def sync_folder(folder: Path) -> None:
    """Have the names in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def connect(file: Path, *, writes: bool) -> sqlite3.Connection:
    """Open the store's file; transactions are begun and ended by hand.

    SQLite's own words on it: https://www.sqlite.org/pragma.html, https://www.sqlite.org/wal.html
    """
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        # What was deleted must not stay in a temporary file either.
        connection.execute("PRAGMA temp_store = MEMORY")
        if not writes:
            connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def check(connection: sqlite3.Connection) -> None:
    """Look the whole store through. Raises sqlite3.DatabaseError, in words, where it is damaged.

    https://www.sqlite.org/pragma.html#pragma_quick_check
    """
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"it is damaged ({verdict}); put a copy back")


def _for_the_owner_only(path: Path, mode: int) -> None:
    """Take from others what they may do with ``path``; what is another's is left, and said."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return
    if not stat.S_IMODE(found.st_mode) & 0o077:
        return
    if found.st_uid == os.geteuid():
        path.chmod(mode)
        logger.warning("Others could use %s: it is for its owner only from now on", path)
    else:
        logger.warning("Others can use %s, which belongs to another user", path)


def _identity(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_dev, found.st_ino


class Folder:
    """A data folder that this process holds, from take to give_back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        """The folder."""
        self.file = path / FILE
        """The store in it."""
        self._lock: int | None = None
        self._places: dict[Path, tuple[int, int]] = {}

    def take(self) -> None:
        """Make the folder where there is none (mode 0700), and lock it.

        Raises StoreUnavailable with words where another process holds it, OSError where the
        file system refuses.
        """
        if not self.path.is_dir():
            self.path.mkdir(mode=0o700, parents=True)
            sync_folder(self.path.parent)
        _for_the_owner_only(self.path, 0o700)
        for name in KEPT_PRIVATE:
            _for_the_owner_only(self.path / name, 0o600)
        self._lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(self._lock, 20).decode(errors="replace").strip()
            self.give_back()
            raise StoreUnavailable(
                f"the data folder {self.path} is in use by another process"
                + (f" (pid {holder})" if holder else "")
            ) from error
        os.truncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)
        if self.file.exists() and not self.file.stat().st_size:
            logger.warning("The store %s is an empty file: a new store is begun in it", self.file)
        # SQLite gives the files beside it the mode of this one.
        os.close(os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))

    def note(self) -> None:
        """Note which files are open, for is_in_place. Raises OSError."""
        self._places = {file: _identity(file) for file in map(self.path.joinpath, KEPT)}

    def is_in_place(self) -> bool:
        """Tell whether the files that are open still stand under their names.

        What goes into others is lost with the process, though every write succeeds.
        """
        try:
            return all(_identity(file) == known for file, known in self._places.items())
        except OSError:
            return False

    def give_back(self) -> None:
        """Let another process have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
