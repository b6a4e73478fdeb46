"""What the contract knows and this version does not build is refused in words."""

from __future__ import annotations

from uuid import uuid4

import pytest

from streamer.web.api.unsupported import UNSUPPORTED_CALLS
from tests.web.app_harness import AppHarness, Person


@pytest.mark.parametrize(("method", "path"), UNSUPPORTED_CALLS)
async def test_a_call_that_is_not_built_says_so(
    cinema: AppHarness, host: Person, method: str, path: str
) -> None:
    parts = [str(uuid4()) if part.startswith("{") else part for part in path.split("/")]

    assert (await host.ask(method, "/".join(parts))).said == (422, "not_supported")
