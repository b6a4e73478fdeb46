"""The composition root: the only module that knows every part, and the only one with a clock."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from aiohttp import web

from sessions.background import log_failure
from sessions.core.errors import StoreUnavailable, TooNew
from sessions.core.rates import Buckets, Limit
from sessions.core.show_events import announce_to_nobody
from sessions.live.registry import Registry
from sessions.services.bookmarks import Bookmarks
from sessions.services.calendars import Calendars
from sessions.services.chat import Chat
from sessions.services.history import History
from sessions.services.hosts import Hosts
from sessions.services.invites import Invites
from sessions.services.locks import Locks
from sessions.services.members import Members
from sessions.services.membership import Membership
from sessions.services.passports import PASSPORT_LIFETIME_S, Passports
from sessions.services.people import People
from sessions.services.sessions import Sessions
from sessions.services.shows import Shows
from streamer.clock import Activity, ServerClock, activity_of
from streamer.delivery.access_log import AccessLog
from streamer.delivery.descriptors import claim_shares
from streamer.delivery.host_names import HostNames, machine_names
from streamer.delivery.serving import FilmServer
from streamer.delivery.signatures import Signer
from streamer.film_lookups import film_files, planned_titles, preparable_films
from streamer.library.catalogue import Catalogue
from streamer.logs import Log
from streamer.opened_store import opened_store
from streamer.outside_auth import AuthUnusable, open_outside_auth
from streamer.preparation.maker import Maker
from streamer.secret import SecretUnusable, owner_token, secret_of, webhook_secret_of
from streamer.settings import Settings
from streamer.web.application import make_application
from streamer.web.http import app_keys
from streamer.web.http.middlewares import security_headers
from streamer.web.metrics import MetricsText
from streamer.web.readiness import Readiness
from streamer.webhooks.sender import Receiver, WebhookSender
from streamer.webhooks.watch import ShowWatch
from streamer.webrtc.ice_servers import parse
from streamer.webrtc.live_streams import LiveStreams, OpenRendition
from streamer.webrtc.peers import Peers
from streamer.webrtc.udp_port import CannotBind

__all__ = ["CannotStart", "Clocks", "build", "cancelled", "real_clocks", "static_folder"]

logger = logging.getLogger("seans")

PASSPORTS = Limit(rate=50.0, burst=2000.0)
"""Passports that one peer address may ask for, or one /64 of IPv6; behind a proxy all are one."""

WALL_CHECK_S = 1.0
"""How often server time is compared with wall time, seconds."""

MAX_CANCEL_S = 0.5
"""How long a cancelled task may take to end, seconds."""


class CannotStart(Exception):
    """Why the server can't start, in one line."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of one process."""

    server: Callable[[], float]
    """Server time, Unix seconds; never goes back, and is not stepped while a film runs."""

    wall: Callable[[], float]
    """The machine's wall clock, Unix seconds; may jump."""

    follow_wall: Callable[[Activity], float] = lambda _activity: 0.0
    """Leads the server's time back to the wall's, once a second; returns a step, seconds."""


