"""Processes and their descendants, as Linux tells them."""

from __future__ import annotations

from pathlib import Path

__all__ = ["family"]


def family(pid: int) -> list[int]:
    """Return ``pid`` and its living descendants."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found
