"""A film of any size in no time: one second of grey picture, then a ``free`` box of noise."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import av

__all__ = ["make_film"]

_RATE = 25
_WIDTH, _HEIGHT = 64, 48
_GREY = 128


def make_film(path: Path, size: int) -> None:
    """Write a film of ``size`` bytes that browsers play, at least some kilobytes."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=_RATE)
        stream.width, stream.height, stream.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        for number in range(_RATE):
            frame = av.VideoFrame(_WIDTH, _HEIGHT, "yuv420p")
            frame.pts = number
            for plane in frame.planes:
                plane.update(bytes([_GREY]) * plane.buffer_size)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    padding = size - path.stat().st_size
    noise = os.urandom(1 << 20)
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", padding, b"free"))
        left = padding - 8
        while left:
            left -= file.write(noise[:left])
