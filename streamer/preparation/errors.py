"""Why a rendition cannot be made or played, each reason with a stable code."""

from __future__ import annotations

from typing import Literal

__all__ = [
    "OF_ONE_SEGMENT",
    "REASONS",
    "Interrupted",
    "Reason",
    "RenditionUnavailable",
    "Unmakeable",
]

Reason = Literal[
    "busy",
    "closed",
    "disk_full",
    "film_gone",
    "no_picture",
    "no_workers",
    "protected",
    "too_costly",
    "unknown_film",
    "unreadable",
    "write_failed",
]

REASONS: dict[Reason, str] = {
    "busy": "Too many wait for segments of this film.",
    "closed": "The server stops.",
    "disk_full": "The disk of the data folder is full.",
    "film_gone": "The film's file is not there any more, or has become another.",
    "no_picture": "The file has no picture that can be decoded.",
    "no_workers": "What makes renditions ends again and again.",
    "protected": "The film is protected against copying.",
    "too_costly": "Making this part of the film took more time or memory than it may.",
    "unknown_film": "There is no such film.",
    "unreadable": "The film cannot be decoded there.",
    "write_failed": "Nothing can be written into the data folder.",
}
"""The reasons in English words."""

OF_ONE_SEGMENT: frozenset[Reason] = frozenset(("no_workers", "too_costly", "unreadable"))
"""Reasons that hold for one segment; others hold for the whole film."""


class RenditionUnavailable(Exception):
    """A rendition, or a segment of it, cannot be had now; later it may."""

    def __init__(self, code: Reason, detail: str = "") -> None:
        """Say why by a stable ``code``; ``detail`` is for the log."""
        super().__init__(detail or REASONS[code])
        self.code: Reason = code


class Unmakeable(Exception):
    """A worker cannot make what it was asked for."""

    def __init__(self, code: Reason, detail: str = "") -> None:
        """Say why; the code reaches whoever waits for the segment."""
        super().__init__(detail or REASONS[code])
        self.code: Reason = code


class Interrupted(Exception):
    """Another order has come: what a worker is at is left."""
