"""Bookmarks and views as the cinema's UGC service has them, with a driver and nothing of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pymongo
import pytest
from pymongo.errors import DuplicateKeyError

from harness.samples import NOON, SampleShow, new_id
from sessions.core.errors import StoreUnavailable
from sessions.core.records import NOBODY, CalendarAddress, Owner, View
from sessions.stores.mongo.store import MongoStore
from sessions.stores.mongo.transfer import read_all
from sessions.stores.personal_documents import PERSONAL
from tests.stores.test_personal import a_bookmark, a_view

Documents = pymongo.database.Database[dict[str, Any]]

DOCS = Path(__file__).parents[2] / "docs" / "07-records.md"


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.fixture
def bare(mongo_url: str) -> Iterator[Documents]:
    """Return the database as another service sees it."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(mongo_url, tz_aware=True)
    with client:
        yield client.get_default_database()


async def test_the_service_reads_what_seans_has_kept(mongo_url: str, bare: Documents) -> None:
    anna, boris = new_id(), new_id()
    bookmark, view = a_bookmark(anna, boris), a_view(anna)
    async with MongoStore(mongo_url) as store:
        await store.save_bookmark(bookmark)
        await store.save_views([view])

    assert list(bare.bookmarks.find({"user_id": anna}, {"_id": 0})) == [
        {
            "id": bookmark.id,
            "created_at": at(NOON),
            "user_id": anna,
            "type": "bookmark",
            "target_id": boris,
            "target_type": "user",
            "maker_name": "Анна",
        }
    ]
    assert list(bare.views.find({"user_id": anna}, {"_id": 0})) == [
        {
            "id": view.id,
            "created_at": at(NOON),
            "user_id": anna,
            "type": "view",
            "target_id": view.target_id,
            "target_type": "movie",
            "show_id": view.show_id,
            "session_id": view.session_id,
            "title": "Кино в полдень",
            "position": 12.5,
            "duration": 600.0,
            "watched": 10.0,
            "updated_at": at(NOON + 10),
            "company": ["Boris", "Вера"],
        }
    ]


async def test_seans_reads_bookmarks_that_the_service_has_written(
    mongo_url: str, bare: Documents
) -> None:
    anna, boris, film = new_id(), new_id(), new_id()
    async with MongoStore(mongo_url) as store:
        for n, (one, target, target_type) in enumerate(
            [(anna, boris, "user"), (boris, anna, "user"), (anna, film, "movie")]
        ):
            bare.bookmarks.insert_one(
                {
                    "id": new_id(),
                    "created_at": at(NOON + n),
                    "user_id": one,
                    "type": "bookmark",
                    "target_id": target,
                    "target_type": target_type,
                }
            )

        kept = (await store.bookmarks_of(anna, 9, None)).items
        (friend,) = (await store.friends_of(anna, 9, None)).items
        assert [(each.target_id, each.created_at) for each in kept] == [
            (film, NOON + 2),
            (boris, NOON),
        ]
        assert (friend.bookmark.target_id, friend.name, friend.mutual) == (boris, "", True)
        assert await store.are_friends(anna, boris)
        # Kept once, by whomever first.
        assert await store.save_bookmark(a_bookmark(anna, film, target_type="movie")) == kept[0]

        bare.bookmarks.delete_one({"id": friend.bookmark.id})
        assert not await store.are_friends(anna, boris)


async def test_seans_reads_views_that_the_service_has_written(
    mongo_url: str, bare: Documents
) -> None:
    anna = new_id()
    alone: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "created_at": at(NOON),
            "user_id": anna,
            "type": "view",
            "target_id": new_id(),
            "target_type": "movie",
            "title": f"Film {n}",
            "position": 5.5,
            "updated_at": at(NOON + n),
        }
        for n in range(2)
    ]
    async with MongoStore(mongo_url) as store:
        together = a_view(anna, updated_at=NOON + 0.5)
        await store.save_views([together])
        bare.views.insert_many([dict(each) for each in alone])

        older, newer = (
            replace(
                together,
                **{name: each[name] for name in ("id", "target_id", "title", "position")},
                show_id=NOBODY,
                session_id=each["id"],
                duration=0.0,
                watched=0.0,
                updated_at=NOON + n,
                company=(),
            )
            for n, each in enumerate(alone)
        )
        assert (await store.views_of(anna, 9, None)).items == [newer, together, older]
        bare.views.update_one({"id": together.id}, {"$set": {"updated_at": at(NOON + 60)}})
        assert (await store.views_of(anna, 9, None)).items[0].updated_at == NOON + 60
        assert await store.delete_view(anna, older.id) == older


