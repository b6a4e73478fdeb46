"""What a viewer sees and hears of segments: decoded as they come, without a container."""

from __future__ import annotations

from collections.abc import Sequence

import av
from av.codec.context import CodecContext

from streamer.preparation.nal_units import split
from streamer.preparation.segments import Sample, Segment

__all__ = ["frame_number", "numbers_of", "pictures_of", "samples_of"]

_BITS = 16
_START_CODE = b"\0\0\0\1"


def pictures_of(segment: Segment) -> list[tuple[float, av.VideoFrame]]:
    """Return (position, picture) of all frames of a segment, decoded by themselves."""
    decoder = CodecContext.create("h264", "r")
    frames: list[av.VideoFrame] = []
    for sample in segment.video:
        units = split(sample.data, 4)
        frames += decoder.decode(av.Packet(b"".join(_START_CODE + unit for unit in units)))
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
    scale = (frame.height if turned else frame.width) / 640
    luma = memoryview(bytes(plane))

    def bits(row: int) -> list[bool]:
        across = [round((40 * cell + 20) * scale) for cell in range(_BITS)]
        down = round(row * scale)
        places = (
            [(at, frame.width - 1 - down) for at in across]
            if turned
            else [(down, at) for at in across]
        )
        return [luma[line * plane.line_size + column] > 128 for line, column in places]

    number, complement = bits(20), bits(60)
    if any(one == other for one, other in zip(number, complement, strict=True)):
        return None
    return sum(bit << place for place, bit in enumerate(reversed(number)))


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
