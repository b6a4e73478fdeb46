"""Makes a film to show while the folder has none: numbered frames and a tone each second."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Callable
from fractions import Fraction
from math import pi, sin
from pathlib import Path
from typing import TYPE_CHECKING

import av
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from streamer.library.picture import FRAME_RATE, HEIGHT, WIDTH, Painter
from streamer.library.walk import walk

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.video.stream import VideoStream
    from rich.console import Console

__all__ = ["DEMO_NAME", "DEMO_SECONDS", "has_films", "make_demo", "make_demo_with_bar"]

DEMO_NAME = "Seans demo.mp4"
"""The name of the file; the title is made from it."""

DEMO_SECONDS = 90
"""Length of the film, seconds."""

SAMPLE_RATE = 48_000
"""Samples of sound per second."""

_TONE, _BEEP, _LOUDNESS = 1000, 0.08, 0.4
_KEYFRAME_EVERY = 50
_X264 = {
    "preset": "veryfast",
    "profile": "main",
    "crf": "23",
    "x264-params": f"keyint={_KEYFRAME_EVERY}:min-keyint={_KEYFRAME_EVERY}:scenecut=0:bframes=2"
    ":b-adapt=0:open-gop=0",
}


def has_films(folder: Path) -> bool:
    """Return whether there is any film in ``folder``, playable or not.

    Raises :class:`streamer.library.errors.FolderUnusable` where the folder cannot be read.
    """
    return bool(walk(folder).files)


def make_demo(
    path: Path,
    seconds: int = DEMO_SECONDS,
    progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Write a film of whole ``seconds`` to ``path``; it stands there only when it is whole.

    H.264 Main with two B-frames and a keyframe each 2 s, AAC-LC stereo, index first. ``progress``
    is told the share done, 0-1, once for each second of film. Raises ``OSError`` and
    ``av.FFmpegError`` where it cannot be written; nothing of it is left then.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with av.open(
            str(unfinished), "w", format="mp4", options={"movflags": "+faststart"}
        ) as container:
            container.metadata["title"] = path.stem
            _write(container, seconds, progress)
        unfinished.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            unfinished.unlink()


def make_demo_with_bar(path: Path, console: Console, seconds: int = DEMO_SECONDS) -> None:
    """Do what :func:`make_demo` does, with a progress bar on ``console``."""
    columns = (TextColumn("Making a demo film"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=1.0)
        make_demo(path, seconds, lambda share: bar.update(task, completed=share))


def _write(container: OutputContainer, seconds: int, progress: Callable[[float], None]) -> None:
    video: VideoStream = container.add_stream("libx264", rate=FRAME_RATE, options=_X264)
    video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    audio: AudioStream = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
    audio.bit_rate = 96_000
    painter, sound = Painter(seconds * FRAME_RATE), _second_of_sound()
    for second in range(seconds):
        for n in range(second * FRAME_RATE, (second + 1) * FRAME_RATE):
            container.mux(video.encode(_picture(painter, n)))
        container.mux(audio.encode(_sound(sound, second)))
        progress((second + 1) / seconds)
    container.mux(video.encode(None))
    container.mux(audio.encode(None))


def _picture(painter: Painter, n: int) -> av.VideoFrame:
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for plane, content in zip(frame.planes, painter.planes(n), strict=True):
        plane.update(content)
    frame.pts, frame.time_base = n, Fraction(1, FRAME_RATE)
    return frame


def _sound(samples: bytes, second: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="stereo", samples=SAMPLE_RATE)
    frame.planes[0].update(samples)
    frame.sample_rate = SAMPLE_RATE
    frame.pts, frame.time_base = second * SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
    return frame


def _second_of_sound() -> bytes:
    """Return one second, 16 bits stereo: the tone at its beginning, then silence."""
    samples = array("h", bytes(SAMPLE_RATE * 4))
    for at in range(round(_BEEP * SAMPLE_RATE)):
        value = round(_LOUDNESS * 32767 * sin(2 * pi * _TONE * at / SAMPLE_RATE))
        samples[2 * at] = samples[2 * at + 1] = value
    return samples.tobytes()