async def test_what_the_service_wrote_wrongly_hides_nothing_else(
    mongo_url: str, bare: Documents, caplog: pytest.LogCaptureFixture
) -> None:
    anna = new_id()
    views = [a_view(anna, updated_at=NOON + n) for n in range(8)]
    bookmarks = [a_bookmark(anna, new_id(), created_at=NOON + n) for n in range(3)]
    async with MongoStore(mongo_url) as store:
        await store.save_views(views)
        for bookmark in bookmarks:
            await store.save_bookmark(bookmark)
        bare.views.update_one({"id": views[3].id}, {"$unset": {"title": ""}})
        bare.views.update_one({"id": views[1].id}, {"$set": {"created_at": "yesterday"}})
        bare.views.update_one({"id": views[2].id}, {"$unset": {"updated_at": ""}})
        bare.bookmarks.update_one({"id": bookmarks[1].id}, {"$unset": {"target_id": ""}})

        bare.views.update_one({"id": views[5].id}, {"$set": {"position": "12"}})
        bare.views.update_one({"id": views[6].id}, {"$set": {"target_id": "a film"}})
        bare.views.update_one({"id": views[7].id}, {"$set": {"company": "Boris"}})

        seen: list[View] = []
        cursor = None
        while True:
            page = await store.views_of(anna, 2, cursor)
            seen += page.items
            if (cursor := page.next) is None:
                break

        assert seen == [views[4], views[0]]
        assert await store.view(anna, views[5].session_id) is None
        assert (await store.bookmarks_of(anna, 9, None)).items == [bookmarks[2], bookmarks[0]]
        friends = (await store.friends_of(anna, 9, None)).items
        assert [each.bookmark for each in friends] == [bookmarks[2], bookmarks[0]]
        with pytest.raises(StoreUnavailable, match="cannot be read"):
            _ = [record async for record in read_all(mongo_url, "motor")]
    assert f"A view cannot be read, and is left out: {views[3].id}" in caplog.messages


async def test_the_service_cannot_keep_the_same_twice(mongo_url: str, bare: Documents) -> None:
    bookmark, view = a_bookmark(new_id(), new_id()), a_view(new_id())
    async with MongoStore(mongo_url) as store:
        await store.save_bookmark(bookmark)
        await store.save_views([view])

    for name in ("bookmarks", "views"):
        kept = bare[name].find_one({}, {"_id": 0}) or {}
        with pytest.raises(DuplicateKeyError):
            bare[name].insert_one({**kept, "id": new_id()})


async def test_the_page_for_the_service_names_each_collection_and_field(
    mongo_url: str, bare: Documents
) -> None:
    async with MongoStore(mongo_url) as store:
        sample = await SampleShow().create(store)
        await store.append(sample.entry("role", subject=sample.host_id, subject_name="Anna"))
        await store.append(sample.move(2, kind="sought", reason="seek", origin=1.5))
        await store.save_bookmark(a_bookmark(sample.host_id, new_id()))
        await store.save_views([a_view(sample.host_id)])
        await store.save_owner(Owner(new_id(), NOON, sample.host_id))
        await store.save_calendar_address(CalendarAddress(new_id(), NOON, new_id(), new_id()))
        await store.move_user(new_id(), new_id(), "Anna", NOON)

    page = DOCS.read_text(encoding="utf-8")
    names = ("shows", "sessions", "members", "invites", "entries", *(k.name for k in PERSONAL))
    for name in names:
        (heading, *rest) = [part for part in page.split("\n## ") if part.startswith(f"`{name}`")]
        assert rest == []
        for document in bare[name].find({}, {"_id": 0}):
            assert [field for field in document if f"`{field}`" not in heading + common(page)] == []


def common(page: str) -> str:
    """Return the part of the page that says what all records have."""
    return page.split("\n## ")[1]
