"""The plan of a film's live rendition: pure, known before anything is made.

All times are Fractions, seconds of the film from its first timestamp: floats, or 2.0 times the
number, leave 23.976 frames a second by seconds in an hour.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

__all__ = [
    "OPUS_BITRATE",
    "PACKETS_PER_SECOND",
    "X264_OPTIONS",
    "RenditionPlan",
    "SourceFacts",
    "fitting_size",
    "plan_rendition",
]

SEGMENT_S = 2
"""About how long a segment is, seconds; a whole number of frames."""

MAX_COPIED_GOP_S = 4
"""Longest distance of keyframes that are copied, seconds: who comes late, and every seek, is sent
all that lies between the last one and now."""

MAX_COPIED_BIT_RATE = 6_000_000
"""Bits per second of a picture that is copied at most: each viewer is sent all of them."""

MAX_MACROBLOCKS = 3600
MAX_MACROBLOCKS_PER_SECOND = 108_000
"""H.264 level 3.1 (table A-1), which the profile-level-id 42e01f of WebRTC promises: 720p30."""

MAX_SIDE = 1280
"""Width or height at most, pixels."""

X264_OPTIONS = {
    "preset": "superfast",
    "profile": "baseline",
    "crf": "23",
    "maxrate": "2500000",
    "bufsize": "2500000",
    "bf": "0",
    "g": "99999",
    "sc_threshold": "0",
    "forced-idr": "1",
}
"""How pictures are encoded. WebRTC promises Constrained Baseline alone (RFC 7742 section 6.2).

Keyframes are set by the plan alone; superfast looks at no frame ahead, so a segment is whole as
soon as its last frame was decoded.
"""

OPUS_BITRATE = 96_000
"""Bits per second of sound."""

PACKETS_PER_SECOND = 50
"""Opus packets of 20 ms (RFC 7587)."""

_RECIPE = 2
"""To be raised whenever other bytes are made from the same plan."""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is planned from: a file as the worker that will make its segments has seen it."""

    duration: Fraction
    """Length by the container, seconds; 0 where it does not say."""

    rate: Fraction
    """Frames per second."""

    width: int
    """Width as shown: upright, with square pixels."""

    height: int
    """Height as shown."""

    sound: bool
    """Whether there is sound that can be decoded."""

    bit_rate: int
    """Bits per second of the whole file."""

    keyframes: tuple[Fraction, ...] = ()
    """Where its H.264 can be cut and copied (IDR pictures), seconds; none where it cannot."""


@dataclass(frozen=True, slots=True)
class RenditionPlan:
    """Where each segment begins, and how it is made."""

    edges: tuple[Fraction, ...]
    """Beginnings of the segments, and the end of the last, seconds."""

    rate: Fraction
    """Frames per second."""

    width: int
    """Width of the picture, pixels."""

    height: int
    """Height of the picture, pixels."""

    copied: bool
    """Whether the source's picture is copied, not encoded."""

    sound: bool
    """Whether there is sound."""

    _starts: tuple[float, ...] = field(init=False, repr=False, compare=False)
    """The edges as floats: comparing fractions would take a twentieth of a live room's CPU."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_starts", tuple(map(float, self.edges)))

    @property
    def count(self) -> int:
        """How many segments there are."""
        return len(self.edges) - 1

    @property
    def duration(self) -> Fraction:
        """End of the last segment, seconds."""
        return self.edges[-1]

    @property
    def tolerance(self) -> Fraction:
        """How far before an edge a frame belongs to it, seconds: timestamps are rounded."""
        return 1 / (4 * self.rate)

    @property
    def longest_gap(self) -> Fraction:
        """How long after an edge its segment's first frame may be shown, seconds."""
        return max(3 / (2 * self.rate), Fraction(1, 10))

    def number_at(self, position: float) -> int:
        """Return the segment that holds ``position`` (s); beyond the film, the nearest."""
        return min(max(bisect_right(self._starts, position) - 1, 0), self.count - 1)

    def first_packet(self, number: int) -> int:
        """Return the first Opus packet of a segment; packet n sounds from n * 20 ms on."""
        return -(-self.edges[number] * PACKETS_PER_SECOND // 1)

    def identity(self, kind: str, content: str) -> str:
        """Return what tells segments of this plan from all others: equal ones are exchangeable.

        ``kind`` is the track, ``content`` tells the file's content from others.
        """
        recipe: object = OPUS_BITRATE if kind == "sound" else "copied"
        if kind != "sound" and not self.copied:
            recipe = (sorted(X264_OPTIONS.items()), self.width, self.height, self.rate)
        told = repr((_RECIPE, kind, content, recipe, self.edges))
        return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:24]


def plan_rendition(facts: SourceFacts, length: Fraction) -> RenditionPlan:
    """Return the plan of a film of ``length`` seconds."""
    length = max(length, 1 / facts.rate)
    copied_edges = _copied_edges(facts, length)
    width, height = (
        (facts.width, facts.height)
        if copied_edges
        else fitting_size(facts.width, facts.height, facts.rate)
    )
    return RenditionPlan(
        edges=copied_edges or _even_edges(facts.rate, length),
        rate=facts.rate,
        width=width,
        height=height,
        copied=bool(copied_edges),
        sound=facts.sound,
    )


def fitting_size(width: int, height: int, rate: Fraction) -> tuple[int, int]:
    """Return the largest size of the same shape that H.264 level 3.1 holds; both sides even."""
    most = min(MAX_MACROBLOCKS, int(MAX_MACROBLOCKS_PER_SECOND / rate))
    scale = min(1.0, MAX_SIDE / width, MAX_SIDE / height)
    while True:
        wide, high = (max(2, round(side * scale / 2) * 2) for side in (width, height))
        if -(-wide // 16) * -(-high // 16) <= most:
            return wide, high
        scale *= 0.995


def _even_edges(rate: Fraction, length: Fraction) -> tuple[Fraction, ...]:
    """Return edges of whole frames, about SEGMENT_S apart; the last segment has 0.5 to 1.5 steps.

    A last segment of milliseconds would confuse players.
    """
    step = round(SEGMENT_S * rate) / rate
    count = max(1, int(length / step + Fraction(1, 2)))
    return (*(number * step for number in range(count)), length)


def _copied_edges(facts: SourceFacts, length: Fraction) -> tuple[Fraction, ...]:
    """Return edges at keyframes, at least about SEGMENT_S apart; () where it can't be copied."""
    fits = fitting_size(facts.width, facts.height, facts.rate) == (facts.width, facts.height)
    if not facts.keyframes or not fits or facts.bit_rate > MAX_COPIED_BIT_RATE:
        return ()
    edges = [Fraction(0)]
    for time in facts.keyframes:
        if time - edges[-1] >= SEGMENT_S - Fraction(1, 4) and length - time >= 1:
            edges.append(time)
    edges.append(length)
    if any(end - start > MAX_COPIED_GOP_S for start, end in pairwise(edges)):
        return ()
    return tuple(edges)
