"""A film folder for each test of the library."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    return folder
