"""What stands beside a film goes before its file name.

``Film.toml`` beside ``Film.mp4`` is the cinema's own word, ``Film.nfo`` that of Kodi or Jellyfin. A
series has ``series.toml`` or ``tvshow.nfo``, in the episode's folder or in the one above it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from streamer.library.languages import two_letters
from streamer.library.naming import FILM_YEARS, TITLE_LIMIT, Name, episode_name
from streamer.library.nfo import MAX_NFO_SIZE, NfoRecord, NfoUnusable, parse_nfo
from streamer.library.small_files import SmallFiles, Unusable
from streamer.library.walk import FoundFile

__all__ = ["SeriesSidecar", "Sidecar", "Sidecars"]

_MAX_SIZE = 4096
"""Longest sidecar, bytes: what it takes to read one grows as the square of its length."""

_SERIES_FOLDERS = 2
"""Folders in which a series' own file is looked for: the episode's, and the one above it."""

_NUMBERS = range(10_000)
"""Numbers that a season or an episode may have."""


@dataclass(frozen=True, slots=True)
class SeriesSidecar:
    """What the files in its folder say of a series; each part may be missing."""

    id: UUID | None = None
    """The cinema's own id of the series."""

    title: str | None = None
    """Name for people."""

    year: int | None = None
    """Year of the first showing."""

    warnings: tuple[str, ...] = ()
    """What could not be used of it, in words."""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What the files beside a film say of it; each part may be missing."""

    id: UUID | None = None
    """The cinema's own id of the film."""

    title: str | None = None
    """Name for people; an episode's is its own, without the series."""

    year: int | None = None
    """Year of release."""

    language: str | None = None
    """ISO 639-1 code of the film's language."""

    series: str | None = None
    """Name of the series that it is an episode of."""

    season: int | None = None
    """Number of the season, 0 for specials."""

    number: int | None = None
    """Number of the episode; of several in one file the first."""

    number_to: int | None = None
    """The last number where one file holds several."""

    of_series: SeriesSidecar = field(default_factory=SeriesSidecar)
    """What is said of the whole series."""

    warnings: tuple[str, ...] = ()
    """What could not be used of it, in words."""

    def applied_to(self, name: Name) -> Name:
        """Return ``name`` with this sidecar's words in place of its own."""
        series = self.of_series.title or self.series or name.series
        number = name.episode if self.number is None else self.number
        if series is None or number is None:
            return replace(name, title=self.title or name.title, year=self.year or name.year)
        last = name.last_episode if self.number is None else self.number_to
        season = name.season if self.season is None else self.season
        own = self.title or name.episode_title
        return episode_name(series, season, (number, last or number), own, self.year or name.year)


class Sidecars:
    """The sidecars of a film folder."""

    def __init__(self, folder: Path) -> None:
        """Know none yet of those in ``folder``."""
        self._folder = folder
        self._files = SmallFiles(folder)

    def beside(self, films: Iterable[FoundFile]) -> list[Sidecar]:
        """Return the sidecar of each of ``films``, and forget all others. Never raises."""
        self._files.begin_pass()
        # A folder's files are looked for once, and not for each of its episodes.
        of_folders: dict[tuple[Path, int], SeriesSidecar] = {}
        found = [self._read(film, of_folders) for film in films]
        self._files.end_pass()
        return found

    def of(self, film: FoundFile) -> Sidecar:
        """Return what stands in the sidecar of ``film``; empty without one. Never raises."""
        return self._read(film, {})

    def _read(self, film: FoundFile, of_folders: dict[tuple[Path, int], SeriesSidecar]) -> Sidecar:
        # The path may hold what is no text; the name is for people.
        name = PurePosixPath(film.name)
        levels = min(_SERIES_FOLDERS, len(name.parts))
        place = film.path.parent, levels
        if place not in of_folders:
            of_folders[place] = self._series(film.path.parent, name.parent, levels)
        nfo = self._nfo(film.path, name, _of_nfo)
        toml = self._toml(film.path.with_suffix(".toml"), name.with_suffix(".toml"), _FILM_KEYS)
        of_series = of_folders[place]
        warnings = (*nfo.pop("warnings", ()), *toml.pop("warnings", ()), *of_series.warnings)
        if "number" in toml:
            # An older word of where a file with several episodes ends does not hold any more.
            nfo.pop("number_to", None)
        return Sidecar(**{**nfo, **toml}, of_series=of_series, warnings=warnings)

    def _series(self, folder: Path, name: PurePosixPath, levels: int) -> SeriesSidecar:
        """Return what is said of a series in the nearest of so many folders that says anything."""
        nfo = self._nfo(folder / "tvshow.nfo", name / "tvshow.nfo", _of_series_nfo)
        toml = self._toml(folder / "series.toml", name / "series.toml", _SERIES_KEYS)
        warnings = (*nfo.pop("warnings", ()), *toml.pop("warnings", ()))
        if nfo or toml or warnings or levels == 1:
            return SeriesSidecar(**{**nfo, **toml}, warnings=warnings)
        return self._series(folder.parent, name.parent, levels - 1)

    def _toml(self, path: Path, name: PurePosixPath, keys: Mapping[str, _Key]) -> dict[str, Any]:
        try:
            return dict(
                self._files.read(path, _MAX_SIZE, lambda raw: _parse(name, raw, keys)) or {}
            )
        except Unusable as error:
            return _unusable(name, str(error))

    def _nfo(
        self,
        path: Path,
        name: PurePosixPath,
        read: Callable[[Sequence[NfoRecord]], dict[str, Any]],
    ) -> dict[str, Any]:
        path, name = path.with_suffix(".nfo"), name.with_suffix(".nfo")

        def parse(content: bytes) -> dict[str, Any]:
            try:
                return read(parse_nfo(content))
            except NfoUnusable as error:
                return _unusable(name, str(error))

        try:
            return dict(self._files.read(path, MAX_NFO_SIZE, parse) or {})
        except Unusable as error:
            return _unusable(name, str(error))


