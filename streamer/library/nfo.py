"""``.nfo`` files as Kodi and Jellyfin write them: what a film, an episode or a series is called.

See https://kodi.wiki/view/NFO_files. They come from anywhere, so that nothing in them but plain
elements is read: no document type, and so no entities, and no more than 256 KiB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

__all__ = ["MAX_NFO_SIZE", "NfoRecord", "NfoUnusable", "parse_nfo"]

MAX_NFO_SIZE = 1 << 18
"""Longest ``.nfo``, bytes: they name all actors."""

_ROOTS = ("movie", "tvshow", "episodedetails")
_FIELDS = frozenset(("title", "showtitle", "season", "episode", "year", "premiered", "aired"))
_MAX_TEXT = 2000
"""Characters of one element that are read."""


class NfoUnusable(ValueError):
    """It is meant for Kodi, and cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class NfoRecord:
    """One root element of a file."""

    kind: str
    """``movie``, ``tvshow`` or ``episodedetails``."""

    fields: dict[str, str] = field(default_factory=dict)
    """The texts of its elements that are not empty, by name: of several the first."""

    def number(self, name: str) -> int | None:
        """Return the whole number that an element holds, None where it holds none."""
        text = self.fields.get(name, "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else None

    @property
    def year(self) -> int | None:
        """The year, or that of the first showing."""
        shown = self.fields.get("premiered") or self.fields.get("aired") or ""
        year = shown[:4]
        return self.number("year") or (int(year) if year.isascii() and year.isdecimal() else None)


def parse_nfo(content: bytes) -> Sequence[NfoRecord]:
    """Return the records of a file: several for a file with several episodes.

    Nothing for one that is not meant for Kodi: most ``.nfo`` files are texts of other kinds.
    Raises :class:`NfoUnusable`.
    """
    try:
        text = content.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError:
        if any(f"<{root}".encode() in content for root in _ROOTS):
            raise NfoUnusable("it is no UTF-8") from None
        return ()
    if text.startswith("<?xml"):
        text = text.partition("?>")[2]
    if not any(f"<{root}" in text for root in _ROOTS):
        return ()
    # Kodi puts the address of a page behind the last element.
    text = text[: text.rfind(">") + 1]
    reader = _Reader()
    try:
        # Files of several episodes have several roots. In an element no document type can stand.
        reader.parser.Parse(f"<nfo>{text}</nfo>", True)
    except expat.ExpatError as error:
        raise NfoUnusable(expat.ErrorString(error.code)) from None
    return reader.records


class _Reader:
    """Takes the texts that stand in elements two levels below the outermost."""

    def __init__(self) -> None:
        self.records: list[NfoRecord] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._depth = 0
        self._name = ""
        self._read = ""

    def _start(self, name: str, _attributes: object) -> None:
        self._depth += 1
        if self._depth == 2:
            self.records.append(NfoRecord(name))
        self._name, self._read = (name, "") if self._depth == 3 else ("", "")

    def _text(self, text: str) -> None:
        if self._name in _FIELDS and len(self._read) < _MAX_TEXT:
            self._read += text

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if self._name in _FIELDS and self._read.strip():
            self.records[-1].fields.setdefault(self._name, self._read.strip())
        self._name = ""
