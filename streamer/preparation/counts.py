"""What a maker counts."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MakerCounts"]


@dataclass(frozen=True, slots=True)
class MakerCounts:
    """What a maker did, and what it is at, for metrics."""

    video_segments: int = 0
    """Segments of pictures made."""

    sound_segments: int = 0
    """Segments of sound made."""

    video_seconds: float = 0.0
    """Seconds of films whose picture was made."""

    waiting: int = 0
    """Callers that wait for a segment."""

    failures: int = 0
    """Times that a segment could not be made."""

    restarts: int = 0
    """Workers that ended and were replaced."""

    behind: int = 0
    """Films that are made too slowly for who watches them."""
