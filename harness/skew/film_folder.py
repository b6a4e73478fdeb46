"""The film folder of the meter: numbered frames as made, with more bytes, smaller, and longer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av

from harness.counter_film import make_counter_film
from harness.films import put_film, rest

__all__ = ["FILM_SECONDS", "LONG_SECONDS", "THICK_RATE", "FilmName", "film_folder"]

FilmName = Literal["Counter", "Thick", "Small", "Long"]
"""Title of a film: as it is made · as many bytes as a real one · a small picture · a longer one."""

FILM_SECONDS = 120
"""Length of the films, seconds."""

LONG_SECONDS = 330
"""Length of the long one, seconds."""

THICK_RATE = 3_000_000
"""Of the thick film, bits per second."""

_INDEX_FIRST = {"movflags": "+faststart"}
_SMALL = (192, 108)
_FRAME_RATE = 25
_FILLER = b"\x0c"
_STOP = b"\x80"


def film_folder(
    folder: Path, film: Path | None = None, film_names: Iterable[FilmName] = ()
) -> Path:
    """Return ``folder`` with ``film`` or a made one as Counter, and the films of ``film_names``."""
    folder.mkdir(parents=True, exist_ok=True)
    counter = folder / "Counter.mp4"
    if film is None:
        make_counter_film(counter, FILM_SECONDS)
        rest(counter)
    else:
        put_film(film, counter)
    make: dict[FilmName, Callable[[Path], None]] = {
        "Thick": lambda path: _thicken(counter, path),
        "Small": lambda path: _shrink(counter, path),
        "Long": lambda path: make_counter_film(path, LONG_SECONDS),
    }
    for name in sorted(set(film_names) - {"Counter"}):
        make[name](folder / f"{name}.mp4")
        rest(folder / f"{name}.mp4")
    return folder


def _thicken(source: Path, target: Path) -> None:
    """Write ``source`` at :data:`THICK_RATE`: the same pictures, with filler after each.

    Filler data are NAL units of type 12 (ITU-T H.264, 7.3.2.7) that a decoder passes over.
    """
    size = THICK_RATE // 8 // _FRAME_RATE
    with (
        av.open(str(source)) as old,
        av.open(str(target), "w", format="mp4", options=_INDEX_FIRST) as new,
    ):
        streams = {stream.index: new.add_stream_from_template(stream) for stream in old.streams}
        for packet in old.demux():
            if packet.dts is None:
                continue
            copy = packet
            if packet.stream.type == "video":
                content = bytes(packet)
                filler = _FILLER + b"\xff" * max(size - len(content) - 6, 0) + _STOP
                copy = av.Packet(content + len(filler).to_bytes(4, "big") + filler)
                copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
                copy.time_base, copy.is_keyframe = packet.time_base, packet.is_keyframe
            copy.stream = streams[packet.stream.index]
            new.mux(copy)


def _shrink(source: Path, target: Path) -> None:
    """Write ``source`` in small and without its sound: eight of them fit on two cores."""
    width, height = _SMALL
    with (
        av.open(str(source)) as old,
        av.open(str(target), "w", format="mp4", options=_INDEX_FIRST) as new,
    ):
        video = new.add_stream("libx264", rate=_FRAME_RATE, options={"preset": "veryfast"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        for number, frame in enumerate(old.decode(video=0)):
            small = frame.reformat(width=width, height=height)
            small.pts, small.time_base = number, Fraction(1, _FRAME_RATE)
            small.pict_type = av.video.frame.PictureType.NONE
            new.mux(video.encode(small))
        new.mux(video.encode(None))
