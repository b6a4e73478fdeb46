"""Segments as the live room plays them, and the folder in which those that were made lie.

``<data>/renditions/<film>/<track>-<identity>/<hundred>/<number>.m4s``: one fragment a file. A file
is written whole elsewhere on the same disk and then linked to its name, where none is yet: the
first maker wins, and what lies under a name never changes.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from streamer.preparation.fragments import Damaged, TimedSample, read_fragment, write_fragment
from streamer.preparation.pictures import VIDEO_TICKS
from streamer.preparation.sound import SOUND_TICKS

__all__ = [
    "RESERVE_BYTES",
    "TICKS",
    "TRACK_KINDS",
    "Sample",
    "Segment",
    "SegmentFolder",
    "TrackKind",
]

TrackKind = Literal["video", "sound"]

TRACK_KINDS: tuple[TrackKind, ...] = ("video", "sound")
"""The tracks of a live rendition."""

TICKS: dict[TrackKind, int] = {"video": VIDEO_TICKS, "sound": SOUND_TICKS}
"""Ticks per second of the times in a track's files."""

RESERVE_BYTES = 64 << 20
"""What is left free on the disk, so that messages and commands can be kept."""

_SUFFIX = ".m4s"
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Sample:
    """One encoded frame or packet of sound."""

    position: float
    """When it is shown or heard, seconds of the film."""

    data: bytes
    """NAL units behind lengths of 4 bytes, SPS and PPS before a keyframe; or one Opus packet."""

    keyframe: bool
    """Whether decoding can begin with it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a film, encoded: it begins with a keyframe and needs no other segment."""

    number: int
    """Its number, from 0."""

    start: float
    """Beginning, seconds of the film. The first frame may be shown up to 0.1 s later, where the
    film's frame rate varies."""

    end: float
    """End, seconds of the film."""

    video: tuple[Sample, ...]
    """Frames in the order in which they are shown; where a picture stands there is one alone."""

    sound: tuple[Sample, ...]
    """Opus packets of 20 ms at multiples of 0.02 s; none where the film has no sound."""


class SegmentFolder:
    """The segments of one track that are made."""

    def __init__(self, folder: Path, kind: TrackKind) -> None:
        """Name the track's folder, which need not exist yet."""
        self.path = folder
        """The folder."""
        self._ticks = TICKS[kind]

    def made(self) -> set[int]:
        """Return the numbers of the segments that are made; blocks."""
        if not self.path.is_dir():
            return set()
        # Other programs leave files of their own in folders.
        hundreds = (entry for entry in os.scandir(self.path) if entry.is_dir())
        names = (entry.name for hundred in hundreds for entry in os.scandir(hundred))
        stems = (name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))
        return {int(stem) for stem in stems if stem.isdecimal()}

    def file(self, number: int) -> Path:
        """Return where a segment lies, or is to lie."""
        return self.path / f"{number // _HUNDRED:03d}" / f"{number:05d}{_SUFFIX}"

    def publish(
        self, number: int, samples: Sequence[TimedSample], end: int, unfinished: Path
    ) -> None:
        """Write a segment whole, by way of the file ``unfinished``.

        Where it is made already nothing changes. Raises OSError, also where it would take the last
        of the disk; then no part of it is left.
        """
        content = write_fragment(number, samples, end)
        file = self.file(number)
        # Either may have been taken away meanwhile, to empty the disk.
        for folder in (file.parent, unfinished.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(file.parent).free < RESERVE_BYTES + len(content):
            raise OSError(errno.ENOSPC, "what is left is kept for messages and commands")
        try:
            unfinished.write_bytes(content)
            _name_it(unfinished, file)
        finally:
            unfinished.unlink(missing_ok=True)

    def read(self, number: int) -> tuple[Sample, ...]:
        """Return the samples of a segment; blocks.

        Raises OSError, and Damaged where the file is not whole: it is taken away then.
        """
        file = self.file(number)
        try:
            samples = read_fragment(file.read_bytes())
        except Damaged:
            file.unlink(missing_ok=True)
            raise
        return tuple(Sample(s.time / self._ticks, s.data, s.keyframe) for s in samples)


def _name_it(unfinished: Path, file: Path) -> None:
    """Give a file its name, unless one has it already."""
    try:
        file.hardlink_to(unfinished)
    except FileExistsError:
        return
    except OSError:
        # Some file systems know no links, each with an error of its own; the last maker wins there.
        unfinished.rename(file)
