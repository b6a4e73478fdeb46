"""``Film.toml`` beside ``Film.mp4``: what the cinema says of a film goes before all else."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from streamer.library.languages import two_letters
from streamer.library.naming import FILM_YEARS, TITLE_LIMIT, Name

__all__ = ["Sidecar", "read_sidecar"]

_FILE_LIMIT = 2**16


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

    def over(self, name: Name) -> Name:
        """Return ``name`` with this sidecar's words in place of its own."""
        return replace(name, title=self.title or name.title, year=self.year or name.year)


def read_sidecar(film: Path) -> Sidecar:
    """Return what stands in the sidecar of ``film``; empty where there is none. Never raises."""
    path = film.with_suffix(".toml")
    try:
        if not path.is_file():
            return Sidecar()
        with path.open("rb") as file:
            values = tomllib.loads(file.read(_FILE_LIMIT).decode())
    except (OSError, ValueError, RecursionError) as error:
        return Sidecar(warnings=(f"{path.name} cannot be used: {error}",))
    return _parse(path.name, values)


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
