"""A live rendition in memory: counter frames as H.264 without B-frames, and a tone, as Opus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import av
from av.codec.context import CodecContext

from harness.counter_film import SAMPLE_RATE, second_of_sound
from harness.picture import FRAME_RATE, HEIGHT, WIDTH, drawn_number
from streamer.preparation.nal_units import annex_b_to_lengths, lengths_to_annex_b
from streamer.preparation.plan import X264_OPTIONS
from streamer.preparation.segments import Sample, Segment

if TYPE_CHECKING:
    from av.audio.codeccontext import AudioCodecContext
    from av.video.codeccontext import VideoCodecContext

__all__ = ["SEGMENT_S", "FakeRendition", "counter_segment", "drawn_numbers", "number_in"]

SEGMENT_S = 2
"""Length of a segment, seconds."""

_PACKETS_PER_SECOND = 50
_SAMPLES = 960


class FakeRendition:
    """A film of ``seconds``; a segment comes when ``allowed`` says so, at once by default."""

    progress = 1.0
    behind = False

    def __init__(
        self,
        seconds: int = 20,
        *,
        allowed: Callable[[int], bool] = lambda _number: True,
    ) -> None:
        self.duration = float(seconds)
        self.followed: list[tuple[float, float]] = []
        self.asked: list[int] = []
        self.failure: Exception | None = None
        self._allowed = allowed
        self._changed = asyncio.Event()

    def number_at(self, position: float) -> int:
        return min(max(int(position / SEGMENT_S), 0), int(self.duration / SEGMENT_S) - 1)

    async def segment(self, number: int, *, within: float) -> Segment:
        del within
        self.asked.append(number)
        while not self._allowed(number):
            await self._changed.wait()
            self._changed.clear()
        if self.failure is not None:
            raise self.failure
        return counter_segment(number)

    def follow(self, position: float, rate: float) -> None:
        self.followed.append((position, rate))

    def look_again(self) -> None:
        """Let those who wait ask again whether their segment is allowed."""
        self._changed.set()


@cache
def counter_segment(number: int) -> Segment:
    """Return a segment whose frames bear their numbers, as the preparation makes it."""
    first = number * SEGMENT_S * FRAME_RATE
    encoder = _video_encoder()
    packets = [
        packet
        for n in range(first, first + SEGMENT_S * FRAME_RATE)
        for packet in encoder.encode(_frame(n))
    ] + encoder.encode(None)
    return Segment(
        number=number,
        start=float(number * SEGMENT_S),
        end=float((number + 1) * SEGMENT_S),
        video=tuple(
            Sample((first + n) / FRAME_RATE, annex_b_to_lengths(bytes(packet)), packet.is_keyframe)
            for n, packet in enumerate(packets)
        ),
        sound=_sound(number),
    )


def drawn_numbers(pictures: list[bytes]) -> list[int]:
    """Return the numbers that are seen when ``pictures`` are decoded, as a receiver does."""
    decoder = CodecContext.create("h264", "r")
    found = []
    for picture in pictures:
        for frame in decoder.decode(av.Packet(lengths_to_annex_b(picture))):
            assert not frame.is_corrupt
            found.append(number_in(frame))
    return found


def number_in(frame: av.VideoFrame) -> int:
    """Return the number that a decoded frame bears; -1 where none can be read."""
    luma, stride = bytes(frame.planes[0]), frame.planes[0].line_size
    number = drawn_number(lambda x, y: luma[y * stride + x])
    return -1 if number is None else number


def _video_encoder() -> VideoCodecContext:
    encoder = CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, FRAME_RATE), Fraction(FRAME_RATE)
    encoder.thread_count = 1
    encoder.options = dict(X264_OPTIONS)
    return encoder


def _frame(n: int) -> av.VideoFrame:
    """Return a grey frame that bears its number, as in ``harness.picture``; nothing else is in it.

    To draw landscapes would block the event loop of a test for too long.
    """
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    bits = [n >> place & 1 for place in reversed(range(16))]
    row = b"".join(bytes((235 if bit else 16,)) * 40 for bit in bits)
    complement = b"".join(bytes((16 if bit else 235,)) * 40 for bit in bits)
    grey = bytes((128,)) * (WIDTH * HEIGHT // 4)
    luma = row * 40 + complement * 40
    frame.planes[0].update(luma + bytes((100,)) * (WIDTH * HEIGHT - len(luma)))
    frame.planes[1].update(grey)
    frame.planes[2].update(grey)
    frame.pts, frame.time_base = n, Fraction(1, FRAME_RATE)
    return frame


def _sound(number: int) -> tuple[Sample, ...]:
    encoder: AudioCodecContext = CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = SAMPLE_RATE, "stereo", "s16"
    encoder.bit_rate = 96_000
    encoder.options = {"frame_duration": "20"}
    packets = []
    sound = second_of_sound() * SEGMENT_S
    for n in range(SEGMENT_S * _PACKETS_PER_SECOND):
        frame = av.AudioFrame(format="s16", layout="stereo", samples=_SAMPLES)
        frame.planes[0].update(sound[4 * n * _SAMPLES : 4 * (n + 1) * _SAMPLES])
        frame.sample_rate, frame.pts = SAMPLE_RATE, n * _SAMPLES
        packets += encoder.encode(frame)
    first = number * SEGMENT_S * _PACKETS_PER_SECOND
    return tuple(
        Sample((first + n) / _PACKETS_PER_SECOND, bytes(packet), keyframe=True)
        for n, packet in enumerate(packets)
    )
