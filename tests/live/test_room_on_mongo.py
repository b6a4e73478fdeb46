"""A room whose MongoDB is killed, stands still or loses its answers goes on where it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import cycle
from uuid import uuid4

import pytest

from harness.mongo_server import MongoServer, address_of
from harness.rooms import T0, Clock, FakeLink, House
from sessions.core.commands import Command, Pause, Play
from sessions.core.errors import StoreUnavailable
from sessions.stores.mongo.driver import Driver
from sessions.stores.mongo.store import MongoStore
from tests.stores.proxy import Proxy, proxy_to

INSERT = b"\x02insert\x00\x08\x00\x00\x00entries\x00"
"""What a request to insert into the log holds."""

WAIT_S = 0.7
"""How long the stores of these tests wait for an answer, seconds."""

Fault = Callable[[MongoServer, Proxy], Awaitable[None]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    running = MongoServer(tmp_path_factory.mktemp("mongo"))
    running.start()
    yield running
    running.close()


async def loses_an_answer(_server: MongoServer, proxy: Proxy) -> None:
    await proxy.swallow(INSERT)


async def stands_still(server: MongoServer, _proxy: Proxy) -> None:
    server.stop()
    await asyncio.sleep(2 * WAIT_S)
    server.resume()


async def is_killed(server: MongoServer, _proxy: Proxy) -> None:
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(WAIT_S)
    await asyncio.to_thread(server.start)


class Evening:
    """A room on a database, with a host who says and commands, and a page that listens."""

    def __init__(self, house: House, link: FakeLink) -> None:
        self.house = house
        self.link = link
        self.acknowledged: set[str] = set()
        self._orders: Iterator[Command] = cycle([Pause(), Play()])

    async def go_on_through(self, fault: Awaitable[None]) -> None:
        """Say and command without a pause until the fault is over, and a little longer."""
        over = asyncio.ensure_future(fault)
        for _ in range(3):
            await self.say_and_command()
        while not over.done():
            await self.say_and_command()
        await over

    async def say_and_command(self) -> None:
        """Say and order something; only that nothing can be saved is a reason not to."""
        host, message_id = self.house.people["Anna"], str(uuid4())
        live = await self.house.live_session()
        self.house.clock.advance(1.0)
        try:
            await self.house.chat.say(
                self.house.show.id, host.user_id, message_id, "Начинаем!", self.house.session.id
            )
            self.acknowledged.add(message_id)
            await live.command(host.user_id, next(self._orders), None)
        except StoreUnavailable:
            await self.house.registry.tick()

    async def works(self) -> bool:
        """Tell whether words and commands are accepted again, within some seconds."""
        live = await self.house.live_session()
        for _ in range(30):
            before = live.room.chain.newest.revision
            await self.say_and_command()
            await self.say_and_command()
            if live.room.chain.newest.revision > before:
                return True
            await asyncio.sleep(0.1)
        return False


@asynccontextmanager
async def evening(proxy: Proxy, driver: Driver, clock: Clock) -> AsyncIterator[Evening]:
    base = f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true&retryWrites=false"
    url = address_of(base, f"evening_{uuid4().hex}")
    async with MongoStore(url, driver=driver, write_wait=WAIT_S, read_wait=WAIT_S) as store:
        house = await House.build(store, clock, duration=36_000.0)
        house.clock.now = T0 + 5.0
        link, _ = await house.enter("Anna")
        yield Evening(house, link)
        await house.registry.stop()


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
@pytest.mark.parametrize("fault", [loses_an_answer, stands_still, is_killed])
async def test_a_room_goes_on_and_its_page_sees_each_entry_once(
    server: MongoServer, clock: Clock, driver: Driver, fault: Fault
) -> None:
    async with proxy_to(server.port) as proxy, evening(proxy, driver, clock) as room:
        for _ in range(2):
            await room.go_on_through(fault(server, proxy))
            assert await room.works()

        house = room.house
        live = await house.live_session()
        await live.live_show.writer.read_tail()
        log = await house.store.entries(house.show.id, after=0, limit=10_000)
        seqs = [entry.seq for entry in log]
        assert seqs == list(range(1, len(log) + 1))
        assert room.acknowledged <= {entry.id for entry in log}
        assert room.link.log() == seqs[-len(room.link.log()) :]
        assert room.acknowledged <= {message["id"] for message in room.link.of("message")}
        assert (await house.stored_session()).chain == live.room.chain
