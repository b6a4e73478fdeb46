"""What a film is called: from its file name and the title inside the file."""

from __future__ import annotations

import logging
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from guessit import guessit
from guessit.api import GuessitException

__all__ = [
    "FILM_YEARS",
    "TITLE_LIMIT",
    "Name",
    "episode_name",
    "name_film",
    "search_key",
    "search_words",
]

logger = logging.getLogger("seans.library")

TITLE_LIMIT = 200
"""Longest title, characters."""

FILM_YEARS = range(1870, 2200)
"""Years that a film may be of."""

_SAYS_LITTLE = re.compile(
    r"(?:video|movie|film|output|untitled|title|track|clip|img|vid|mov|dvd)[\W_\d]*(?:t\d+)?"
    r"|[0-9a-f-]{16,}",
    re.IGNORECASE,
)
"""File names that no person chose: ``VID_2023``, ``title_t00``, ``movie``, a hash."""

_ADVERTISES = re.compile(r"://|www\.|\.(?:com|net|org|info|to|ru)\b", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s._]+")

_PARTS = 3
"""Parts of a path that name an episode: the series, the season, the file."""

_GUESSED = 255
"""Characters that guessit sees at most: what it costs grows faster than the name."""

_ENDS_A_TITLE = ("year", "date", "screen_size", "source", "edition", "streaming_service")
"""What follows a title in the name of a release. Codecs alone do not: they may be the title."""

_SAYS_EPISODE = re.compile(
    r"s\d|\d+\s*x\s*\d|(?:^|[\W_])(?:e|ep|episode|season|#)[\W_]?\d|сезон|сери[ия]|эпизод"
    r"|\s-\s\d|(?:^|/)\[",
    re.IGNORECASE,
)
"""What tells an episode from a film with a number in its name: ``Apollo 13``, ``The 100``."""

_NUMBERS = range(10_000)
"""Numbers that a season or an episode may have."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a film is called."""

    title: str
    """Name for people; an episode's holds its series and number."""

    year: int | None = None
    """Year of release."""

    series: str | None = None
    """The series' name, for an episode."""

    season: int | None = None
    """Number of the season, for an episode."""

    episode: int | None = None
    """Number within the season, for an episode; of several in one file the first."""

    last_episode: int | None = None
    """The last number where one file holds several."""

    episode_title: str | None = None
    """The episode's own title."""


def name_film(path: PurePath, inner_title: str | None = None) -> Name:
    """Return what the film at ``path`` (relative to the media folder) is called.

    The file name is trusted first; the title inside the file only where the name was made by a
    machine, since those titles are often a leftover or an advertisement.
    """
    if _SAYS_LITTLE.fullmatch(path.stem):
        return _inner(inner_title) or _folder(path) or Name(_clean(path.stem))
    guess = _guess(path.name[-_GUESSED:])
    if guess.get("type") == "episode":
        return _episode(path, guess) or _movie(path.stem)
    return _movie(path.stem)


def search_key(text: str) -> str:
    """Return ``text`` as it is compared in a search: without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def search_words(query: str) -> tuple[str, ...]:
    """Return the words that ``query`` looks for, each once."""
    return tuple(dict.fromkeys(search_key(query).split()))


def _guess(name: str, **options: object) -> dict[str, Any]:
    """Return what guessit reads in a name; nothing where the name is too much for it."""
    try:
        return dict(guessit(name, options))
    # guessit raises on some names, such as those with unusual numbers.
    except GuessitException as error:
        logger.info("%r stands as it is: %s", name, type(error.__cause__).__name__)
        return {}


def _movie(stem: str) -> Name:
    """Return what stands before the first word about the release, and the year among those."""
    stem = stem[:_GUESSED]
    found = _guess(stem, advanced=True, type="movie")
    ends = {key: found[key] for key in _ENDS_A_TITLE if key in found}
    starts = [match.start for value in ends.values() for match in _several(value) if match.start]
    title = stem[: min(starts, default=None)].rstrip(" ._-([{")
    if not starts or not title:
        return Name(_clean(stem))
    years = [match.value for match in _several(ends.get("year", [])) if match.start]
    return Name(_clean(title), _year(years))


def _episode(path: PurePath, guess: dict[str, Any]) -> Name | None:
    known = path.name
    if "title" not in guess:
        known = "/".join(path.parts[-_PARTS:])
        guess = _guess(known[-_GUESSED:])
    series, season = guess.get("title"), _first(guess.get("season"))
    numbers = [n for n in _several(guess.get("episode")) if type(n) is int and n in _NUMBERS]
    if not isinstance(series, str) or not numbers or not _SAYS_EPISODE.search(known):
        return None
    own = guess.get("episode_title")
    return episode_name(
        _clean(series),
        season if season in _NUMBERS else None,
        (min(numbers), max(numbers)),
        _clean(own) if isinstance(own, str) else None,
        _year(guess.get("year")),
    )


def episode_name(
    series: str,
    season: int | None,
    numbers: tuple[int, int],
    title: str | None = None,
    year: int | None = None,
) -> Name:
    """Return what an episode is called; ``numbers`` are the first and the last in its file."""
    first, last = numbers
    number = f"E{first:02d}" if season is None else f"S{season:02d}E{first:02d}"
    if last > first:
        number += f"-E{last:02d}"
    shown = f"{series} · {number}" + (f" · {title}" if title else "")
    return Name(
        shown[:TITLE_LIMIT].rstrip(),
        year,
        series,
        season,
        first,
        last if last > first else None,
        title,
    )


def _inner(title: str | None) -> Name | None:
    """Return the title inside the file, where a person may have chosen it."""
    if title is None or _ADVERTISES.search(title) or _SAYS_LITTLE.fullmatch(title):
        return None
    return Name(_clean(title))


def _folder(path: PurePath) -> Name | None:
    """Return what a folder made for this one film says: only such folders tell a year."""
    name = _movie(path.parent.name)
    return name if name.year else None


def _clean(text: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text)
    return _SEPARATORS.sub(" ", printable).strip()[:TITLE_LIMIT].rstrip() or "?"


def _several(value: Any) -> list[Any]:  # noqa: ANN401 - guessit is untyped
    return value if isinstance(value, list) else [value]


def _first(value: object) -> int | None:
    """Return the number, of several (a double episode) the first."""
    first = next(iter(_several(value)), None)
    return first if isinstance(first, int) and not isinstance(first, bool) else None


def _year(value: object) -> int | None:
    number = _first(value)
    return number if number in FILM_YEARS else None
