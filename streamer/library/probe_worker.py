"""Looks into one film with PyAV and answers its facts as JSON: run as a process of its own.

``python -m streamer.library.probe_worker FILE MEMORY CPU``: a film is untrusted input, and libav a
large parser in C. So the process takes limits on itself (MEMORY in bytes, CPU in seconds) before it
opens anything, may write no file, and libav gets neither network nor formats that name other files.
The answer on standard output is ``{"facts": {...}, "failure": null}``, or facts null and a failure.
"""

from __future__ import annotations

import dataclasses
import json
import os
import stat
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import av
from av.codec.context import CodecContext
from av.stream import Disposition

from streamer.library.codecs import audio_codec_string, video_codec_string
from streamer.library.facts import AudioFacts, Facts, SubtitleFacts, VideoFacts

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

__all__ = ["DEMUXERS", "examine", "main"]

DEMUXERS = "mov,mp4,matroska,webm,mpegts,mpeg,mpegvideo,avi,asf,flv,ogg,rm,wtv,mxf,m4v,h264,hevc"
"""Demuxers that may be tried: those of films, none that reads further files (hls, dash, concat)."""

INDEXED_FORMATS = ("mp4", "mov", "webm", "matroska")
"""Containers whose index tells all keyframes (others know only what was read)."""

_NICE = 10
_TEXT_LIMIT = 200
_TAG_LIMIT = 35
_TRACK_LIMIT = 64
_MICROSECONDS = 1_000_000
_HEAD = 4096
_DOCTYPE = b"\x42\x82"


def examine(path: str) -> Facts:
    """Return the facts of the file at ``path``; raises ``av.FFmpegError`` where libav cannot."""
    options = {"protocol_whitelist": "file", "format_whitelist": DEMUXERS}
    with av.open(path, options=options, metadata_errors="replace") as container:
        video = _first_picture(container)
        kind = _container(path, container)
        picture = (
            None if video is None else _video(container, video, indexed=kind in INDEXED_FORMATS)
        )
        return Facts(
            container=kind,
            duration=_duration(container),
            start=(container.start_time or 0) / _MICROSECONDS,
            title=_text(container.metadata.get("title")),
            truncated=_ends_early(container),
            video=picture,
            audio=tuple(_audio(s) for s in container.streams.audio[:_TRACK_LIMIT]),
            subtitles=tuple(
                SubtitleFacts(_codec(s), _language(s), _text(s.metadata.get("title")))
                for s in container.streams.subtitles[:_TRACK_LIMIT]
            ),
        )


def main(arguments: list[str]) -> int:
    """Answer the facts of one file; the exit code is 0 whenever there is an answer."""
    path, memory, cpu = arguments[0], int(arguments[1]), int(arguments[2])
    _limit(memory, cpu)
    facts, failure = None, None
    try:
        facts = dataclasses.asdict(_examine_file(path))
    except _Refused as refused:
        failure = str(refused)
    except MemoryError:
        failure = "too_costly"
    except (av.FFmpegError, OSError, ValueError):
        failure = "not_a_film"
    answer = json.dumps({"facts": facts, "failure": failure}, ensure_ascii=False)
    sys.stdout.buffer.write(answer.encode(errors="replace"))
    return 0


class _Refused(Exception):
    """The file is not even shown to libav; the text is the failure."""


def _examine_file(path: str) -> Facts:
    """Examine the file after a look of our own: libav says "not permitted" of broken films too."""
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - no pathlib in this small process
        raise _Refused("not_a_film")
    if not os.access(path, os.R_OK):
        raise _Refused("unreadable")
    return examine(path)


def _limit(memory: int, cpu: int) -> None:
    if sys.platform != "win32":
        os.nice(_NICE)
        for what, value in (
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_CPU, cpu),
            # libav can write files too, and a core dump would hold parts of the film.
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(what, (value, value))


def _first_picture(container: InputContainer) -> VideoStream | None:
    for stream in container.streams.video:
        # A cover picture is a video stream of one frame.
        if not stream.disposition & Disposition.attached_pic:
            return stream
    return None