def real_clocks() -> Clocks:
    """Return the machine's clocks; where the system can tell, its sleep counts as time."""
    steady = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    server = ServerClock(lambda: time.clock_gettime(steady), time.time)
    return Clocks(server=server, wall=time.time, follow_wall=server.follow_wall)


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
    rendition: OpenRendition | None = None,
) -> AsyncIterator[web.Application]:
    """Enter all parts in order and yield the application that serves them; leave them in reverse.

    A part that fails takes down those before it. ``log`` takes the lines of the access log.
    ``rendition`` opens live renditions, in place of the maker.
    Raises CannotStart.
    """
    async with AsyncExitStack() as parts:
        try:
            store = await parts.enter_async_context(opened_store(settings))
            secret = secret_of(settings.secret, settings.data)
            if settings.who_may_host == "owner":
                owner_token(settings.data)
            webhooks = _webhooks(settings, clocks)
        except (StoreUnavailable, TooNew, SecretUnusable) as error:
            raise CannotStart(str(error)) from error
        if webhooks is not None:
            await parts.enter_async_context(webhooks)
        announce = announce_to_nobody if webhooks is None else webhooks.tell
        registry = await parts.enter_async_context(Registry(store, clocks.server, announce))
        if webhooks is not None:
            await parts.enter_async_context(ShowWatch(store, clocks.server, announce))
        await parts.enter_async_context(_server_time(clocks, registry))
        access_log = AccessLog(log.add, clock=clocks.wall, log_format=settings.log_format)
        catalogue = catalogue or Catalogue(settings.media, settings.data, clock=clocks.wall)
        signer = Signer(secret, clock=clocks.server)
        host_names = HostNames(
            (settings.host, *machine_names(), *settings.allow_host), public_url=settings.public_url
        )
        films = await parts.enter_async_context(
            FilmServer(
                film_files(catalogue, settings.media),
                signer,
                clock=clocks.server,
                access_log=access_log,
                fast_path=settings.fast_path,
                headers=security_headers,
                most_descriptors=claim_shares().films,
                host_names=host_names,
            )
        )
        maker = await parts.enter_async_context(
            Maker(settings.data, preparable_films(catalogue), store, clocks.server)
        )
        try:
            outside = await parts.enter_async_context(open_outside_auth(settings, clocks.server))
            moved = await store.moved_users(clocks.server() - PASSPORT_LIFETIME_S)
        except (AuthUnusable, StoreUnavailable) as error:
            raise CannotStart(str(error)) from error
        ice_servers = parse(settings.ice_servers)
        try:
            peers = await parts.enter_async_context(
                Peers.open(
                    clocks.server,
                    port=settings.rtc_port,
                    announced=settings.rtc_address,
                    ice_servers=ice_servers,
                )
            )
        except CannotBind as error:
            raise CannotStart(str(error)) from error
        streams = await parts.enter_async_context(
            LiveStreams(
                registry,
                peers,
                rendition or (lambda film: maker.live_rendition(UUID(film))),
                clocks.server,
            )
        )
        readiness = await parts.enter_async_context(Readiness(store.healthy, clocks.server))
        locks = Locks()
        app = make_application(static_folder())
        app[app_keys.SETTINGS] = settings
        app[app_keys.HOST_NAMES] = host_names
        app[app_keys.CLOCK] = clocks.server
        app[app_keys.WALL] = clocks.wall
        app[app_keys.STORE] = store
        app[app_keys.CATALOGUE] = catalogue
        app[app_keys.REGISTRY] = registry
        app[app_keys.CHAT] = Chat(registry, clocks.server)
        app[app_keys.HOSTS] = Hosts(settings.who_may_host, store, clocks.server)
        app[app_keys.OWNER_TOKEN] = lambda: owner_token(settings.data)
        app[app_keys.PASSPORTS] = Passports(
            secret,
            clocks.server,
            guests=settings.guests,
            outside=outside.passports,
            moved=moved,
        )
        app[app_keys.JWKS] = outside.jwks
        app[app_keys.PEOPLE] = People(store, registry, clocks.server, locks)
        app[app_keys.PASSPORT_BUCKETS] = Buckets(PASSPORTS, clocks.server)
        app[app_keys.MEMBERSHIP] = Membership(store)
        titles = planned_titles(catalogue)
        app[app_keys.SHOWS] = Shows(store, registry, titles, clocks.server, locks)
        app[app_keys.SESSIONS] = Sessions(store, registry, titles, clocks.server, locks)
        app[app_keys.MEMBERS] = Members(store, registry, locks)
        app[app_keys.INVITES] = Invites(store, registry, clocks.server, locks)
        app[app_keys.BOOKMARKS] = Bookmarks(store, registry, clocks.server)
        app[app_keys.HISTORY] = History(store, registry)
        app[app_keys.CALENDARS] = Calendars(store, clocks.server)
        app[app_keys.FILMS] = films
        app[app_keys.SIGNER] = signer
        app[app_keys.MAKER] = maker
        app[app_keys.ICE_SERVERS] = ice_servers
        app[app_keys.LIVE_STREAMS] = streams
        app[app_keys.LOG_DROPPED] = lambda: log.dropped
        app[app_keys.READINESS] = readiness
        app[app_keys.WEBHOOKS] = webhooks
        app[app_keys.METRICS] = MetricsText(app)
        yield app


def _webhooks(settings: Settings, clocks: Clocks) -> WebhookSender | None:
    """Return what tells the other service, where one is named. Raises SecretUnusable."""
    if settings.webhook_url is None:
        return None
    secret = webhook_secret_of(settings.webhook_secret, settings.data)
    return WebhookSender(Receiver(settings.webhook_url, secret), clocks.wall, settings.data)


@asynccontextmanager
async def _server_time(clocks: Clocks, registry: Registry) -> AsyncIterator[None]:
    """Keep server time beside wall time for as long as the application lives."""

    async def follow_wall_time() -> None:
        while True:
            await asyncio.sleep(WALL_CHECK_S)
            rooms = (live.room for live in registry.open_sessions())
            if step := clocks.follow_wall(activity_of(rooms, clocks.server())):
                logger.warning("server time was stepped by %.3f s, as wall time was set", step)

    following = asyncio.create_task(follow_wall_time())
    log_failure(following, logger, "following wall time")
    async with cancelled(following):
        yield


@asynccontextmanager
async def cancelled(
    *tasks: asyncio.Task[Any], patience: float = MAX_CANCEL_S
) -> AsyncIterator[None]:
    """Let ``tasks`` run beside a block, and cancel them at its end.

    A task that has not ended ``patience`` seconds later is left behind: a process that hangs in a
    dead disk cannot even be killed, and must not keep the stores from being closed.
    """
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended, left = await asyncio.wait(tasks, timeout=patience)
        for task in ended:
            # asyncio complains of an exception that nobody retrieves.
            if not task.cancelled():
                task.exception()
        if left:
            logger.warning("tasks left behind, since they do not end: %d", len(left))
