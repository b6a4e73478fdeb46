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
from typing import Any, Protocol

import streamer
from streamer.preparation.segments import TrackKind

__all__ = ["DEFAULT_LIMITS", "Answered", "Ended", "Worker", "WorkerLimits", "start_worker"]

logger = logging.getLogger("seans.preparation")

_WORKER = "streamer.preparation.worker"
_ROOT = Path(streamer.__file__).parents[1]

MAX_END_S = 1.0
"""How long the end of a worker that was killed is waited for, seconds."""

_MAX_LINE = 2**23
"""Length of one answer, bytes: the keyframes of a film of hours stand in one."""


Answered = Callable[[dict[str, Any]], None]
"""Takes one answer of a worker."""

Ended = Callable[[], None]
"""Is called once when a worker is gone."""


class Worker(Protocol):
    """What is needed of a worker."""

    def send(self, order: dict[str, Any]) -> None:
        """Give an order; one that the worker does not live to read is lost."""
        ...

    def kill(self) -> None:
        """End it now."""
        ...

    async def close(self) -> None:
        """End it and wait for its end."""
        ...


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How much one worker may take."""

    memory: int = 3 * 2**30
    """Address space, bytes; a 4K film needs a sixth of it in earnest."""

    niceness: int = 5
    """How far it goes after other processes."""

    silence: float = 30.0
    """How long it may say nothing during an order, seconds."""

    segment: float = 600.0
    """How long one segment may take, seconds; a film with one keyframe is decoded for minutes."""


DEFAULT_LIMITS = WorkerLimits()


class _WorkerProcess:
    """One process, from its start to its end."""

    def __init__(
        self, limits: WorkerLimits, unfinished: Path, answered: Answered, ended: Ended
    ) -> None:
        """Have ``answered`` called with each answer, and ``ended`` when the process is gone."""
        self._limits = limits
        self._unfinished = unfinished
        self._answered = answered
        self._ended = ended
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the process. Raises OSError."""
        limits = self._limits
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", _WORKER),
            *(str(number) for number in (os.getpid(), limits.memory, limits.niceness)),
            str(self._unfinished),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=_ROOT,
            limit=_MAX_LINE,
            env=_environment(),
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
            # A process that hangs in a dead disk cannot be killed.
            await asyncio.wait([self._reading], timeout=MAX_END_S)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is not None:
            try:
                while line := await process.stdout.readline():
                    self._answered(json.loads(line))
            except Exception as error:
                # A line that is too long, or no answer: libav wrote into memory that is not its
                # own. Whatever it was, the end of the process must be told.
                logger.warning("a worker said what makes no sense: %r", error)
                self.kill()
        await process.wait()
        await asyncio.to_thread(self._clear, process.pid)
        self._ended()

    def _clear(self, pid: int) -> None:
        """Take away what the process was writing when it ended."""
        with contextlib.suppress(OSError):
            (self._unfinished / str(pid)).unlink()


def _environment() -> dict[str, str]:
    """Return the environment of a worker, without the server's settings and secrets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEANS_")}
    # glibc keeps an arena of 64 MB for each thread, which the limit of memory would count.
    return {**kept, "MALLOC_ARENA_MAX": "2"}


async def start_worker(
    _kind: TrackKind,
    answered: Answered,
    ended: Ended,
    *,
    limits: WorkerLimits,
    unfinished: Path,
) -> Worker:
    """Start a process; it writes into the folder ``unfinished``. Raises OSError."""
    worker = _WorkerProcess(limits, unfinished, answered, ended)
    await worker.start()
    return worker
