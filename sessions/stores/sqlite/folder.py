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

DATABASE_FILE = "seans.sqlite3"

LOCK_FILE = "lock"

OPEN_FILES = (DATABASE_FILE, f"{DATABASE_FILE}-wal", LOCK_FILE)
"""Files that must stay where they are while the store is open."""

PRIVATE_FILES = (*OPEN_FILES, f"{DATABASE_FILE}-shm", "secret", "webhook-secret", "films.json")
"""Files of the folder that no other user may read."""


def sync_folder(folder: Path) -> None:
    """Have the names in ``folder`` survive a power cut."""
    # To sync a file does not put its name on disk; that belongs to the folder.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def connect(file: Path, *, writes: bool) -> sqlite3.Connection:
    """Open the store's file; transactions are begun and ended by hand.

    See https://www.sqlite.org/pragma.html and https://www.sqlite.org/wal.html
    """
    # Opened in one thread and used in another, by one thread at a time.
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # With less, a power cut takes commits that were acknowledged (ADR 0002).
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # A deleted message is overwritten, and stays in no temporary file either (ADR 0002).
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        if not writes:
            connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def check(connection: sqlite3.Connection) -> None:
    """Read the whole store. Raises sqlite3.DatabaseError, in words, where it is damaged.

    https://www.sqlite.org/pragma.html#pragma_quick_check
    """
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"it is damaged ({verdict}); put a copy back")


def _restrict_to_owner(path: Path, mode: int) -> None:
    """Take from other users what they may do with ``path``; warn where it belongs to one."""
    # The modes that mkdir and open are given hold for what they make, not for what is there.
    try:
        status = path.stat()
    except FileNotFoundError:
        return
    if not stat.S_IMODE(status.st_mode) & 0o077:
        return
    if status.st_uid == os.geteuid():
        path.chmod(mode)
        logger.warning("Others could use %s: it is for its owner only from now on", path)
    else:
        logger.warning("Others can use %s, which belongs to another user", path)


def _identity(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_dev, status.st_ino


class Folder:
    """A data folder that this process holds, from take to give_back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        """The folder."""
        self.file = path / DATABASE_FILE
        """The store in it."""
        self._lock: int | None = None
        self._identities: dict[Path, tuple[int, int]] = {}

    def take(self) -> None:
        """Make the folder where there is none (mode 0700), lock it, and make the store's file.

        Raises StoreUnavailable with words where another process holds it, OSError where the
        file system refuses.
        """
        self.take_lock()
        if self.file.exists() and not self.file.stat().st_size:
            # SQLite makes a new store of it without a word, though the old one was lost.
            logger.warning("The store %s is an empty file: a new store is begun in it", self.file)
        # SQLite gives the files beside it the mode of this one.
        os.close(os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))

    def take_lock(self) -> None:
        """Make the folder where there is none (mode 0700), and lock it.

        It is locked where the store is elsewhere too: the secret and live renditions are in it.
        Raises StoreUnavailable with words where another process holds it, OSError where the
        file system refuses.
        """
        if not self.path.is_dir():
            self.path.mkdir(mode=0o700, parents=True)
            sync_folder(self.path.parent)
        _restrict_to_owner(self.path, 0o700)
        for name in PRIVATE_FILES:
            _restrict_to_owner(self.path / name, 0o600)
        # A child process with this descriptor would hold the lock after our end: O_CLOEXEC.
        self._lock = os.open(self.path / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # The kernel ends it with the process, even one that was killed: no lock goes stale.
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

    def note(self) -> None:
        """Note which files are open, for is_in_place. Raises OSError."""
        self._identities = {file: _identity(file) for file in map(self.path.joinpath, OPEN_FILES)}

    def is_in_place(self) -> bool:
        """Tell whether the files that are open still stand under their names.

        Where they were moved or deleted every write succeeds, into files that no restart finds.
        """
        try:
            return all(_identity(file) == known for file, known in self._identities.items())
        except OSError:
            return False

    def give_back(self) -> None:
        """Let another process have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
