"""The claim: listing calls and opening a room cost the same however much the store holds.

Once with a thousand shows, 10,000 messages and a thousand entries of history, once with a hundred
times as much: each call is answered within 50 ms, 95 of 100 times. The person who asks has the same
in both: 200 shows, 200 entries of history and 100 friends; half of all messages are in their room.

With ``--store mongodb://HOST/`` the same against a MongoDB server, in a new database that is
dropped again. Beside a slow server choose a smaller ``--growth``: filling it takes longest. Only a
real ``mongod`` shows the growth: SecantusDB sorts all of a log before it returns the last entries.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import uvloop

from bench.reads import p95_ms
from harness.mongo_server import address_of, drop_database, new_database
from harness.samples import NOON, SampleShow, new_id
from sessions.core.records import Bookmark, User, View
from sessions.live.registry import Registry
from sessions.services.bookmarks import Bookmarks
from sessions.services.chat import Chat
from sessions.services.history import History
from sessions.services.invites import Invites
from sessions.services.locks import Locks
from sessions.services.members import Members
from sessions.services.planning import Titles
from sessions.services.shows import Shows
from sessions.stores.base import Store
from sessions.stores.mongo.store import MongoStore
from sessions.stores.sqlite.store import SqliteStore

__all__ = ["main"]

_T = TypeVar("_T")
_RESULTS = Path(__file__).parent / "results"
_PROMISED_MS = 50.0
_AT_ONCE = 2000
"""Writes given to the embedded store together: they share a commit."""
_AT_ONCE_OVER_A_NETWORK = 200
"""Writes given to a database together: each waits in line no longer than its bound allows."""
_OWN_SHOWS, _OWN_VIEWS, _OWN_FRIENDS = 200, 200, 100
_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Size:
    """How much a store holds."""

    shows: int
    messages: int
    views: int


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and for which room."""

    user: User
    room: SampleShow


