"""A process that takes the room to grow from its own files, and gives it back.

``python -m tests.stores.limited FOLDER`` prints what it saw of the store meanwhile.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path

from harness.samples import SampleShow, tail_of
from sessions.core.errors import StoreUnavailable
from sessions.stores.sqlite.store import SqliteStore


async def main() -> None:
    """Fill a store, let it grow no further, then again."""
    folder = Path(sys.argv[1])
    store = SqliteStore(folder)
    await store.open()
    sample = await SampleShow().create(store)
    for _ in range(20):
        await store.append(sample.entry())
    print("kept", await tail_of(store, sample.show.id))

    size = (folder / "seans.sqlite3-wal").stat().st_size
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    refused = 0
    for _ in range(5):
        try:
            await store.append(sample.entry())
        except StoreUnavailable:
            refused += 1
    assert await tail_of(store, sample.show.id) == 20
    print("refused", refused)
    print("healthy" if await store.healthy() else "unhealthy")

    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    await store.append(sample.entry())
    print("kept", await tail_of(store, sample.show.id))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main())
