"""A film as a live room sends it: H.264 without B-frames and Opus, encoded in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av

from harness.counter_film import SAMPLE_RATE, numbered_picture, second_of_sound
from harness.picture import FRAME_RATE, HEIGHT, WIDTH, Painter
from streamer.preparation.nal_units import annex_b_to_lengths

__all__ = ["LiveFilm", "LiveSample", "counter_live_film"]

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
    pictures = (numbered_picture(painter, n) for n in range(seconds * FRAME_RATE))
    return LiveFilm(_encoded_video(pictures), _encoded_sound(seconds))


def _encoded_video(pictures: Iterable[av.VideoFrame]) -> tuple[LiveSample, ...]:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.framerate = Fraction(FRAME_RATE)
    encoder.time_base = Fraction(1, FRAME_RATE)
    encoder.options = _X264
    samples: list[LiveSample] = []
    for picture in pictures:
        samples += _samples(encoder.encode(picture))
    samples += _samples(encoder.encode(None))
    return tuple(samples)


def _samples(packets: Iterable[av.Packet[Any]]) -> Iterator[LiveSample]:
    for packet in packets:
        assert packet.pts is not None
        yield LiveSample(
            packet.pts / FRAME_RATE, annex_b_to_lengths(bytes(packet)), packet.is_keyframe
        )


def _encoded_sound(seconds: int) -> tuple[LiveSample, ...]:
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = SAMPLE_RATE, "stereo", "s16"
    encoder.bit_rate = 96_000
    encoder.options = {"frame_duration": "20"}
    packets: list[bytes] = []
    second = second_of_sound()
    for number in range(seconds * 50):
        size = 960 * 4
        at = number % 50 * size
        frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
        frame.planes[0].update(second[at : at + size])
        frame.sample_rate, frame.pts = SAMPLE_RATE, number * 960
        frame.time_base = Fraction(1, SAMPLE_RATE)
        packets += map(bytes, encoder.encode(frame))
    packets += map(bytes, encoder.encode(None))
    return tuple(LiveSample(n * 0.02, data, True) for n, data in enumerate(packets))