def main() -> int:
    """Measure, print and keep the figures; return 1 where the promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.listings", description=__doc__)
    parser.add_argument("--times", type=int, default=200, help="how often each call is made")
    parser.add_argument("--growth", type=int, default=100, help="how much more the large store has")
    parser.add_argument(
        "--store", metavar="URL", help="a MongoDB server to measure, as mongodb://…"
    )
    options = parser.parse_args()
    small = Size(1_000, 10_000, 1_000)
    large = Size(*(each * options.growth for each in (1_000, 10_000, 1_000)))
    figures = {
        name: uvloop.run(measured(size, options.times, options.store))
        for name, size in (("small", small), ("large", large))
    }
    _RESULTS.mkdir(exist_ok=True)
    slowest = {f"{name}_p95_ms": max(each.values()) for name, each in figures.items()}
    # The README's claim is of the embedded store.
    results = "listings.json" if options.store is None else "listings-mongodb.json"
    (_RESULTS / results).write_text(json.dumps(figures | slowest, indent=2) + "\n")
    print(f"{'p95, ms':28}{small.messages:>12,} messages{large.messages:>12,} messages")
    for call in figures["small"]:
        print(f"{call:28}{figures['small'][call]:12.1f}{figures['large'][call]:21.1f}")
    kept = max(slowest.values()) <= _PROMISED_MS
    print(f"{'kept' if kept else 'BROKEN'}: each within {_PROMISED_MS:.0f} ms")
    return 0 if kept else 1


async def measured(size: Size, times: int, server: str | None) -> dict[str, float]:
    """Return the p95 of each call against a store of ``size``, ms."""
    async with a_store() if server is None else a_database(server) as store:
        began = time.perf_counter()
        at_once = _AT_ONCE if server is None else _AT_ONCE_OVER_A_NETWORK
        asker = await fill(store, size, at_once)
        print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)
        return {name: await p95_ms(call, times) for name, call in calls(store, asker).items()}


@asynccontextmanager
async def a_store() -> AsyncIterator[Store]:
    """Open a new embedded store on this disk."""
    _RESULTS.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=_RESULTS) as folder:
        async with SqliteStore(Path(folder) / "data") as store:
            yield store


@asynccontextmanager
async def a_database(server: str) -> AsyncIterator[Store]:
    """Open a new database of a MongoDB server, and drop it in the end."""
    name = new_database()
    try:
        async with MongoStore(address_of(server, name)) as store:
            yield store
    finally:
        drop_database(server, name)


def now() -> float:
    """Return a moment at which the films run, Unix seconds."""
    return NOON + 300.0


def calls(store: Store, asker: Asker) -> dict[str, Callable[[], Awaitable[object]]]:
    """Return the calls that are measured, by name."""
    registry, locks = Registry(store, now), Locks()
    shows = Shows(store, registry, Titles(lambda _: None), now, locks)
    members, invites = Members(store, registry, locks), Invites(store, registry, now, locks)
    bookmarks, history = Bookmarks(store, registry, now), History(store, registry)
    chat = Chat(registry, now)
    user_id, show_id = asker.user.id, asker.room.show.id

    def messages(after: int | None, before: int | None) -> Awaitable[object]:
        return chat.history(
            show_id, user_id, after=after, before=before, limit=_LIMIT, session_id=None
        )

    async def open_room() -> None:
        await Registry(store, now).live_show(show_id)

    return {
        "shows that come": lambda: shows.list(user_id, "coming", _LIMIT, None),
        "shows that are past": lambda: shows.list(user_id, "past", _LIMIT, None),
        "members": lambda: members.list(show_id, user_id, _LIMIT),
        "invites": lambda: invites.list(show_id, user_id),
        "the newest messages": lambda: messages(None, None),
        "messages from the middle": lambda: messages(2_500, None),
        "bookmarks": lambda: bookmarks.list(user_id, _LIMIT, None),
        "friends": lambda: bookmarks.friends(user_id, _LIMIT, None),
        "history": lambda: history.list(user_id, _LIMIT, None),
        "a room is opened": open_room,
    }


async def fill(store: Store, size: Size, at_once: int) -> Asker:
    """Fill a store with so many writes at once; return who asks."""
    user = User(new_id(), "Anna")
    own = [
        SampleShow(host_id=user.id, movie_time=NOON + n if n % 2 else NOON - 9e5 + n)
        for n in range(_OWN_SHOWS)
    ]
    others = (SampleShow(movie_time=NOON + n) for n in range(size.shows - _OWN_SHOWS))
    some = list(islice(others, 100))
    await together((each.create(store) for each in [*own, *some]), at_once)
    await together((each.create(store) for each in others), at_once)
    room = own[1]
    entries = ((room if n % 2 else some[n % len(some)]).entry() for n in range(size.messages))
    await together((store.append(each) for each in entries), at_once)
    for views in _in_parts(_views(user.id, size.views), at_once):
        await store.save_views(views)
    bookmarks = _bookmarks(user.id, size.views)
    await together((store.save_bookmark(each) for each in bookmarks), at_once)
    return Asker(user, room)


async def together(writes: Iterable[Coroutine[Any, Any, object]], at_once: int) -> None:
    """Carry out writes, so many at once."""
    for some in _in_parts(writes, at_once):
        await asyncio.gather(*some)


def _in_parts(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    left = iter(items)
    while part := list(islice(left, size)):
        yield part


def _views(user_id: str, count: int) -> Iterable[View]:
    for n in range(count):
        whose = user_id if n < _OWN_VIEWS else new_id()
        yield View(
            new_id(), NOON, whose, new_id(), "movie", new_id(), new_id(), "Кино", 60.0, 600.0, 60.0,
            updated_at=NOON + n, company=("Boris",),
        )  # fmt: skip


def _bookmarks(user_id: str, count: int) -> Iterable[Bookmark]:
    for n in range(count):
        one, other = (user_id, new_id()) if n < 2 * _OWN_FRIENDS else (new_id(), new_id())
        # Half of one's own go the other way.
        if n % 2 and one == user_id:
            one, other = other, one
        yield Bookmark(new_id(), NOON + n, one, other, "user", "Anna")


if __name__ == "__main__":
    raise SystemExit(main())
