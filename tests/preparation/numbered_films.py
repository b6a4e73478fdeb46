"""Films whose frames are numbered, in all the forms that films come in."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import accumulate, cycle, islice
from math import pi, sin
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from harness.picture import HEIGHT, WIDTH, Painter

__all__ = ["TONE_HZ", "NumberedFilm"]

TONE_HZ = 997
"""Frequency of a steady tone."""

_QUICK = {
    "libx264": {"preset": "ultrafast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
}


@dataclass(frozen=True, slots=True)
class NumberedFilm:
    """One form of a film."""

    format: str = "mp4"
    """libav's name of the container."""

    video: str = "libx264"
    """The encoder of the picture."""

    encoding: Mapping[str, str] = field(default_factory=dict)
    """Its options."""

    pixels: str = "yuv420p"
    """Pixel format."""

    size: tuple[int, int] = (WIDTH, HEIGHT)
    """Width and height, pixels."""

    rotation: int = 0
    """Clockwise turn, degrees."""

    rate: Fraction = Fraction(25)
    """Frames per second, where each is shown for one step."""

    steps: tuple[int, ...] = (1,)
    """How many frames' time each picture stays, in turns."""

    seconds: int = 6
    """Length."""

    start: int = 0
    """First timestamp, seconds."""

    audio: str | None = "aac"
    """The encoder of the sound."""

    sample_rate: int = 48_000
    """Samples per second of the source's sound."""

    layout: str = "stereo"
    """Places that the sound comes from."""

    beeps: bool = True
    """Whether a tone begins at each whole second, else it lasts."""

    def times(self) -> list[Fraction]:
        """Return when each frame is shown, seconds of the film."""
        ticks = accumulate(islice(cycle(self.steps), 10**5), initial=0)
        times: list[Fraction] = []
        for tick in ticks:
            if tick / self.rate >= self.seconds:
                return times
            times.append(tick / self.rate)
        raise ValueError("too long")

    def write(self, path: Path) -> Path:
        """Write the film; return its path."""
        with av.open(str(path), "w", format=self.format) as container:
            options = {**_QUICK.get(self.video, {}), **self.encoding}
            video = container.add_stream(self.video, rate=self.rate, options=options)
            assert isinstance(video, VideoStream)
            (video.width, video.height), video.pix_fmt = self.size, self.pixels
            if self.rotation:
                video.set_display_rotation(-self.rotation)
            sound = self._add_sound(container) if self.audio else None
            self._write_pictures(container, video)
            if sound is not None:
                self._write_sound(container, sound)
        return path

    def _add_sound(self, container: OutputContainer) -> AudioStream:
        sound = container.add_stream(
            str(self.audio), rate=self.sample_rate, layout=self.layout, options={"strict": "-2"}
        )
        assert isinstance(sound, AudioStream)
        sound.bit_rate = 128_000
        return sound

    def _write_pictures(self, container: OutputContainer, video: VideoStream) -> None:
        painter = Painter(self.seconds * 25)
        # MPEG-4 takes no finer one than 1/65535 s, MPEG-2 only the one of its frame rate.
        video.codec_context.time_base = 1 / self.rate
        video.codec_context.bit_rate = 4_000_000
        for n, time in enumerate(self.times()):
            frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
            for plane, content in zip(frame.planes, painter.planes(n), strict=True):
                plane.update(content)
            frame = frame.reformat(*self.size, format=self.pixels)
            frame.pts = round((time + self.start) * self.rate)
            frame.time_base = 1 / self.rate
            container.mux(video.encode(frame))
        container.mux(video.encode(None))

    def _write_sound(self, container: OutputContainer, sound: AudioStream) -> None:
        rate = self.sample_rate
        resampler = av.AudioResampler(format=sound.format.name, layout=self.layout, rate=rate)
        for second in range(self.seconds):
            frame = av.AudioFrame("s16", self.layout, samples=rate)
            channels = frame.layout.nb_channels
            frame.planes[0].update(_second(rate, second, channels, beeps=self.beeps))
            frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
            frame.pts = (second + self.start) * rate
            for converted in resampler.resample(frame):
                container.mux(sound.encode(converted))
        container.mux(sound.encode(None))


@cache
def _second(rate: int, second: int, channels: int, *, beeps: bool) -> bytes:
    samples = array("h")
    for n in range(rate):
        loud = not beeps or n < rate * 8 // 100
        value = round(0.4 * 32767 * sin(2 * pi * TONE_HZ * n / rate)) if loud else 0
        samples.extend([value] * channels)
    return samples.tobytes()
