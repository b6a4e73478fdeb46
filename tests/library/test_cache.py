"""What was learned of films is kept for its owner only."""

from __future__ import annotations

import stat
from pathlib import Path

from streamer.library import cache


def test_what_was_learned_is_for_its_owner_only(tmp_path: Path) -> None:
    cache.save(tmp_path / "films.json", {})

    assert stat.S_IMODE((tmp_path / "films.json").stat().st_mode) == 0o600
