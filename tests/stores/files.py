"""What stands in folders, byte for byte."""

from __future__ import annotations

import stat
from pathlib import Path

__all__ = ["CHECKOUT", "bytes_in", "contents_of", "lay_out", "modes_in"]

CHECKOUT = Path(__file__).parents[2]
"""Where ``python -m tests...`` can be run."""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: mode(path) for path in folder.iterdir()}


def contents_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def lay_out(folder: Path, contents: dict[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def bytes_in(folder: Path) -> bytes:
    return b"".join(contents_of(folder).values())
