"""A film as a live room sends it: H.264 without B-frames and Opus, encoded in memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import pi, sin
from typing import Any

import av
from av.video.frame import PictureType

from harness.picture import FRAME_RATE, HEIGHT, WIDTH, Painter

__all__ = ["LiveFilm", "LiveSample", "counter_live_film", "paced_live_film"]

_SAMPLE_RATE = 48_000
_TONE_HZ, _BEEP_S, _LOUDNESS = 1000, 0.08, 0.4
_KEYFRAME_EVERY = 50
_X264 = {
    "preset": "ultrafast",
    "profile": "baseline",
    "tune": "zerolatency",
    "x264-params": f"keyint={_KEYFRAME_EVERY}:min-keyint={_KEYFRAME_EVERY}:scenecut=0:bframes=0"
    ":sliced-threads=0:threads=1",
}


@dataclass(frozen=True, slots=True)
class LiveSample:
    """One encoded picture or Opus packet."""

    position: float
    """Position in the film, seconds."""

    data: bytes
    """NAL units with 4 bytes of length before each, or an Opus packet."""

    keyframe: bool
    """Whether a decoder can begin here."""


@dataclass(frozen=True, slots=True)
class LiveFilm:
    """A short film."""

    video: tuple[LiveSample, ...]
    """Pictures, 25 a second, a keyframe each 2 s."""

    sound: tuple[LiveSample, ...]
    """Opus packets of 20 ms."""

    @property
    def duration(self) -> float:
        """Length, seconds."""
        return len(self.video) / FRAME_RATE


def counter_live_film(seconds: int) -> LiveFilm:
    """Return a film whose pictures bear their number, with a beep at each second."""
    painter = Painter(seconds * FRAME_RATE)
    pictures = (_picture(painter, n) for n in range(seconds * FRAME_RATE))
    return LiveFilm(_encoded_video(pictures, WIDTH, HEIGHT, _X264), _encoded_sound(seconds))


def paced_live_film(seconds: int, bit_rate: int = 2_000_000) -> LiveFilm:
    """Return a 720p film of ``bit_rate``, bit/s, to measure costs with: moving noise."""
    source = f"testsrc2=size=1280x720:rate={FRAME_RATE}:duration={seconds},noise=c0s=12:c0f=t"
    rate = {"b": str(bit_rate), "maxrate": str(bit_rate), "bufsize": str(bit_rate)}
    with av.open(source, format="lavfi") as container:
        pictures = (frame.reformat(format="yuv420p") for frame in container.decode(video=0))
        video = _encoded_video(pictures, 1280, 720, _X264 | rate)
    return LiveFilm(video, _encoded_sound(seconds))


def _encoded_video(
    pictures: Iterable[av.VideoFrame], width: int, height: int, options: dict[str, str]
) -> tuple[LiveSample, ...]:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate = Fraction(FRAME_RATE)
    encoder.time_base = Fraction(1, FRAME_RATE)
    encoder.options = options
    samples: list[LiveSample] = []
    for number, picture in enumerate(pictures):
        picture.pts, picture.time_base = number, Fraction(1, FRAME_RATE)
        # A picture from a source bears that source's type, which the encoder would obey.
        picture.pict_type = PictureType.NONE
        samples += _samples(encoder.encode(picture))
    samples += _samples(encoder.encode(None))
    return tuple(samples)


def _samples(packets: Iterable[av.Packet[Any]]) -> Iterator[LiveSample]:
    for packet in packets:
        assert packet.pts is not None
        data = b"".join(len(unit).to_bytes(4) + unit for unit in _annex_b(bytes(packet)))
        yield LiveSample(packet.pts / FRAME_RATE, data, packet.is_keyframe)


def _annex_b(stream: bytes) -> Iterator[bytes]:
    for part in stream.split(b"\0\0\1"):
        if unit := part.rstrip(b"\0"):
            yield unit


def _encoded_sound(seconds: int) -> tuple[LiveSample, ...]:
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = _SAMPLE_RATE, "stereo", "s16"
    encoder.bit_rate = 96_000
    encoder.options = {"frame_duration": "20"}
    packets: list[bytes] = []
    second = _second_of_sound()
    for number in range(seconds * 50):
        size = 960 * 4
        at = number % 50 * size
        frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
        frame.planes[0].update(second[at : at + size])
        frame.sample_rate, frame.pts = _SAMPLE_RATE, number * 960
        frame.time_base = Fraction(1, _SAMPLE_RATE)
        packets += map(bytes, encoder.encode(frame))
    packets += map(bytes, encoder.encode(None))
    return tuple(LiveSample(n * 0.02, data, True) for n, data in enumerate(packets))


def _second_of_sound() -> bytes:
    samples = array("h", bytes(_SAMPLE_RATE * 4))
    for at in range(round(_BEEP_S * _SAMPLE_RATE)):
        value = round(_LOUDNESS * 32767 * sin(2 * pi * _TONE_HZ * at / _SAMPLE_RATE))
        samples[2 * at] = samples[2 * at + 1] = value
    return samples.tobytes()


def _picture(painter: Painter, n: int) -> av.VideoFrame:
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for plane, content in zip(frame.planes, painter.planes(n), strict=True):
        plane.update(content)
    return frame
