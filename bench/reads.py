"""The claim: what a list of shows or a room costs does not grow with the past behind it.

A home page's 200 shows are listed in 20 ms, and a room that was sought 100,000 times is opened as
fast as a new one: 95 of 100 in 20 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from harness.samples import NOON, SampleShow, new_id
from sessions.live.registry import Registry
from sessions.services.locks import Locks
from sessions.services.shows import Shows
from sessions.stores.sqlite.store import SqliteStore

__all__ = ["main", "p95_ms"]

_RESULTS = Path(__file__).parent / "results"
_PROMISED_MS = 20.0
_AT_ONCE = 4000
"""Moves given to the store together: they share a commit."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on one run."""

    list_p95_ms: float
    """A list of all shows of one person; 95 of 100 took at most so long, ms."""

    open_p95_ms: float
    """Opening a room with all its seeks behind it; 95 of 100 took at most so long, ms."""


def main() -> int:
    """Measure, print and keep the figures; return 1 where the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shows", type=int, default=200, help="shows in the list")
    parser.add_argument("--seeks", type=int, default=100_000, help="seeks behind the room")
    parser.add_argument("--times", type=int, default=200, help="how often each is done")
    options = parser.parse_args()
    _RESULTS.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=_RESULTS) as place:
        figures = uvloop.run(measured(Path(place), options))
    (_RESULTS / "reads.json").write_text(json.dumps(asdict(figures), indent=2) + "\n")
    print(f"a list of {options.shows} shows, p95          {figures.list_p95_ms:8.1f} ms")
    print(f"a room after {options.seeks} seeks, p95   {figures.open_p95_ms:8.1f} ms")
    kept = max(figures.list_p95_ms, figures.open_p95_ms) <= _PROMISED_MS
    print(f"{'kept' if kept else 'BROKEN'}: each within {_PROMISED_MS:.0f} ms")
    return 0 if kept else 1


async def measured(folder: Path, options: argparse.Namespace) -> Figures:
    """Return the figures of a store in ``folder``."""
    store = SqliteStore(folder / "data")
    await store.open()
    try:
        host_id = new_id()
        samples = [SampleShow(host_id=host_id, movie_time=NOON + n) for n in range(options.shows)]
        for sample in samples:
            await sample.create(store)
        await seek(store, samples[0], options.seeks)
        shows = Shows(store, Registry(store, now), lambda _: None, now, Locks())

        async def list_all() -> None:
            await shows.list(host_id, "coming", options.shows, None)

        async def open_room() -> None:
            await Registry(store, now).live_show(samples[0].show.id)

        return Figures(
            list_p95_ms=await p95_ms(list_all, options.times),
            open_p95_ms=await p95_ms(open_room, options.times),
        )
    finally:
        await store.close()


def now() -> float:
    """Return a moment at which all the films run, Unix seconds."""
    return NOON + 300.0


async def seek(store: SqliteStore, sample: SampleShow, count: int) -> None:
    """Let a show's film be sought ``count`` times."""
    for first in range(0, count, _AT_ONCE):
        revisions = range(first + 2, min(first + _AT_ONCE, count) + 2)
        async with asyncio.TaskGroup() as group:
            for revision in revisions:
                move = sample.move(
                    revision, kind="sought", reason="seek", position=float(revision % 600), rate=1.0
                )
                group.create_task(store.append(move))


async def p95_ms(act: Callable[[], Awaitable[object]], times: int) -> float:
    """Return how long 95 of 100 of ``times`` calls took at most, ms."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await act()
        took.append((time.perf_counter() - began) * 1e3)
    return statistics.quantiles(took, n=20)[-1]


if __name__ == "__main__":
    raise SystemExit(main())
