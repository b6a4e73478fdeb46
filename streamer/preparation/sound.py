"""Encodes a film's sound as Opus on one grid: packet n sounds from n * 20 ms on, whoever made it.

Each run begins eight packets early, so that the encoder has settled where the first kept packet
begins; two runs then fit without a click.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
from av.codec.context import CodecContext

from streamer.preparation.downmix import stereo_graph
from streamer.preparation.errors import Unmakeable
from streamer.preparation.fragments import TimedSample
from streamer.preparation.graphs import chained, through
from streamer.preparation.plan import OPUS_BITRATE, PACKETS_PER_SECOND, RenditionPlan
from streamer.preparation.sample_clock import counted_frames
from streamer.preparation.source import Source

if TYPE_CHECKING:
    from av.audio.codeccontext import AudioCodecContext
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.filter import Graph

__all__ = ["SOUND_TICKS", "sound_segments"]

SOUND_TICKS = 48_000
"""Samples per second (RFC 7587 section 4.1)."""

PACKET = SOUND_TICKS // PACKETS_PER_SECOND
"""Samples in a packet."""

RUN_UP_PACKETS = 8
"""Packets encoded before the first that is kept."""

ENCODER_DELAY = 312
"""Samples by which libopus is late: fed so much later, its packets lie on the grid."""

_OVERHANG_PACKETS = 8
"""Packets of sound or silence after the end of the film, to push the last ones out."""


def sound_segments(
    source: Source, plan: RenditionPlan, first: int
) -> Iterator[tuple[int, tuple[TimedSample, ...], int]]:
    """Yield each segment from ``first`` on with its packets and its end, samples of 48 kHz."""
    track = source.sound
    if track is None:
        raise Unmakeable("unreadable", "the film has no sound that can be decoded")
    encoder = _encoder()
    begin, end = plan.first_packet(first), plan.first_packet(plan.count)
    pcm = _stereo_frames(
        source,
        track,
        (begin - RUN_UP_PACKETS) * PACKET + ENCODER_DELAY,
        (end + _OVERHANG_PACKETS) * PACKET,
    )
    number, waiting = first, list[TimedSample]()
    following = plan.first_packet(number + 1)
    for frame in pcm:
        for packet in encoder.encode(frame):
            n = (packet.pts or 0) // PACKET
            if n == following:
                yield number, tuple(waiting), n * PACKET
                number, waiting = number + 1, []
                if number == plan.count:
                    return
                following = plan.first_packet(number + 1)
            if n >= begin:
                waiting.append(TimedSample(n * PACKET, bytes(packet), keyframe=True))


def _encoder() -> AudioCodecContext:
    encoder = CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = SOUND_TICKS, "stereo", "flt"
    encoder.bit_rate, encoder.time_base = OPUS_BITRATE, Fraction(1, SOUND_TICKS)
    # Less prediction between packets: without it some seams ring for 20 ms.
    encoder.options = {"packet_loss": "10"}
    return encoder


def _stereo_frames(
    source: Source, track: AudioStream, start: int, end: int
) -> Iterator[AudioFrame]:
    """Yield frames of one packet each: 48 kHz stereo from sample ``start`` on, without a hole."""
    rate = track.rate
    wanted = _first_sample(start, rate)
    resampler = _resampler(rate, start, end)
    fronts: dict[tuple[str, str], Graph] = {}
    at = wanted
    for first, frame in counted_frames(source, track, wanted):
        index = int(first)
        if index + frame.samples <= wanted:
            continue
        yield from _silence(resampler, rate, at, index)
        # Broadcasts change their layout in mid-film.
        kind = frame.layout.name, frame.format.name
        if kind not in fronts:
            fronts[kind] = stereo_graph(frame, rate)
        frame.pts, frame.time_base = index, Fraction(1, rate)
        at = index + frame.samples
        for part in through(fronts[kind], frame):
            yield from _resampled(resampler, cast("AudioFrame", part))
        if Fraction(at, rate) * SOUND_TICKS > end + PACKET:
            return
    yield from _silence(resampler, rate, at, int(Fraction(end, SOUND_TICKS) * rate) + rate // 10)


def _first_sample(start: int, rate: int) -> int:
    """Return the source's sample from which is resampled, a little before ``start`` (48 kHz).

    On the common grid of both rates (147 samples of 44.1 kHz are 160 of 48), else each run would be
    resampled at another phase.
    """
    grid = Fraction(rate, SOUND_TICKS).numerator
    return int(Fraction(start, SOUND_TICKS) * rate - rate // 20) // grid * grid


def _resampler(rate: int, start: int, end: int) -> Graph:
    return chained(
        lambda graph: graph.add_abuffer(
            sample_rate=rate, format="fltp", layout="stereo", time_base=Fraction(1, rate)
        ),
        [
            ("atrim", f"start_pts={_first_sample(start, rate)}"),
            ("aresample", f"{SOUND_TICKS}"),
            ("aformat", "sample_fmts=flt:channel_layouts=stereo"),
            ("atrim", f"start_pts={start}:end_pts={end}"),
            ("asetnsamples", f"n={PACKET}:p=0"),
            ("abuffersink", ""),
        ],
    )


def _resampled(resampler: Graph, frame: AudioFrame) -> Iterator[AudioFrame]:
    for out in through(resampler, frame):
        yield cast("AudioFrame", out)


def _silence(resampler: Graph, rate: int, start: int, end: int) -> Iterator[AudioFrame]:
    """Push silence from one sample to another, a second at a time."""
    for begin in range(start, end, rate):
        frame = av.AudioFrame(format="fltp", layout="stereo", samples=min(rate, end - begin))
        frame.sample_rate, frame.pts, frame.time_base = rate, begin, Fraction(1, rate)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        yield from _resampled(resampler, frame)
