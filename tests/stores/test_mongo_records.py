"""The MongoDB store's own ways: the contract's fields, versions, and what a killed process left."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pymongo
import pytest

from harness.samples import NOON, SampleShow, everybody_in, moves_of, tail_of
from sessions.core.errors import StaleRevision, StoreUnavailable, TooNew, UnknownShow
from sessions.stores.mongo.driver import Database
from sessions.stores.mongo.schema import MIGRATIONS
from sessions.stores.mongo.store import MongoStore
from tests.stores.conftest import Servers, fresh_database

Documents = pymongo.database.Database[dict[str, Any]]

AT_NOON = datetime.fromtimestamp(NOON, UTC)


@pytest.fixture
def bare(mongo_url: str) -> Iterator[Documents]:
    """Return the database as another service sees it."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(mongo_url, tz_aware=True)
    with client:
        yield client.get_default_database()


@pytest.fixture(params=[True, False], ids=["transactions", "alone"])
def any_url(request: pytest.FixtureRequest, servers: Servers) -> Iterator[str]:
    """Return the address of an empty database, with transactions and without."""
    yield from fresh_database(servers.base(transactions=request.param))


async def test_the_documents_speak_the_contracts_words(mongo_url: str, bare: Documents) -> None:
    async with MongoStore(mongo_url) as store:
        sample = await SampleShow().create(store)
        said = (await store.append(sample.entry())).entry
        await store.append(sample.move(2, position=90.0, instant=NOON + 100))

    common = ("id", "created_at", "user_id", "type", "target_id", "target_type")
    found = {
        name: tuple((bare[name].find_one({}, sort=[("seq", 1)]) or {})[field] for field in common)
        for name in ("shows", "sessions", "members", "invites", "entries")
    }

    film, show = (sample.show.target_id, "movie"), (sample.show.id, "show")
    at, who = datetime.fromtimestamp(sample.created_at, UTC), sample.host_id
    assert found == {
        "shows": (sample.show.id, at, who, "show", *film),
        "sessions": (sample.session.id, at, who, "session", *film),
        "members": (sample.host.id, at, who, "member", *show),
        "invites": (sample.link.id, at, who, "invite", *show),
        "entries": (
            said.id,
            datetime.fromtimestamp(said.created_at, UTC),
            *(who, "chat_message", *show),
        ),
    }
    session = bare.sessions.find_one() or {}
    assert session["movie_time"] == AT_NOON
    assert (session["ends_at"], session["revision"]) == (None, 2)


async def test_a_date_that_another_service_sets_counts(mongo_url: str, bare: Documents) -> None:
    sample = SampleShow(movie_time=NOON + 0.123456)
    async with MongoStore(mongo_url) as store:
        await sample.create(store)
        assert await store.session(sample.session.id) == sample.session

        bare.sessions.update_one({}, {"$set": {"movie_time": AT_NOON}})

        assert await store.session(sample.session.id) == replace(sample.session, movie_time=NOON)


async def test_a_member_that_another_service_wrote_is_one(mongo_url: str, bare: Documents) -> None:
    async with MongoStore(mongo_url) as store:
        sample = await SampleShow().create(store)
        guest = sample.member()
        bare.members.insert_one(
            {
                "id": guest.id,
                "created_at": AT_NOON,
                "user_id": guest.user_id,
                "type": "member",
                "target_id": sample.show.id,
                "target_type": "show",
                "name": guest.name,
                "role": "guest",
            }
        )

        assert await store.member(sample.show.id, guest.user_id) == replace(guest, created_at=NOON)


async def test_a_database_of_a_newer_version_is_left_alone(mongo_url: str, bare: Documents) -> None:
    async with MongoStore(mongo_url):
        pass
    bare.meta.update_one({"id": "schema"}, {"$set": {"version": 1000}})
    before = {name: list(bare[name].find()) for name in bare.list_collection_names()}

    with pytest.raises(TooNew, match="newer version of Seans"):
        await MongoStore(mongo_url).open()

    assert {name: list(bare[name].find()) for name in bare.list_collection_names()} == before


async def test_an_older_database_is_migrated(mongo_url: str, bare: Documents) -> None:
    async def name_all_alike(database: Database) -> None:
        await database.update_all("shows", {}, {"$set": {"title": "Renamed"}})

    async with MongoStore(mongo_url) as store:
        sample = await SampleShow().create(store)

    async with MongoStore(mongo_url, migrations=[*MIGRATIONS, name_all_alike]) as store:
        assert await store.show(sample.show.id) == replace(sample.show, title="Renamed")
    assert (bare.meta.find_one({"id": "schema"}) or {})["version"] == len(MIGRATIONS) + 1


async def test_sessions_of_an_older_database_are_due_too(mongo_url: str, bare: Documents) -> None:
    async with MongoStore(mongo_url) as store:
        sample = await SampleShow().create(store)
        await SampleShow(movie_time=NOON + 60).create(store)
    bare.sessions.update_many({}, {"$unset": {"due_at": "", "announced": ""}})
    bare.meta.update_one({"id": "schema"}, {"$set": {"version": 1}})

    async with MongoStore(mongo_url) as store:
        assert list(await store.due_sessions(NOON, 9)) == [sample.session]
        assert await store.announce(sample.session.id, "nothing", "begun")
        assert list(await store.due_sessions(NOON, 9)) == []


