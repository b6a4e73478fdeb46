"""Processes and their descendants, as Linux tells them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

__all__ = ["ended", "family"]

ended = suppress(FileNotFoundError, ProcessLookupError)
"""Around what is read of a process under ``/proc``: it may end between being listed and being read.
Its files are gone then, or those that are open say that there is no such process."""


def family(pid: int) -> list[int]:
    """Return ``pid`` and its descendants, without those that end meanwhile.

    Raises ProcessLookupError where ``pid`` itself is no more.
    """
    if not Path(f"/proc/{pid}").exists():
        raise ProcessLookupError(f"no process {pid}")
    return [pid, *_descendants(pid)]


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    with ended:
        for task in Path(f"/proc/{pid}/task").iterdir():
            with ended:
                for child in (task / "children").read_text().split():
                    found += [int(child), *_descendants(int(child))]
    return found