def _video(container: InputContainer, stream: VideoStream, *, indexed: bool) -> VideoFacts:
    context = stream.codec_context
    rate = stream.average_rate or stream.guessed_rate
    form = context.format
    codec = _codec(stream)
    return VideoFacts(
        codec=codec,
        codec_string=video_codec_string(codec, bytes(context.extradata or b""), context.profile),
        profile=context.profile,
        width=context.width,
        height=context.height,
        rotation=_rotation(container, stream),
        pixel_format=None if form is None else form.name,
        bit_depth=None if form is None else max(c.bits for c in form.components),
        frame_rate=None if rate is None else float(rate),
        b_frames=bool(context.has_b_frames),
        keyframe_interval=_keyframe_interval(container, stream) if indexed else None,
        encrypted=context.codec_tag in ("encv", "drmi"),
    )


def _rotation(container: InputContainer, stream: VideoStream) -> int:
    """Return the clockwise turn, degrees; it comes with the first frame (libav turns leftwards)."""
    # With threads libav buffers many frames first: seconds and memory for one frame.
    stream.thread_type = "NONE"
    try:
        for packet in container.demux(stream):
            for frame in packet.decode():
                return round(-frame.rotation / 90) * 90 % 360
    except av.FFmpegError:
        return 0
    return 0


def _audio(stream: AudioStream) -> AudioFacts:
    context = stream.codec_context
    codec = _codec(stream)
    return AudioFacts(
        codec=codec,
        codec_string=audio_codec_string(codec, bytes(context.extradata or b"")),
        channels=context.layout.nb_channels,
        sample_rate=context.sample_rate,
        language=_language(stream),
        title=_text(stream.metadata.get("title")),
    )


def _container(path: str, container: InputContainer) -> str:
    names = container.format.name.split(",")
    if "webm" in names:
        with open(path, "rb") as file:  # noqa: PTH123 - no pathlib in this small process
            head = file.read(_HEAD)
        # libav calls both "matroska,webm"; the EBML header says which (RFC 8794 section 11.2.4).
        at = head.find(_DOCTYPE)
        return "webm" if head[at + 3 : at + 7] == b"webm" else "matroska"
    if "mp4" in names:
        return "mov" if container.metadata.get("major_brand", "").strip() == "qt" else "mp4"
    return names[0]


def _duration(container: InputContainer) -> float | None:
    """Return the length, seconds: the container's word, else the end of its last packet."""
    # A stream that was recorded live has no duration in its header.
    if container.duration is not None and container.duration > 0:
        return container.duration / _MICROSECONDS
    end = 0.0
    container.seek(0)
    for packet in container.demux():
        if packet.pts is not None and packet.time_base is not None:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end or None


def _keyframe_interval(container: InputContainer, stream: VideoStream) -> float | None:
    """Return the longest way between keyframes, seconds, by the index; None without one."""
    base = stream.time_base
    try:
        container.seek(0)  # Matroska reads its index only now
    except av.FFmpegError:
        return None
    if base is None:
        return None
    stamps = [float(e.timestamp * base) for e in stream.index_entries if e.is_keyframe]
    if not stamps or container.duration is None:
        return None
    # The last keyframe reaches to the end of the film.
    end = max(stamps[-1], stamps[0] + container.duration / _MICROSECONDS)
    return max(after - before for before, after in pairwise([*stamps, end]))


def _ends_early(container: InputContainer) -> bool:
    size = container.size
    return any(
        stream.index_entries and stream.index_entries[-1].pos >= size
        for stream in container.streams
        if stream.type in ("video", "audio")
    )


def _codec(stream: Stream) -> str:
    context: CodecContext | None = stream.codec_context
    return "unknown" if context is None else context.codec.canonical_name


def _language(stream: Stream) -> str | None:
    language = _text(stream.metadata.get("language"), _TAG_LIMIT)
    return None if language in (None, "und") else language


def _text(value: str | None, limit: int = _TEXT_LIMIT) -> str | None:
    # A tag may hold line breaks and terminal escapes, and this text reaches logs and pages.
    printable = "".join(c if c.isprintable() else " " for c in value or "")
    return printable.strip()[:limit] or None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
