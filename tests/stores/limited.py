"""A process that takes the room to grow from its own files, and gives it back.

``python -m tests.stores.limited FOLDER`` prints what it saw of the store meanwhile.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path

from sessions.core.errors import StoreUnavailable
from sessions.stores.sqlite import SqliteStore
from tests.stores.made import Hall, tail_of


async def main() -> None:
    """Fill a store, let it grow no further, then again."""
    folder = Path(sys.argv[1])
    store = SqliteStore(folder)
    await store.open()
    hall = await Hall().create(store)
    for _ in range(20):
        await store.append(hall.entry())
    print("kept", await tail_of(store, hall.show.id))

    size = (folder / "seans.sqlite3-wal").stat().st_size
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    refused = 0
    for _ in range(5):
        try:
            await store.append(hall.entry())
        except StoreUnavailable:
            refused += 1
    assert await tail_of(store, hall.show.id) == 20
    print("refused", refused)
    print("healthy" if await store.healthy() else "unhealthy")

    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    await store.append(hall.entry())
    print("kept", await tail_of(store, hall.show.id))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main())
