"""Segments of a film without content: frames and packets that only have their positions."""

from __future__ import annotations

from collections.abc import Collection

from streamer.preparation.segments import Sample, Segment
from streamer.webrtc.loaded_film import LoadedFilm

__all__ = ["FRAME_S", "SEGMENT_S", "bare_segment", "loaded_film"]

FRAME_S = 0.04
"""How long a frame is shown, seconds."""

SEGMENT_S = 2.0
"""Length of a segment, seconds."""


def bare_segment(number: int) -> Segment:
    """Return 50 frames and 100 packets; each says by its data which one it is."""
    frames, packets = 50, 100
    return Segment(
        number=number,
        start=number * SEGMENT_S,
        end=(number + 1) * SEGMENT_S,
        video=tuple(
            Sample((number * frames + n) / 25, f"frame {number * frames + n}".encode(), n == 0)
            for n in range(frames)
        ),
        sound=tuple(
            Sample((number * packets + n) / 50, f"sound {number * packets + n}".encode(), True)
            for n in range(packets)
        ),
    )


def loaded_film(seconds: float, but: Collection[int] = ()) -> LoadedFilm:
    """Return a film of which all segments are in memory, save some."""
    count = round(seconds / SEGMENT_S)
    film = LoadedFilm(lambda position: min(int(position / SEGMENT_S), count - 1), seconds)
    for number in range(count):
        if number not in but:
            film.add(bare_segment(number))
    return film
