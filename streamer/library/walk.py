"""Finds the films of a folder: by their names, in order, without leaving the folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from streamer.library.errors import FolderUnusable

__all__ = ["FILM_SUFFIXES", "FoundFile", "Walk", "stamp", "walk"]

FILM_SUFFIXES = frozenset(
    (
        *(".mp4", ".m4v", ".mov", ".3gp", ".mkv", ".webm", ".avi", ".divx", ".wmv", ".asf", ".flv"),
        *(".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".vob", ".ogv", ".ogm", ".mxf", ".rm", ".rmvb"),
    )
)
"""Endings of files that are taken for films; an unfinished download ends otherwise (``.part``)."""

_DEPTH = 32


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that stands in the folder, and by what its change is noticed."""

    path: Path
    """Where it is, absolute."""

    name: str
    """Where it is within the film folder, with ``/`` between the parts."""

    size: int
    """Length, bytes."""

    modified: int
    """Time of the last change, Unix nanoseconds."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk through the folder found."""

    files: tuple[FoundFile, ...]
    """The films, ordered by name."""

    folders: tuple[Path, ...]
    """The folders that were looked through, each once, the film folder first."""

    warnings: tuple[str, ...]
    """What was passed over though films may be there, in words."""


def walk(folder: Path) -> Walk:
    """Return the film files below ``folder``, hidden ones left out.

    Links are followed where they stay within the folder. Raises :class:`FolderUnusable` where
    ``folder`` itself cannot be read; a folder below it that cannot is a warning.
    """
    # Unlike Path.resolve it raises nothing where links form a circle: reading does, below.
    root = Path(os.path.realpath(folder))
    try:
        next(root.iterdir(), None)
    except FileNotFoundError:
        raise FolderUnusable(f"The film folder {folder} does not exist.") from None
    except NotADirectoryError:
        raise FolderUnusable(f"{folder} is not a folder; films are looked for in one.") from None
    except OSError as error:
        raise FolderUnusable(f"The film folder {folder}: {error.strerror}.") from error
    walker = _Walker(root)
    files = sorted(walker.all_films(), key=lambda film: film.name.split("/"))
    return Walk(tuple(files), tuple(walker.folders), tuple(walker.warnings))


def stamp(file: FoundFile) -> FoundFile | None:
    """Return the file as it is now, None where it is gone."""
    try:
        now = file.path.stat()
    except OSError:
        return None
    return FoundFile(file.path, file.name, now.st_size, now.st_mtime_ns)


class _Walker:
    """One walk through the folders below ``root``."""

    def __init__(self, root: Path) -> None:
        self.folders: list[Path] = []
        self.warnings: list[str] = []
        self._root = root
        self._linked = [root]
        self._seen: set[tuple[int, int]] = set()

    def all_films(self) -> Iterator[FoundFile]:
        """Yield the films of each folder once, by its own path where it has one below the root.

        Folders that links lead to come last: four folders that link to one another are otherwise
        some 2**30 paths.
        """
        while self._linked:
            yield from self._films(self._linked.pop(0), _DEPTH)

    def _films(self, folder: Path, depth: int) -> Iterator[FoundFile]:
        try:
            own = folder.stat()
            entries = list(os.scandir(folder))
        except OSError as error:
            self._pass_over(f"The folder {_name(self._root, folder)}", error.strerror)
            return
        # Links, and bind mounts, may form a circle.
        if (own.st_dev, own.st_ino) in self._seen:
            return
        self._seen.add((own.st_dev, own.st_ino))
        self.folders.append(folder)
        for entry in entries:
            path = Path(entry.path)
            status = None if entry.name.startswith(".") else self._status(entry)
            if status is None:
                continue
            if stat.S_ISDIR(status.st_mode):
                if entry.is_symlink():
                    self._linked.append(path)
                elif depth > 0:
                    yield from self._films(path, depth - 1)
            elif _is_wanted(path) and stat.S_ISREG(status.st_mode):
                name = _name(self._root, path)
                yield FoundFile(path, name, status.st_size, status.st_mtime_ns)

    def _status(self, entry: os.DirEntry[str]) -> os.stat_result | None:
        """Return what ``entry`` is; None, with a warning where films may be there, if unusable."""
        path = Path(entry.path)
        wanted = _is_wanted(path)
        try:
            # A link may lead to any file that this user can read.
            if not entry.is_symlink() or path.resolve().is_relative_to(self._root):
                return entry.stat()
            reason = "it leads elsewhere"
            wanted = wanted or entry.is_dir()
        except (OSError, RuntimeError) as error:
            reason = str(error)
        if wanted:
            self._pass_over(_name(self._root, path), reason)
        return None

    def _pass_over(self, what: str, reason: str | None) -> None:
        self.warnings.append(f"{what} is passed over: {reason}")


def _is_wanted(path: Path) -> bool:
    return path.suffix.lower() in FILM_SUFFIXES


def _name(root: Path, path: Path) -> str:
    """Return the path within ``root`` as text, whatever bytes the file system holds."""
    raw = os.fsencode(path.relative_to(root).as_posix())
    return raw.decode("utf-8", "backslashreplace")
