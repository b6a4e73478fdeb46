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


async def notice(
    folder: Path, stirred: asyncio.Event, before_again: Callable[[], Awaitable[None]]
) -> None:
    """Set ``stirred`` at every change below ``folder``, and once when the watch has begun.

    A watch sticks to the folder it began with: where that is gone or another took its place,
    ``before_again`` is awaited and a new watch begun. Runs until cancelled, or returns where the
    system grants no watch (too many of them, a file system without).
    """
    while True:
        watched = await asyncio.to_thread(_identity, folder)
        try:
            if watched is not None:
                await _watch(folder, watched, stirred)
        except FileNotFoundError:
            logger.debug("the film folder went away before it could be watched")
        except OSError as error:
            logger.warning("the film folder is looked at from time to time only: %s", error)
            return
        stirred.set()
        await before_again()


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
