"""Makes a film to show while the folder has none: libav's test picture, and a tone each second."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import av
from av.filter import Graph

from streamer.library.walk import walk

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.video.stream import VideoStream

F = TypeVar("F", av.VideoFrame, av.AudioFrame)

__all__ = ["DEMO_NAME", "DEMO_SECONDS", "has_films", "make_demo"]

DEMO_NAME = "Seans demo.mp4"
"""The name of the file; the title is made from it."""

DEMO_SECONDS = 90
"""Length of the film, seconds."""

_WIDTH, _HEIGHT, _FRAME_RATE = 640, 360, 25
_SAMPLE_RATE = 48_000
_X264 = {"preset": "superfast", "crf": "30", "profile": "main", "g": str(2 * _FRAME_RATE)}


def has_films(folder: Path) -> bool:
    """Return whether there is any film in ``folder``, playable or not.

    Raises :class:`streamer.library.errors.FolderUnusable` where the folder cannot be read.
    """
    return bool(walk(folder).files)


def make_demo(
    path: Path,
    seconds: int = DEMO_SECONDS,
    progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Write a film of whole ``seconds`` to ``path``; it stands there only when it is whole.

    H.264 Main with a keyframe each 2 s, AAC-LC stereo, index first. ``progress`` is told the share
    done, 0-1, once for each second of film; what it raises ends the making. Raises ``OSError`` and
    ``av.FFmpegError`` where it cannot be written; nothing of it is left then.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with av.open(
            str(unfinished), "w", format="mp4", options={"movflags": "+faststart"}
        ) as container:
            container.metadata["title"] = path.stem
            _write(container, seconds, progress)
        unfinished.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            unfinished.unlink()


def _write(container: OutputContainer, seconds: int, progress: Callable[[float], None]) -> None:
    video: VideoStream = container.add_stream("libx264", rate=_FRAME_RATE, options=_X264)
    video.width, video.height, video.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
    audio: AudioStream = container.add_stream("aac", rate=_SAMPLE_RATE, layout="stereo")
    # A piece of sound for each picture; those of the first two in a second are heard.
    pictures = _frames(
        av.VideoFrame,
        ("testsrc2", f"size={_WIDTH}x{_HEIGHT}:rate={_FRAME_RATE}:duration={seconds}"),
        ("format", "pix_fmts=yuv420p"),
        ("buffersink", ""),
    )
    sounds = _frames(
        av.AudioFrame,
        (
            "sine",
            f"frequency=1000:duration={seconds}:sample_rate={_SAMPLE_RATE}"
            f":samples_per_frame={_SAMPLE_RATE // _FRAME_RATE}",
        ),
        ("volume", "volume='3*lt(mod(t,1),0.08)':eval=frame"),
        ("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
        ("abuffersink", ""),
    )
    for n, (picture, sound) in enumerate(zip(pictures, sounds, strict=True), start=1):
        container.mux(video.encode(picture))
        container.mux(audio.encode(sound))
        if n % _FRAME_RATE == 0:
            progress(n / _FRAME_RATE / seconds)
    container.mux(video.encode(None))
    container.mux(audio.encode(None))


def _frames(kind: type[F], *filters: tuple[str, str]) -> Iterator[F]:
    """Yield what a chain of libav's filters makes.

    See https://ffmpeg.org/ffmpeg-filters.html
    """
    graph = Graph()
    graph.link_nodes(*(graph.add(name, options) for name, options in filters)).configure()
    with contextlib.suppress(EOFError):
        while isinstance(frame := graph.pull(), kind):
            yield frame
