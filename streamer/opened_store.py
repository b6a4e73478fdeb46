"""The store that the settings name, open: a file in the data folder, or a MongoDB database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sessions.core.errors import StoreUnavailable
from sessions.stores.base import Store
from sessions.stores.sqlite.folder import Folder
from sessions.stores.sqlite.store import SqliteStore
from streamer.settings import Settings

__all__ = ["opened_store"]


@asynccontextmanager
async def opened_store(settings: Settings) -> AsyncIterator[Store]:
    """Open the store, and lock the data folder, whichever store it is.

    Raises TooNew, or StoreUnavailable with words.
    """
    if settings.store == "sqlite":
        async with SqliteStore(settings.data) as embedded:
            yield embedded
        return
    # Here, because the driver takes a fifth of a second and 20 MB that SQLite need not pay.
    from sessions.stores.mongo.store import MongoStore

    folder = Folder(settings.data)
    try:
        folder.take_lock()
    except OSError as error:
        where = f"the data folder {settings.data} cannot be used"
        raise StoreUnavailable(f"{where}: {error}") from error
    try:
        async with MongoStore(settings.store, driver=settings.mongo_driver) as database:
            yield database
    finally:
        folder.give_back()
