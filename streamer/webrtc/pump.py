"""The pump of one session: runs its film while somebody watches it live, and rests else.

Whatever fails, it goes on: with the picture that stands, and anew after an error of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from sessions.live.live_session import LiveSession
from sessions.live.live_show import LiveShow
from streamer.preparation.errors import RenditionUnavailable
from streamer.preparation.live_rendition import LiveRendition
from streamer.webrtc.broadcast import Broadcast
from streamer.webrtc.fresh_start import OwnKeyframe
from streamer.webrtc.keyframe_maker import KeyframeMaker
from streamer.webrtc.pump_run import PumpCounts, PumpRun

__all__ = ["REST_AFTER_S", "Pump"]

logger = logging.getLogger("seans.webrtc")

REST_AFTER_S = 10.0
"""How long after its last viewer, or the request of a first one, a pump rests, seconds."""

RETRY_S = 1.0
"""After a failure, how long until a run begins anew, seconds."""

LOOK_EVERY_S = 1.0
"""How often the viewers' lines are looked at, seconds."""

MAX_WAIT_S = 0.5
"""Longest time between two steps, seconds: the clock may be set."""


class Pump:
    """Sends one session's film to its live viewers."""

    def __init__(
        self,
        show: LiveShow,
        session: LiveSession,
        rendition: Callable[[], Awaitable[LiveRendition]],
        clock: Callable[[], float],
        counts: PumpCounts,
        keyframes: KeyframeMaker,
        lines: Callable[[], Iterable[float]],
    ) -> None:
        """``rendition`` opens the film's live rendition, or raises RenditionUnavailable.

        ``lines`` returns the one-way delays of the live viewers' lines, seconds.
        """
        self.broadcast = Broadcast(self._viewers_changed, first_picture=self._first_picture)
        self._show = show
        self._session = session
        self._rendition = rendition
        self._clock = clock
        self._counts = counts
        self._keyframes = keyframes
        self._running: PumpRun | None = None
        self._lines = lines
        self._looked_at = clock()
        self._changed = asyncio.Event()
        self._wanted_at = clock()
        self._task: asyncio.Task[None] | None = None
        self._stopped = False

    @property
    def running(self) -> bool:
        """Whether it sends, or tries to."""
        return self._task is not None

    @property
    def rendition(self) -> LiveRendition | None:
        """What it sends from now; None while it rests, or has none."""
        return None if self._running is None else self._running.rendition

    def begin(self) -> None:
        """Run, at least until somebody who just asked for the stream had time to connect."""
        self._wanted_at = self._clock()
        if self._task is None and not self._stopped:
            self._task = asyncio.create_task(self._run())

    def timeline_changed(self) -> None:
        """Look at the timelines anew."""
        self._changed.set()

    def stop(self) -> None:
        """Stop for good."""
        self._stopped = True
        if self._task is not None:
            self._task.cancel()

    async def stopped(self) -> None:
        """Wait until it rests."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def _viewers_changed(self, count: int) -> None:
        self._wanted_at = self._clock()
        self._session.live_delay.viewers = count
        if count:
            self.begin()

    async def _first_picture(self) -> OwnKeyframe | None:
        return None if self._running is None else await self._running.first_picture()

    @property
    def _is_wanted(self) -> bool:
        return self.broadcast.viewers > 0 or self._clock() - self._wanted_at < REST_AFTER_S

    async def _run(self) -> None:
        """Send until nobody wants it any more."""
        try:
            with self._show.hold():
                while self._is_wanted:
                    try:
                        await self._run_once()
                    except RenditionUnavailable as error:
                        self._counts.unavailable += 1
                        logger.warning("the live rendition is unavailable: %s", error)
                        await asyncio.sleep(RETRY_S)
                    except Exception:
                        # Viewers keep the picture that they have while it begins anew.
                        self._counts.failures += 1
                        logger.exception("a pump failed, and begins anew")
                        await asyncio.sleep(RETRY_S)
        finally:
            self.broadcast.forget()
            self._task = None

    async def _run_once(self) -> None:
        rendition = await self._rendition()
        duration = self._session.room.duration
        run = self._running = PumpRun(
            rendition,
            duration,
            self.broadcast,
            self._clock,
            self._counts,
            self._keyframes,
            self._changed.set,
        )
        try:
            while self._is_wanted:
                self._changed.clear()
                delay = self._followed_delay()
                due = await run.step(self._session.room.chain, delay)
                await self._wait(due - self._clock())
        finally:
            self._running = None
            await run.close()

    def _followed_delay(self) -> float:
        """Return by how much to send ahead, which follows the viewers' lines once a second."""
        now, delay = self._clock(), self._session.live_delay
        if now - self._looked_at >= LOOK_EVERY_S:
            delay.follow(self._lines(), min(now - self._looked_at, 2 * LOOK_EVERY_S))
            self._looked_at = now
        return delay.delay

    async def _wait(self, seconds: float) -> None:
        """Wait so many seconds, or until something changes."""
        if seconds <= 0.0:
            await asyncio.sleep(0)
            return
        timer = asyncio.get_running_loop().call_later(min(seconds, MAX_WAIT_S), self._changed.set)
        await self._changed.wait()
        timer.cancel()
