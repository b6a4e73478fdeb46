"""What every store promises of jobs: one owner at a time, for as long as the owner lives."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from harness.samples import NOON, new_id
from sessions.core.records import Job
from sessions.stores.base import Store
from tests.stores.conftest import Engine

LEASE_S = 10.0


def a_job(owner: str = "one", **fields: object) -> Job:
    job = Job(
        id=new_id(),
        created_at=NOON,
        kind="live",
        target_id=new_id(),
        identity="first",
        owner=owner,
        lease_until=NOON + LEASE_S,
    )
    return replace(job, **fields)  # type: ignore[arg-type]


async def test_a_job_is_kept_for_the_first_who_takes_it(store: Store) -> None:
    job = a_job()

    assert await store.take_job(job, NOON) == job
    assert await store.take_job(replace(job, id=new_id(), owner="two"), NOON + 9) is None

    assert await store.job("live", job.target_id) == job
    assert await store.job("live", new_id()) is None


async def test_of_many_who_take_a_job_at_once_one_has_it(store: Store) -> None:
    job = a_job()
    takers = [replace(job, id=new_id(), owner=f"owner {n}") for n in range(20)]

    taken = await asyncio.gather(*(store.take_job(taker, NOON) for taker in takers))

    assert len([one for one in taken if one is not None]) == 1


async def test_a_job_whose_owner_is_silent_is_taken_after_its_lease(store: Store) -> None:
    job = a_job()
    await store.take_job(job, NOON)
    await store.renew_job(job.id, "one", NOON + 12, 0.25)
    other = replace(job, id=new_id(), owner="two", created_at=NOON + 12, lease_until=NOON + 22)

    assert await store.free_jobs(NOON + 11.9, 9) == []
    assert await store.take_job(other, NOON + 11.9) is None
    assert [free.id for free in await store.free_jobs(NOON + 12, 9)] == [job.id]
    taken = await store.take_job(other, NOON + 12)

    assert taken == replace(job, owner="two", lease_until=NOON + 22, progress=0.25)
    assert not await store.renew_job(job.id, "one", NOON + 99, 0.9)
    await store.give_back_job(job.id, "one", 0.9)
    assert await store.job("live", job.target_id) == taken


async def test_an_owner_keeps_a_job_by_renewing_it(store: Store) -> None:
    job = a_job()
    await store.take_job(job, NOON)

    for second in (3, 6, 9, 12, 15):
        assert await store.renew_job(job.id, "one", NOON + second + LEASE_S, second / 100)

    assert await store.take_job(replace(job, owner="two"), NOON + 24) is None
    assert await store.take_job(replace(job, lease_until=NOON + 40), NOON + 24) is not None


async def test_a_job_that_was_given_back_can_be_taken_at_once(store: Store) -> None:
    job = a_job()
    await store.take_job(job, NOON)

    await store.give_back_job(job.id, "one", 0.5)

    assert [free.progress for free in await store.free_jobs(NOON, 9)] == [0.5]
    assert await store.take_job(replace(job, owner="two"), NOON + 1) is not None


async def test_a_job_that_is_done_is_free_no_more(store: Store) -> None:
    early, late = a_job(created_at=NOON - 5), a_job()
    for job in (late, early):
        await store.take_job(job, NOON)
        await store.give_back_job(job.id, "one", 0.0)

    assert [free.id for free in await store.free_jobs(NOON, 9)] == [early.id, late.id]
    assert [free.id for free in await store.free_jobs(NOON, 1)] == [early.id]

    await store.take_job(early, NOON)
    await store.give_back_job(early.id, "one", 1.0)

    assert [free.id for free in await store.free_jobs(NOON, 9)] == [late.id]


async def test_a_job_begins_anew_where_the_film_is_another(store: Store) -> None:
    job = a_job()
    await store.take_job(job, NOON)
    await store.give_back_job(job.id, "one", 1.0)

    again = await store.take_job(replace(job, id=new_id(), identity="second"), NOON + 1)

    assert again == replace(job, identity="second", progress=0.0)


async def test_jobs_are_there_after_a_restart(engine: Engine) -> None:
    first, second, job = engine(), engine(), a_job()
    await first.open()
    await first.take_job(job, NOON)
    await first.close()

    await second.open()

    assert await second.job("live", job.target_id) == job
    await second.close()
