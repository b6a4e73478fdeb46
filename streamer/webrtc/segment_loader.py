"""Reads the segments that the pump needs next, so that they are in memory before they are due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from streamer.preparation.errors import RenditionUnavailable
from streamer.preparation.live_rendition import LiveRendition
from streamer.preparation.segments import Segment

__all__ = ["MAX_LOADING", "RETRY_S", "SegmentLoader"]

logger = logging.getLogger("seans.webrtc")

MAX_LOADING = 4
"""Segments that are waited for at once."""

RETRY_S = 1.0
"""After a failure, how long until a segment is asked for again, seconds."""


class SegmentLoader:
    """Asks a rendition for segments, each once at a time."""

    def __init__(
        self,
        rendition: LiveRendition,
        take: Callable[[Segment], None],
        clock: Callable[[], float],
    ) -> None:
        """Give ``take`` each segment as it comes; ``clock`` gives Unix seconds."""
        self.failures = 0
        """How often a segment could not be had."""
        self._rendition = rendition
        self._take = take
        self._clock = clock
        self._loading: dict[int, asyncio.Task[None]] = {}
        self._not_before: dict[int, float] = {}

    def load(self, wanted: Mapping[int, float]) -> None:
        """Ask for the segments ``wanted``, each with the seconds until it is needed.

        What was asked for before and is not among them is given up.
        """
        for number in [each for each in self._loading if each not in wanted]:
            self._loading.pop(number).cancel()
        now = self._clock()
        self._not_before = {n: until for n, until in self._not_before.items() if until > now}
        for number, within in sorted(wanted.items(), key=lambda item: item[1]):
            if len(self._loading) >= MAX_LOADING:
                return
            if number not in self._loading and number not in self._not_before:
                task = asyncio.create_task(self._load(number, max(0.0, within)))
                self._loading[number] = task

    async def close(self) -> None:
        """Give up all that was asked for."""
        tasks = list(self._loading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._loading.clear()

    async def _load(self, number: int, within: float) -> None:
        try:
            segment = await self._rendition.segment(number, within=within)
        except RenditionUnavailable as error:
            self._failed(number, "segment %d of a live rendition is unavailable: %s", number, error)
        except Exception:
            # Nobody awaits this task, and the pump must go on with what it has.
            self._failed(number, "segment %d of a live rendition failed", number, exc_info=True)
        else:
            self._take(segment)
        finally:
            if self._loading.get(number) is asyncio.current_task():
                del self._loading[number]

    def _failed(self, number: int, text: str, *values: object, exc_info: bool = False) -> None:
        if not self.failures:
            logger.warning(text, *values, exc_info=exc_info)
        self.failures += 1
        self._not_before[number] = self._clock() + RETRY_S
