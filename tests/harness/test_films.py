"""The small films that tests make for themselves."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.films import KINDS, make_film


@pytest.mark.parametrize("name", KINDS)
def test_making_a_film_leaves_the_process_its_priority(name: str, tmp_path: Path) -> None:
    # An encoder that takes real-time priority hands it to every server and browser started later.
    make_film(tmp_path / name, KINDS[name])

    assert os.sched_getscheduler(0) == os.SCHED_OTHER
