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
from harness.samples import NOON, SampleShow, everybody_in, tail_of
from sessions.core.errors import StoreUnavailable
from sessions.stores.mongo.store import MongoStore
from tests.stores.conftest import Servers
from tests.stores.proxy import proxy_to

Work = Callable[[MongoStore], Awaitable[object]]


class Place:
    """A database, and how a process that ends too early reaches it."""

    def __init__(self, base: str, *, transactions: bool) -> None:
        self.transactions = transactions
        self._base = base
        self._name = new_database()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[MongoStore]:
        async with MongoStore(address_of(self._base, self._name)) as store:
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
