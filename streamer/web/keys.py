"""What the application carries for its handlers, each under a typed key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from sessions.services.people import People
    from sessions.services.shows import Shows

    from sessions.services.chat import Chat
    from sessions.services.lobby import Lobby
    from sessions.services.passport import Passports
    from sessions.services.rates import Buckets
    from sessions.stores.base import Store
    from streamer.library.catalogue import Catalogue
    from streamer.settings import Settings
    from streamer.web.meters import Meters

__all__ = [
    "BUCKETS",
    "CATALOGUE",
    "CHAT",
    "CLOCK",
    "LOBBY",
    "METERS",
    "PASSPORTS",
    "PEOPLE",
    "SETTINGS",
    "SHOWS",
    "STORE",
]

CLOCK: web.AppKey[Callable[[], float]] = web.AppKey("clock")
"""Server time, Unix seconds; never jumps."""

SETTINGS: web.AppKey[Settings] = web.AppKey("settings")
STORE: web.AppKey[Store] = web.AppKey("store")
CATALOGUE: web.AppKey[Catalogue] = web.AppKey("catalogue")
LOBBY: web.AppKey[Lobby] = web.AppKey("lobby")
CHAT: web.AppKey[Chat] = web.AppKey("chat")
BUCKETS: web.AppKey[Buckets] = web.AppKey("buckets")
PASSPORTS: web.AppKey[Passports] = web.AppKey("passports")
SHOWS: web.AppKey[Shows] = web.AppKey("shows")
PEOPLE: web.AppKey[People] = web.AppKey("people")
METERS: web.AppKey[Meters] = web.AppKey("meters")
