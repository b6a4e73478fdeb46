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

    warnings: tuple[str, ...]
    """What was passed over though it looked like a film, in words."""


def walk(folder: Path) -> Walk:
    """Return the film files below ``folder``, hidden ones left out.

    Links are followed where they stay within the folder. Raises :class:`FolderUnusable` where
    ``folder`` itself cannot be read; a folder below it that cannot is a warning.
    """
    warnings: list[str] = []
    root = folder.resolve()
    try:
        next(root.iterdir(), None)
    except FileNotFoundError:
        raise FolderUnusable(f"The film folder {folder} does not exist.") from None
    except NotADirectoryError:
        raise FolderUnusable(f"{folder} is not a folder; films are looked for in one.") from None
    except OSError as error:
        raise FolderUnusable(f"The film folder {folder}: {error.strerror}.") from error
    files = sorted(_all_films(root, warnings), key=lambda film: film.name.split("/"))
    return Walk(tuple(files), tuple(warnings))


def stamp(file: FoundFile) -> FoundFile | None:
    """Return the file as it is now, None where it is gone."""
    try:
        now = file.path.stat()
    except OSError:
        return None
    return FoundFile(file.path, file.name, now.st_size, now.st_mtime_ns)


def _all_films(root: Path, warnings: list[str]) -> Iterator[FoundFile]:
    """Yield the films of each folder once, by its own path where it has one below ``root``.

    Folders that links lead to come last: four folders that link to one another are otherwise some
    2**30 paths.
    """
    waiting, seen = [root], set[tuple[int, int]]()
    while waiting:
        yield from _films(root, waiting.pop(0), _DEPTH, warnings, waiting, seen)


def _films(
    root: Path,
    folder: Path,
    depth: int,
    warnings: list[str],
    linked: list[Path],
    seen: set[tuple[int, int]],
) -> Iterator[FoundFile]:
    try:
        own = folder.stat()
        entries = list(os.scandir(folder))
    except OSError as error:
        warnings.append(f"The folder {_name(root, folder)} is passed over: {error.strerror}")
        return
    # Links, and bind mounts, may form a circle.
    if (own.st_dev, own.st_ino) in seen:
        return
    seen.add((own.st_dev, own.st_ino))
    for entry in entries:
        path = Path(entry.path)
        status = None if entry.name.startswith(".") else _status(root, entry, warnings)
        if status is None:
            continue
        if stat.S_ISDIR(status.st_mode):
            if entry.is_symlink():
                linked.append(path)
            elif depth > 0:
                yield from _films(root, path, depth - 1, warnings, linked, seen)
        elif _is_wanted(path) and stat.S_ISREG(status.st_mode):
            yield FoundFile(path, _name(root, path), status.st_size, status.st_mtime_ns)


def _status(root: Path, entry: os.DirEntry[str], warnings: list[str]) -> os.stat_result | None:
    """Return what ``entry`` is; None, with a warning where it looks like a film, if unusable."""
    path = Path(entry.path)
    try:
        # A link may lead to any file that this user can read.
        if not entry.is_symlink() or path.resolve().is_relative_to(root):
            return entry.stat()
        reason = "it leads elsewhere"
    except (OSError, RuntimeError) as error:
        reason = str(error)
    if _is_wanted(path):
        warnings.append(f"{_name(root, path)} is passed over: {reason}")
    return None


def _is_wanted(path: Path) -> bool:
    return path.suffix.lower() in FILM_SUFFIXES


def _name(root: Path, path: Path) -> str:
    """Return the path within ``root`` as text, whatever bytes the file system holds."""
    raw = os.fsencode(path.relative_to(root).as_posix())
    return raw.decode("utf-8", "backslashreplace")
