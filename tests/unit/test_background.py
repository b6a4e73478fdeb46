"""What tasks raise for which nobody waits any more is logged once, with its traceback."""

from __future__ import annotations

import asyncio
import logging

import pytest

from sessions.background import log_failure, outlive_caller
from sessions.core.errors import UnknownShow

LOGGER = logging.getLogger("seans.tests")


async def test_a_caller_who_waits_gets_the_error_and_nothing_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    work = asyncio.get_running_loop().create_future()
    work.set_exception(ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        await outlive_caller(work, LOGGER, "the work")

    assert not caplog.records


async def test_work_goes_on_and_its_error_is_logged_once_the_caller_is_gone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    work = asyncio.get_running_loop().create_future()
    caller = asyncio.create_task(outlive_caller(work, LOGGER, "the work"))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.wait([caller])
    assert not work.done()

    work.set_exception(ZeroDivisionError())
    await asyncio.sleep(0)

    (record,) = caplog.records
    assert record.getMessage() == "the work failed"
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


async def test_a_refusal_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    work = asyncio.get_running_loop().create_future()
    log_failure(work, LOGGER, "the work")

    work.set_exception(UnknownShow())
    await asyncio.sleep(0)

    assert not caplog.records
