"""The folder of a track, when its disk is not as it was."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from streamer.preparation.fragments import TimedSample
from streamer.preparation.segments import RESERVE_BYTES, SegmentFolder

SAMPLES = (TimedSample(0, b"one", keyframe=True),)


def publish(data: Path) -> SegmentFolder:
    folder = SegmentFolder(data / "renditions" / "film" / "sound-1", "sound")
    folder.publish(0, SAMPLES, 960, data / "renditions" / "unfinished" / "1")
    return folder


def test_a_folder_that_somebody_has_taken_away_is_made_again(tmp_path: Path) -> None:
    publish(tmp_path)
    shutil.rmtree(tmp_path / "renditions")

    assert publish(tmp_path).made() == {0}


def test_the_last_of_the_disk_is_left_to_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = SimpleNamespace(free=RESERVE_BYTES + 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: left)

    with pytest.raises(OSError, match="kept for messages") as refused:
        publish(tmp_path)
    assert refused.value.errno == errno.ENOSPC
    left.free += 1 << 20
    assert publish(tmp_path).made() == {0}
