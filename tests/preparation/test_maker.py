"""Who makes what when, with workers that do as the test says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from harness.rooms import until
from sessions.stores.sqlite.store import SqliteStore
from streamer.preparation.errors import Reason, RenditionUnavailable
from streamer.preparation.films import FilmFile
from tests.preparation.fake_workers import Stage, settle


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with SqliteStore(tmp_path) as store, Stage(tmp_path, store).running() as stage:
        yield stage


async def code_of(work: Awaitable[object]) -> Reason:
    with pytest.raises(RenditionUnavailable) as refused:
        await work
    return refused.value.code


async def test_no_process_runs_before_somebody_asks(stage: Stage) -> None:
    stage.add()
    await stage.advance(100)
    assert stage.started == []

    await stage.maker.warm()
    assert sorted(worker.kind for worker in stage.started) == ["sound", "video"]


async def test_a_film_is_made_ahead_from_its_beginning(stage: Stage) -> None:
    film = stage.add()
    stage.maker.prepare(film)

    # The job is taken from a store that works in a thread.
    await until(lambda: [worker.first for worker in stage.started] == [0, 0])


async def test_a_film_that_is_gone_is_not_made_ahead(stage: Stage) -> None:
    stage.maker.prepare(uuid4())
    await settle()

    assert stage.started == []


async def test_the_first_run_begins_exactly_at_the_segment_that_is_asked_for(stage: Stage) -> None:
    rendition = await stage.rendition()
    task = await stage.ask(rendition, 57)

    assert (stage.worker().first, stage.worker("sound").first) == (57, 57)
    stage.worker().make(57)
    await settle()
    assert not task.done()
    stage.worker("sound").make(57)

    segment = await task
    assert (segment.number, segment.start, segment.end) == (57, 114.0, 116.0)
    assert [sample.data for sample in segment.video + segment.sound] == [b"video 57", b"sound 57"]
    assert rendition.progress == 0.01


async def test_a_segment_that_is_made_is_given_without_a_worker(stage: Stage) -> None:
    rendition = await stage.rendition()
    task = await stage.ask(rendition, 3)
    await stage.make(3)

    assert await task == await rendition.segment(3, within=0)


async def test_the_nearest_deadline_goes_first(stage: Stage) -> None:
    first, second = await stage.rendition(), await stage.rendition()
    first.follow(100.0, 1.0)
    await settle()
    assert stage.worker().first == 50

    for number in (50, 51, 52):
        stage.worker().make(number)
    orders = len(stage.worker().orders)
    _ = await stage.ask(second, 9, within=20.0)
    assert len(stage.worker().orders) == orders, "what is played first is not interrupted"

    _ = await stage.ask(second, 30, within=2.0)
    assert stage.worker().first == 30


async def test_a_seek_is_a_new_order_to_the_same_worker(stage: Stage) -> None:
    rendition = await stage.rendition()
    rendition.follow(0.0, 1.0)
    await settle()
    assert stage.worker().first == 0

    rendition.follow(80.0, 1.0)
    await settle()
    assert stage.worker().first == 40
    assert len(stage.started) == 2

    orders = len(stage.worker().orders)
    rendition.follow(82.0, 1.0)
    await settle()
    assert len(stage.worker().orders) == orders, "the run gets there by itself"


async def test_what_nobody_waits_for_any_more_is_dropped(stage: Stage) -> None:
    rendition = await stage.rendition()
    rendition.follow(0.0, 1.0)
    await settle()
    stage.worker().make(0)
    task = await stage.ask(rendition, 60, within=0.0)
    assert stage.worker().first == 60

    task.cancel()
    await settle()
    await stage.advance(1)
    assert stage.worker().first == 1
    assert stage.maker.counts.waiting == 0


async def test_a_worker_that_dies_is_replaced_and_its_order_done_again(stage: Stage) -> None:
    rendition = await stage.rendition()
    task = await stage.ask(rendition, 57)
    stage.worker("sound").make(57)

    for _ in range(3):
        stage.worker().answer({"alive": True})
        stage.worker().die()
        await settle()
        await stage.advance(5)
        assert stage.worker().first == 57
    stage.worker().make(57)
    assert (await task).number == 57
    assert stage.maker.counts.restarts == 3


async def test_what_every_worker_dies_at_is_given_up_and_tried_later(stage: Stage) -> None:
    rendition = await stage.rendition()
    task, other = await stage.ask(rendition, 57), await stage.ask(rendition, 58)

    for _ in range(5):
        await stage.advance(5)
        stage.worker().answer({"alive": True})
        stage.worker().die()
        await settle()

    assert await code_of(task) == "no_workers"
    assert not other.done()
    assert await code_of(rendition.segment(57, within=1)) == "no_workers"
    await stage.advance(4)
    assert stage.worker().first == 58
    other.cancel()
    await stage.advance(6)
    _ = await stage.ask(rendition, 57)
    assert stage.worker().first == 57


async def test_a_worker_that_says_nothing_is_killed(stage: Stage) -> None:
    rendition = await stage.rendition()
    _ = await stage.ask(rendition, 57)

    for _ in range(3):
        await stage.advance(20)
        stage.worker().answer({"alive": True})
    assert not stage.worker().killed
    await stage.advance(31)
    assert stage.worker().killed


async def test_a_segment_that_takes_too_long_is_refused(stage: Stage) -> None:
    rendition = await stage.rendition()
    task = await stage.ask(rendition, 57)

    for _ in range(41):
        await stage.advance(15)
        stage.worker().answer({"alive": True})

    assert stage.worker().killed
    assert await code_of(task) == "too_costly"


async def test_a_worker_with_nothing_to_do_is_ended(stage: Stage) -> None:
    await stage.maker.warm()
    await stage.advance(599)
    assert not any(worker.killed for worker in stage.started)

    await stage.advance(2)
    assert all(worker.killed for worker in stage.started)
    for worker in list(stage.started):
        worker.die()
    await settle()
    assert stage.maker.counts.restarts == 0
    rendition = await stage.rendition()
    _ = await stage.ask(rendition, 0)
    assert stage.worker().first == 0


async def test_a_full_disk_is_told_to_all_and_tried_again(stage: Stage) -> None:
    rendition = await stage.rendition()
    tasks = [await stage.ask(rendition, number) for number in (57, 80)]
    stage.worker().answer({"failed": "disk_full", "detail": "No space left on device"})

    assert [await code_of(task) for task in tasks] == ["disk_full", "disk_full"]
    assert await code_of(rendition.segment(3, within=1)) == "disk_full"
    await stage.advance(6)
    task = await stage.ask(rendition, 3)
    assert stage.worker().first == 3
    await stage.make(3)
    assert (await task).number == 3


async def test_a_place_that_cannot_be_decoded_fails_alone(stage: Stage) -> None:
    rendition = await stage.rendition()
    broken, whole = await stage.ask(rendition, 57, 1.0), await stage.ask(rendition, 80, 2.0)
    stage.worker().answer({"failed": "unreadable", "detail": "Invalid data"})

    assert await code_of(broken) == "unreadable"
    assert stage.worker().first == 80
    await stage.advance(1)
    assert stage.worker("sound").first == 80
    await stage.make(80)
    assert (await whole).number == 80


async def test_films_that_are_not_there_are_refused(stage: Stage) -> None:
    film_id = stage.add()
    rendition = await stage.rendition(film_id)
    task = await stage.ask(rendition, 5)

    # Another film has taken its place, under the same id.
    stage.films[film_id] = replace(stage.films[film_id], file=FilmFile("film.mkv", 2, 2))
    await stage.rendition(film_id)
    assert await code_of(task) == "film_gone"
    assert await code_of(rendition.segment(6, within=1)) == "film_gone"

    del stage.films[film_id]
    assert await code_of(stage.maker.live_rendition(film_id)) == "unknown_film"


async def test_a_film_that_no_worker_survives_is_refused(stage: Stage) -> None:
    stage.survives_surveys = False

    assert await code_of(stage.maker.live_rendition(stage.add())) == "no_workers"
    assert len([w for w in stage.started if any(o["do"] == "survey" for o in w.orders)]) == 3


async def test_a_system_that_starts_no_process_is_told(stage: Stage) -> None:
    stage.refuses_to_start = True

    assert await code_of(stage.maker.live_rendition(stage.add())) == "no_workers"


async def test_a_damaged_file_is_made_again(stage: Stage) -> None:
    rendition = await stage.rendition()
    task = await stage.ask(rendition, 3)
    await stage.make(3)
    await task
    [file] = stage.data.glob("renditions/*/video-*/000/00003.m4s")
    file.write_bytes(file.read_bytes()[:-3])

    again = await stage.ask(rendition, 3)
    # A thread of its own finds out that it is damaged.
    await stage.until(lambda: stage.worker().first == 3)
    await stage.make(3)

    assert (await again).number == 3


async def test_it_is_said_when_making_cannot_keep_up(stage: Stage) -> None:
    film_id = stage.add()
    rendition, other = await stage.rendition(film_id), await stage.rendition(film_id)
    rendition.follow(0.0, 1.0)
    other.follow(0.0, 0.0)
    await settle()

    for number in range(4):
        stage.worker("sound").make(number)
        for _ in range(4):
            await stage.advance(1)
        stage.worker().make(number)
        await stage.advance(0)

    assert rendition.behind
    assert not other.behind, "it stands"
    assert stage.maker.behind(film_id)
    assert stage.maker.counts.behind == 1
    for number in range(4, 40):
        stage.worker("sound").make(number)
        stage.worker().make(number)
    await stage.advance(0.1)
    assert not rendition.behind


async def test_sound_does_not_run_ahead_while_a_picture_is_waited_for(stage: Stage) -> None:
    rendition = await stage.rendition()
    rendition.follow(0.0, 1.0)
    await settle()

    for number in range(5):
        stage.worker("sound").make(number)
    assert stage.worker("sound").order["do"] == "make"
    stage.worker("sound").make(5)
    assert stage.worker("sound").order["do"] == "stop"

    for number in range(4):
        stage.worker().make(number)
    assert stage.worker("sound").first == 6


async def test_the_rest_of_a_film_is_made_under_a_lease(stage: Stage) -> None:
    film_id = stage.add()
    await stage.rendition(film_id)
    await stage.until(lambda: stage.worker().first == 0)
    await stage.maker.keep_jobs()
    other = stage.another_maker()

    async with other:
        await other.live_rendition(film_id)
        await other.keep_jobs()
        assert stage.worker().order["do"] == "survey", "another server makes the rest"

        # That one was killed, or its machine sleeps.
        stage.now += 70
        await other.keep_jobs()
        await stage.until(lambda: stage.worker().first == 0)


async def test_a_job_goes_on_after_a_restart_without_anybody(stage: Stage) -> None:
    film_id = stage.add()
    async with stage.another_maker() as other:
        await other.live_rendition(film_id)
        await stage.until(lambda: stage.worker().first == 0)
        started = len(stage.started)

    await stage.maker.keep_jobs()

    assert len(stage.started) > started
    await stage.until(lambda: stage.worker().first == 0)


async def test_a_film_that_is_made_is_no_job_any_more(stage: Stage) -> None:
    film_id = stage.add()
    await stage.rendition(film_id)
    await stage.until(lambda: stage.worker("sound").first == 0)
    for number in range(100):
        stage.worker().make(number)
        stage.worker("sound").make(number)

    await stage.maker.keep_jobs()

    job = await stage.store.job("live", str(film_id))
    assert job is not None
    assert (job.progress, job.owner) == (1.0, None)
    assert stage.maker.progress(film_id) == 1.0
    assert await stage.store.free_jobs(stage.now + 99, 9) == []


async def test_who_waits_when_the_server_stops_is_told(tmp_path: Path) -> None:
    async with SqliteStore(tmp_path) as store:
        stage = Stage(tmp_path, store)
        async with stage.running():
            film_id = stage.add()
            rendition = await stage.rendition(film_id)
            await stage.until(lambda: stage.worker().first == 0)
            task = await stage.ask(rendition, 3)

        assert await code_of(task) == "closed"
        assert all(worker.killed for worker in stage.started)
        assert [job.target_id for job in await store.free_jobs(stage.now, 9)] == [str(film_id)]
