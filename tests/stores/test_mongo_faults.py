"""What is left in MongoDB where it is killed, stands still, or its answers are lost.

Under words, moves and deletions: nothing acknowledged is lost, nothing stands there twice, ``seq``
has no gaps, and the room goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from harness.mongo_server import MongoServer, address_of
from harness.samples import SampleShow
from sessions.core.errors import StaleRevision, StoreUnavailable
from sessions.core.records import Entry
from sessions.stores.base import MAX_WRITE_WAIT_S
from sessions.stores.mongo.driver import Driver
from sessions.stores.mongo.store import MongoStore
from tests.stores.proxy import proxy_to

WRITERS = 6


class Evening:
    """People who speak and move a film without a pause, and what they were told."""

    def __init__(self, store: MongoStore, sample: SampleShow) -> None:
        self.acknowledged: dict[str, Entry] = {}
        self.deleted: set[str] = set()
        self.refused = 0
        self._store = store
        self._sample = sample
        self._over = asyncio.Event()
        self._told = asyncio.Condition()

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Let them speak for as long as the block runs."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._move())
            for _ in range(WRITERS):
                group.create_task(self._say())
            yield
            self._over.set()

    async def more(self, count: int) -> None:
        """Wait until so many more entries were acknowledged."""
        wanted = len(self.acknowledged) + count
        async with asyncio.timeout(60.0), self._told:
            await self._told.wait_for(lambda: len(self.acknowledged) >= wanted)

    async def _say(self) -> None:
        count = 0
        while not self._over.is_set():
            entry = self._sample.entry()
            # A page says what was refused again, under the same id.
            while not await self._appended(entry) and not self._over.is_set():
                self.refused += 1
                await asyncio.sleep(0.02)
            count += 1
            if count % 5 == 0 and entry.id in self.acknowledged:
                await self._delete(entry.id)

    async def _appended(self, entry: Entry) -> bool:
        try:
            appended = await self._store.append(entry)
        except StoreUnavailable:
            return False
        await self._note(appended.entry)
        return True

    async def _note(self, entry: Entry) -> None:
        self.acknowledged[entry.id] = entry
        async with self._told:
            self._told.notify_all()

    async def _delete(self, message_id: str) -> None:
        deletion = self._sample.entry("deleted")
        try:
            gone = await self._store.delete_message(message_id, deletion)
        except StoreUnavailable:
            self.refused += 1
            return
        await self._note(gone.entry)
        self.deleted.add(message_id)

    async def _move(self) -> None:
        """Move as a room does: after a refusal the log says where the film is."""
        revision = 1
        while not self._over.is_set():
            move = self._sample.move(revision + 1, position=float(revision % 600))
            try:
                appended = await self._store.append(move)
            except (StoreUnavailable, StaleRevision) as error:
                self.refused += isinstance(error, StoreUnavailable)
                revision = await self._newest(revision)
            else:
                await self._note(appended.entry)
                revision += 1
            await asyncio.sleep(0.01)

    async def _newest(self, known: int) -> int:
        try:
            found = await self._store.stored_show(self._sample.show.id, 1)
        except StoreUnavailable:
            return known
        assert found is not None
        return found.sessions[0].chain.newest.revision

    async def check(self) -> None:
        """Compare the log with what was acknowledged."""
        log = await self._store.entries(self._sample.show.id, after=0, limit=1_000_000)
        assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
        assert len({entry.id for entry in log}) == len(log)
        kept = {entry.id: entry for entry in log}
        for entry_id, told in self.acknowledged.items():
            assert kept[entry_id].seq == told.seq
            assert kept[entry_id].deleted or kept[entry_id].text == told.text
        for message_id in self.deleted:
            assert (kept[message_id].text, kept[message_id].deleted) == ("", True)
        moves = [entry.revision for entry in log if entry.timeline is not None]
        assert moves == list(range(2, len(moves) + 2))
        session = await self._store.session(self._sample.session.id)
        assert session is not None
        assert session.chain.newest.revision == len(moves) + 1
        assert (await self._store.append(self._sample.move(len(moves) + 2))).new


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MongoServer]:
    """Return a database server of the test's own."""
    running = MongoServer(tmp_path / "mongo")
    running.start()
    yield running
    running.close()


@asynccontextmanager
async def evening(
    url: str, driver: Driver, write_wait: float = MAX_WRITE_WAIT_S
) -> AsyncIterator[Evening]:
    async with MongoStore(url, driver=driver, write_wait=write_wait, read_wait=write_wait) as store:
        yield Evening(store, await SampleShow().create(store))


drivers = pytest.mark.parametrize("driver", ["motor", "pymongo"])


@drivers
async def test_nothing_acknowledged_is_lost_where_the_database_is_killed(
    server: MongoServer, driver: Driver
) -> None:
    async with evening(server.url, driver) as people:
        async with people.going_on():
            for _ in range(2):
                await people.more(60)
                await asyncio.to_thread(server.kill)
                await asyncio.to_thread(server.start)
            await people.more(60)
        await people.check()


@drivers
async def test_a_database_that_stands_still_is_waited_for_no_longer_than_the_bound(
    server: MongoServer, driver: Driver
) -> None:
    async with evening(server.url, driver, write_wait=0.5) as people:
        async with people.going_on():
            await people.more(30)
            server.stop()
            await asyncio.sleep(1.5)
            assert people.refused >= WRITERS
            server.resume()
            await people.more(30)
        await people.check()


@drivers
async def test_an_insert_whose_answer_is_lost_is_neither_lost_nor_made_twice(
    server: MongoServer, driver: Driver
) -> None:
    async with proxy_to(server.port) as proxy:
        # Without the driver's own retry, which would hide what is tested here.
        server_url = f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true&retryWrites=false"
        url = address_of(server_url, "evening")
        async with evening(url, driver) as people:
            async with people.going_on():
                for _ in range(4):
                    await people.more(10)
                    await proxy.swallow(b"\x02insert\x00\x08\x00\x00\x00entries\x00")
            await people.check()
        # Each was found by its id, within the time that one waits for an answer.
        assert people.refused == 0


@drivers
async def test_lines_that_are_cut_again_and_again_cost_nothing(
    server: MongoServer, driver: Driver
) -> None:
    async with proxy_to(server.port) as proxy:
        url = address_of(f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true", "evening")
        async with evening(url, driver) as people:
            async with people.going_on():
                for _ in range(3):
                    await people.more(10)
                    proxy.cut()
                    proxy.cut()
            await people.check()


@drivers
async def test_a_store_closes_while_its_database_stands_still(
    server: MongoServer, driver: Driver
) -> None:
    store = MongoStore(server.url, driver=driver, write_wait=0.3)
    await store.open()
    sample = await SampleShow().create(store)
    server.stop()
    saying = asyncio.create_task(store.append(sample.entry()))
    await asyncio.sleep(0)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.05)
            ticks += 1

    ticking = asyncio.create_task(tick())
    async with asyncio.timeout(5.0):
        await store.close()
    ticking.cancel()
    server.resume()

    with pytest.raises(StoreUnavailable):
        await saying
    # The event loop went on meanwhile.
    assert ticks >= 4
