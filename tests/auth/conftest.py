"""The clock of the tests of the Auth service's keys."""

from __future__ import annotations

import pytest

from harness.rooms import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()
