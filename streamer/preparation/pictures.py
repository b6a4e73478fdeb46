"""A film's pictures as they are to be encoded, and which of them begins a segment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from av.video.frame import VideoFrame

from streamer.preparation.graphs import chained, through
from streamer.preparation.plan import RenditionPlan
from streamer.preparation.source import UNREFERENCED_UNTIL_S, Source

if TYPE_CHECKING:
    from av.filter import Graph

__all__ = ["VIDEO_TICKS", "Picture", "pictures_in_segments", "upright_pictures"]

VIDEO_TICKS = 90_000
"""Ticks per second of a picture's time: RTP's clock for video (RFC 6184)."""

_TIME_BASE = Fraction(1, VIDEO_TICKS)

_HELD_S = Fraction(1, 2)
"""How much before a wanted time pictures are looked at one by one, seconds."""

_MATRICES = {1: "bt709", 5: "bt601", 6: "bt601", 9: "bt2020"}
"""libav's numbers of colour matrices (ISO/IEC 23091-2) as its scaler calls them."""

_HD_LINES = 720
"""From so many lines on an untagged picture is taken for BT.709, else for BT.601."""

_TURNS = {
    90: [("transpose", "cclock")],
    180: [("hflip", ""), ("vflip", "")],
    270: [("transpose", "clock")],
}
"""What undoes a rotation; libav turns leftwards."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture to be encoded."""

    time: Fraction
    """When it is shown, seconds of the film."""

    frame: VideoFrame
    """The picture."""

    begins: int | None
    """The segment that it begins, None where it begins none."""


def pictures_in_segments(source: Source, plan: RenditionPlan, first: int) -> Iterator[Picture]:
    """Yield the pictures of segment ``first`` and all that follow, ascending in time.

    Each segment begins with a picture of its own: where the one on the screen began long before, it
    is shown again. Where the film ends before its plan, the last one stays.
    """
    number, held, shown = first - 1, None, Fraction(-1)
    for time, frame in upright_pictures(source, plan, plan.edges[first]):
        # Joined recordings tell the same times twice.
        if time <= shown and held is not None:
            continue
        shown, begins = time, None
        while number + 1 < plan.count and time >= plan.edges[number + 1] - plan.tolerance:
            number += 1
            if _may_begin(plan, number, time):
                begins = number
            else:
                yield Picture(plan.edges[number], held or frame, number)
        if time >= plan.duration:
            break
        # A player would jump over a hole before the first picture.
        at = Fraction(0) if begins == 0 else time
        if number >= first:
            yield Picture(max(at, Fraction(0)), frame, begins)
        held = frame
    if held is not None:
        for late in range(number + 1, plan.count):
            yield Picture(plan.edges[late], held, late)


def _may_begin(plan: RenditionPlan, number: int, time: Fraction) -> bool:
    """Tell whether a picture shown at ``time`` is the first of a segment."""
    is_last = number + 1 == plan.count
    return time <= plan.edges[number] + plan.longest_gap and (
        is_last or time < plan.edges[number + 1] - plan.tolerance
    )


def upright_pictures(
    source: Source, plan: RenditionPlan, start: Fraction
) -> Iterator[tuple[Fraction, VideoFrame]]:
    """Yield pictures from the last before ``start`` on: upright, whole, 8 bit, square pixels."""
    graph: Graph | None = None
    held: list[tuple[Fraction, VideoFrame]] = []
    for time, decoded in source.decoded(source.video, start, plan.tolerance):
        frame = cast("VideoFrame", decoded)
        # The last one before the wanted time may stay on the screen for long.
        held.append((time, frame))
        if time < start - _HELD_S:
            del held[:-1]
            continue
        if graph is None and source.is_steady and _stood_for_long(held, start):
            # The rate is not what the file says, and the picture before may have been left out.
            source.is_steady = False
            yield from upright_pictures(source, plan, start)
            return
        graph = graph or _graph(source, plan, frame)
        for each in held:
            yield from _filtered(graph, *each)
        held.clear()
    for time, frame in held:
        # The film ends before the wanted time.
        graph = _graph(source, plan, frame)
        yield from _filtered(graph, time, frame)
    if graph is not None:
        yield from _filtered(graph, Fraction(0), None)


def _stood_for_long(held: list[tuple[Fraction, VideoFrame]], start: Fraction) -> bool:
    """Tell whether a picture that began long before ``start`` is still shown then."""
    times = [time for time, _ in held]
    return len(times) > 1 and times[0] < start - UNREFERENCED_UNTIL_S and times[1] > start


def _filtered(
    graph: Graph, time: Fraction, frame: VideoFrame | None
) -> Iterator[tuple[Fraction, VideoFrame]]:
    if frame is not None:
        frame.pts, frame.time_base = round(time * VIDEO_TICKS), _TIME_BASE
    for out in through(graph, frame):
        if out.pts is not None and out.time_base is not None:
            yield out.pts * out.time_base, cast("VideoFrame", out)


def _graph(source: Source, plan: RenditionPlan, frame: VideoFrame) -> Graph:
    untagged = "bt709" if frame.height >= _HD_LINES else "bt601"
    matrix = _MATRICES.get(int(frame.colorspace), untagged)
    scaling = f"{plan.width}:{plan.height}:flags=bicubic:in_color_matrix={matrix}"
    filters = [
        *([("bwdif", "mode=send_frame:deint=interlaced")] if frame.interlaced_frame else []),
        *_TURNS.get(frame.rotation % 360, []),
        ("scale", f"{scaling}:out_color_matrix=bt709:out_range=tv"),
        ("setsar", "1"),
        ("format", "yuv420p"),
        ("buffersink", ""),
    ]
    return chained(
        lambda graph: graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=_TIME_BASE
        ),
        filters,
        source.threads,
    )
