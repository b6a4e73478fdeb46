"""A picture of what was measured: the error over time, one line a viewer, commands marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

from bench.skew.scenarios import Take
from harness.skew.figures import IN_STEP, Frame, errors

__all__ = ["draw"]

_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 900, 170, 52, 28, 32
_MOST = 0.12
_TORN = 0.5
_POINTS = 1500
_TICK = 0.04
_COLOURS = ("#3a86c8", "#d9822b", "#4b9b5f", "#b5489a", "#8a6fd1", "#c2504b", "#5b9aa0", "#9a8b3c")
"""Told apart on white and on black."""

_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #7a7f87 }
.name { font-weight: 600 }
.frame, .mark { stroke: #7a7f87; fill: none; stroke-width: 1 }
.mark { stroke-dasharray: 3 3 }
.band { fill: #7a7f87; fill-opacity: .13 }
.line { fill: none; stroke-width: 1.3; stroke-linejoin: round }
"""


def draw(takes: Mapping[str, Take]) -> str:
    """Return an SVG with one panel for each of ``takes`` by name, greys for light and dark pages.

    The band is what counts as in step, ±40 ms; a line that leaves the panel runs along its edge.
    """
    full = _LEFT + _WIDTH + 12, (_HEIGHT + _TOP + _GAP) * len(takes) + 6
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full[0]} {full[1]}">',
        f"<style>{_STYLE}</style>",
    ]
    for i, (name, take) in enumerate(takes.items()):
        parts.append(f'<g transform="translate({_LEFT} {i * (_HEIGHT + _TOP + _GAP) + _TOP})">')
        parts += _panel(name, take)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _panel(name: str, take: Take) -> Iterable[str]:
    begin, end = _span(take)

    def across(at: float) -> float:
        return (at - begin) / (end - begin) * _WIDTH

    yield f'<text class="name" x="0" y="-9">{escape(name)}</text>'
    yield f'<text x="{_WIDTH}" y="-9" text-anchor="end">error, ms, over {end - begin:.0f} s</text>'
    edge, height = _down(IN_STEP), _down(-IN_STEP) - _down(IN_STEP)
    yield f'<rect class="band" x="0" y="{edge:.1f}" width="{_WIDTH}" height="{height:.1f}"/>'
    yield f'<rect class="frame" x="0" y="0" width="{_WIDTH}" height="{_HEIGHT}"/>'
    ticks = round(_MOST / _TICK)
    for step in range(-ticks, ticks + 1):
        label = f'<text x="-6" y="{_down(step * _TICK) + 4:.1f}" text-anchor="end">'
        yield f"{label}{step * _TICK * 1000:.0f}</text>"
    for i, (at, what) in enumerate(sorted(take.marks)):
        if begin <= at <= end:
            x = across(at)
            anchor = "end" if x > _WIDTH * 0.9 else "start"
            yield f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{_HEIGHT}"/>'
            place = f'x="{x:.1f}" y="{_HEIGHT + 13 + 12 * (i % 2)}" text-anchor="{anchor}"'
            yield f"<text {place}>{escape(what)}</text>"
    for i, record in enumerate(take.observation.records):
        frames = [frame for frame in record.frames if begin <= frame.at <= end]
        points = errors(frames, take.observation.history)
        path = _path(frames, points, across)
        yield f'<path class="line" stroke="{_COLOURS[i % len(_COLOURS)]}" d="{path}"/>'


def _span(take: Take) -> tuple[float, float]:
    """Return from when to when there is something to see."""
    times = [frame.at for record in take.observation.records for frame in record.frames]
    begin = max(take.observation.history.timelines[0].instant, min(times, default=0.0))
    return begin, max([begin + 1.0, *times])


def _down(error: float) -> float:
    """Return the height in the panel of an error, s; ahead is above."""
    return (1 - max(-1.0, min(error / _MOST, 1.0))) * _HEIGHT / 2


def _path(
    frames: Sequence[Frame], points: Sequence[float], across: Callable[[float], float]
) -> str:
    stride = max(1, len(frames) // _POINTS)
    path, last = [], float("-inf")
    for frame, error in zip(frames[::stride], points[::stride], strict=True):
        step = "L" if frame.at - last < _TORN * stride else "M"
        path.append(f"{step}{across(frame.at):.1f} {_down(error):.1f}")
        last = frame.at
    return " ".join(path)
