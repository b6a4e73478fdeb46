"""The unfinished work of one link; it is cancelled with the link."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

__all__ = ["InFlight"]

logger = logging.getLogger("seans.live")


class InFlight:
    """The tasks of one link."""

    def __init__(self, failed: Callable[[], object]) -> None:
        """``failed`` is called if a task raises an unexpected exception."""
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Start ``work`` as a task."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def cancel(self) -> None:
        """Cancel all tasks; work that a show carries out is finished nevertheless."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a link's work failed", exc_info=error)
            self._failed()
