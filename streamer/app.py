"""The composition root: the only module that knows every part, and the only one with a clock."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from aiohttp import web

from sessions.core.errors import StoreUnavailable, TooNew
from sessions.core.rates import Buckets, Limit
from sessions.live.registry import Registry
from sessions.services.chat import Chat
from sessions.services.invites import Invites
from sessions.services.locks import Locks
from sessions.services.members import People
from sessions.services.passports import Passports
from sessions.services.shows import Film, Shows
from sessions.stores.sqlite.store import SqliteStore
from streamer.clock import ServerClock, Watched, watched
from streamer.delivery.access_log import AccessLog
from streamer.delivery.descriptors import claim_shares
from streamer.delivery.film_files import FilmFile
from streamer.delivery.host_names import HostNames, machine_names
from streamer.delivery.runner import make_runner
from streamer.delivery.serving import FilmServer
from streamer.delivery.signatures import Signer
from streamer.library.catalogue import Catalogue
from streamer.library.errors import FolderUnusable
from streamer.library.titles import Title
from streamer.logs import Log
from streamer.secret import SecretUnusable, secret_of
from streamer.settings import Settings
from streamer.web.application import make_application
from streamer.web.http import app_keys
from streamer.web.http.middlewares import SECURITY_HEADERS

__all__ = ["CannotStart", "Clocks", "build", "real_clocks", "serve", "static_folder"]

logger = logging.getLogger("seans")

PASSPORTS = Limit(rate=50.0, burst=2000.0)
"""Passports that one peer address may ask for: all come from one behind a proxy."""

TEND = 1.0
"""How often server time is compared with wall time, seconds."""

FIRST_SCAN = 15.0
"""How long the address is held back for the first look through the film folder, seconds."""

KEEP_ALIVE = 75.0
"""How long a connection that asks nothing more is kept, seconds; as long as nginx does."""

GRACE = 1.0
"""How long aiohttp waits for handlers when the server stops, before and after it cancels them,
seconds."""


class CannotStart(Exception):
    """Why the server can't start, in one line."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of one process."""

    server: Callable[[], float]
    """Server time, Unix seconds; never goes back, and is not stepped while a film runs."""

    wall: Callable[[], float]
    """The machine's wall clock, Unix seconds; may jump."""

    tend: Callable[[Watched], float] = lambda _watched: 0.0
    """Leads the server's time back to the wall's, once a second; returns a step, seconds."""


def real_clocks() -> Clocks:
    """Return the machine's clocks; where the system can tell, its sleep counts as time."""
    steady = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    server = ServerClock(lambda: time.clock_gettime(steady), time.time)
    return Clocks(server=server, wall=time.time, tend=server.tend)


