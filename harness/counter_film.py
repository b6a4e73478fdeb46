"""Makes films whose frames are numbered for machines, with a tone that begins each second."""

from __future__ import annotations

from array import array
from fractions import Fraction
from math import pi, sin
from pathlib import Path
from typing import TYPE_CHECKING

import av

from harness.picture import FRAME_RATE, HEIGHT, WIDTH, Painter

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.video.stream import VideoStream

__all__ = ["SAMPLE_RATE", "make_counter_film", "numbered_picture", "second_of_sound"]

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


def make_counter_film(path: Path, seconds: int) -> None:
    """Write a film of whole ``seconds`` to ``path``.

    H.264 Main with two B-frames and a keyframe each 2 s, AAC-LC stereo, index first.
    """
    options = {"movflags": "+faststart"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        _write(container, seconds)


def _write(container: OutputContainer, seconds: int) -> None:
    video: VideoStream = container.add_stream("libx264", rate=FRAME_RATE, options=_X264)
    video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    audio: AudioStream = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
    audio.bit_rate = 96_000
    painter, sound = Painter(seconds * FRAME_RATE), second_of_sound()
    for second in range(seconds):
        for n in range(second * FRAME_RATE, (second + 1) * FRAME_RATE):
            container.mux(video.encode(numbered_picture(painter, n)))
        container.mux(audio.encode(_sound(sound, second)))
    container.mux(video.encode(None))
    container.mux(audio.encode(None))


def numbered_picture(painter: Painter, n: int) -> av.VideoFrame:
    """Return frame ``n``."""
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


def second_of_sound() -> bytes:
    """Return one second, 16 bits stereo: the tone at its beginning, then silence."""
    samples = array("h", bytes(SAMPLE_RATE * 4))
    for at in range(round(_BEEP * SAMPLE_RATE)):
        value = round(_LOUDNESS * 32767 * sin(2 * pi * _TONE * at / SAMPLE_RATE))
        samples[2 * at] = samples[2 * at + 1] = value
    return samples.tobytes()
