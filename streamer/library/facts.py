"""What a probe found out about a file, before anybody judges it.

Names of codecs, containers and pixel formats are libav's, since they come from there; a container
that libav names by several (``mov,mp4,...``) is told apart: ``mp4``, ``mov``, ``webm``,
``matroska``.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AudioFacts", "Facts", "SubtitleFacts", "VideoFacts"]


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The picture that a player would show: the first video track that is no cover art."""

    codec: str
    """libav's name: ``h264``, ``hevc``, ``vp9``, ..."""

    codec_string: str | None
    """RFC 6381 name with profile and level: ``avc1.4d401e``; None where it cannot be told."""

    profile: str | None
    """Profile in libav's words: ``High``, ``Main 10``."""

    width: int
    """Width as stored, pixels."""

    height: int
    """Height as stored, pixels."""

    rotation: int
    """Clockwise turn that a player applies, degrees: 0, 90, 180 or 270."""

    pixel_format: str | None
    """libav's name: ``yuv420p``."""

    bit_depth: int | None
    """Bits per component."""

    frame_rate: float | None
    """Mean frames per second."""

    b_frames: bool
    """Whether pictures are shown in another order than stored."""

    keyframe_interval: float | None
    """Longest distance between keyframes, seconds; None where no index tells."""

    encrypted: bool
    """Whether the samples are protected (ISO/IEC 23001-7)."""


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """One sound track."""

    codec: str
    """libav's name: ``aac``, ``ac3``, ``opus``, ..."""

    codec_string: str | None
    """RFC 6381 name: ``mp4a.40.2``; None where it cannot be told."""

    channels: int
    """Number of channels."""

    sample_rate: int
    """Samples per second."""

    language: str | None
    """As written in the file (ISO 639-2 or BCP 47); None where it is not said."""

    title: str | None
    """The track's own name."""


@dataclass(frozen=True, slots=True)
class SubtitleFacts:
    """One subtitle track."""

    codec: str
    """libav's name: ``subrip``, ``ass``, ``mov_text``, ``hdmv_pgs_subtitle``."""

    language: str | None
    """As written in the file (ISO 639-2 or BCP 47); None where it is not said."""

    title: str | None
    """The track's own name."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a probe tells about one file."""

    container: str
    """``mp4``, ``mov``, ``webm``, ``matroska``, else libav's name."""

    duration: float | None
    """Length, seconds."""

    start: float
    """First timestamp, seconds."""

    title: str | None
    """The title written into the container."""

    truncated: bool
    """Whether the file ends before what its index promises."""

    video: VideoFacts | None
    """The picture; None for a file without one."""

    audio: tuple[AudioFacts, ...]
    """Sound tracks in the file's order."""

    subtitles: tuple[SubtitleFacts, ...]
    """Subtitle tracks in the file's order."""
