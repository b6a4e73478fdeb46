"""What every store promises of a person's own records: bookmarks and history."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.samples import NOON, SampleShow, new_id
from sessions.core.errors import IdTaken, Invalid, UnknownBookmark, UnknownView
from sessions.core.records import Bookmark, View
from sessions.stores.base import Store
from tests.stores.conftest import Engine


def a_bookmark(user_id: str, target_id: str, **fields: object) -> Bookmark:
    bookmark = Bookmark(
        id=new_id(),
        created_at=NOON,
        user_id=user_id,
        target_id=target_id,
        target_type="user",
        maker_name="Анна",
    )
    return replace(bookmark, **fields)  # type: ignore[arg-type]


def a_view(user_id: str, **fields: object) -> View:
    view = View(
        id=new_id(),
        created_at=NOON,
        user_id=user_id,
        target_id=new_id(),
        target_type="movie",
        show_id=new_id(),
        session_id=new_id(),
        title="Кино в полдень",
        position=12.5,
        duration=600.0,
        watched=10.0,
        updated_at=NOON + 10,
        company=("Boris", "Вера"),
    )
    return replace(view, **fields)  # type: ignore[arg-type]


async def test_a_bookmark_of_the_same_target_is_kept_once(store: Store) -> None:
    anna, boris = new_id(), new_id()
    first = a_bookmark(anna, boris)

    assert await store.save_bookmark(first) == first
    assert await store.save_bookmark(a_bookmark(anna, boris, created_at=NOON + 9)) == first
    other = await store.save_bookmark(a_bookmark(anna, boris, target_type="movie"))

    page = await store.bookmarks_of(anna, 9, None)
    assert sorted(b.id for b in page.items) == sorted([first.id, other.id])
    assert page.next is None
    assert (await store.bookmarks_of(boris, 9, None)).items == []


async def test_a_bookmark_of_a_taken_id_is_refused(store: Store) -> None:
    first = await store.save_bookmark(a_bookmark(new_id(), new_id()))

    with pytest.raises(IdTaken):
        await store.save_bookmark(a_bookmark(new_id(), new_id(), id=first.id))


async def test_bookmarks_are_paged_the_newest_first(store: Store) -> None:
    anna = new_id()
    kept = [
        await store.save_bookmark(a_bookmark(anna, new_id(), created_at=NOON + n // 2))
        for n in range(7)
    ]

    found: list[Bookmark] = []
    cursor = None
    while True:
        page = await store.bookmarks_of(anna, 3, cursor)
        found += page.items
        if (cursor := page.next) is None:
            break

    assert found == sorted(kept, key=lambda b: (b.created_at, b.id), reverse=True)
    with pytest.raises(Invalid):
        await store.bookmarks_of(anna, 3, "no cursor")
    with pytest.raises(Invalid):
        await store.friends_of(anna, 3, (await store.bookmarks_of(anna, 3, None)).next)


async def test_only_its_owner_deletes_a_bookmark(store: Store) -> None:
    anna, boris = new_id(), new_id()
    bookmark = await store.save_bookmark(a_bookmark(anna, boris))

    for user_id, bookmark_id in ((boris, bookmark.id), (anna, new_id())):
        with pytest.raises(UnknownBookmark):
            await store.delete_bookmark(user_id, bookmark_id)
    await store.delete_bookmark(anna, bookmark.id)

    assert (await store.bookmarks_of(anna, 9, None)).items == []


async def test_friends_know_whether_they_are_bookmarked_too(store: Store) -> None:
    anna, boris = new_id(), new_id()
    await store.save_bookmark(a_bookmark(anna, boris))
    await store.save_bookmark(a_bookmark(anna, new_id(), target_type="movie"))

    (friend,) = (await store.friends_of(anna, 9, None)).items
    assert (friend.bookmark.target_id, friend.name, friend.mutual) == (boris, "", False)
    assert not await store.are_friends(anna, boris)

    await store.save_bookmark(a_bookmark(boris, anna, maker_name="Борис"))
    (friend,) = (await store.friends_of(anna, 9, None)).items

    assert (friend.name, friend.mutual) == ("Борис", True)
    assert await store.are_friends(anna, boris)
    assert await store.are_friends(boris, anna)


async def test_a_friend_is_called_as_in_the_show_they_joined_last(store: Store) -> None:
    anna, boris = new_id(), new_id()
    await store.save_bookmark(a_bookmark(anna, boris))
    await store.save_bookmark(a_bookmark(boris, anna, maker_name="by bookmark"))
    for n, name in enumerate(("Boris", "Борис", "Боря")):
        show = await SampleShow().create(store)
        member = replace(show.member(boris, "guest"), name=name, created_at=NOON + n)
        await store.save_members(show.show.id, [member])

    (friend,) = (await store.friends_of(anna, 9, None)).items

    assert friend.name == "Боря"


async def test_the_host_of_a_show_is_known_also_after_a_handover(
    store: Store, sample: SampleShow
) -> None:
    assert await store.host_of(sample.show.id) == sample.host
    assert await store.host_of(new_id()) is None
    guest = sample.member(new_id(), "host")

    await store.save_members(sample.show.id, [replace(sample.host, role="moderator"), guest])

    host = await store.host_of(sample.show.id)
    assert host is not None
    assert host.user_id == guest.user_id


async def test_a_later_view_of_a_session_takes_the_place_of_the_first(store: Store) -> None:
    first = a_view(new_id())
    await store.save_views([first])
    later = replace(
        first, id=new_id(), created_at=NOON + 5, position=70.0, watched=60.0, updated_at=NOON + 60
    )

    await store.save_views([later, a_view(new_id())])

    kept = replace(later, id=first.id, created_at=first.created_at)
    assert await store.view(first.user_id, first.session_id) == kept
    assert (await store.views_of(first.user_id, 9, None)).items == [kept]
    assert await store.view(first.user_id, new_id()) is None


async def test_history_is_paged_the_newest_first(store: Store) -> None:
    anna = new_id()
    views = [a_view(anna, updated_at=NOON + n // 2) for n in range(7)]
    await store.save_views(views)

    found: list[View] = []
    cursor = None
    while True:
        page = await store.views_of(anna, 3, cursor)
        found += page.items
        if (cursor := page.next) is None:
            break

    assert found == sorted(views, key=lambda v: (v.updated_at, v.id), reverse=True)
    with pytest.raises(Invalid):
        await store.views_of(anna, 3, "no cursor")


async def test_only_its_owner_deletes_an_entry_of_history(store: Store) -> None:
    view, other = a_view(new_id()), a_view(new_id())
    await store.save_views([view, other])

    for user_id, view_id in ((other.user_id, view.id), (view.user_id, new_id())):
        with pytest.raises(UnknownView):
            await store.delete_view(user_id, view_id)
    assert await store.delete_view(view.user_id, view.id) == view

    assert (await store.views_of(view.user_id, 9, None)).items == []
    assert (await store.views_of(other.user_id, 9, None)).items == [other]


async def test_a_whole_history_is_deleted_for_its_owner_alone(store: Store) -> None:
    anna, other = new_id(), a_view(new_id())
    await store.save_views([a_view(anna), a_view(anna), other])

    await store.delete_views(anna)
    await store.delete_views(anna)

    assert (await store.views_of(anna, 9, None)).items == []
    assert (await store.views_of(other.user_id, 9, None)).items == [other]


async def test_personal_records_outlive_a_restart_and_their_show(engine: Engine) -> None:
    store = engine()
    await store.open()
    sample = await SampleShow().create(store)
    view = a_view(sample.host_id, show_id=sample.show.id, session_id=sample.session.id)
    await store.save_views([view])
    bookmark = await store.save_bookmark(a_bookmark(sample.host_id, new_id()))
    await store.delete_show(sample.show.id)
    await store.close()

    store = engine()
    await store.open()
    assert (await store.views_of(sample.host_id, 9, None)).items == [view]
    assert (await store.bookmarks_of(sample.host_id, 9, None)).items == [bookmark]
    await store.close()