def _unusable(name: PurePosixPath, reason: str) -> dict[str, Any]:
    return {"warnings": (f"{name} cannot be used: {reason}",)}


def _of_nfo(records: Sequence[NfoRecord]) -> dict[str, Any]:
    """Return what the file beside a film says: Kodi gives each episode in it a record."""
    film = next((record for record in records if record.kind == "movie"), None)
    if film is not None:
        return _known(title=_text(film.fields.get("title")), year=_year(film.year))
    parts = [record for record in records if record.kind == "episodedetails"]
    if not parts:
        return {}
    numbers = [n for part in parts if (n := part.number("episode")) is not None]
    first, last = (min(numbers), max(numbers)) if numbers else (None, None)
    titles = dict.fromkeys(title for part in parts if (title := _text(part.fields.get("title"))))
    return _known(
        title=_text(" / ".join(titles)[:TITLE_LIMIT]),
        series=_text(parts[0].fields.get("showtitle")),
        season=parts[0].number("season"),
        number=first,
        number_to=last if last != first else None,
    )


def _of_series_nfo(records: Sequence[NfoRecord]) -> dict[str, Any]:
    series = next((record for record in records if record.kind == "tvshow"), None)
    if series is None:
        return {}
    return _known(title=_text(series.fields.get("title")), year=_year(series.year))


def _known(**values: object) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _parse(name: PurePosixPath, content: bytes, keys: Mapping[str, _Key]) -> dict[str, Any]:
    try:
        values = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        return _unusable(name, str(error))
    found: dict[str, Any] = {}
    warnings: list[str] = []
    for key, value in values.items():
        if key not in keys:
            warnings.append(f"{name}: the key {key!r} is not known")
            continue
        read, wanted = keys[key]
        if (taken := read(value)) is None:
            warnings.append(f"{name}: {key!r} must be {wanted}")
        else:
            found[key] = taken
    return {**found, "warnings": tuple(warnings)} if warnings else found


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


def _number(value: object) -> int | None:
    return value if type(value) is int and value in _NUMBERS else None


def _language(value: object) -> str | None:
    return two_letters(value) if isinstance(value, str) else None


_Key = tuple[Callable[[object], object], str]
"""How a value is read, and what it must be, in words."""

_SERIES_KEYS: dict[str, _Key] = {
    "id": (_uuid, "a UUID"),
    "title": (_text, f"a line of 1 to {TITLE_LIMIT} characters"),
    "year": (_year, "a year"),
}
_FILM_KEYS: dict[str, _Key] = {
    **_SERIES_KEYS,
    "language": (_language, "an ISO 639-1 code"),
    "series": (_text, f"a line of 1 to {TITLE_LIMIT} characters"),
    "season": (_number, "a whole number from 0 to 9999"),
    "number": (_number, "a whole number from 0 to 9999"),
    "number_to": (_number, "a whole number from 0 to 9999"),
}
