"""What the application carries for its handlers, each under a typed key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from sessions.core.rates import Buckets
    from sessions.live.registry import Registry
    from sessions.services.bookmarks import Bookmarks
    from sessions.services.calendars import Calendars
    from sessions.services.chat import Chat
    from sessions.services.history import History
    from sessions.services.hosts import Hosts
    from sessions.services.invites import Invites
    from sessions.services.members import Members
    from sessions.services.membership import Membership
    from sessions.services.passports import Passports
    from sessions.services.people import People
    from sessions.services.shows import Shows
    from sessions.stores.base import Store
    from streamer.auth.jwks import Jwks
    from streamer.delivery.host_names import HostNames
    from streamer.delivery.serving import FilmServer
    from streamer.delivery.signatures import Signer
    from streamer.library.catalogue import Catalogue
    from streamer.preparation.maker import Maker
    from streamer.settings import Settings
    from streamer.web.http.http_metrics import Meters
    from streamer.web.metrics import MetricsText
    from streamer.web.page_files import PageFiles
    from streamer.web.readiness import Readiness
    from streamer.webhooks.sender import WebhookSender
    from streamer.webrtc.ice_servers import IceServer
    from streamer.webrtc.live_streams import LiveStreams

__all__ = [
    "BOOKMARKS",
    "CALENDARS",
    "CATALOGUE",
    "CHAT",
    "CLOCK",
    "FILMS",
    "HISTORY",
    "HOSTS",
    "HOST_NAMES",
    "ICE_SERVERS",
    "INVITES",
    "JWKS",
    "LIVE_STREAMS",
    "LOG_DROPPED",
    "MAKER",
    "MEMBERS",
    "MEMBERSHIP",
    "METERS",
    "METRICS",
    "OPENAPI",
    "OWNER_TOKEN",
    "PAGE_FILES",
    "PASSPORTS",
    "PASSPORT_BUCKETS",
    "PEOPLE",
    "READINESS",
    "REGISTRY",
    "SETTINGS",
    "SHOWS",
    "SIGNER",
    "STATIC",
    "STORE",
    "WALL",
    "WEBHOOKS",
]

CLOCK: web.AppKey[Callable[[], float]] = web.AppKey("clock")
"""Server time, Unix seconds; never jumps."""

WALL: web.AppKey[Callable[[], float]] = web.AppKey("wall")
"""The machine's wall clock, Unix seconds; only shown beside the server's time."""

HOST_NAMES: web.AppKey[HostNames] = web.AppKey("host_names")
"""The names that are answered; others are refused."""

HOSTS: web.AppKey[Hosts] = web.AppKey("hosts")
"""Who may host."""

OWNER_TOKEN: web.AppKey[Callable[[], str]] = web.AppKey("owner_token")
"""Reads the token of the owner's address from the disk; raises SecretUnusable."""

SETTINGS: web.AppKey[Settings] = web.AppKey("settings")
STORE: web.AppKey[Store] = web.AppKey("store")
"""How many writes the store has acknowledged since the start."""

CATALOGUE: web.AppKey[Catalogue] = web.AppKey("catalogue")
REGISTRY: web.AppKey[Registry] = web.AppKey("registry")
CHAT: web.AppKey[Chat] = web.AppKey("chat")
PASSPORTS: web.AppKey[Passports] = web.AppKey("passports")
PASSPORT_BUCKETS: web.AppKey[Buckets] = web.AppKey("passport_buckets")
"""How many passports a peer address may ask for."""

BOOKMARKS: web.AppKey[Bookmarks] = web.AppKey("bookmarks")
HISTORY: web.AppKey[History] = web.AppKey("history")
JWKS: web.AppKey[Jwks | None] = web.AppKey("jwks")
"""The keys of an outside Auth service, where they are fetched."""

PEOPLE: web.AppKey[People] = web.AppKey("people")
MEMBERSHIP: web.AppKey[Membership] = web.AppKey("membership")
SHOWS: web.AppKey[Shows] = web.AppKey("shows")
MEMBERS: web.AppKey[Members] = web.AppKey("members")
CALENDARS: web.AppKey[Calendars] = web.AppKey("calendars")
INVITES: web.AppKey[Invites] = web.AppKey("invites")
FILMS: web.AppKey[FilmServer] = web.AppKey("films")
LIVE_STREAMS: web.AppKey[LiveStreams] = web.AppKey("live_streams")
ICE_SERVERS: web.AppKey[tuple[IceServer, ...]] = web.AppKey("ice_servers")
"""STUN and TURN servers that viewers are told of."""

MAKER: web.AppKey[Maker] = web.AppKey("maker")
"""What makes live renditions."""

SIGNER: web.AppKey[Signer] = web.AppKey("signer")
STATIC: web.AppKey[Path] = web.AppKey("static")
"""Folder of what the pages are made of."""

PAGE_FILES: web.AppKey[PageFiles] = web.AppKey("page_files")
"""The pages, bundled or not."""

OPENAPI: web.AppKey[Callable[[], bytes]] = web.AppKey("openapi")
"""Makes the OpenAPI document as JSON text; the first time it takes a tenth of a second."""

LOG_DROPPED: web.AppKey[Callable[[], int]] = web.AppKey("log_dropped")
"""How many lines of the log nobody took in time."""

METERS: web.AppKey[Meters] = web.AppKey("meters")
METRICS: web.AppKey[MetricsText] = web.AppKey("metrics")
READINESS: web.AppKey[Readiness] = web.AppKey("readiness")

WEBHOOKS: web.AppKey[WebhookSender | None] = web.AppKey("webhooks")
"""What tells another service of shows; None where there is none."""
