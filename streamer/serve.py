"""Serving: the address that is listened on and the film folder, from the start to the signal."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from av import FFmpegError

from streamer.app import CannotStart, Clocks, build, cancelled
from streamer.delivery.descriptors import claim_shares
from streamer.delivery.runner import make_runner
from streamer.library.catalogue import Catalogue
from streamer.library.demo import DEMO_NAME, has_films, make_demo
from streamer.library.errors import FolderUnusable
from streamer.logs import Log
from streamer.settings import Settings
from streamer.web.http import app_keys

__all__ = ["serve"]

logger = logging.getLogger("seans")

MAX_FIRST_SCAN_S = 15.0
"""How long the address is held back for the first look through the film folder, seconds."""

KEEP_ALIVE_S = 75.0
"""How long a connection that asks nothing more is kept, seconds; as long as nginx does."""

GRACE_S = 1.0
"""How long aiohttp waits for handlers when the server stops, before and after it cancels them,
seconds."""


class _Stopped(Exception):
    """The server stops, and the demo film is not needed any more."""


async def serve(
    settings: Settings,
    clocks: Clocks,
    log: Log,
    announce: Callable[[str], object],
    stopping: Callable[[], object],
) -> None:
    """Serve until a signal says to stop.

    ``announce`` gets the address; ``stopping`` is called at the signal. Raises CannotStart.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def take_signal() -> None:
        stop.set()
        stopping()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, take_signal)
    empty = await _is_empty(settings.media, stop)
    async with (
        build(settings, clocks, log) as app,
        _listening(app, settings.host, settings.port) as address,
    ):
        catalogue = app[app_keys.CATALOGUE]
        demo = settings.media / DEMO_NAME if empty else None
        await _until(stop, catalogue, demo, lambda: announce(address))
        logger.info("stopping")


@asynccontextmanager
async def _listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Take connections; yield the address that a browser on this machine can open.

    Raises CannotStart.
    """
    runner = make_runner(
        app,
        app[app_keys.FILMS],
        shutdown_timeout=GRACE_S,
        handle_signals=False,
        keepalive_timeout=KEEP_ALIVE_S,
        most_connections=claim_shares().connections,
    )
    try:
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port, backlog=1024).start()
        except OSError as error:
            raise CannotStart(f"can't listen on {host} port {port}: {_reason(error)}") from error
        yield _address(runner)
    finally:
        await runner.cleanup()


async def _until(
    stop: asyncio.Event, catalogue: Catalogue, demo: Path | None, ready: Callable[[], object]
) -> None:
    """Look after the film folder until ``stop``; call ``ready`` once the first films are known.

    ``demo`` is where to make a demo film first, if at all.
    """
    stopping = asyncio.create_task(stop.wait())
    scanning = asyncio.create_task(_first_scan(catalogue, demo, stop))
    watching = asyncio.create_task(_watch(catalogue, scanning))
    async with cancelled(watching, scanning, stopping):
        await asyncio.wait(
            {scanning, stopping}, timeout=MAX_FIRST_SCAN_S, return_when=asyncio.FIRST_COMPLETED
        )
        if scanning.done():
            scanning.result()
        if not stop.is_set():
            # What the modules made stays for good: no collection needs to walk it again.
            gc.collect()
            gc.freeze()
            ready()
        await asyncio.wait({watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            watching.result()


async def _is_empty(folder: Path, stop: asyncio.Event) -> bool:
    """Return whether ``folder`` holds no film; False where that is not known soon, or at ``stop``.

    Raises CannotStart where it cannot be read.
    """
    # In a thread, so that a dead disk does not keep the signal from being heard.
    looking = asyncio.create_task(asyncio.to_thread(has_films, folder))
    stopping = asyncio.create_task(stop.wait())
    async with cancelled(looking, stopping):
        await asyncio.wait(
            {looking, stopping}, timeout=MAX_FIRST_SCAN_S, return_when=asyncio.FIRST_COMPLETED
        )
        try:
            return looking.done() and not looking.result()
        except FolderUnusable as error:
            raise CannotStart(str(error)) from error


async def _first_scan(catalogue: Catalogue, demo: Path | None, stop: asyncio.Event) -> None:
    if demo is not None:
        await _make_demo(demo, stop)
    try:
        await catalogue.scan()
    except FolderUnusable as error:
        raise CannotStart(str(error)) from error
    counts = catalogue.counts
    logger.info("films that can be shown: %d, that can't: %d", counts.ready, counts.unplayable)


async def _make_demo(path: Path, stop: asyncio.Event) -> None:
    """Make the demo film, unless ``stop`` comes or it cannot be written."""

    def tell(share: float) -> None:
        if stop.is_set():
            raise _Stopped
        percent = round(100 * share)
        if percent % 10 == 0:
            logger.info("making a demo film: %d %%", percent)

    try:
        await asyncio.to_thread(make_demo, path, progress=tell)
    except _Stopped:
        return
    except (OSError, FFmpegError) as error:
        logger.warning("no demo film could be made: %s", error)


async def _watch(catalogue: Catalogue, scanning: asyncio.Task[None]) -> None:
    await scanning
    await catalogue.watch()


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reason(error: OSError) -> str:
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno).lower()
    return (error.strerror or str(error)).lower()
