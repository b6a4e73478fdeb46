"""Stand-ins for what is slow, far or random: a film folder whose films are a few bytes each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from streamer.library.facts import AudioFacts, Facts, VideoFacts
from streamer.library.probe import ProbeResult

__all__ = ["CONTENT", "DURATION", "VIDEO", "RecordingLog", "examine", "fill"]

DURATION = 120.0
"""Length that every playable film claims, seconds."""

CONTENT = bytes(range(256)) * 16
"""The bytes of ``Counter.mp4``."""


class RecordingLog:
    """A log that keeps its lines."""

    def __init__(self) -> None:
        self.dropped = 0
        self.lines: list[str] = []

    def add(self, line: str) -> None:
        self.lines.append(line)


VIDEO = VideoFacts(
    codec="h264",
    codec_string="avc1.4d401e",
    profile="Main",
    width=640,
    height=360,
    rotation=0,
    pixel_format="yuv420p",
    bit_depth=8,
    frame_rate=25.0,
    b_frames=True,
    keyframe_interval=2.0,
    encrypted=False,
)
"""A picture that every browser shows."""


def fill(folder: Path) -> None:
    """Put two films into ``folder``: one that browsers play, and one that nothing can show."""
    folder.mkdir(parents=True)
    (folder / "Counter.mp4").write_bytes(CONTENT)
    (folder / "Heavy.mkv").write_bytes(b"hevc" + CONTENT)


async def examine(path: Path) -> ProbeResult:
    """Say what is in a film of :func:`fill`, without looking."""
    heavy = path.suffix == ".mkv"
    video = replace(VIDEO, encrypted=True) if heavy else VIDEO
    audio = AudioFacts(
        codec="aac",
        codec_string="mp4a.40.2",
        channels=2,
        sample_rate=48_000,
        language="eng",
        title=None,
    )
    facts = Facts(
        container="matroska" if heavy else "mp4",
        duration=DURATION,
        start=0.0,
        title=None,
        truncated=False,
        video=video,
        audio=(audio,),
        subtitles=(),
    )
    return ProbeResult(facts)
