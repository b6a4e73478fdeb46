"""A worker process by itself: its limits, its answers, and its end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from harness.films import counter_film, made
from streamer.preparation.films import FilmFile
from streamer.preparation.messages import facts_from, plan_json
from streamer.preparation.plan import SourceFacts, plan_rendition
from streamer.preparation.segments import SegmentFolder
from streamer.preparation.worker_process import DEFAULT_LIMITS, start_worker

MEMORY = 3 * 2**30
PATIENCE_S = 120.0


class WorkerDriver:
    """Gives orders to a worker, and reads its answers."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._last = 0

    def order(self, path: Path, **words: object) -> int:
        status = path.stat() if path.exists() else None
        film = FilmFile(
            str(path), status.st_size if status else 0, status.st_mtime_ns if status else 0
        )
        self._last += 1
        order = {"order": self._last, "film": asdict(film), **words}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        return self._last

    async def answer(self) -> dict[str, Any]:
        """Return the next answer but signs of life."""
        assert self.process.stdout is not None
        while True:
            async with asyncio.timeout(PATIENCE_S):
                answer = json.loads(await self.process.stdout.readline())
            if "alive" not in answer:
                return dict(answer)

    async def survey(self, path: Path) -> SourceFacts:
        self.order(path, do="survey")
        return facts_from((await self.answer())["surveyed"])

    async def make(self, path: Path, folder: Path, first: int, kind: str = "video") -> int:
        facts = await self.survey(path)
        plan = plan_rendition(facts, facts.duration)
        words = {"kind": kind, "plan": plan_json(plan), "folder": str(folder), "first": first}
        return self.order(path, do="make", **words)


@asynccontextmanager
async def worker(folder: Path, memory: int = MEMORY) -> AsyncIterator[WorkerDriver]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "streamer.preparation.worker"),
        *(str(os.getpid()), str(memory), "5", str(folder)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield WorkerDriver(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_it_tells_what_a_film_is(tmp_path: Path) -> None:
    async with worker(tmp_path) as driver:
        facts = await driver.survey(counter_film(8))

    assert facts.rate == 25
    assert (facts.width, facts.height, facts.sound) == (640, 360, True)
    assert facts.duration == pytest.approx(Fraction(8), abs=0.05)
    assert facts.keyframes == (), "it has B-frames"


async def test_a_run_goes_on_until_it_meets_what_is_made(tmp_path: Path) -> None:
    folder = SegmentFolder(tmp_path / "track", "video")
    async with worker(tmp_path) as driver:
        order = await driver.make(counter_film(8), folder.path, 2)
        assert [await driver.answer() for _ in range(3)] == [
            {"order": order, "made": 2},
            {"order": order, "made": 3},
            {"order": order, "ended": "met"},
        ]
        before = folder.file(2).read_bytes()

        order = await driver.make(counter_film(8), folder.path, 1)
        assert [await driver.answer() for _ in range(2)] == [
            {"order": order, "made": 1},
            {"order": order, "ended": "met"},
        ]
        order = await driver.make(counter_film(8), folder.path, 2)
        assert await driver.answer() == {"order": order, "made": 2}

    assert folder.made() == {1, 2, 3}
    assert folder.file(2).read_bytes() == before, "the first wins"
    assert files_in(tmp_path) == ["track"], "nothing is left beside it"


async def test_a_new_order_interrupts_the_present_one(tmp_path: Path) -> None:
    async with worker(tmp_path) as driver:
        order = await driver.make(counter_film(40), tmp_path / "track", 0)
        assert await driver.answer() == {"order": order, "made": 0}

        last = driver.order(counter_film(40), do="stop")
        answers = [await driver.answer()]
        while answers[-1]["order"] != last:
            answers.append(await driver.answer())

    assert answers[-2:] == [
        {"order": order, "ended": "interrupted"},
        {"order": last, "ended": "stopped"},
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [("none.mp4", "film_gone"), ("text.mp4", "unreadable"), ("sound.mp4", "no_picture")],
)
async def test_what_cannot_be_made_is_refused_in_a_word(
    name: str, code: str, tmp_path: Path
) -> None:
    (tmp_path / "text.mp4").write_text("This is not a film. " * 100)
    (tmp_path / "sound.mp4").symlink_to(made("sound-only.mp4"))

    async with worker(tmp_path) as driver:
        order = driver.order(tmp_path / name, do="survey")
        answer = await driver.answer()
        assert (answer["order"], answer["failed"]) == (order, code)
        assert (await driver.survey(counter_film(8))).rate == 25, "it is still there"


async def test_a_film_that_became_another_is_not_mixed_with_it(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(counter_film(8).read_bytes())
    async with worker(tmp_path) as driver:
        facts = await driver.survey(film)
        order = {
            "do": "make",
            "kind": "video",
            "plan": plan_json(plan_rendition(facts, facts.duration)),
            "folder": str(tmp_path / "track"),
            "first": 0,
            "film": asdict(FilmFile(str(film), film.stat().st_size, film.stat().st_mtime_ns - 1)),
        }
        driver.order(film, **order)

        assert (await driver.answer())["failed"] == "film_gone"


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "track").write_text("a file stands in the way")

    async with worker(tmp_path) as driver:
        await driver.make(counter_film(8), tmp_path / "track", 0)

        assert (await driver.answer())["failed"] == "write_failed"


async def test_it_takes_no_more_memory_than_it_may(tmp_path: Path) -> None:
    async with worker(tmp_path, memory=400 * 2**20) as driver:
        await driver.survey(counter_film(8))
        limits = _process_file(driver.process.pid, "limits").splitlines()

    [space] = [line.split() for line in limits if line.startswith("Max address space")]
    assert space[3] == str(400 * 2**20)


async def test_its_end_is_told_though_its_answer_makes_no_sense(tmp_path: Path) -> None:
    ended = asyncio.Event()

    def take(answer: dict[str, Any]) -> None:
        raise KeyError(answer)

    process = await start_worker(
        "video", take, ended.set, limits=DEFAULT_LIMITS, unfinished=tmp_path
    )
    process.send({"order": 1, "do": "stop", "film": asdict(FilmFile("/film", 0, 0))})

    async with asyncio.timeout(PATIENCE_S):
        await ended.wait()


async def test_files_that_others_leave_are_no_segments(tmp_path: Path) -> None:
    folder = SegmentFolder(tmp_path, "video")
    (tmp_path / "000").mkdir()
    folder.file(7).touch()
    (tmp_path / ".DS_Store").touch()

    assert folder.made() == {7}


async def test_it_ends_with_its_standard_input(tmp_path: Path) -> None:
    async with worker(tmp_path) as driver:
        assert driver.process.stdin is not None
        driver.process.stdin.close()
        async with asyncio.timeout(PATIENCE_S):
            assert await driver.process.wait() == 0


async def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    starting = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'streamer.preparation.worker',"
        f" str(os.getpid()), '{MEMORY}', '5', {str(tmp_path)!r}],"
        " stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", starting, stdin=-1, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert _runs(child)

    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()

    async with asyncio.timeout(PATIENCE_S):
        while _runs(child):  # noqa: ASYNC110 - no child of this process
            await asyncio.sleep(0.02)


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def _process_file(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()


def _runs(pid: int) -> bool:
    try:
        return _process_file(pid, "stat").rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
