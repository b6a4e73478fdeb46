"""Filter graphs of libav in a row, and frames pushed through them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from av.filter import Graph

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.filter import FilterContext
    from av.video.frame import VideoFrame

__all__ = ["chained", "through"]


def chained(
    source: Callable[[Graph], FilterContext],
    filters: Sequence[tuple[str, str]],
    threads: int = 1,
) -> Graph:
    """Return a graph of ``filters`` (names with arguments) in a row behind ``source``."""
    graph = Graph()
    # libav takes the number of threads only while the graph is empty.
    graph.threads = threads
    node = source(graph)
    for name, arguments in filters:
        after = graph.add(name, arguments)
        node.link_to(after)
        node = after
    graph.configure()
    return graph


def through(
    graph: Graph, frame: VideoFrame | AudioFrame | None
) -> Iterator[VideoFrame | AudioFrame]:
    """Push a frame (None: that was all) and yield what comes out."""
    try:
        # EOFError once a trim has reached its end, BlockingIOError: no frame yet.
        graph.push(frame)
        while True:
            yield graph.pull()
    except (BlockingIOError, EOFError):
        return
