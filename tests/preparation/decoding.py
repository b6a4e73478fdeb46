"""What a viewer sees and hears of segments: decoded as they come, without a container."""

from __future__ import annotations

from collections.abc import Sequence

import av
from av.codec.context import CodecContext

from harness.picture import WIDTH, drawn_number
from streamer.preparation.nal_units import lengths_to_annex_b
from streamer.preparation.segments import Sample, Segment

__all__ = ["frame_number", "numbers_of", "pictures_of", "samples_of"]


def pictures_of(segment: Segment) -> list[tuple[float, av.VideoFrame]]:
    """Return (position, picture) of all frames of a segment, decoded by themselves."""
    decoder = CodecContext.create("h264", "r")
    frames: list[av.VideoFrame] = []
    for sample in segment.video:
        frames += decoder.decode(av.Packet(lengths_to_annex_b(sample.data)))
    frames += decoder.decode(None)
    return list(zip((s.position for s in segment.video), frames, strict=True))


def numbers_of(segment: Segment, *, turned: bool = False) -> list[tuple[float, int | None]]:
    """Return (position, drawn number) of all frames of a segment of a numbered film.

    ``turned``: the film was turned clockwise.
    """
    return [
        (position, frame_number(frame, turned=turned)) for position, frame in pictures_of(segment)
    ]


def frame_number(frame: av.VideoFrame, *, turned: bool = False) -> int | None:
    """Return the number that is drawn in a frame of a numbered film, None: unreadable."""
    plane = frame.planes[0]
    scale = (frame.height if turned else frame.width) / WIDTH
    luma = memoryview(bytes(plane))

    def luma_at(x: int, y: int) -> int:
        across, down = round(x * scale), round(y * scale)
        line, column = (across, frame.width - 1 - down) if turned else (down, across)
        return luma[line * plane.line_size + column]

    return drawn_number(luma_at)


def samples_of(packets: Sequence[Sample]) -> list[float]:
    """Return the left channel of Opus packets in a row, 48 kHz, -1 to 1."""
    decoder = CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = 48_000, "stereo"
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48_000)
    heard: list[float] = []
    for packet in packets:
        for frame in decoder.decode(av.Packet(packet.data)):
            for flat in resampler.resample(frame):
                heard += memoryview(bytes(flat.planes[0])).cast("f")[: flat.samples].tolist()
    return heard
