"""What a test does without a program that it needs: it is skipped, and fails where all must run."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

__all__ = ["lacking"]


def lacking(what: str) -> NoReturn:
    """Skip the test for want of ``what``; fail it where the environment's ``CI`` is ``true``."""
    said = f"needs {what}"
    if os.environ.get("CI") == "true":
        pytest.fail(said, pytrace=False)
    pytest.skip(said)
