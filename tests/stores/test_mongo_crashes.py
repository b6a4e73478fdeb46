"""What a process leaves that ends between two writes to MongoDB, and who finds it finishes it.

Its line is cut for good in place of the answer to the first of them, as a kill in that moment does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from harness.mongo_server import address_of, new_database
from harness.samples import NOON, SampleShow, everybody_in, new_id, tail_of
from sessions.core.errors import StoreUnavailable
from sessions.stores.base import PeopleChange
from sessions.stores.mongo.store import MongoStore
from sessions.stores.mongo.transfer import read_all
from tests.stores.conftest import Servers
from tests.stores.proxy import proxy_to
from tests.stores.test_personal import a_bookmark, a_view

Work = Callable[[MongoStore], Awaitable[object]]

Kept = tuple[int, int, int, list[str]]
"""How many places and views somebody has, and who has bookmarked them."""


class Place:
    """A database, and how a process that ends too early reaches it."""

    def __init__(self, base: str, *, transactions: bool) -> None:
        self.transactions = transactions
        self._base = base
        self._name = new_database()

    @property
    def url(self) -> str:
        return address_of(self._base, self._name)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[MongoStore]:
        async with MongoStore(self.url) as store:
            yield store

    async def killed_after(self, command: str, collection: str, work: Work) -> None:
        """Carry out ``work`` in a store that is cut off after its first such command."""
        port = int(self._base.rpartition(":")[2])
        async with proxy_to(port) as proxy:
            base = f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true&retryWrites=false"
            url = address_of(base, self._name)
            async with MongoStore(url, write_wait=0.5) as store:
                cut = asyncio.create_task(proxy.swallow(asked(command, collection), last=True))
                await asyncio.sleep(0)
                with pytest.raises(StoreUnavailable):
                    await work(store)
                await cut


def asked(command: str, collection: str) -> bytes:
    """Return what a request of MongoDB's protocol begins with: a BSON string."""
    length = (len(collection) + 1).to_bytes(4, "little")
    return b"\x02" + command.encode() + b"\x00" + length + collection.encode() + b"\x00"


@pytest.fixture(params=[True, False], ids=["transactions", "alone"])
def place(request: pytest.FixtureRequest, servers: Servers) -> Place:
    return Place(servers.own(transactions=request.param), transactions=request.param)


async def test_a_move_that_stands_in_the_log_moves_its_session(place: Place) -> None:
    async with place.opened() as store:
        sample = await SampleShow().create(store)
    later = replace(sample.session, movie_time=NOON + 60.5)
    move = sample.move(2, kind="rescheduled", reason="rescheduled")

    await place.killed_after("insert", "entries", lambda store: store.append(move, later))

    async with place.opened() as store:
        kept = await store.session(sample.session.id)
        assert kept is not None
        assert (kept.movie_time, kept.chain.newest) == (NOON + 60.5, move.timeline)
        assert (await store.append(sample.move(3))).entry.seq == 2


async def test_members_follow_what_the_log_says_of_them(place: Place) -> None:
    async with place.opened() as store:
        sample = await SampleShow().create(store)
    guest = sample.member(role="host", created_at=NOON)
    rows = [replace(sample.host, role="moderator"), guest]
    told = [
        sample.entry("role", subject=guest.user_id, role="host"),
        sample.entry("joined", user_id=guest.user_id),
    ]

    await place.killed_after(
        "insert", "entries", lambda store: store.save_members(sample.show.id, rows, told)
    )

    async with place.opened() as store:
        assert await everybody_in(store, sample.show.id) == rows
        found = await store.stored_show(sample.show.id, 9)
        assert found is not None
        assert list(found.present) == [guest.user_id]
        assert [entry.id for entry in found.recent] == [entry.id for entry in told]


async def test_a_deleted_message_loses_its_text_all_the_same(place: Place) -> None:
    async with place.opened() as store:
        sample = await SampleShow().create(store)
        said = (await store.append(sample.entry())).entry

    await place.killed_after(
        "insert", "entries", lambda store: store.delete_message(said.id, sample.entry("deleted"))
    )

    async with place.opened() as store:
        assert await store.message(sample.show.id, said.id) == replace(said, text="", deleted=True)


async def test_a_show_whose_log_was_ended_is_deleted(place: Place) -> None:
    async with place.opened() as store:
        sample = await SampleShow().create(store)
        await store.append(sample.entry())

    await place.killed_after("insert", "entries", lambda store: store.delete_show(sample.show.id))

    async with place.opened() as store:
        assert await store.show(sample.show.id) is None
        assert await store.session(sample.session.id) is None
        assert await store.invite(sample.link.token) is None
        assert await tail_of(store, sample.show.id) == 0


@pytest.mark.parametrize("collection", ["shows", "sessions", "members", "invites"])
async def test_a_show_is_created_whole_or_not_at_all(place: Place, collection: str) -> None:
    sample = SampleShow()
    async with place.opened():
        pass

    await place.killed_after("insert", collection, sample.create)

    async with place.opened() as store:
        assert await store.show(sample.show.id) is None
        assert await store.session(sample.session.id) is None
        assert await store.member(sample.show.id, sample.host_id) is None
        assert await store.invite(sample.link.token) is None
        # A transaction that nobody ends holds its ids until the server ends it, a minute later.
        if not place.transactions:
            await sample.create(store)


async def test_an_invite_lets_in_whom_it_has_counted(place: Place) -> None:
    async with place.opened() as store:
        sample = await SampleShow().create(store)
        invite = sample.invite(uses=2)
        await store.save_invites([invite])
    guest = sample.member()

    await place.killed_after(
        "update", "invites", lambda store: store.accept_invite(invite.id, guest, NOON)
    )

    async with place.opened() as store:
        kept = await store.invite(invite.token)
        member = await store.member(sample.show.id, guest.user_id)
        assert kept is not None
        assert (member, kept.used) == ((None, 0) if place.transactions else (guest, 1))


