"""The Auth service's keys are fetched aside, seldom, and kept while it is away."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from harness.auth_service import FakeAuth, Key
from harness.rooms import Clock, until
from sessions.core.errors import AuthUnavailable
from streamer.auth import jwks as module
from streamer.auth.jwks import FetchFailed, Jwks, fetcher


class Fetches:
    """What is fetched, when the test lets it."""

    def __init__(self, *keys: Key) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.away = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self) -> bytes:
        self.asked += 1
        await self.may_answer.wait()
        if self.away:
            raise FetchFailed("auth.example answers 502")
        return json.dumps({"keys": [key.jwk() for key in self.keys]}).encode()


OLD, NEW = Key.new("ES256", "old"), Key.new("ES256", "new")


@pytest.fixture
def fetches() -> Fetches:
    return Fetches(OLD)


@pytest.fixture
async def keys(fetches: Fetches, clock: Clock) -> AsyncIterator[Jwks]:
    """Keys that were fetched once, and tick when the test says so."""
    jwks = Jwks(fetches, clock)
    jwks.tick()
    await until(lambda: jwks.counts.fetched + jwks.counts.failed)
    yield jwks
    await jwks.__aexit__()


def failures_of(keys: Jwks, count: int) -> bool:
    return keys.counts.failed == count


async def test_keys_are_fetched_at_the_start_without_being_asked_for(clock: Clock) -> None:
    async with Jwks(Fetches(OLD), clock) as jwks:
        await until(lambda: jwks.size == 1)
        assert jwks.age == 0.0


async def test_known_keys_are_found_without_a_fetch(keys: Jwks, fetches: Fetches) -> None:
    for _ in range(100):
        (found,) = await keys.candidates("ES256", "old")
        assert found.kid == "old"

    assert fetches.asked == 1


async def test_keys_are_fetched_anew_before_anybody_asks(
    keys: Jwks, fetches: Fetches, clock: Clock
) -> None:
    fetches.keys = [NEW]
    clock.advance(299.0)
    keys.tick()
    await asyncio.sleep(0)
    assert fetches.asked == 1

    clock.advance(1.0)
    keys.tick()
    await until(lambda: keys.counts.fetched == 2)

    assert await keys.candidates("ES256", "new")
    assert fetches.asked == 2
    assert await keys.candidates("ES256", "old") == ()


async def test_only_a_key_id_that_nobody_knows_is_asked_for(keys: Jwks, fetches: Fetches) -> None:
    assert await keys.candidates("RS256", "old") == ()
    assert await keys.candidates("RS256", None) == ()
    assert fetches.asked == 1

    assert await keys.candidates("RS256", "new") == ()
    assert fetches.asked == 2


async def test_an_unknown_key_is_fetched_and_waited_for(
    keys: Jwks, fetches: Fetches, clock: Clock
) -> None:
    fetches.keys = [OLD, NEW]
    clock.advance(31.0)

    (found,) = await keys.candidates("ES256", "new")

    assert (found.kid, fetches.asked) == ("new", 2)


async def test_a_key_that_is_new_right_after_the_start_is_known_at_once(
    keys: Jwks, fetches: Fetches
) -> None:
    fetches.keys = [OLD, NEW]

    assert await keys.candidates("ES256", "new")
    assert await keys.candidates("ES256", "another") == ()
    assert fetches.asked == 2


async def test_a_flood_of_unknown_keys_causes_one_fetch_in_half_a_minute(
    keys: Jwks, fetches: Fetches, clock: Clock
) -> None:
    clock.advance(31.0)

    for second in range(60):
        tokens = [keys.candidates("ES256", f"unknown {second} {n}") for n in range(50)]
        assert set(await asyncio.gather(*tokens)) == {()}
        clock.advance(1.0)

    assert fetches.asked == 1 + 2


async def test_all_who_ask_at_once_wait_for_the_same_fetch(
    keys: Jwks, fetches: Fetches, clock: Clock
) -> None:
    fetches.keys = [OLD, NEW]
    clock.advance(31.0)
    fetches.may_answer.clear()
    asking = [asyncio.create_task(keys.candidates("ES256", "new")) for _ in range(50)]
    await until(lambda: fetches.asked == 2)
    asking[0].cancel()
    fetches.may_answer.set()

    found = await asyncio.gather(*asking, return_exceptions=True)

    assert isinstance(found[0], asyncio.CancelledError)
    assert all(not isinstance(each, BaseException) and len(each) == 1 for each in found[1:])
    assert fetches.asked == 2


async def test_only_so_many_wait_and_the_others_are_answered_at_once(
    keys: Jwks, fetches: Fetches, clock: Clock
) -> None:
    clock.advance(31.0)
    fetches.may_answer.clear()
    waiting = [
        asyncio.create_task(keys.candidates("ES256", "new")) for _ in range(module.MAX_WAITING)
    ]
    await until(lambda: fetches.asked == 2)

    assert await keys.candidates("ES256", "new") == ()

    fetches.may_answer.set()
    await asyncio.gather(*waiting)


async def test_nobody_waits_for_long(
    keys: Jwks, fetches: Fetches, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_WAIT_S", 0.01)
    clock.advance(31.0)
    fetches.may_answer.clear()

    assert await keys.candidates("ES256", "new") == ()
    assert await keys.candidates("ES256", "old")


async def test_the_last_good_keys_stay_while_the_service_is_away(
    keys: Jwks, fetches: Fetches, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    fetches.away = True

    with caplog.at_level(logging.INFO, "seans.auth"):
        clock.advance(300.0)
        for failed in range(1, 200):
            keys.tick()
            await until(partial(failures_of, keys, failed))
            clock.advance(60.0)
            assert await keys.candidates("ES256", "old")

        fetches.away = False
        clock.advance(60.0)
        keys.tick()
        await until(lambda: keys.counts.fetched == 2)

    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "The Auth service's keys can't be had, the known ones are kept: auth.example answers 502",
        "The Auth service's keys are here: 1",
    ]
    assert keys.age == 0.0


async def test_without_any_keys_nobody_can_be_told_apart(fetches: Fetches, clock: Clock) -> None:
    fetches.away = True
    keys = Jwks(fetches, clock)

    for _ in range(20):
        with pytest.raises(AuthUnavailable):
            await keys.candidates("ES256", "old")
        clock.advance(1.0)
    assert fetches.asked == 2

    fetches.away = False
    clock.advance(10.0)
    assert await keys.candidates("ES256", "old")


async def test_a_set_without_usable_keys_does_not_replace_a_good_one(
    keys: Jwks, fetches: Fetches, clock: Clock
) -> None:
    fetches.keys = []
    clock.advance(300.0)
    keys.tick()
    await until(lambda: keys.counts.failed == 1)

    assert await keys.candidates("ES256", "old")


async def test_keys_that_are_none_are_told_of(
    fetches: Fetches, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async def fetch() -> bytes:
        return json.dumps({"keys": [OLD.jwk(), {"kty": "oct"}]}).encode()

    keys = Jwks(fetch, clock)
    with caplog.at_level(logging.INFO, "seans.auth"):
        assert await keys.candidates("ES256", "old")

    assert [record.getMessage() for record in caplog.records] == [
        "The Auth service's keys are here: 1",
        "Keys of the Auth service that are not for passports: 1",
    ]
    assert keys.counts.unusable == 1


async def fetched(url: str) -> bytes:
    async with aiohttp.ClientSession() as session:
        return await fetcher(session, url)()


async def test_a_key_set_is_fetched_over_http() -> None:
    async with FakeAuth().running() as auth:
        assert await fetched(f"{auth.address}/jwks") == auth.jwks()


async def test_no_redirect_is_followed() -> None:
    async with FakeAuth().running() as auth:
        with pytest.raises(FetchFailed, match="answers 302"):
            await fetched(f"{auth.address}/elsewhere")
        assert auth.asked == 0


async def test_a_huge_answer_is_cut_off() -> None:
    async with FakeAuth(text=b" " * (module.MAX_SIZE + 1)).running() as auth:
        with pytest.raises(FetchFailed, match="more than"):
            await fetched(f"{auth.address}/jwks")


async def test_a_service_that_fails_or_is_not_there_is_told_in_words() -> None:
    async with FakeAuth(status=500).running() as auth:
        with pytest.raises(FetchFailed, match=r"127\.0\.0\.1 answers 500"):
            await fetched(f"{auth.address}/jwks")
    with pytest.raises(FetchFailed, match="can't be asked"):
        await fetched(f"{auth.address}/jwks")


async def test_an_answer_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.02)

    monkeypatch.setattr(module, "FETCH_TIMEOUT_S", 0.2)
    app = web.Application()
    app.router.add_get("/jwks", drip)
    runner: Any = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        with pytest.raises(FetchFailed, match="can't be asked"):
            await fetched(f"http://127.0.0.1:{runner.addresses[0][1]}/jwks")
    finally:
        await runner.cleanup()
