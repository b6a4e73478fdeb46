"""Asks a process of its own what is in a film, and ends it when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import logging
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

Failure = Literal["empty", "no_verdict", "not_a_film", "too_costly", "unreadable"]


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

    transient: bool = False
    """Whether another try may go better: the time ran out, or the worker gave no verdict."""


Probe = Callable[[Path], Awaitable[ProbeResult]]

logger = logging.getLogger("seans.library")

_ANSWER = TypeAdapter(ProbeResult)
_WORKER = "streamer.library.probe_worker"
_ROOT = Path(streamer.__file__).parents[1]


async def probe(path: Path, limits: ProbeLimits = ProbeLimits()) -> ProbeResult:
    """Return what is in the file at ``path`` (absolute); never raises for what a file contains.

    A worker that gives no verdict, such as one that was killed for want of memory, is started
    once more.
    """
    probed = await _probe_once(path, limits)
    if probed.failure == "no_verdict":
        probed = await _probe_once(path, limits)
    return probed


async def _probe_once(path: Path, limits: ProbeLimits) -> ProbeResult:
    """Start a worker and return what it says.

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
        return ProbeResult(None, "too_costly", transient=True)
    finally:
        await _end(process)
    if answer is None or process.returncode == -signal.SIGXCPU:
        return ProbeResult(None, "too_costly")
    if process.returncode == 0:
        with contextlib.suppress(ValidationError):
            return _ANSWER.validate_json(answer)
    # Not the film's fault for certain: the worker may have been killed, or could not begin.
    logger.warning("the probe of %s gave no verdict (exit %s)", path.name, process.returncode)
    return ProbeResult(None, "no_verdict", transient=True)


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
