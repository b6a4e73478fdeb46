"""Languages as files write them (ISO 639-2, BCP 47) and as records want them (ISO 639-1)."""

from __future__ import annotations

from functools import lru_cache

from babelfish import Language
from babelfish.exceptions import Error as LanguageError

__all__ = ["language_name", "two_letters"]

_NO_LANGUAGE = ("und", "mis", "mul", "zxx")  # codespell:ignore mis
"""Codes of ISO 639-2 that say that there is none, or several."""


def two_letters(tag: str | None) -> str | None:
    """Return the ISO 639-1 code of a language tag, None where it is unknown or has none."""
    language = _language(tag)
    if language is None:
        return None
    try:
        return str(language.alpha2)
    except LanguageError:
        return None


def language_name(tag: str | None) -> str | None:
    """Return the English name of a language, None where the tag is unknown."""
    language = _language(tag)
    return None if language is None else str(language.name)


@lru_cache(maxsize=256)
def _language(tag: str | None) -> Language | None:
    primary = (tag or "").replace("_", "-").partition("-")[0].lower()
    for read in (Language.fromalpha2, Language.fromalpha3b, Language.fromalpha3t, Language):
        try:
            language = read(primary)
        except (LanguageError, ValueError):
            continue
        return None if language.alpha3 in _NO_LANGUAGE else language
    return None
