"""Open film files, shared by all transfers, and checked for changes."""

from __future__ import annotations

import os
import stat
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

__all__ = ["Busy", "LookUp", "OpenFilm", "OpenFilms", "ServedFile", "Version"]

Version = tuple[int, int, int, int]
"""Device, inode, modification in nanoseconds and size of a file."""


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A film's file in the catalogue."""

    path: str
    """Where the file is."""

    content_type: str
    """Its media type, such as ``video/mp4``."""

    content: str
    """The catalogue's digest of the content, or similar; part of the entity tag."""

    folder: str = "/"
    """The resolved folder in which the file must be when it is opened."""


LookUp = Callable[[str, str], ServedFile | None]
"""Returns the file of a film's resource, by the film's id and the resource; None: there is none."""


class Busy(Exception):
    """All descriptors are in use."""


@dataclass(slots=True, eq=False)
class OpenFilm:
    """One version of a film's file, open for reading; shared, so never seek it."""

    film: ServedFile
    """The film that was opened."""

    descriptor: int
    """The open file."""

    version: Version
    """Identifies this version; another version differs in it."""

    etag: str
    """Strong entity tag of this version (RFC 9110 section 8.8.3), with its quotes."""

    modified: float
    """Last modification, Unix seconds."""

    size: int
    """Length of the film, bytes."""

    users: int = field(default=0)
    """How many transfers use it."""

    def unchanged(self) -> bool:
        """Return whether the open file has not changed since it was opened."""
        return _version(os.fstat(self.descriptor)) == self.version


class OpenFilms:
    """Open films with at most ``limit`` descriptors; the least recently used is closed first."""

    def __init__(self, limit: int = 256) -> None:
        self._limit = limit
        self._current: OrderedDict[str, OpenFilm] = OrderedDict()
        self.descriptors = 0

    def acquire(self, film: ServedFile) -> OpenFilm:
        """Return the film in its present version; the caller must :meth:`release` it.

        Each call checks the path, so that no byte of a new version is sent as one of the old.
        Raises :class:`OSError` if the film cannot be opened or is no regular file, and
        :class:`Busy` if the limit is reached and no descriptor is idle.
        """
        opened = self._current.get(film.path)
        if (
            opened is None
            or (opened.film is not film and opened.film != film)
            # The descriptor alone does not show that another file is at this path now.
            or _version(os.stat(film.path)) != opened.version  # noqa: PTH116 - costs half
        ):
            opened = self._open(film)
        opened.users += 1
        return opened

    def release(self, opened: OpenFilm) -> None:
        """Release what :meth:`acquire` returned; an old version is closed by its last user."""
        opened.users -= 1
        if opened.users:
            return
        path = opened.film.path
        if self._current.get(path) is opened:
            self._current.move_to_end(path)
        else:
            self._close(opened)

    def close(self) -> None:
        """Close all films that are not in use; the others are closed when they are released."""
        current, self._current = self._current, OrderedDict()
        for opened in current.values():
            if not opened.users:
                self._close(opened)

    def _open(self, film: ServedFile) -> OpenFilm:
        self._drop(film.path)
        if self.descriptors >= self._limit:
            self._drop_an_idle_one()
        # O_NONBLOCK: if a FIFO has replaced the film, opening it would wait for a writer for ever.
        descriptor = os.open(film.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        self.descriptors += 1
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or not _lies_in(film.folder, descriptor):
            self.descriptors -= 1
            os.close(descriptor)
            raise OSError(f"{film.path} is no regular file of the film folder")
        version = _version(status)
        facts = f"{film.content} {' '.join(map(str, version))}"
        # The digest alone is not enough: the catalogue does not read the whole file.
        digest = blake2b(facts.encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
        opened = OpenFilm(
            film,
            descriptor,
            version,
            etag=f'"{digest}"',
            modified=status.st_mtime_ns / 1e9,
            size=status.st_size,
        )
        self._current[film.path] = opened
        return opened

    def _drop(self, path: str) -> None:
        opened = self._current.pop(path, None)
        if opened is not None and not opened.users:
            self._close(opened)

    def _drop_an_idle_one(self) -> None:
        for path, opened in self._current.items():
            if not opened.users:
                self._drop(path)
                return
        raise Busy

    def _close(self, opened: OpenFilm) -> None:
        os.close(opened.descriptor)
        self.descriptors -= 1


def _lies_in(folder: str, descriptor: int) -> bool:
    """Return whether the open file lies in ``folder``, whatever its path was.

    The path may have become a link since the catalogue saw it. Checking the descriptor leaves no
    race between the check and the open; links within the folder are allowed.
    """
    where = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - a Path costs more
    return os.path.commonpath((folder, where)) == folder


def _version(status: os.stat_result) -> Version:
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size
