"""Small films for the tests, made when first asked for, and the way to the shared ones."""

from __future__ import annotations

import atexit
import io
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream

from harness.counter_film import make_counter_film

__all__ = [
    "KINDS",
    "Kind",
    "counter_film",
    "cut_off",
    "made",
    "make_film",
    "put_film",
    "rest",
    "shared_media",
]

_LONG_AGO = 1_700_000_000.0
_RATE = 25
_SAMPLE_RATE = 48_000
_QUICK = {
    "libx264": {"preset": "ultrafast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
    "libsvtav1": {"preset": "10", "svtav1-params": "lp=1"},
}
"""Options that make encoders quick; a test looks at what they write, not at how well."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of film, as small as can be."""

    format: str
    """libav's name of the container."""

    video: str | None = "libx264"
    """The encoder of the picture."""

    audio: str | None = "aac"
    """The encoder of the sound."""

    size: tuple[int, int] = (160, 90)
    """Width and height, pixels."""

    layout: str = "stereo"
    """libav's name of the places that the sound comes from."""

    sound_first: bool = False
    """Whether the sound is the first track."""

    encoding: Mapping[str, str] = field(default_factory=dict)
    """More options of the picture's encoder."""

    pixels: str = "yuv420p"
    """The pixel format."""

    rotation: int = 0
    """Clockwise turn, degrees."""

    seconds: float = 2.0
    """Length."""

    start: float = 0.0
    """First timestamp, seconds."""

    frame_steps: tuple[int, ...] = (1,)
    """How many 25ths of a second each picture stays, in turns."""

    options: Mapping[str, str] = field(default_factory=dict)
    """The container's options."""

    languages: tuple[str, ...] = ("",)
    """One sound track for each, ISO 639-2."""

    subtitles: Mapping[str, str] = field(default_factory=dict)
    """Titles of the subtitle tracks by their languages, ISO 639-2."""

    code: str | None = None
    """The verdict's code; None for what browsers play."""


KINDS: dict[str, Kind] = {
    "plain.mp4": Kind("mp4", options={"movflags": "+faststart"}),
    "moov-at-end.mp4": Kind("mp4"),
    "fragmented.mp4": Kind("mp4", options={"movflags": "+frag_keyframe+empty_moov"}),
    "no-audio.mp4": Kind("mp4", audio=None),
    "mp3.mp4": Kind("mp4", audio="libmp3lame"),
    "quicktime.mov": Kind("mov"),
    "rotated.mp4": Kind("mp4", rotation=90),
    "vfr.mp4": Kind("mp4", frame_steps=(1, 2, 3)),
    "odd-size.mp4": Kind("mp4", size=(252, 142)),
    "sound-first.mp4": Kind("mp4", sound_first=True),
    "surround.mp4": Kind("mp4", layout="5.1"),
    "one-keyframe.mp4": Kind("mp4", seconds=4.0, encoding={"g": "1000", "bf": "3"}),
    "matroska.mkv": Kind("matroska", languages=("rus", "eng")),
    "vp8-opus.webm": Kind("webm", video="libvpx", audio="libopus"),
    "vp9-opus.webm": Kind("webm", video="libvpx-vp9", audio="libopus"),
    "av1-opus.webm": Kind("webm", video="libsvtav1", audio="libopus"),
    "av1-aac.mp4": Kind("mp4", video="libsvtav1"),
    "vp9-opus.mp4": Kind("mp4", video="libvpx-vp9", audio="libopus"),
    "flac.mkv": Kind("matroska", audio="flac"),
    "hevc-aac.mp4": Kind("mp4", video="libx265", code="video_codec"),
    "hevc-ac3.mkv": Kind("matroska", video="libx265", audio="ac3", code="video_codec"),
    "subtitles.mkv": Kind("matroska", subtitles={"rus": "Русские", "eng": "English"}),
    "ac3.mp4": Kind("mp4", audio="ac3", code="audio_codec"),
    "eac3.mkv": Kind("matroska", audio="eac3", code="audio_codec"),
    "10-bit.mp4": Kind("mp4", pixels="yuv420p10le", code="video_format"),
    "422.mp4": Kind("mp4", pixels="yuv422p", code="video_format"),
    "mpeg2.mkv": Kind("matroska", video="mpeg2video", code="video_codec"),
    "starts-at-1h.ts": Kind("mpegts", start=3600.0, code="container"),
    "xvid.avi": Kind("avi", video="mpeg4", audio="libmp3lame", code="container"),
    "pcm.mov": Kind("mov", audio="pcm_s16le", code="audio_codec"),
    "sound-only.mp4": Kind("mp4", video=None, code="no_picture"),
}
"""Every sort of film that a verdict tells apart, by file name."""


def made(name: str) -> Path:
    """Return the film of :data:`KINDS` with this name: one for all tests, not to be changed."""
    path = _folder() / name
    if not path.exists():
        make_film(path, KINDS[name])
    return path


def counter_film(seconds: int = 4) -> Path:
    """Return a film with a number in each frame and a beep each second; not to be changed."""
    path = _folder() / f"counter-{seconds}s.mp4"
    if not path.exists():
        make_counter_film(path, seconds)
    return path


def put_film(film: Path, path: Path, *, padding: int = 0) -> None:
    """Copy ``film`` to ``path``, with so many bytes behind it, as one that has lain there for long.

    A server waits some seconds for the end of a file that was written just now. Not a link: links
    out of the film folder are not followed.
    """
    shutil.copyfile(film, path)
    os.truncate(path, path.stat().st_size + padding)
    rest(path)


def rest(path: Path) -> None:
    """Let a file be one that was written long ago."""
    os.utime(path, (_LONG_AGO, _LONG_AGO))


def cut_off(film: Path, path: Path) -> Path:
    """Write the first 60 % of a film's bytes to ``path``, as a broken download does; return it."""
    content = film.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    return path


def shared_media() -> Path | None:
    """Return the folder of real films beside the checkout, where there is one."""
    folder = Path(__file__).parents[2] / "shared" / "media"
    return folder if folder.is_dir() else None


def make_film(path: Path, kind: Kind) -> None:
    """Write a film of this kind to ``path``: a grey that slowly changes, and silence."""
    unfinished = path.with_name(f".{path.name}")
    with (
        _own_priority(),
        av.open(str(unfinished), "w", format=kind.format, options=dict(kind.options)) as container,
    ):
        sounds = _add_sounds(container, kind) if kind.sound_first else []
        video = _add_video(container, kind) if kind.video else None
        sounds = sounds or _add_sounds(container, kind)
        texts = [_add_subtitles(container, *track) for track in kind.subtitles.items()]
        for text in texts:
            container.mux(text)
        if video is not None:
            _write_pictures(container, video, kind)
        for sound in sounds:
            _write_silence(container, sound, kind)
    unfinished.replace(path)


@contextmanager
def _own_priority() -> Iterator[None]:
    """Undo what the AV1 encoder does as root: it gives its caller real-time priority.

    Every server and browser that a test starts afterwards would inherit it, and starve others.
    """
    try:
        yield
    finally:
        if hasattr(os, "sched_setscheduler"):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def _add_video(container: OutputContainer, kind: Kind) -> VideoStream:
    codec = str(kind.video)
    video = container.add_stream(
        codec, rate=_RATE, options={**_QUICK.get(codec, {}), **kind.encoding}
    )
    assert isinstance(video, VideoStream)
    (video.width, video.height), video.pix_fmt = kind.size, kind.pixels
    if kind.rotation:
        video.set_display_rotation(-kind.rotation)
    return video


def _add_sounds(container: OutputContainer, kind: Kind) -> list[AudioStream]:
    codec = kind.audio
    return [_add_audio(container, codec, kind.layout, t) for t in kind.languages if codec]


def _add_audio(container: OutputContainer, codec: str, layout: str, tongue: str) -> AudioStream:
    audio = container.add_stream(codec, rate=_SAMPLE_RATE, layout=layout)
    assert isinstance(audio, AudioStream)
    if tongue:
        audio.metadata["language"] = tongue
    return audio


def _add_subtitles(
    container: OutputContainer, tongue: str, title: str
) -> list[Packet[SubtitleStream]]:
    """Return the packets of a track with one line of text."""
    lines = io.BytesIO(b"1\n00:00:00,500 --> 00:00:01,500\nA line.\n")
    with av.open(lines, "r", format="srt") as source:
        [given] = source.streams.subtitles
        text = container.add_stream_from_template(given)
        text.metadata.update(language=tongue, title=title)
        packets = [packet for packet in source.demux(given) if packet.dts is not None]
    for packet in packets:
        packet.stream = text
    return packets


def _write_pictures(container: OutputContainer, video: VideoStream, kind: Kind) -> None:
    n = at = 0
    while at < kind.seconds * _RATE:
        frame = av.VideoFrame(*kind.size, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes((64 + n % 64,)) * plane.buffer_size)
        frame.pts, frame.time_base = at + round(kind.start * _RATE), Fraction(1, _RATE)
        container.mux(video.encode(frame.reformat(format=kind.pixels)))
        at += kind.frame_steps[n % len(kind.frame_steps)]
        n += 1
    container.mux(video.encode(None))


def _write_silence(container: OutputContainer, audio: AudioStream, kind: Kind) -> None:
    frame = av.AudioFrame("s16", kind.layout, samples=round(kind.seconds * _SAMPLE_RATE))
    frame.planes[0].update(bytes(frame.planes[0].buffer_size))
    frame.sample_rate = _SAMPLE_RATE
    frame.pts, frame.time_base = round(kind.start * _SAMPLE_RATE), Fraction(1, _SAMPLE_RATE)
    container.mux(audio.encode(frame))
    container.mux(audio.encode(None))


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="seans-films-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
