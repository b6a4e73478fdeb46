"""A show with viewers in it who are measured, and what they saw."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Browser

from harness.skew.figures import (
    FRAME_RATE,
    Figures,
    RoomTimeline,
    TimelineHistory,
    equal_share,
    errors,
    pairs,
    settled,
    summary,
    within,
)
from harness.skew.film_folder import FilmName
from harness.skew.firefox import FirefoxViewer
from harness.skew.line import Line
from harness.skew.machines import Machine
from harness.skew.metered_server import MeteredServer, Showing
from harness.skew.viewers import ClockFault, Record, Viewer
from harness.webrtc.live_cinema import live_address
from harness.webrtc.udp_line import UdpLine, UdpProfile

__all__ = ["Observation", "Viewing", "until", "viewing"]

_SETTLE = 8.0


async def until(metered: MeteredServer, moment: float) -> None:
    """Wait until ``moment``, server time."""
    await asyncio.sleep(max(moment - metered.now(), 0.0))


@dataclass(frozen=True, slots=True)
class Observation:
    """What the viewers of one viewing saw, and what they should have seen."""

    history: TimelineHistory
    """The timelines of the film."""

    records: tuple[Record, ...]
    """One of each viewer."""

    def span(self, name: str, begin: float, end: float) -> Figures:
        """Return errors, skews and the share of equal frames from ``begin`` to ``end``."""
        shown = [within(record.frames, begin, end) for record in self.records]
        off = [error for frames in shown for error in errors(frames, self.history)]
        figures = summary(f"{name}_error", off)
        if len(shown) > 1:
            figures |= summary(f"{name}_skew", pairs(shown))
            figures[f"{name}_equal"] = equal_share(shown, begin, end)
        return figures

    def moves(self, name: str, begin: float, end: float) -> Figures:
        """Return what was done to the pictures from ``begin`` to ``end``: nudges and seeks."""
        base = self.history.in_force(end).rate or 1.0
        nudges = [
            abs(rate / base - 1) * 100
            for record in self.records
            for at, rate in record.rates
            if begin <= at <= end and rate != base
        ]
        seeks = [at for record in self.records for at in record.seeks if begin <= at <= end]
        return {
            f"{name}_nudges": float(len(nudges)),
            f"{name}_largest_nudge_percent": max(nudges, default=0.0),
            f"{name}_seeks": float(len(seeks)),
        }

    def only(self, viewer: int) -> Observation:
        """Return what one viewer saw."""
        return Observation(self.history, (self.records[viewer],))

    def without(self, viewer: int) -> Observation:
        """Return what all but one saw."""
        return Observation(self.history, (*self.records[:viewer], *self.records[viewer + 1 :]))

    def sound_after_picture(self, viewer: int, begin: float, end: float) -> list[float]:
        """Return by how much each tone began after the frame of its second, seconds."""
        record = self.records[viewer]
        seconds = [frame.at for frame in record.frames if frame.number % FRAME_RATE == 0]
        heard = [at for at in record.tones if begin <= at <= end]
        return [min((at - shown for shown in seconds), key=abs) for at in heard]

    def back_after(self, viewer: int, moment: float) -> float:
        """Return how long after ``moment`` a viewer came within 40 ms, and stayed; seconds."""
        later = [frame for frame in self.records[viewer].frames if frame.at > moment]
        when = settled(later, self.history)
        return float("inf") if when is None else when - moment


@dataclass(frozen=True, slots=True)
class Viewing:
    """A show with viewers in it, of whom the first is the host."""

    metered: MeteredServer
    """Where it runs."""

    showing: Showing
    """The show."""

    viewers: tuple[Viewer, ...]
    """Those in it."""

    timelines: list[RoomTimeline] = field(default_factory=list)
    """What was ordered so far."""

    @property
    def newest(self) -> RoomTimeline:
        """The timeline ordered last."""
        return self.timelines[-1]

    def command(self, action: str, *, by: str = "", **fields: float) -> RoomTimeline:
        """Give a command, as the host where ``by`` names nobody else."""
        timeline = self.showing.command(action, by=by, **fields)
        if timeline.revision > self.newest.revision:
            self.timelines.append(timeline)
        return timeline

    async def observe(self) -> Observation:
        """Return what was seen so far."""
        records = [await viewer.record() for viewer in self.viewers]
        return Observation(TimelineHistory(tuple(self.timelines)), tuple(records))

    async def in_step(self, settle: float = _SETTLE) -> None:
        """Wait until all are in step, and then for the clocks to become sure."""
        for viewer in self.viewers:
            await viewer.until_state("locked", seconds=25.0)
        await asyncio.sleep(settle)


@asynccontextmanager
async def viewing(
    metered: MeteredServer,
    on: Sequence[Browser | Machine | None],
    begins_in: float,
    clock_faults: Sequence[ClockFault | None] | None = None,
    lines: Sequence[Line] | None = None,
    film_name: FilmName = "Counter",
    control: str = "host",
    sources: Sequence[str] | None = None,
    udp_profile: UdpProfile | None = None,
) -> AsyncIterator[Viewing]:
    """Schedule a show and seat one viewer a browser; None is a Firefox, and never the first.

    ``sources`` say where each picture is to come from: ``file`` or ``live``. The live stream of the
    last viewer comes by a line of ``udp_profile`` where given.
    """
    showing = metered.show(begins_in, film_name, control)
    async with AsyncExitStack() as stack:
        udp_line = None
        if udp_profile is not None:
            host, port = await asyncio.to_thread(
                live_address, showing.server, showing.session, showing.host
            )
            udp_line = await stack.enter_async_context(UdpLine.to(host, port, udp_profile))
        viewers: list[Viewer] = []
        for i, browser in enumerate(on):
            fault = clock_faults[i] if clock_faults else None
            line = lines[i] if lines else None
            source = sources[i] if sources else ""
            looking: AbstractAsyncContextManager[Viewer] = (
                FirefoxViewer.with_firefox(
                    metered, showing, clock_fault=fault, line=line, source=source
                )
                if browser is None
                else Viewer.looking(
                    metered,
                    showing,
                    browser,
                    as_host=i == 0,
                    clock_fault=fault,
                    line=line,
                    source=source,
                    udp_line=udp_line if i == len(on) - 1 else None,
                )
            )
            viewers.append(await stack.enter_async_context(looking))
        for i, viewer in enumerate(viewers):
            await viewer.enter(f"Viewer {i}")
        yield Viewing(metered, showing, tuple(viewers), [showing.timeline()])
