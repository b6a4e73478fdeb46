"""Encodes a film's picture as H.264 without B-frames, segment by segment."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from av.codec.context import CodecContext
from av.video.frame import PictureType

from streamer.preparation.fragments import TimedSample
from streamer.preparation.nal_units import annex_b_to_lengths
from streamer.preparation.pictures import VIDEO_TICKS, pictures_in_segments
from streamer.preparation.plan import X264_OPTIONS, RenditionPlan
from streamer.preparation.source import Source

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

__all__ = ["encoded_segments"]

_BT709 = 1


def encoded_segments(
    source: Source, plan: RenditionPlan, first: int
) -> Iterator[tuple[int, tuple[TimedSample, ...], int]]:
    """Yield each segment from ``first`` on with its samples and its end, ticks of 1/90000 s."""
    encoder, number, waiting = _encoder(source, plan), first, list[TimedSample]()
    for packet in _packets(encoder, source, plan, first):
        sample = _sample(packet)
        # Keyframes are where segments begin, and nowhere else.
        if sample.keyframe and waiting:
            yield number, tuple(waiting), sample.time
            number, waiting = number + 1, []
        waiting.append(sample)
    if waiting:
        yield number, tuple(waiting), round(plan.duration * VIDEO_TICKS)


def _packets(
    encoder: VideoCodecContext, source: Source, plan: RenditionPlan, first: int
) -> Iterator[Packet[VideoStream]]:
    fed = False
    for picture in pictures_in_segments(source, plan, first):
        frame = picture.frame
        frame.pts, frame.time_base = round(picture.time * VIDEO_TICKS), Fraction(1, VIDEO_TICKS)
        # A decoder leaves its own type in the frame, which would force the encoder's.
        frame.pict_type = PictureType.NONE if picture.begins is None else PictureType.I
        yield from encoder.encode(frame)
        fed = True
    if fed:
        yield from encoder.encode(None)


def _sample(packet: Packet[VideoStream]) -> TimedSample:
    return TimedSample(packet.pts or 0, annex_b_to_lengths(bytes(packet)), packet.is_keyframe)


def _encoder(source: Source, plan: RenditionPlan) -> VideoCodecContext:
    encoder = CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = plan.width, plan.height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, VIDEO_TICKS), plan.rate
    # By slices each picture would come in as many NAL units, which takes a viewer as many sends.
    encoder.thread_type, encoder.thread_count = "FRAME", source.threads
    encoder.colorspace = encoder.color_primaries = encoder.color_trc = _BT709
    encoder.options = dict(X264_OPTIONS)
    # No global header: then SPS and PPS stand before each keyframe (RFC 6184 section 8.4).
    return encoder
