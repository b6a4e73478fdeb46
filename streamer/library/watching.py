"""Tells when something changes in the folders that a walk went through, by inotify(7).

Only those are watched: what is hidden, or lies behind a link out of the film folder, stirs nobody.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

__all__ = ["FolderWatch", "Inotify", "Watches"]

_CLOSE_WRITE, _MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x08, 0x40, 0x80, 0x100, 0x200
_ATTRIB, _DELETE_SELF, _MOVE_SELF = 0x04, 0x400, 0x800
_ONLY_FOLDERS = 0x01000000
_CHANGES = (
    _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _ATTRIB | _DELETE_SELF | _MOVE_SELF
)
"""What is told: not each write into a film that is being copied, but its end."""

_WORDS = {errno.ENOSPC: "there are more folders than fs.inotify.max_user_watches allows"}
"""What the system says in words of another matter."""

_READ_SIZE = 2**16


class Watches(Protocol):
    """A set of watched folders; a number stands for each."""

    @property
    def descriptor(self) -> int:
        """What can be read from, without waiting, when something has changed."""
        ...

    def add(self, folder: Path) -> int:
        """Watch ``folder``; return its number, the same as before where it is watched already.

        Raises ``OSError``.
        """
        ...

    def remove(self, number: int) -> None:
        """Watch a folder no more; one that is gone already is no error."""
        ...

    def close(self) -> None:
        """Watch nothing more."""
        ...


class Inotify:
    """The watches of Linux. A folder is known by its inode, not by its path."""

    def __init__(self) -> None:
        """Begin with no folder. Raises ``OSError``, also where the system is another."""
        self._libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(self._libc, "inotify_init1"):
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
        self.descriptor = self._call("inotify_init1", os.O_NONBLOCK | os.O_CLOEXEC)

    def add(self, folder: Path) -> int:
        """Watch ``folder`` and return its number. Raises ``OSError``."""
        # As bytes: a name need not be text.
        path = ctypes.c_char_p(os.fsencode(folder))
        mask = ctypes.c_uint32(_CHANGES | _ONLY_FOLDERS)
        return self._call("inotify_add_watch", self.descriptor, path, mask)

    def remove(self, number: int) -> None:
        """Watch a folder no more."""
        # A folder that was deleted has lost its watch by that.
        self._libc.inotify_rm_watch(self.descriptor, number)

    def close(self) -> None:
        """Watch nothing more."""
        os.close(self.descriptor)

    def _call(self, name: str, *arguments: object) -> int:
        answer = int(getattr(self._libc, name)(*arguments))
        if answer < 0:
            number = ctypes.get_errno()
            raise OSError(number, _WORDS.get(number) or os.strerror(number))
        return answer


class FolderWatch:
    """Watches folders, and calls ``on_change`` when something changes in one of them."""

    def __init__(
        self, on_change: Callable[[], object], begin: Callable[[], Watches] = Inotify
    ) -> None:
        """Watch nothing yet; ``begin`` makes the set of watches when one is needed."""
        self._on_change = on_change
        self._begin = begin
        self._watches: Watches | None = None
        self._numbers: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._watches is not None:
            asyncio.get_running_loop().remove_reader(self._watches.descriptor)
            self._watches.close()

    async def follow(self, folders: Iterable[Path]) -> None:
        """Watch ``folders``, and no others; stir where that shows that they have changed.

        Raises ``OSError`` where one cannot be watched (there may be too many); the others are.
        """
        if self._watches is None:
            self._watches = self._begin()
            asyncio.get_running_loop().add_reader(self._watches.descriptor, self._read)
        before = self._numbers
        # Each is added again: another folder may have taken its path.
        added = await asyncio.to_thread(_add_all, self._watches, folders)
        self._numbers = added.numbers
        for number in before - added.numbers:
            self._watches.remove(number)
        # What came into a folder before its watch, or went with it, is told by nobody.
        if added.gone or not added.numbers <= before:
            self._on_change()
        if added.failure is not None:
            raise added.failure

    def _read(self) -> None:
        """Take what is told, whatever it is: a walk finds out."""
        if self._watches is not None:
            os.read(self._watches.descriptor, _READ_SIZE)
            self._on_change()


@dataclass(slots=True)
class _Added:
    numbers: set[int] = field(default_factory=set)
    """The folders that are watched."""

    gone: bool = False
    """Whether a folder is not there any more."""

    failure: OSError | None = None
    """Why a folder cannot be watched."""


def _add_all(watches: Watches, folders: Iterable[Path]) -> _Added:
    added = _Added()
    for folder in folders:
        try:
            added.numbers.add(watches.add(folder))
        except (FileNotFoundError, NotADirectoryError):
            added.gone = True
        except OSError as error:
            added.failure = error
    return added
