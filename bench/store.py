"""The claim: a word is on disk before it is acknowledged, and that costs little.

One after another, an append costs little more than the disk's own flush, which is measured beside
it; said at once by many, at least 3,000 a second are kept, as they share their commits.

MongoDB is measured beside it, without a promise: by both drivers, on the server that the tests use,
which says little of a real replica set unless SEANS_TEST_MONGO names one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from harness.mongo_server import address_of, mongo_server, new_database
from harness.samples import SampleShow
from sessions.core.records import Entry
from sessions.stores.base import Store
from sessions.stores.mongo.driver import Driver
from sessions.stores.mongo.store import MongoStore
from sessions.stores.sqlite.store import SqliteStore

__all__ = ["main"]

_RESULTS = Path(__file__).parent / "results"
_PROMISED = 3000.0
_FLUSHED = 8240
"""Bytes that an append adds to the write-ahead log: two pages and their headers."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on one run."""

    flush_us: float
    """A write of as many bytes and an fdatasync, without any store; median, us."""

    single_us: float
    """An append, each after the one before was acknowledged; median, us."""

    single_p95_us: float
    """95 of 100 took at most so long, us."""

    grouped_per_second: float
    """Appends a second, many at once."""

    appends_a_commit: float
    """How many of them shared a commit, on average."""

    grouped_cpu_us: float
    """CPU time of an append, many at once, us."""

    read_us: float
    """Reading the last 50 entries; median, us."""

    mongo: Mapping[str, StoreFigures]
    """The same on MongoDB, by the name of its driver."""


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """What was measured of one store."""

    single_us: float
    """An append, each after the one before was acknowledged; median, us."""

    single_p95_us: float
    """95 of 100 took at most so long, us."""

    grouped_per_second: float
    """Appends a second, many at once."""

    grouped_cpu_us: float
    """CPU time of this process for an append, many at once, us."""

    read_us: float
    """Reading the last 50 entries; median, us."""


def main() -> int:
    """Measure, print and keep the figures; return 1 where the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--single", type=int, default=2000, help="appends one after another")
    parser.add_argument("--grouped", type=int, default=20_000, help="appends by many at once")
    parser.add_argument("--writers", type=int, default=100, help="how many are the many")
    parser.add_argument("--mongo-share", type=int, default=10, help="of these, one in so many")
    options = parser.parse_args()
    _RESULTS.mkdir(exist_ok=True)
    # Beside the results and not in the system's temporary folder, which may be no disk at all.
    with TemporaryDirectory(dir=_RESULTS) as place:
        figures = uvloop.run(measured(Path(place), options))
    (_RESULTS / "store.json").write_text(json.dumps(asdict(figures), indent=2) + "\n")
    print(f"a flush alone          {figures.flush_us:8.0f} us")
    print(
        f"an append              {figures.single_us:8.0f} us"
        f"  (p95 {figures.single_p95_us:.0f}; {figures.single_us / figures.flush_us:.2f} flushes)"
    )
    print(
        f"appends at once        {figures.grouped_per_second:8.0f} a second"
        f"  ({figures.appends_a_commit:.0f} a commit, {figures.grouped_cpu_us:.0f} us of CPU each)"
    )
    print(f"the last 50 entries    {figures.read_us:8.0f} us")
    for driver, mongo in figures.mongo.items():
        print(
            f"MongoDB by {driver:<12}{mongo.single_us:8.0f} us  (p95 {mongo.single_p95_us:.0f};"
            f" {mongo.grouped_per_second:.0f} a second at once, {mongo.grouped_cpu_us:.0f} us of"
            f" CPU each; the last 50 {mongo.read_us:.0f} us)"
        )
    kept = figures.grouped_per_second >= _PROMISED
    print(f"{'kept' if kept else 'BROKEN'}: {_PROMISED:.0f} durable appends a second")
    return 0 if kept else 1


async def measured(folder: Path, options: argparse.Namespace) -> Figures:
    """Return the figures of a store in ``folder``, and of MongoDB."""
    flushes = flush_times(folder / "flushed", options.single)
    async with SqliteStore(folder / "data") as store:
        embedded = await figures_of(store, options.single, options.grouped, options.writers)
        # All but those one after another, each of which was a commit of its own.
        commits = store.writer.commits - options.single
    return Figures(
        flush_us=statistics.median(flushes) * 1e6,
        appends_a_commit=options.grouped / commits,
        mongo=await mongo_figures(folder / "mongo", options),
        **asdict(embedded),
    )


async def mongo_figures(folder: Path, options: argparse.Namespace) -> Mapping[str, StoreFigures]:
    """Return the figures of MongoDB by each driver."""
    single, grouped = (count // options.mongo_share for count in (options.single, options.grouped))
    drivers: tuple[Driver, ...] = ("motor", "pymongo")
    figures: dict[str, StoreFigures] = {}
    with mongo_server(folder) as server:
        for driver in drivers:
            async with MongoStore(address_of(server, new_database()), driver=driver) as store:
                figures[driver] = await figures_of(store, single, grouped, options.writers)
    return figures


async def figures_of(store: Store, single: int, grouped: int, writers: int) -> StoreFigures:
    """Return the figures of an open store: so many appends one by one, and as many at once."""
    sample = await SampleShow().create(store)
    singles = await single_times(store, sample, single)
    reads = await read_times(store, sample, single // 4)
    entries = [sample.entry(text="Начинаем! " * 5) for _ in range(grouped)]
    cpu, began = time.process_time(), time.perf_counter()
    share = len(entries) // writers
    async with asyncio.TaskGroup() as group:
        for number in range(writers):
            group.create_task(say(store, entries[number * share : (number + 1) * share]))
    took = time.perf_counter() - began
    said = share * writers
    return StoreFigures(
        single_us=statistics.median(singles) * 1e6,
        single_p95_us=statistics.quantiles(singles, n=20)[-1] * 1e6,
        grouped_per_second=said / took,
        grouped_cpu_us=(time.process_time() - cpu) / said * 1e6,
        read_us=statistics.median(reads) * 1e6,
    )


async def say(store: Store, entries: Sequence[Entry]) -> None:
    """Say one thing after another."""
    for entry in entries:
        await store.append(entry)


async def single_times(store: Store, sample: SampleShow, count: int) -> list[float]:
    """Return the seconds that each of ``count`` appends took."""
    times = []
    for _ in range(count):
        entry = sample.entry(text="Начинаем! " * 5)
        began = time.perf_counter()
        await store.append(entry)
        times.append(time.perf_counter() - began)
    return times


async def read_times(store: Store, sample: SampleShow, count: int) -> list[float]:
    """Return the seconds that each of ``count`` reads of the last 50 entries took."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        await store.entries(sample.show.id, limit=50)
        times.append(time.perf_counter() - began)
    return times


def flush_times(file: Path, count: int) -> list[float]:
    """Return the seconds that each of ``count`` bare writes with an fdatasync took."""
    times = []
    content = os.urandom(_FLUSHED)
    with file.open("wb", buffering=0) as raw:
        for _ in range(count):
            began = time.perf_counter()
            raw.write(content)
            os.fdatasync(raw.fileno())
            times.append(time.perf_counter() - began)
    return times


if __name__ == "__main__":
    raise SystemExit(main())
