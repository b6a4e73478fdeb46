"""The stage of a scenario: a server, machines and lines, and viewers who are measured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Playwright

from harness.skew.film_folder import FilmName
from harness.skew.line import Line, LineProfile, Lines
from harness.skew.machines import Machine
from harness.skew.metered_server import MeteredServer
from harness.skew.viewers import ClockFault
from harness.skew.viewing import Viewing, viewing

__all__ = ["Stage"]


@dataclass(frozen=True, slots=True)
class Stage:
    """What scenarios are played on."""

    metered: MeteredServer
    """The server."""

    playwright: Playwright
    """What drives the browsers."""

    lines: Lines
    """Where lines come from."""

    link: LineProfile
    """How the rooms' links are."""

    viewers: int = 2
    """How many there are in a viewing."""

    firefox: int = 0
    """How many of them have Firefox, the last ones; the first never has."""

    seconds: float = 20.0
    """How long steady watching lasts."""

    clock_faults: tuple[ClockFault, ...] = ()
    """How wrong the clocks are of the first, the second ...; none: they are right."""

    @asynccontextmanager
    async def machine(self, *options: str) -> AsyncIterator[Machine]:
        """Switch on one more machine."""
        async with Machine.on(self.playwright, *options) as machine:
            yield machine

    def line(self, stack: AsyncExitStack, seed: int) -> Line:
        """Lay one more line to the server."""
        port = int(self.metered.server.address.rpartition(":")[2])
        return stack.enter_context(self.lines.to(port, link=self.link, seed=seed))

    @asynccontextmanager
    async def viewing(
        self,
        begins_in: float,
        *,
        viewers: int | None = None,
        film_name: FilmName = "Counter",
        control: str = "host",
        clock_faults: Sequence[ClockFault] | None = None,
        options: Sequence[str] = (),
    ) -> AsyncIterator[Viewing]:
        """Schedule a show and seat the viewers, each with a machine and a line of their own."""
        count = self.viewers if viewers is None else viewers
        faults = self.clock_faults if clock_faults is None else clock_faults
        async with AsyncExitStack() as stack:
            foxes = min(self.firefox, count - 1)
            machines: list[Machine | None] = await asyncio.gather(
                *(stack.enter_async_context(self.machine(*options)) for _ in range(count - foxes))
            )
            machines += [None] * foxes
            lines = [self.line(stack, seed) for seed in range(count)]
            each = [faults[i % len(faults)] for i in range(count)] if faults else None
            yield await stack.enter_async_context(
                viewing(self.metered, machines, begins_in, each, lines, film_name, control)
            )
