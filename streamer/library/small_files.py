"""Reads the small files beside films, each again only once its size or time has changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from streamer.library.content import open_regular

__all__ = ["SmallFiles", "Unusable"]

T = TypeVar("T")

_Version = tuple[int, int, int, int]
"""Device, inode, size and time of the last change, nanoseconds."""


class Unusable(Exception):
    """A file that is there and cannot be used; the text says why."""


class SmallFiles:
    """The small files below one folder."""

    def __init__(self, folder: Path) -> None:
        """Know none yet of those in ``folder``."""
        self._folder = folder
        self._before: dict[Path, tuple[_Version, object]] = {}
        self._cache: dict[Path, tuple[_Version, object]] = {}

    def begin_pass(self) -> None:
        """Forget, at the end of the pass that begins, all files that were not read in it."""
        self._before, self._cache = self._cache, {}

    def end_pass(self) -> None:
        """Forget what the pass did not read."""
        self._before = {}

    def read(self, path: Path, longest: int, parse: Callable[[bytes], T]) -> T | None:
        """Return what ``parse`` makes of the file at ``path``; None where there is none.

        Raises :class:`Unusable`, also for a file of more than ``longest`` bytes; ``parse`` raises
        nothing.
        """
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                return None
            version = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
            kept = self._cache.get(path) or self._before.get(path)
            if kept is None or kept[0] != version:
                kept = version, parse(self._load(path, longest))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unusable(error.strerror) from error
        self._cache[path] = kept
        return kept[1]  # type: ignore[return-value] # a path is always read by the same parser

    def _load(self, path: Path, longest: int) -> bytes:
        # A link may lead to any file that this user can read, and a warning tells what is in it.
        if not _real(path).is_relative_to(_real(self._folder)):
            raise Unusable("it leads elsewhere")
        with open_regular(path) as file:
            content = file.read(longest + 1)
        if len(content) > longest:
            raise Unusable(f"it is longer than {longest} bytes")
        return content


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
