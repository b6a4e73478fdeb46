"""Films of the library, as far as making renditions needs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

__all__ = ["FilmFile", "FilmLookUp", "PreparableFilm"]


LONGEST_S = 100_000
"""Longest film that is prepared by the word of its container alone, seconds."""


@dataclass(frozen=True, slots=True)
class FilmFile:
    """A film's file in the version that a plan was made for."""

    path: str
    """Where it is, absolute."""

    size: int
    """Length, bytes."""

    modified: int
    """Time of the last change, Unix nanoseconds."""


@dataclass(frozen=True, slots=True)
class PreparableFilm:
    """A film of the library, as far as making a rendition needs it."""

    file: FilmFile
    """Its file."""

    content: str
    """What tells its content from others."""

    duration: float | None
    """Length by which timelines go, seconds; None where the library cannot tell."""

    def length(self, by_container: Fraction) -> Fraction:
        """Return the length of its renditions, seconds: that of timelines, where it is known."""
        if self.duration is None:
            # A word that cannot be true must not cost the memory of as many segments.
            return min(by_container, Fraction(LONGEST_S))
        return Fraction(self.duration).limit_denominator(1_000_000)


FilmLookUp = Callable[[UUID], PreparableFilm | None]
"""Returns a film by its id; None where there is none."""
