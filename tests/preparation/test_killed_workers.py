"""Workers that are killed at any moment: nothing is lost, and nothing is left half written."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path

from harness.films import counter_film
from harness.processes import ended, family
from harness.rooms import until
from streamer.preparation.fragments import read_fragment
from tests.preparation.conftest import Preparation
from tests.preparation.decoding import numbers_of

WITHIN = 120.0
SECONDS = 40
KILLS = 10


def workers() -> list[int]:
    """The processes that this one has started to make segments.

    A server that other tests share is its child as well, and has workers of its own.
    """
    ours = b"streamer.preparation.worker\0%d\0" % os.getpid()
    found: list[int] = []
    for pid in family(os.getpid())[1:]:
        with ended:
            if ours in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_ten_kills_lose_no_segment_and_leave_no_half_file(preparation: Preparation) -> None:
    chance = random.Random(9)
    rendition = await preparation.rendition(counter_film(SECONDS))
    numbers = list(range(SECONDS // 2))
    chance.shuffle(numbers)
    asking = [asyncio.create_task(rendition.segment(n, within=WITHIN)) for n in numbers]

    killed: set[int] = set()
    while len(killed) < KILLS:
        # Each time somewhere within the work on a segment.
        waiting = [task for task in asking if not task.done()]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(chance.uniform(0.0, 0.1))
        # A worker that is still ending is not killed twice.
        for pid in set(workers()) - killed:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
    segments = await asyncio.gather(*asking)
    # The last segments may be there before the maker knows of the last ends.
    await until(lambda: preparation.maker.counts.restarts >= len(killed))

    assert [segment.number for segment in segments] == numbers
    for segment in segments:
        drawn = [number for _, number in numbers_of(segment)]
        assert drawn == list(range(segment.number * 50, segment.number * 50 + 50))
        assert len(segment.sound) == 100
    files = files_in(preparation.data / "renditions")
    assert len(files) == 2 * len(numbers)
    assert all(read_fragment(file.read_bytes()) for file in files)
    assert preparation.maker.counts.restarts == len(killed)


async def test_what_a_killed_server_was_writing_is_taken_away(preparation: Preparation) -> None:
    unfinished = preparation.data / "renditions" / "unfinished"
    (unfinished / "4711").write_bytes(b"half")

    async with preparation.another_maker():
        assert list(unfinished.iterdir()) == []


async def test_workers_end_with_their_maker(preparation: Preparation) -> None:
    async with preparation.another_maker() as maker:
        await maker.warm()
        running = workers()
        assert len(running) == 2

    assert not set(running) & set(workers())
