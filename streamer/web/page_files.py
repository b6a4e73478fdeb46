"""The pages' files: as bundled, or, where there is no bundle of just these files, as they are."""

from __future__ import annotations

import json
import logging
from hashlib import sha256
from pathlib import Path

__all__ = ["BUILT_FOLDER", "PageFiles", "sources"]

logger = logging.getLogger("seans.web")

BUILT_FOLDER = "built"
"""Folder of the bundle; its files carry a hash of their content, so browsers keep them for good."""

MANIFEST_FILE = "manifest.json"
"""Says of which files the bundle was made, by their hashes; hatch_build.py writes it."""

SOURCE_SUFFIXES = frozenset({".js", ".css", ".html", ".json", ".svg"})
"""Of what people write; an editor's own files do not count."""

MODULE_PAGES = {"home": "index.html", "room": "room.html", "sign-in": "sign-in.html"}


def sources(static: Path) -> dict[str, str]:
    """Return what a bundle is made of, with the SHA-256 of each; the libraries by their stamp."""
    vendor, built = static / "vendor", static / BUILT_FOLDER
    files = [
        file
        for child in static.iterdir()
        if child not in (vendor, built)
        for file in (child.rglob("*") if child.is_dir() else [child])
        if file.suffix in SOURCE_SUFFIXES
    ]
    stamp = vendor / "vendored.txt"
    if stamp.is_file():
        files.append(stamp)
    return {
        file.relative_to(static).as_posix(): sha256(file.read_bytes()).hexdigest()
        for file in sorted(files)
    }


class PageFiles:
    """Which files the pages are made of, found out once: at the start."""

    def __init__(self, static: Path) -> None:
        self._static = static
        self.bundled = _bundled(static)
        self._texts: dict[str, str] = {}
        self._words: dict[str, dict[str, str]] = {}

    def words(self, language: str) -> dict[str, str]:
        """Return what the pages say in ``language``, by key; plurals are of no use here."""
        if self.bundled and language in self._words:
            return self._words[language]
        text = (self._static / "i18n" / f"{language}.json").read_text(encoding="utf-8")
        known = {key: entry for key, entry in json.loads(text).items() if isinstance(entry, str)}
        self._words[language] = known
        return known

    def html(self, page: str, language: str) -> str:
        """Return the text of ``page`` (a key of :data:`MODULE_PAGES`) for ``language``."""
        if not self.bundled:
            # Read anew each time: whoever edits it wants to see it.
            return (self._static / MODULE_PAGES[page]).read_text(encoding="utf-8")
        name = f"{page}.{language}.html"
        if name not in self._texts:
            self._texts[name] = (self._static / BUILT_FOLDER / name).read_text(encoding="utf-8")
        return self._texts[name]


def _bundled(static: Path) -> bool:
    """Return whether there is a bundle of exactly these files; say so once where there is not."""
    try:
        manifest = json.loads((static / BUILT_FOLDER / MANIFEST_FILE).read_bytes())
        current = manifest["sources"] == sources(static)
    except FileNotFoundError:
        logger.warning(
            "the pages come as single modules, which open slowly from afar: nothing was bundled "
            "(python hatch_build.py does it, where there is Node.js)"
        )
        return False
    except (OSError, ValueError, TypeError, KeyError) as error:
        logger.warning("the pages come as single modules: the bundle can't be read: %s", error)
        return False
    if not current:
        logger.warning(
            "the pages come as single modules: static/ has changed since it was bundled "
            "(python hatch_build.py bundles it anew)"
        )
    return bool(current)
