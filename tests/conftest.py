"""How the suite is divided among its processes, where it runs in several (``make test``)."""

from __future__ import annotations

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

BROWSER_TESTS = ("tests/browser/", "tests/library/test_browsers.py")


class BrowsersTogether(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Runs all tests that drive a browser in one process: three Chromiums fill two cores."""

    def _split_scope(self, nodeid: str) -> str:
        return "browsers" if nodeid.startswith(BROWSER_TESTS) else nodeid


# Not ``--dist loadgroup``: pytest-xdist 3.8 marks groups in a way that pytest 9.2 does not see.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BrowsersTogether:
    """Return what hands out the tests."""
    return BrowsersTogether(config, log)
