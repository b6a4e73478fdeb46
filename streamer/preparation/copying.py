"""Copies a film's H.264 segment by segment, where it is already as the live room needs it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from streamer.preparation.errors import Unmakeable
from streamer.preparation.fragments import TimedSample
from streamer.preparation.nal_units import (
    IDR,
    PPS,
    SPS,
    joined,
    nal_type,
    parameter_sets,
    split,
)
from streamer.preparation.pictures import VIDEO_TICKS
from streamer.preparation.plan import RenditionPlan
from streamer.preparation.source import Source
from streamer.preparation.stream_layout import is_like_ours

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream

__all__ = ["copied_segments", "is_copyable", "keyframe_times"]

_COPIED_PROFILES = ("Baseline", "Constrained Baseline")
"""Profiles that every WebRTC receiver decodes (RFC 7742 section 6.2)."""

_INDEXED = ("mov", "matroska")
"""Containers whose index tells all keyframes."""

_MICROSECONDS = 1_000_000
_DROPPED = (6, 9, SPS, PPS)
"""Types of NAL units that are left out: SEI, delimiters; parameter sets are put in anew."""


def is_copyable(source: Source) -> bool:
    """Tell whether the film's picture may be copied, as far as its headers tell."""
    video, context = source.video, source.video.codec_context
    return (
        context.name == "h264"
        and context.profile in _COPIED_PROFILES
        and context.pix_fmt in ("yuv420p", "yuvj420p")
        and not context.has_b_frames
        and (video.sample_aspect_ratio or 1) == 1
        and any(name in source.container.format.name for name in _INDEXED)
        and _is_like_ours(bytes(context.extradata or b""))
    )


def _is_like_ours(extradata: bytes) -> bool:
    """Tell whether a live stream of it can stand and begin anywhere: not all can be changed so."""
    try:
        return is_like_ours(parameter_sets(extradata)[1])
    except ValueError:
        return False


def keyframe_times(source: Source) -> tuple[Fraction, ...]:
    """Return the times of all keyframes, seconds, or () where one is not what it should be.

    Each is read once: containers call recovery points keyframes too, after which a decoder that
    begins there shows grey (ITU-T H.264 section 8.2.1: IDR).
    """
    stream, base = source.video, source.video.time_base
    if base is None:
        return ()
    # Matroska reads its index only at the first seek.
    source.container.seek(0)
    marks = [entry.timestamp for entry in source.video.index_entries if entry.is_keyframe]
    length_size, _ = parameter_sets(bytes(source.video.codec_context.extradata or b""))
    times = []
    for mark in marks:
        source.check()
        source.container.seek(mark, stream=stream)
        packet = next(iter(source.container.demux(stream)), None)
        if packet is None or packet.pts is None or packet.pts != packet.dts:
            return ()
        if not _begins(split(bytes(packet), length_size)):
            return ()
        times.append(source.time_of(packet.pts, base))
    ascending = sorted(set(times))
    return tuple(ascending) if ascending == times and times and abs(times[0]) < 1 else ()


def copied_segments(
    source: Source, plan: RenditionPlan, first: int
) -> Iterator[tuple[int, tuple[TimedSample, ...], int]]:
    """Yield each segment from ``first`` on with its samples and its end, ticks of 1/90000 s."""
    length_size, sets = parameter_sets(bytes(source.video.codec_context.extradata or b""))
    number, waiting = first, list[TimedSample]()
    for time, packet in _packets(source, plan, first):
        if number + 1 < plan.count and time >= plan.edges[number + 1] - plan.tolerance:
            yield number, tuple(waiting), round(time * VIDEO_TICKS)
            number, waiting = number + 1, []
        units = split(bytes(packet), length_size)
        keyframe = _begins(units)
        if not waiting and not keyframe:
            raise Unmakeable("unreadable", f"no keyframe at {float(time):.3f} s")
        kept = [unit for unit in units if nal_type(unit) not in _DROPPED]
        own = [unit for unit in units if nal_type(unit) in (SPS, PPS)]
        data = joined([*(own or sets), *kept] if keyframe else kept)
        waiting.append(TimedSample(max(round(time * VIDEO_TICKS), 0), data, keyframe))
    if waiting:
        yield number, tuple(waiting), round(plan.duration * VIDEO_TICKS)


def _packets(
    source: Source, plan: RenditionPlan, first: int
) -> Iterator[tuple[Fraction, Packet[Stream]]]:
    start = plan.edges[first]
    for packet in source.packets_from(source.video, start if first else None):
        if packet.pts is None or packet.size == 0:
            continue
        time = source.time_of(packet.pts, packet.time_base)
        if time >= plan.duration:
            return
        if time >= start - plan.tolerance:
            yield time, packet


def _begins(units: list[bytes]) -> bool:
    return any(nal_type(unit) == IDR for unit in units)
