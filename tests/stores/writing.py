"""A process that says, moves and deletes without a pause, and tells what was acknowledged.

``python -m tests.stores.writing FOLDER`` prints the show's and the session's ids, then a line of
``seq id text`` for each acknowledged entry, ``seq id -message`` where it deleted one.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from harness.samples import SampleShow
from sessions.stores.base import Store
from sessions.stores.sqlite.store import SqliteStore

WRITERS = 8


async def say(store: Store, sample: SampleShow, number: int) -> None:
    """Say one thing after another, and take back every seventh."""
    count = 0
    while True:
        count += 1
        said = await store.append(sample.entry(text=f"said-{number}-{count}"))
        print(said.entry.seq, said.entry.id, said.entry.text, flush=True)
        if count % 7 == 0:
            gone = await store.delete_message(said.entry.id, sample.entry("deleted"))
            print(gone.entry.seq, gone.entry.id, f"-{said.entry.id}", flush=True)


async def move(store: Store, sample: SampleShow) -> None:
    """Give the film one timeline after another."""
    revision = 1
    while True:
        revision += 1
        moved = await store.append(sample.move(revision, position=float(revision % 600)))
        print(moved.entry.seq, moved.entry.id, f"r{revision}", flush=True)


async def main() -> None:
    """Write until killed."""
    store = SqliteStore(Path(sys.argv[1]))
    await store.open()
    sample = await SampleShow().create(store)
    print(sample.show.id, sample.session.id, flush=True)
    async with asyncio.TaskGroup() as group:
        group.create_task(move(store, sample))
        for number in range(WRITERS):
            group.create_task(say(store, sample, number))


if __name__ == "__main__":
    asyncio.run(main())
