"""The application on a real socket, in a thread of its own, for clients that block."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from harness.fakes import RecordingLog, examine, fill
from streamer.app import Clocks, build
from streamer.library.catalogue import Catalogue
from streamer.settings import Settings

__all__ = ["running"]


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Serve a cinema that keeps everything in ``folder``; yield its address."""
    loop = asyncio.new_event_loop()
    addresses: list[str] = []
    up, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        media, data = folder / "media", folder / "data"
        fill(media)
        data.mkdir()
        catalogue = Catalogue(media, data, clock=lambda: 4e9, examine=examine, settle=0.0)
        await catalogue.scan()
        clocks = Clocks(server=time.time, wall=time.time)
        async with build(
            Settings(media=media, data=data), clocks, RecordingLog(), catalogue
        ) as app:
            runner = web.AppRunner(app, handle_signals=False)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            addresses.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
            up.set()
            await stop.wait()
            await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert up.wait(30)
        yield addresses[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.close()
