"""Tasks that go on without whoever began them: what they raise is logged, once."""

from __future__ import annotations

import asyncio
from logging import Logger
from typing import Any, TypeVar

from sessions.core.errors import Refused

__all__ = ["log_failure", "outlive_caller"]

_T = TypeVar("_T")


async def outlive_caller(future: asyncio.Future[_T], logger: Logger, what: str) -> _T:
    """Wait for ``future``, which goes on where the caller is cancelled.

    A caller who is still there gets what it raises, and says where that happened. Behind one who
    is gone it is logged, as ``what`` failed.
    """
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        log_failure(future, logger, what)
        raise


def log_failure(future: asyncio.Future[Any], logger: Logger, what: str) -> None:
    """Log that ``what`` failed where ``future``, for which nobody waits, raises; not a refusal."""

    def look(done: asyncio.Future[Any]) -> None:
        error = None if done.cancelled() else done.exception()
        if error is not None and not isinstance(error, Refused):
            logger.error("%s failed", what, exc_info=error)

    future.add_done_callback(look)