async def test_what_is_told_and_a_move_of_another_process_are_both_kept(any_url: str) -> None:
    async with MongoStore(any_url) as one, MongoStore(any_url, driver="pymongo") as two:
        for _ in range(5):
            sample = await SampleShow().create(one)
            move = sample.move(2, kind="sought", reason="seek", position=550.0, rate=1.0)
            session = replace(sample.session, announced="begun")
            assert move.timeline is not None

            await asyncio.gather(
                one.announce(sample.session.id, "nothing", "begun"), two.append(move)
            )

            moved = session.moved(move.timeline, move.speed, move.created_at)
            assert await one.session(sample.session.id) == moved
            due = [each.id for each in await one.due_sessions(moved.due_at, 99)]
            assert sample.session.id in due
            assert sample.session.id not in [
                each.id for each in await two.due_sessions(moved.due_at - 0.1, 99)
            ]


async def test_a_migration_that_fails_is_begun_again(mongo_url: str, bare: Documents) -> None:
    async def fail(_database: Database) -> None:
        raise StoreUnavailable("killed")

    with pytest.raises(StoreUnavailable, match="killed"):
        await MongoStore(mongo_url, migrations=[*MIGRATIONS, fail]).open()
    assert (bare.meta.find_one({"id": "schema"}) or {})["version"] == len(MIGRATIONS)

    async with MongoStore(mongo_url) as store:
        assert await store.healthy()


# PyMongo leaves a socket to the garbage collector where it is closed while it connects.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_a_server_that_is_away_is_said_without_the_password(driver: Any) -> None:  # noqa: ANN401
    url = "mongodb://anna:hunter2@127.0.0.1:9/cinema?authSource=admin"

    with pytest.raises(StoreUnavailable) as refused:
        await MongoStore(url, driver=driver, open_wait=0.3).open()

    said = refused.value.detail
    del refused
    await asyncio.sleep(0.05)
    gc.collect()
    assert said.startswith("the store mongodb://127.0.0.1:9/cinema cannot be used: ")
    assert "\n" not in said
    assert len(said) < 200
    assert not any(word in said for word in ("anna", "hunter2", "authSource"))


async def test_an_address_that_the_driver_refuses_is_not_repeated() -> None:
    with pytest.raises(StoreUnavailable) as refused:
        await MongoStore("mongodb://anna:hun%zz@127.0.0.1:port/cinema").open()

    assert "percent-encoded" in refused.value.detail
    assert "hun" not in refused.value.detail


async def test_two_processes_append_to_one_log_without_gaps(any_url: str) -> None:
    async with MongoStore(any_url) as one, MongoStore(any_url, driver="pymongo") as two:
        sample = await SampleShow().create(one)
        stores = (one, two)

        said = await asyncio.gather(
            *(stores[n % 2].append(sample.entry(text=str(n))) for n in range(200))
        )

        log = await one.entries(sample.show.id, after=0, limit=999)
        assert [entry.seq for entry in log] == list(range(1, 201))
        assert sorted((each.entry for each in said), key=lambda entry: entry.seq) == list(log)


async def test_of_two_processes_one_makes_a_revision_and_both_go_on(any_url: str) -> None:
    async with MongoStore(any_url) as one, MongoStore(any_url, driver="pymongo") as two:
        sample = await SampleShow().create(one)
        for revision in range(2, 12):
            outcomes = await asyncio.gather(
                one.append(sample.move(revision)),
                two.append(sample.move(revision)),
                return_exceptions=True,
            )
            assert [type(each) for each in outcomes].count(StaleRevision) == 1
        assert [e.revision for e in await moves_of(one, sample.session)] == list(range(2, 12))
        kept = await two.session(sample.session.id)
        assert kept is not None
        assert kept.chain.newest.revision == 11


async def test_a_message_that_two_processes_are_told_is_kept_once(any_url: str) -> None:
    async with MongoStore(any_url) as one, MongoStore(any_url, driver="pymongo") as two:
        sample = await SampleShow().create(one)
        for _ in range(10):
            entry = sample.entry()
            said = await asyncio.gather(one.append(entry), two.append(entry))
            assert len({each.entry.seq for each in said}) == 1
        assert await tail_of(one, sample.show.id) == 10


async def test_nobody_writes_behind_the_deletion_of_another_process(any_url: str) -> None:
    async with MongoStore(any_url) as one, MongoStore(any_url, driver="pymongo") as two:
        sample = await SampleShow().create(one)
        await two.append(sample.entry())

        await one.delete_show(sample.show.id)

        with pytest.raises(UnknownShow):
            await two.append(sample.entry())
        assert await one.entries(sample.show.id, after=0, limit=9) == []


async def test_an_invite_for_three_lets_in_three_by_two_processes(any_url: str) -> None:
    async with MongoStore(any_url) as one, MongoStore(any_url, driver="pymongo") as two:
        sample = await SampleShow().create(one)
        invite = sample.invite(uses=3)
        await one.save_invites([invite])

        await asyncio.gather(
            *((one, two)[n % 2].accept_invite(invite.id, sample.member(), NOON) for n in range(12)),
            return_exceptions=True,
        )

        kept = await one.invite(invite.token)
        assert kept is not None
        assert kept.used == 3
        assert len(await everybody_in(one, sample.show.id)) == 1 + 3
