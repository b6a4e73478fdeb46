"""Everything goes from either store to either as JSON lines, and comes back the same."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pymongo
import pytest

from harness.samples import NOON, SampleShow, new_id
from sessions.core.errors import Invalid, StoreUnavailable, TooNew
from sessions.core.records import CalendarAddress, Job, Owner
from sessions.stores.base import Store
from sessions.stores.mongo import transfer as mongo
from sessions.stores.mongo.store import MongoStore
from sessions.stores.sqlite import transfer as sqlite
from sessions.stores.sqlite.store import SqliteStore
from sessions.stores.transfer import end_line, first_line, line_of, records_of
from tests.stores.conftest import Servers, fresh_database
from tests.stores.test_personal import a_bookmark, a_view


@dataclass(frozen=True, slots=True)
class Kept:
    """A place where a store is, of either kind."""

    folder: Path
    url: str | None

    def store(self) -> Any:  # noqa: ANN401 - either store is also a context manager
        return SqliteStore(self.folder) if self.url is None else MongoStore(self.url)

    async def lines(self) -> list[str]:
        if self.url is None:
            records = list(sqlite.read_all(self.folder))
        else:
            records = [record async for record in mongo.read_all(self.url, "motor")]
        return [first_line(), *map(line_of, records), end_line(len(records))]

    async def take(self, lines: Iterable[str]) -> int:
        records = records_of(lines)
        if self.url is None:
            return sqlite.write_all(self.folder, records)
        return await mongo.write_all(self.url, "pymongo", records)

    def counts(self) -> dict[str, int]:
        """Return how many rows or documents each table or collection of records has."""
        if self.url is None:
            with closing(sqlite3.connect(self.folder / "seans.sqlite3")) as connection:
                tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                return {
                    name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
                    for (name,) in tables.fetchall()
                }
        client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(self.url)
        with client:
            found = client.get_default_database()
            names = set(found.list_collection_names()) - NO_RECORDS
            return {name: found[name].count_documents({}) for name in names}


NO_RECORDS = {"meta", "unfinished"}
"""Collections of what the store notes for itself."""

Kind = str
KINDS = ["sqlite", "mongo", "alone"]


@pytest.fixture
def place(tmp_path: Path, servers: Servers) -> Iterator[Callable[[Kind], Kept]]:
    """Return what makes an empty place of a kind."""
    databases: list[Iterator[str]] = []

    def make(kind: Kind) -> Kept:
        folder = tmp_path / new_id()
        if kind == "sqlite":
            return Kept(folder, None)
        databases.append(fresh_database(servers.base(transactions=kind == "mongo")))
        return Kept(folder, next(databases[-1]))

    yield make
    for database in databases:
        assert next(database, None) is None


@asynccontextmanager
async def filled(kept: Kept) -> AsyncIterator[SampleShow]:
    """Keep two shows in which much has happened, a third, and a job."""
    async with kept.store() as store:
        sample = await SampleShow(movie_time=NOON + 0.123456789).create(store)
        await fill(store, sample)
        await SampleShow(created_at=sample.created_at + 1).create(store)
        other = await SampleShow(created_at=sample.created_at + 2).create(store)
        await store.append(other.entry("joined", user_id=other.host_id))
        yield sample


async def fill(store: Store, sample: SampleShow) -> None:
    guest = sample.member(created_at=NOON + 1 / 3)
    await store.save_members(sample.show.id, [guest], [sample.entry("joined", id=new_id())])
    said = (await store.append(sample.entry(text='Ночь "в" 3:00\n\x00 \N{PILE OF POO}'))).entry
    await store.append(sample.entry(created_at=NOON + 0.1 + 0.2, position=-1 / 3))
    await store.delete_message(said.id, sample.entry("deleted"))
    await store.append(sample.move(2, kind="rate", reason="waiting", position=1 / 3, origin=0.1))
    await store.append(sample.move(3, kind="played", rate=1.1), replace(sample.session))
    invite = sample.invite(uses=3, expires=NOON + 0.7, role="moderator", created_at=NOON)
    await store.save_invites([invite])
    await store.accept_invite(invite.id, sample.member(created_at=NOON + 2), NOON)
    job = Job(new_id(), NOON, "live", sample.show.target_id, "first", 0.5, "one", NOON + 10)
    await store.take_job(job, NOON)
    await store.announce(sample.session.id, "nothing", "begun")
    changed = replace(sample.show, title="Later", revision=2, changed_at=NOON + 0.1, slow_mode=5.5)
    await store.save_show(changed)
    await fill_personal(store, sample.host_id, guest.user_id)


async def fill_personal(store: Store, user_id: str, other_id: str) -> None:
    for target_id, target_type in ((other_id, "user"), (new_id(), "movie")):
        bookmark = a_bookmark(user_id, target_id, target_type=target_type, created_at=NOON + 0.01)
        await store.save_bookmark(bookmark)
    await store.save_views([a_view(user_id, updated_at=NOON + 1 / 3), a_view(other_id, company=())])
    await store.save_owner(Owner(new_id(), NOON + 1 / 7, user_id))
    await store.save_calendar_address(CalendarAddress(new_id(), NOON, user_id, new_id()))
    await store.move_user(new_id(), user_id, "Anna", NOON + 2 / 3)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("sqlite", "sqlite"),
        ("sqlite", "mongo"),
        ("mongo", "sqlite"),
        ("mongo", "alone"),
        ("alone", "mongo"),
    ],
)
async def test_everything_comes_back_as_it_was(
    place: Callable[[Kind], Kept], source: Kind, target: Kind
) -> None:
    first, second = place(source), place(target)
    async with filled(first) as sample:
        pass
    lines = await first.lines()

    assert await second.take(lines) == len(lines) - 2

    assert await second.lines() == lines
    async with first.store() as one, second.store() as two:
        for when, now in (("coming", NOON), ("past", NOON + 1e6)):
            page = await one.shows_of(sample.host_id, when, now, 50, None)
            assert await two.shows_of(sample.host_id, when, now, 50, None) == page
        found = await one.stored_show(sample.show.id, 50)
        again = await two.stored_show(sample.show.id, 50)
        assert again == replace(found, present=again.present)
        assert set(again.present) == set(found.present)
        assert await two.announce(sample.session.id, "begun", "ended")
        assert (await two.views_of(sample.host_id, 9, None)) == await one.views_of(
            sample.host_id, 9, None
        )
        assert await two.moved_users(NOON) == await one.moved_users(NOON)
        assert (await two.append(sample.move(4))).entry.seq == len(found.recent) + 1


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("target", KINDS)
async def test_no_kind_of_record_is_forgotten(
    place: Callable[[Kind], Kept], source: Kind, target: Kind
) -> None:
    first, second, same = place(source), place(target), place(source)
    async with filled(first):
        pass

    await second.take(await first.lines())
    await same.take(await second.lines())

    # Who adds a table or a collection fills it above, and then exports it.
    assert not [name for name, count in first.counts().items() if not count]
    assert not [name for name, count in second.counts().items() if not count]
    assert same.counts() == first.counts()


@pytest.mark.parametrize("kind", KINDS)
async def test_an_export_beside_a_server_that_writes_is_whole(
    place: Callable[[Kind], Kept], kind: Kind
) -> None:
    first, second = place(kind), place(kind)
    async with first.store() as store:
        sample = await SampleShow().create(store)
        lines: list[str] = []
        for revision in range(2, 12):
            await store.append(sample.move(revision))
            lines = await first.lines()
            log = [json.loads(line) for line in lines if '"seq"' in line]
            assert len(log) == revision - 1

    assert await second.take(lines) == len(lines) - 2
    async with second.store() as store:
        assert (await store.append(sample.move(12))).new


@pytest.mark.parametrize("kind", KINDS[:2])
async def test_a_store_that_is_not_empty_takes_nothing(
    place: Callable[[Kind], Kept], kind: Kind
) -> None:
    first, second = place("sqlite"), place(kind)
    async with filled(first), filled(second):
        pass
    before = await second.lines()

    with pytest.raises(StoreUnavailable, match="not empty"):
        await second.take(await first.lines())

    assert await second.lines() == before


@pytest.mark.parametrize("kind", KINDS[:2])
async def test_a_store_that_holds_a_bookmark_alone_takes_nothing(
    place: Callable[[Kind], Kept], kind: Kind
) -> None:
    kept = place(kind)
    async with kept.store() as store:
        bookmark = await store.save_bookmark(a_bookmark(new_id(), new_id()))

    with pytest.raises(StoreUnavailable, match="not empty"):
        await kept.take([first_line(), end_line(0)])

    async with kept.store() as store:
        assert (await store.bookmarks_of(bookmark.user_id, 9, None)).items == [bookmark]


def broken(lines: list[str]) -> dict[str, list[str]]:
    """Return files that are none, by what is wrong with them."""
    sessions = next(n for n, line in enumerate(lines) if '"type": "session"' in line)
    entry = next(n for n, line in enumerate(lines) if '"seq": 2' in line)
    view = next(n for n, line in enumerate(lines) if '"type": "view"' in line)

    def changed(number: int, **fields: object) -> list[str]:
        return [
            *lines[:number],
            json.dumps({**json.loads(lines[number]), **fields}) + "\n",
            *lines[number + 1 :],
        ]

    return {
        "empty": [],
        "no export": ["{}\n"],
        "cut off": lines[:-1],
        "torn": [*lines[:-2], lines[-2][:40]],
        "a line is missing": [*lines[:entry], *lines[entry + 1 :]],
        "a line is there twice": [*lines[:entry], lines[entry], *lines[entry:]],
        "a line behind the end": [*lines, lines[1]],
        "no json": [*lines[:3], "hello\n", *lines[3:]],
        "no object": [*lines[:3], "[1]\n", *lines[3:]],
        "an unknown type": changed(sessions, type="seance"),
        "a wrong type": changed(sessions, duration="long"),
        "no list": changed(view, company="Boris"),
        "a view without a title": changed(view, title=None),
        "a view twice": [*lines[:view], lines[view], *lines[view:-1], end_line(len(lines) - 1)],
        "a wrong choice": changed(1, access="everybody"),
        "a date without a zone": changed(1, created_at="2027-01-15T08:00:00"),
        "no date": changed(1, created_at=5),
        "not a number": changed(sessions, duration=float("nan")),
        "too large a number": changed(entry, revision=2**70),
        "another show": changed(sessions, show_id=new_id()),
        "an id twice": changed(entry, id=json.loads(lines[entry - 1])["id"]),
    }


@pytest.mark.parametrize("kind", KINDS[:2])
async def test_a_file_that_is_broken_changes_nothing(
    place: Callable[[Kind], Kept], kind: Kind
) -> None:
    first, second = place("sqlite"), place(kind)
    async with filled(first):
        pass
    lines = await first.lines()

    for what, wrong in broken(lines).items():
        (refused,) = await asyncio.gather(second.take(wrong), return_exceptions=True)
        assert isinstance(refused, Invalid), what
    with pytest.raises(TooNew, match="newer version"):
        await second.take([json.dumps({"type": "seans", "format": 99}), *lines[1:]])

    async with second.store() as store:
        assert await store.healthy()
    assert await second.take(lines) == len(lines) - 2