def static_folder() -> Path:
    """Return where the pages' files are: within the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "static"
    return installed if installed.is_dir() else package.parent / "static"


@asynccontextmanager
async def build(
    settings: Settings,
    clocks: Clocks,
    log: Log,
    catalogue: Catalogue | None = None,
) -> AsyncIterator[web.Application]:
    """Open all parts and yield the application that serves them; close them in the end.

    ``log`` takes the lines of the access log. Raises CannotStart.
    """
    async with AsyncExitStack() as stack:
        store = SqliteStore(settings.data)
        try:
            await store.open()
            stack.push_async_callback(store.close)
            secret = secret_of(settings.secret, settings.data)
        except (StoreUnavailable, TooNew, SecretUnusable) as error:
            raise CannotStart(str(error)) from error
        catalogue = catalogue or Catalogue(settings.media, settings.data, clock=clocks.wall)
        registry = Registry(store, clocks.server)
        access_log = AccessLog(log.write, clock=clocks.wall, log_format=settings.log_format)
        stack.callback(access_log.flush)
        signer = Signer(secret, clock=clocks.server)
        host_names = HostNames(
            (settings.host, *machine_names(), *settings.allow_host), public_url=settings.public_url
        )
        films = FilmServer(
            _film_files(catalogue, settings.media),
            signer,
            clock=clocks.server,
            access_log=access_log,
            fast_path=settings.fast_path,
            headers=SECURITY_HEADERS,
            most_descriptors=claim_shares().films,
            host_names=host_names,
        )
        stack.callback(films.close)
        app = make_application(static_folder())
        app[app_keys.SETTINGS] = settings
        app[app_keys.HOST_NAMES] = host_names
        app[app_keys.CLOCK] = clocks.server
        app[app_keys.WALL] = clocks.wall
        app[app_keys.STORE] = store
        app[app_keys.WRITES] = lambda: store.writer.written
        app[app_keys.CATALOGUE] = catalogue
        app[app_keys.REGISTRY] = registry
        app[app_keys.CHAT] = Chat(registry, clocks.server)
        app[app_keys.PASSPORTS] = Passports(secret, clocks.server)
        app[app_keys.PASSPORT_BUCKETS] = Buckets(PASSPORTS, clocks.server)
        locks = Locks()
        app[app_keys.SHOWS] = Shows(store, registry, _films_of(catalogue), clocks.server, locks)
        app[app_keys.PEOPLE] = People(store, registry, locks)
        app[app_keys.INVITES] = Invites(store, registry, clocks.server, locks)
        app[app_keys.FILMS] = films
        app[app_keys.SIGNER] = signer
        app[app_keys.LOG_DROPPED] = lambda: log.dropped
        tending = asyncio.create_task(_tend(clocks, registry))
        stack.push_async_callback(_cancelled, tending)
        yield app


async def _tend(clocks: Clocks, registry: Registry) -> None:
    """Keep server time beside wall time for as long as the application lives."""
    while True:
        await asyncio.sleep(TEND)
        rooms = (live.room for live in registry.open_sessions())
        if step := clocks.tend(watched(rooms, clocks.server())):
            logger.warning("server time was stepped by %.3f s, as wall time was set", step)


async def serve(
    settings: Settings,
    clocks: Clocks,
    log: Log,
    announce: Callable[[str], object],
) -> None:
    """Serve until a signal says to stop. ``announce`` gets the address. Raises CannotStart."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with build(settings, clocks, log) as app:
        runner = make_runner(
            app,
            app[app_keys.FILMS],
            shutdown_timeout=GRACE,
            handle_signals=False,
            keepalive_timeout=KEEP_ALIVE,
            most_connections=claim_shares().connections,
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, settings.host, settings.port, backlog=1024)
            try:
                await site.start()
            except OSError as error:
                where = f"{settings.host} port {settings.port}"
                raise CannotStart(f"can't listen on {where}: {_reason(error)}") from error
            await _until(stop, app[app_keys.CATALOGUE], lambda: announce(_address(runner)))
            logger.info("stopping")
        finally:
            await runner.cleanup()


async def _until(stop: asyncio.Event, catalogue: Catalogue, ready: Callable[[], object]) -> None:
    """Look after the film folder until ``stop``; call ``ready`` once the first films are known."""
    stopping = asyncio.create_task(stop.wait())
    scanning = asyncio.create_task(_first_scan(catalogue))
    watching = asyncio.create_task(_watch(catalogue, scanning))
    try:
        await asyncio.wait(
            {scanning, stopping}, timeout=FIRST_SCAN, return_when=asyncio.FIRST_COMPLETED
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
    finally:
        await _cancelled(watching, scanning, stopping)


async def _first_scan(catalogue: Catalogue) -> None:
    try:
        await catalogue.scan()
    except FolderUnusable as error:
        raise CannotStart(str(error)) from error
    counts = catalogue.counts
    logger.info("films that can be shown: %d, that can't: %d", counts.ready, counts.unplayable)


async def _watch(catalogue: Catalogue, scanning: asyncio.Task[None]) -> None:
    await scanning
    await catalogue.watch()


async def _cancelled(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _films_of(catalogue: Catalogue) -> Callable[[str], Film | None]:
    """Return what planning a show asks of the library."""

    def find(film_id: str) -> Film | None:
        title = catalogue.get(UUID(film_id))
        if title is None:
            return None
        refusal = None if title.state == "ready" else title.reason or "it is not ready"
        return Film(title=title.title, duration=title.duration, refusal=refusal)

    return find


def _film_files(catalogue: Catalogue, folder: Path) -> Callable[[str], FilmFile | None]:
    """Return what the film server asks of the library."""
    known: dict[UUID, tuple[Title, FilmFile]] = {}

    def find(film_id: str) -> FilmFile | None:
        try:
            title = catalogue.get(UUID(film_id))
        except ValueError:
            return None
        if title is None or title.state != "ready":
            return None
        remembered = known.get(title.id)
        if remembered is None or remembered[0] is not title:
            file = FilmFile(
                path=str(title.path),
                content_type=title.content_type,
                content=title.etag,
                folder=str(folder.resolve()),
            )
            remembered = known[title.id] = (title, file)
        return remembered[1]

    return find


def _address(runner: web.AppRunner) -> str:
    """Return the address that a browser on this machine can open."""
    host, port = runner.addresses[0][:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reason(error: OSError) -> str:
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno).lower()
    return (error.strerror or str(error)).lower()
