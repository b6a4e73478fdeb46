"""What is watched: the folders of the walk, as soon as the system allows it."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.rooms import until
from streamer.library.catalogue import Catalogue
from streamer.library.watching import FolderWatch, Inotify
from tests.library.test_catalogue import LATER, Examiner, put, watching


class Scarce(Inotify):
    """Watches on a system that refuses some at first."""

    def __init__(self, refusals: list[int]) -> None:
        super().__init__()
        self._refusals = refusals

    def add(self, folder: Path) -> int:
        if self._refusals:
            number = self._refusals.pop()
            raise OSError(number, os.strerror(number))
        return super().add(folder)


class Kept:
    """Makes watches and keeps them, to be looked at."""

    def __init__(self, make: Callable[[], Inotify] = Inotify) -> None:
        self.made: list[Inotify] = []
        self._make = make

    def __call__(self) -> Inotify:
        self.made.append(self._make())
        return self.made[-1]

    @property
    def watched(self) -> int:
        """How many folders the kernel watches."""
        told = [Path(f"/proc/self/fdinfo/{each.descriptor}").read_text() for each in self.made]
        return sum(text.count("inotify wd:") for text in told)


def catalogue(films: Path, begin: Callable[[], Inotify]) -> Catalogue:
    return Catalogue(
        films,
        films.parent / "data",
        clock=lambda: LATER,
        examine=Examiner(),
        settle=0.05,
        rescan=0.05,
        begin_watches=begin,
    )


async def test_what_a_link_out_of_the_folder_leads_to_is_not_watched(
    films: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("a", "b"):
        (films.parent / "outside" / name).mkdir(parents=True)
    (films / "link").symlink_to(films.parent / "outside")
    (films / "inside").mkdir()
    begin = Kept()
    of = catalogue(films, begin)

    async with watching(of):
        await until(lambda: begin.watched)
        scans = of.counts.scans
        await until(lambda: of.counts.scans > scans)

        assert begin.watched == 2
    assert caplog.messages == ["link is passed over: it leads elsewhere"]


async def test_watches_that_were_refused_begin_later(
    films: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    refusals = [errno.ENOSPC] * 3
    begin = Kept(lambda: Scarce(refusals))

    async with watching(catalogue(films, begin)):
        await until(lambda: begin.watched)

    assert refusals == []
    assert caplog.messages == [
        "Changes in the film folder are noticed late: No space left on device"
    ]


async def test_a_system_without_watches_is_asked_again(films: Path) -> None:
    refused = iter([True])

    def begin() -> Inotify:
        if next(refused, False):
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return Inotify()

    stirred = asyncio.Event()
    with FolderWatch(stirred.set, begin) as watch:
        with pytest.raises(OSError, match="Too many open files"):
            await watch.follow([films])
        await watch.follow([films])
        stirred.clear()
        put(films / "one.mp4")
        await asyncio.wait_for(stirred.wait(), 10.0)


async def test_a_folder_that_is_followed_no_more_is_not_watched(films: Path) -> None:
    (films / "a").mkdir()
    begin = Kept()
    with FolderWatch(lambda: None, begin) as watch:
        await watch.follow([films, films / "a"])
        assert begin.watched == 2
        await watch.follow([films])
        assert begin.watched == 1


async def test_a_folder_that_went_before_its_watch_stirs(films: Path) -> None:
    stirred = asyncio.Event()
    with FolderWatch(stirred.set) as watch:
        await watch.follow([films / "gone"])

    assert stirred.is_set()


async def test_another_folder_at_the_same_path_is_watched(films: Path) -> None:
    stirred = asyncio.Event()
    with FolderWatch(stirred.set) as watch:
        await watch.follow([films])
        os.rename(films, films.parent / "away")  # noqa: PTH104 - quick enough to wait for
        os.mkdir(films)  # noqa: PTH102 - quick enough to wait for
        await watch.follow([films])
        await asyncio.sleep(0)
        stirred.clear()
        put(films / "one.mp4")
        await asyncio.wait_for(stirred.wait(), 10.0)
