"""A store that hangs is not ready, within a bound, and is asked by one at a time."""

from __future__ import annotations

import asyncio

from harness.rooms import Clock
from streamer.web.readiness import Readiness


class HangingStore:
    """A store that answers once it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers = asyncio.Event()

    async def healthy(self) -> bool:
        self.asked += 1
        await self.answers.wait()
        return True


async def test_a_store_that_hangs_is_not_ready_and_not_asked_again_while_it_does() -> None:
    store, clock = HangingStore(), Clock()
    async with Readiness(store.healthy, clock, within=0.01) as readiness:
        answers = await asyncio.gather(readiness.check(), readiness.check())
        assert list(answers) == [False, False]
        clock.advance(60.0)
        assert await readiness.check() is False
        assert store.asked == 1

        store.answers.set()
        await asyncio.sleep(0)
        assert await readiness.check() is True
        assert store.asked == 2


async def test_a_good_answer_holds_for_a_second() -> None:
    store, clock = HangingStore(), Clock()
    store.answers.set()
    async with Readiness(store.healthy, clock) as readiness:
        assert await readiness.check()
        clock.advance(0.9)
        assert await readiness.check()
        assert store.asked == 1
        clock.advance(0.1)
        assert await readiness.check()

    assert store.asked == 2


async def test_a_check_that_breaks_is_not_ready() -> None:
    async def broken() -> bool:
        raise ZeroDivisionError

    async with Readiness(broken, Clock()) as readiness:
        assert await readiness.check() is False
