"""From hello to the welcome: nobody holds a connection for ever by a hello that nobody answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harness.rooms import FakeLink, House, say, until
from sessions.core.records import User
from sessions.stores.base import StoredShow
from sessions.stores.sqlite.store import SqliteStore


class HangingStore(SqliteStore):
    """A store that reads no show while ``hangs`` is not set."""

    hangs: asyncio.Event | None = None

    async def stored_show(self, show_id: str, limit: int) -> StoredShow | None:
        if self.hangs is not None:
            await self.hangs.wait()
        return await super().stored_show(show_id, limit)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[HangingStore]:
    async with HangingStore(tmp_path / "data") as store:
        yield store


async def nobody_answers(_token: str) -> User:
    """Ask an issuer that never answers."""
    never: asyncio.Future[User] = asyncio.get_running_loop().create_future()
    return await never


async def test_a_hello_whose_passport_nobody_judges_is_given_up(house: House) -> None:
    link = FakeLink()
    conversation = house.conversation(link, identify=nobody_answers, greeting_timeout=0.01)

    say(conversation, type="hello", protocol=1, token="Anna")

    await until(lambda: link.closed)
    assert link.closed == (1013, "greeting_timeout")
    assert conversation.has_ended


async def test_a_hello_to_a_show_that_never_opens_is_given_up(
    house: House, store: HangingStore
) -> None:
    store.hangs = asyncio.Event()
    link = FakeLink()

    say(house.conversation(link, "Anna", greeting_timeout=0.01), type="hello", protocol=1)
    await until(lambda: link.closed)

    assert link.closed == (1013, "greeting_timeout")
    assert not link.of("welcome")
    store.hangs.set()
    again, _ = await house.enter("Anna")
    assert again.of("welcome")


async def test_a_link_holds_its_connection_from_the_welcome_on(house: House) -> None:
    waiting = house.conversation(FakeLink(), identify=nobody_answers)
    say(waiting, type="hello", protocol=1, token="Anna")
    _, here = await house.enter("Anna")

    assert (waiting.greeted, here.greeted) == (False, True)
    assert waiting.deadline is None, "it said hello in time"
    await waiting.gone()
