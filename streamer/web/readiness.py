"""Whether the store can do its work: asked once for all who ask, and answered within a bound."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Self

from sessions.background import log_failure

__all__ = ["Readiness"]

logger = logging.getLogger("seans.web")

HOLDS_S = 1.0
"""How long an answer is good, seconds."""

WITHIN_S = 2.0
"""How long the store may take before it counts as one that can't, seconds."""


class Readiness:
    """What the store said of itself a moment ago.

    Anybody may ask, and the store answers by a write on the disk: so it is asked by one at a time.
    """

    def __init__(
        self,
        healthy: Callable[[], Awaitable[bool]],
        clock: Callable[[], float],
        *,
        within: float = WITHIN_S,
    ) -> None:
        """``healthy`` asks the store; ``clock`` gives seconds and never goes back."""
        self._healthy = healthy
        self._clock = clock
        self._within = within
        self._asking: asyncio.Task[bool] | None = None
        self._asked_at = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def check(self) -> bool:
        """Tell whether the store can do its work; one that takes too long can't."""
        asking = self._latest()
        # A store that hangs has had its time after the first who asked: others need not wait.
        left = self._asked_at + self._within - self._clock()
        await asyncio.wait([asking], timeout=max(0.0, left))
        return (
            asking.done() and not asking.cancelled() and not asking.exception() and asking.result()
        )

    def _latest(self) -> asyncio.Task[bool]:
        """Return the last question; a new one where its answer is old, never two at once."""
        asking = self._asking
        if asking is None or (asking.done() and self._clock() >= self._asked_at + HOLDS_S):
            self._asked_at = self._clock()
            asking = self._asking = asyncio.create_task(self._ask())
            log_failure(asking, logger, "the check of the store")
        return asking

    async def _ask(self) -> bool:
        return await self._healthy()