async def test_invites_are_saved_whole_or_not_at_all(place: Place) -> None:
    async with place.opened() as store:
        sample = await SampleShow().create(store)
    renewed = sample.invite(own=True, created_at=NOON)
    revoked = replace(sample.link, revoked=True)

    await place.killed_after(
        "update", "invites", lambda store: store.save_invites([revoked, renewed])
    )

    async with place.opened() as store:
        kept = list(await store.invites_of(sample.show.id))
        assert kept in ([sample.link], [revoked, renewed])


MOVING = [
    ("insert", "moved_users"),
    ("update", "shows"),
    ("update", "members"),
    ("delete", "members"),
    ("update", "views"),
    ("update", "bookmarks"),
    ("delete", "bookmarks"),
    ("insert", "entries"),
]


@pytest.mark.parametrize(("command", "collection"), MOVING)
async def test_a_guest_moves_whole_or_not_at_all(
    place: Place, command: str, collection: str
) -> None:
    async with place.opened() as store:
        sample = await SampleShow().create(store)
        other = await SampleShow().create(store)
        guest, account = sample.host_id, other.member()
        await store.save_members(other.show.id, [other.member(guest, "moderator"), account])
        await store.save_views([a_view(guest)])
        await store.save_bookmark(a_bookmark(other.host_id, guest))
        await store.save_bookmark(a_bookmark(guest, other.host_id))
    told = sample.entry("renamed")

    async def move(store: MongoStore) -> None:
        await store.move_user(guest, account.user_id, "Anna", NOON, [told])

    await place.killed_after(command, collection, move)

    async with place.opened() as store:
        # Who has bookmarked the guest does not learn of the account by it.
        nobody: Kept = (0, 0, 0, [])
        if place.transactions:
            # The server holds what the transaction has changed until it ends it, a minute later.
            assert await kept_of(store, guest, other) == (2, 1, 1, [other.host_id])
            assert await kept_of(store, account.user_id, other) == (1, 0, 0, [])
            assert await tail_of(store, sample.show.id) == 0
            return
        assert await kept_of(store, guest, other) == nobody
        assert await kept_of(store, account.user_id, other) == (2, 1, 1, [])
        assert await store.host_of(sample.show.id) == replace(sample.host, user_id=account.user_id)
        raised = await store.member(other.show.id, account.user_id)
        assert raised == replace(account, role="moderator")
        log = await store.entries(sample.show.id, after=0, limit=9)
        assert [entry.id for entry in log] == [told.id]
        again = await store.move_user(guest, account.user_id, "Anna", NOON)
        assert again == PeopleChange()


async def kept_of(store: MongoStore, user_id: str, sample: SampleShow) -> Kept:
    """Return how many places, views and friends somebody has, and the host who follows them."""
    friends = (await store.friends_of(sample.host_id, 9, None)).items
    return (
        len(await store.places_of(user_id)),
        len((await store.views_of(user_id, 9, None)).items),
        len((await store.friends_of(user_id, 9, None)).items),
        [sample.host_id for each in friends if each.bookmark.target_id == user_id],
    )


async def test_a_name_changes_in_all_places_or_in_none(place: Place) -> None:
    async with place.opened() as store:
        sample = await SampleShow().create(store)
        other = await SampleShow().create(store)
        await store.save_members(other.show.id, [other.member(sample.host_id)])
    told = [sample.entry("renamed"), other.entry("renamed")]

    await place.killed_after(
        "update", "members", lambda store: store.rename_user(sample.host_id, "Anja", told)
    )

    async with place.opened() as store:
        names = {member.name for member in await store.places_of(sample.host_id)}
        tails = [await tail_of(store, each.show.id) for each in (sample, other)]
        assert (names, tails) == (({"Anna"}, [0, 0]) if place.transactions else ({"Anja"}, [1, 1]))


async def test_a_name_that_was_begun_does_not_come_after_a_later_one(servers: Servers) -> None:
    alone = Place(servers.own(transactions=False), transactions=False)
    async with alone.opened() as waiting:
        sample = await SampleShow().create(waiting)
        await alone.killed_after(
            "update", "members", lambda store: store.rename_user(sample.host_id, "Anja")
        )

        await waiting.rename_user(sample.host_id, "Anna-Maria")

    async with alone.opened() as store:
        assert [member.name for member in await store.places_of(sample.host_id)] == ["Anna-Maria"]


async def test_views_are_saved_whole_or_not_at_all(place: Place) -> None:
    views = [a_view(new_id()) for _ in range(3)]
    async with place.opened():
        pass

    collection = "views" if place.transactions else "unfinished"
    command = "update" if place.transactions else "insert"
    await place.killed_after(command, collection, lambda store: store.save_views(views))

    async with place.opened() as store:
        found = [await store.view(view.user_id, view.session_id) for view in views]
        assert found == ([None] * 3 if place.transactions else views)


async def test_an_export_finishes_a_guests_move(servers: Servers) -> None:
    alone = Place(servers.own(transactions=False), transactions=False)
    async with alone.opened() as store:
        sample = await SampleShow().create(store)
    account = new_id()

    await alone.killed_after(
        "insert",
        "moved_users",
        lambda store: store.move_user(sample.host_id, account, "Anna", NOON),
    )

    exported = [record async for record in read_all(alone.url, "motor")]
    assert replace(sample.host, user_id=account) in exported
    assert sample.host not in exported
