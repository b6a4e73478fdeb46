"""Tells when something changes in a folder, also when the folder itself goes and comes again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

from watchfiles import awatch

__all__ = ["notice"]

logger = logging.getLogger("seans.library")

_GATHER = 400
_STEP = 250
"""How often the watch is asked for what came, milliseconds: each time wakes a thread."""

_LOOK_UP = 500

MAX_BACKOFF_S = 60.0
"""Longest pause before a watch that failed is begun again, seconds."""


async def notice(
    folder: Path,
    stirred: asyncio.Event,
    pause: Callable[[float], Awaitable[None]],
    settle: float,
) -> None:
    """Set ``stirred`` at every change below ``folder``, and once when the watch has begun.

    A watch sticks to the folder it began with: where that is gone or another took its place, a
    new watch begins after ``settle`` seconds, slept by ``pause``. A watch that fails is a warning
    and begins again later: the walks from time to time find what it misses. Runs until cancelled,
    or returns where the system grants no watch (too many of them, a file system without).
    """
    backoff = settle
    warned = False
    while True:
        watched = await asyncio.to_thread(_identity, folder)
        rest = settle
        try:
            if watched is not None:
                await _watch(folder, watched, stirred)
        except FileNotFoundError:
            logger.debug("the film folder went away before it could be watched")
        except OSError as error:
            logger.warning("the film folder is looked at from time to time only: %s", error)
            return
        except Exception as error:
            # watchfiles raises whatever its Rust half meets, in a group: a name that is not UTF-8
            # ends the watch of the whole folder. It must not end the server.
            if not warned:
                logger.warning("changes in the film folder are noticed late: %s", _cause(error))
            warned = True
            backoff = rest = min(2 * backoff, MAX_BACKOFF_S)
        stirred.set()
        await pause(rest)


def _cause(error: BaseException) -> str:
    """Return the first cause within ``error``, without line breaks."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return " ".join(str(error).split())


async def _watch(folder: Path, watched: tuple[int, int], stirred: asyncio.Event) -> None:
    changes = awatch(
        folder,
        watch_filter=None,
        debounce=_GATHER,
        step=_STEP,
        rust_timeout=_LOOK_UP,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )
    begun = False
    async with aclosing(changes):
        async for changed in changes:
            if changed or not begun:
                stirred.set()
            begun = True
            if await asyncio.to_thread(_identity, folder) != watched:
                return


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
