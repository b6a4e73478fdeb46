"""Asks a process of its own what is in a film, and ends it when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

import streamer
from streamer.library.facts import Facts

__all__ = ["Failure", "Probe", "ProbeLimits", "ProbeResult", "probe"]

Failure = Literal["empty", "not_a_film", "too_costly", "unreadable"]


@dataclass(frozen=True, slots=True)
class ProbeLimits:
    """How much a single probe may take."""

    seconds: float = 60.0
    """Time from start to answer, seconds."""

    cpu: int = 30
    """Processor time, seconds."""

    memory: int = 2**30
    """Address space, bytes."""

    answer: int = 2**18
    """Length of the answer, bytes."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a probe gave: facts, or why there are none."""

    facts: Facts | None
    """What is in the file; None where there is a failure."""

    failure: Failure | None = None
    """Why there are no facts."""

    timed_out: bool = False
    """Whether the time ran out: another try, on a disk less busy, may go better."""


Probe = Callable[[Path], Awaitable[ProbeResult]]

_ANSWER = TypeAdapter(ProbeResult)
_WORKER = "streamer.library.probe_worker"
_ROOT = Path(streamer.__file__).parents[1]


async def probe(path: Path, limits: ProbeLimits = ProbeLimits()) -> ProbeResult:
    """Return what is in the file at ``path`` (absolute); never raises for what a file contains.

    The file is read by ``streamer.library.probe_worker`` in a process group of its own, which is
    killed when the time is up or the caller is cancelled.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", _WORKER, str(path), str(limits.memory), str(limits.cpu)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_ROOT,
        # A process group of its own, so that what it may have started is killed with it.
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(limits.seconds):
            answer = await _read(process, limits.answer)
            # A worker that says too much would wait for its reader for ever: it is killed below.
            if answer is not None:
                await process.wait()
    except TimeoutError:
        return ProbeResult(None, "too_costly", timed_out=True)
    finally:
        await _end(process)
    if answer is None or process.returncode != 0:
        return ProbeResult(None, "too_costly" if _was_limited(process.returncode) else "not_a_film")
    try:
        return _ANSWER.validate_json(answer)
    except ValidationError:
        return ProbeResult(None, "not_a_film")


async def _read(process: asyncio.subprocess.Process, limit: int) -> bytes | None:
    """Return all that the process says, or None where it is more than ``limit`` bytes."""
    if process.stdout is None:
        return None
    answer = b""
    while piece := await process.stdout.read(limit):
        answer += piece
        if len(answer) > limit:
            return None
    return answer


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _was_limited(returncode: int | None) -> bool:
    return returncode in (-signal.SIGXCPU, -signal.SIGKILL)
