"""``Film.toml`` beside ``Film.mp4``: what the cinema says of a film goes before all else."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from streamer.library.content import open_regular
from streamer.library.languages import two_letters
from streamer.library.naming import FILM_YEARS, TITLE_LIMIT, Name
from streamer.library.walk import FoundFile

__all__ = ["Sidecar", "Sidecars"]

_MAX_SIZE = 4096
"""Longest sidecar, bytes: what it takes to read one grows as the square of its length."""

_Version = tuple[int, int, int, int]
"""Device, inode, size and time of the last change, nanoseconds."""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What the file beside a film says of it; each part may be missing."""

    id: UUID | None = None
    """The cinema's own id of the film."""

    title: str | None = None
    """Name for people."""

    year: int | None = None
    """Year of release."""

    language: str | None = None
    """ISO 639-1 code of the film's language."""

    warnings: tuple[str, ...] = ()
    """What could not be used of it, in words."""

    def applied_to(self, name: Name) -> Name:
        """Return ``name`` with this sidecar's words in place of its own."""
        return replace(name, title=self.title or name.title, year=self.year or name.year)


class Sidecars:
    """The sidecars of a film folder; each is read again once its size or time has changed."""

    def __init__(self, folder: Path) -> None:
        """Know none yet of those in ``folder``."""
        self._folder = folder
        self._cache: dict[Path, tuple[_Version, Sidecar]] = {}

    def beside(self, films: Iterable[FoundFile]) -> list[Sidecar]:
        """Return the sidecar of each of ``films``, and forget all others. Never raises."""
        before, self._cache = self._cache, {}
        return [self._read(film, before) for film in films]

    def of(self, film: FoundFile) -> Sidecar:
        """Return what stands in the sidecar of ``film``; empty without one. Never raises."""
        return self._read(film, self._cache)

    def _read(self, film: FoundFile, known: Mapping[Path, tuple[_Version, Sidecar]]) -> Sidecar:
        path = film.path.with_suffix(".toml")
        # The path may hold what is no text; the name is for people.
        name = str(PurePosixPath(film.name).with_suffix(".toml"))
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                return Sidecar()
            version = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
            kept = known.get(path)
            if kept is None or kept[0] != version:
                kept = version, self._load(path, name)
        except FileNotFoundError:
            return Sidecar()
        except OSError as error:
            return _unusable(name, error.strerror)
        self._cache[path] = kept
        return kept[1]

    def _load(self, path: Path, name: str) -> Sidecar:
        """Read a sidecar. Raises ``OSError``."""
        # A link may lead to any file that this user can read, and a warning tells what is in it.
        if not _real(path).is_relative_to(_real(self._folder)):
            return _unusable(name, "it leads elsewhere")
        with open_regular(path) as file:
            content = file.read(_MAX_SIZE + 1)
        if len(content) > _MAX_SIZE:
            return _unusable(name, f"it is longer than {_MAX_SIZE} bytes")
        try:
            return _parse(name, tomllib.loads(content.decode()))
        except (ValueError, RecursionError) as error:
            return _unusable(name, str(error))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _unusable(name: str, reason: str | None) -> Sidecar:
    return Sidecar(warnings=(f"{name} cannot be used: {reason}",))


def _parse(name: str, values: dict[str, Any]) -> Sidecar:
    found: dict[str, Any] = {}
    warnings: list[str] = []
    for key, value in values.items():
        if key not in _KEYS:
            warnings.append(f"{name}: the key {key!r} is not known")
            continue
        read, wanted = _KEYS[key]
        found[key] = read(value)
        if found[key] is None:
            warnings.append(f"{name}: {key!r} must be {wanted}")
    return Sidecar(**found, warnings=tuple(warnings))


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _text(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > TITLE_LIMIT or not value.isprintable():
        return None
    return value.strip() or None


def _year(value: object) -> int | None:
    return value if type(value) is int and value in FILM_YEARS else None


def _language(value: object) -> str | None:
    return two_letters(value) if isinstance(value, str) else None


_KEYS = {
    "id": (_uuid, "a UUID"),
    "title": (_text, f"a line of 1 to {TITLE_LIMIT} characters"),
    "year": (_year, "a year"),
    "language": (_language, "an ISO 639-1 code"),
}
