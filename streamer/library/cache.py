"""What was learned about films, kept across restarts in one file of the data folder."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from streamer.library.naming import Name
from streamer.library.probe import ProbeResult
from streamer.library.walk import FoundFile

__all__ = ["ScanResult", "load", "save"]

logger = logging.getLogger("seans.library")

_VERSION = 2


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What the bytes and the name of one file told."""

    size: int
    """Length of the file then, bytes."""

    modified: int
    """Time of its last change then, Unix nanoseconds."""

    digest: str
    """:func:`streamer.library.content.digest` of it."""

    probed: ProbeResult
    """What the probe gave."""

    name: Name
    """What it is called."""

    def holds_for(self, file: FoundFile) -> bool:
        """Return whether ``file`` is still the one that this was learned about."""
        return (self.size, self.modified) == (file.size, file.modified)


@dataclass(frozen=True, slots=True)
class _File:
    version: int
    films: dict[str, ScanResult]


_FILE = TypeAdapter(_File)


def load(path: Path) -> dict[str, ScanResult]:
    """Return what was kept at ``path``, by name; nothing where it cannot be used."""
    try:
        file = _FILE.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        logger.warning("what was known about films is learned anew: %s", _first_line(error))
        return {}
    return file.films if file.version == _VERSION else {}


def save(path: Path, films: dict[str, ScanResult]) -> None:
    """Keep ``films`` at ``path``: the old file or the new one is there at any moment.

    What another try may mend is left out. Raises ``OSError``.
    """
    kept = {name: film for name, film in films.items() if not film.probed.transient}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
        file.write(_FILE.dump_json(_File(_VERSION, kept)))
        file.flush()
        # Without it the rename may reach the disk before the content, and a crash leaves an empty
        # file.
        os.fsync(file.fileno())
    unfinished.replace(path)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
