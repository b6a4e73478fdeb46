"""A worker as the server sees it: a process that is given orders and answers them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamer

__all__ = ["DEFAULT_LIMITS", "WorkerLimits", "WorkerProcess"]

logger = logging.getLogger("seans.preparation")

_WORKER = "streamer.preparation.worker"
_ROOT = Path(streamer.__file__).parents[1]

_MAX_LINE = 2**23
"""Length of one answer, bytes: the keyframes of a film of hours stand in one."""


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How much one worker may take."""

    memory: int = 3 * 2**30
    """Address space, bytes; a 4K film needs a sixth of it in earnest."""

    niceness: int = 10
    """How far it goes after other processes."""

    silence: float = 30.0
    """How long it may say nothing during an order, seconds."""

    segment: float = 600.0
    """How long one segment may take, seconds; a film with one keyframe is decoded for minutes."""


DEFAULT_LIMITS = WorkerLimits()


class WorkerProcess:
    """One process, from its start to its end."""

    def __init__(
        self,
        limits: WorkerLimits,
        answered: Callable[[dict[str, Any]], None],
        ended: Callable[[], None],
    ) -> None:
        """Have ``answered`` called with each answer, and ``ended`` when the process is gone."""
        self._limits = limits
        self._answered = answered
        self._ended = ended
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process's id, None where it does not run."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def start(self) -> None:
        """Start the process. Raises OSError."""
        limits = self._limits
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", _WORKER),
            *(str(number) for number in (os.getpid(), limits.memory, limits.niceness)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=_ROOT,
            limit=_MAX_LINE,
            # glibc keeps an arena of 64 MB for each thread, which the limit would count.
            env={**os.environ, "MALLOC_ARENA_MAX": "2"},
            # So that Ctrl-C in a terminal reaches the server alone, which ends its workers.
            start_new_session=True,
        )
        self._reading = asyncio.create_task(self._read(self._process))

    def send(self, order: dict[str, Any]) -> None:
        """Give an order; one that the process does not live to read is lost."""
        process = self._process
        if process is not None and process.stdin is not None and process.returncode is None:
            process.stdin.write(json.dumps(order).encode() + b"\n")

    def kill(self) -> None:
        """End the process now."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def close(self) -> None:
        """End the process and wait for its end."""
        self.kill()
        if self._reading is not None:
            await self._reading

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is not None:
            try:
                while line := await process.stdout.readline():
                    self._answered(json.loads(line))
            except ValueError as error:
                # A line that is too long, or no JSON: libav wrote into memory that is not its own.
                logger.warning("a worker said what makes no sense: %s", error)
                self.kill()
        await process.wait()
        self._ended()
