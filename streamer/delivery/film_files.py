"""The files behind the films: opened once, shared by all who watch, and watched for changes."""

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
    """A film's file as the catalogue knows it."""

    path: str
    """Where the file is."""

    content_type: str
    """Its media type, such as ``video/mp4``."""

    content: str
    """What the catalogue knows of the content, such as a digest; part of the entity tag."""

    folder: str = "/"
    """The folder, without links, that the file must lie in when it is opened."""


LookUp = Callable[[str, str], ServedFile | None]
"""Finds what is served of a film by the film's id and the resource; None where there is none."""


class Busy(Exception):
    """Every descriptor is in use by somebody."""


@dataclass(slots=True, eq=False)
class OpenFilm:
    """One version of a film's file, open for reading; shared, so never seek it."""

    film: ServedFile
    """What was opened."""

    descriptor: int
    """The open file."""

    version: Version
    """The facts in one of which any other version differs."""

    etag: str
    """Strong entity tag of this version (RFC 9110 section 8.8.3), with its quotes."""

    modified: float
    """Last modification, Unix seconds."""

    size: int
    """Length of the film, bytes."""

    users: int = field(default=0)
    """How many transfers hold it."""

    def unchanged(self) -> bool:
        """Return whether the open file still is the version that it was opened as."""
        return _version(os.fstat(self.descriptor)) == self.version


class OpenFilms:
    """Open films, at most ``limit`` descriptors; the longest unused is closed first."""

    def __init__(self, limit: int = 256) -> None:
        self._limit = limit
        self._current: OrderedDict[str, OpenFilm] = OrderedDict()
        self.descriptors = 0

    def acquire(self, film: ServedFile) -> OpenFilm:
        """Return the film as it is now, to be given back by :meth:`release`.

        The path is asked every time, so that no byte of a new version is sent as one of the old.
        Raises :class:`OSError` where the film cannot be opened or is no regular file, and
        :class:`Busy` where the limit is reached and no descriptor is idle.
        """
        opened = self._current.get(film.path)
        if (
            opened is None
            or (opened.film is not film and opened.film != film)
            # A descriptor alone does not show that another file took this path.
            or _version(os.stat(film.path)) != opened.version  # noqa: PTH116 - costs half
        ):
            opened = self._open(film)
        opened.users += 1
        return opened

    def release(self, opened: OpenFilm) -> None:
        """Give back what :meth:`acquire` returned; an outdated version is closed with its last."""
        opened.users -= 1
        if opened.users:
            return
        path = opened.film.path
        if self._current.get(path) is opened:
            self._current.move_to_end(path)
        else:
            self._close(opened)

    def close(self) -> None:
        """Close everything that nobody uses; what is in use closes as it is released."""
        current, self._current = self._current, OrderedDict()
        for opened in current.values():
            if not opened.users:
                self._close(opened)

    def _open(self, film: ServedFile) -> OpenFilm:
        self._drop(film.path)
        if self.descriptors >= self._limit:
            self._drop_an_idle_one()
        # O_NONBLOCK: opening a FIFO that took the film's place would wait for a writer for ever.
        descriptor = os.open(film.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        self.descriptors += 1
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or not _lies_in(film.folder, descriptor):
            self.descriptors -= 1
            os.close(descriptor)
            raise OSError(f"{film.path} is no regular file of the film folder")
        version = _version(status)
        facts = f"{film.content} {' '.join(map(str, version))}"
        # The digest of the content alone would be the same for two files that differ only in the
        # part that the catalogue does not read.
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
    """Return whether what was opened lies in ``folder``, by whatever path it was reached.

    The path may have become a link since the catalogue saw it. Asking the descriptor leaves no
    moment between the check and the opening; a link within the folder stays allowed.
    """
    where = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - a Path costs more
    return os.path.commonpath((folder, where)) == folder


def _version(status: os.stat_result) -> Version:
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size
