"""Makes segments in a process of its own.

``python -m streamer.preparation.worker PARENT MEMORY NICE FOLDER``: the pid of the server, bytes, a
niceness, and where to write what is not whole yet. It stays warm: libav is loaded and the film is
open, so a seek is only a new order. Orders come on standard input and answers go to standard output
(see messages). A run makes segments from the one that was ordered on, and ends where it meets one
that is made.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import av

from streamer.preparation.copying import copied_segments
from streamer.preparation.errors import Interrupted, Reason, Unmakeable
from streamer.preparation.films import FilmFile
from streamer.preparation.fragments import TimedSample
from streamer.preparation.limits import end_with_parent, limit_process
from streamer.preparation.messages import facts_json, plan_from
from streamer.preparation.plan import RenditionPlan
from streamer.preparation.segments import SegmentFolder, TrackKind
from streamer.preparation.sound import sound_segments
from streamer.preparation.source import Source
from streamer.preparation.survey import survey
from streamer.preparation.video import encoded_segments

__all__ = ["main"]

MAX_THREADS = 4
"""Threads of decoder and encoder at most: more cost memory and help no first picture."""

_SIGNS_OF_LIFE = 64
"""After so many packets the worker says that it is still at it: a far keyframe takes minutes."""

Made = Iterator[tuple[int, tuple[TimedSample, ...], int]]


class _Worker:
    """Carries out one order after the other."""

    def __init__(
        self,
        orders: SimpleQueue[dict[str, Any] | None],
        answer: Callable[..., None],
        unfinished: Path,
    ) -> None:
        self._orders = orders
        self._answer = answer
        # One name for one process: the server finds it when the process was killed.
        self._unfinished = unfinished / str(os.getpid())
        self._source: Source | None = None
        self._opened: FilmFile | None = None
        self._packets = 0
        self._order = 0

    def run(self) -> None:
        """Carry out orders until there will be no more; of several that wait, the last."""
        while (order := self._next_order()) is not None:
            self._order = order["order"]
            try:
                self._carry_out(order)
            except Interrupted:
                self._answer(order=self._order, ended="interrupted")
            except Unmakeable as error:
                self._fail(error.code, str(error))
            except MemoryError:
                self._fail("too_costly", "out of memory")
            except (av.FFmpegError, OSError, ValueError) as error:
                self._fail(_reason(error), str(error))
            # Cycles keep containers open that nobody uses any more.
            gc.collect()

    def _next_order(self) -> dict[str, Any] | None:
        order = self._orders.get()
        while True:
            try:
                after = self._orders.get_nowait()
            except Empty:
                return order
            if order is not None:
                self._answer(order=order["order"], ended="interrupted")
            order = after

    def _check(self) -> None:
        """Raise Interrupted where another order waits; called for each packet."""
        if not self._orders.empty():
            raise Interrupted
        self._packets += 1
        if self._packets % _SIGNS_OF_LIFE == 0:
            self._answer(order=self._order, alive=True)

    def _fail(self, code: Reason, detail: str) -> None:
        # What is open may be what is broken.
        self._close()
        self._answer(order=self._order, failed=code, detail=detail[:500])

    def _carry_out(self, order: dict[str, Any]) -> None:
        self._answer(order=self._order, alive=True)
        film = FilmFile(**order["film"])
        if order["do"] == "stop":
            self._answer(order=self._order, ended="stopped")
        elif order["do"] == "survey":
            self._answer(order=self._order, surveyed=facts_json(survey(self._open(film))))
        else:
            self._make(film, order)

    def _make(self, film: FilmFile, order: dict[str, Any]) -> None:
        kind: TrackKind = order["kind"]
        folder = SegmentFolder(Path(order["folder"]), kind)
        for number, samples, end in self._segments(
            kind, film, plan_from(order["plan"]), order["first"]
        ):
            try:
                folder.publish(number, samples, end, self._unfinished)
            except OSError as error:
                full = error.errno in (errno.ENOSPC, errno.EDQUOT)
                raise Unmakeable("disk_full" if full else "write_failed", str(error)) from error
            self._answer(order=self._order, made=number)
            if folder.file(number + 1).exists():
                break
        self._answer(order=self._order, ended="met")

    def _segments(self, kind: TrackKind, film: FilmFile, plan: RenditionPlan, first: int) -> Made:
        source = self._open(film)
        if kind == "sound":
            return sound_segments(source, plan, first)
        if plan.copied:
            return copied_segments(source, plan, first)
        return encoded_segments(source, plan, first)

    def _open(self, film: FilmFile) -> Source:
        """Return the film, opened before or now. Raises Unmakeable where it is another one now."""
        status = os.stat(film.path)  # noqa: PTH116 - a Path may not hold what is no UTF-8
        if (status.st_size, status.st_mtime_ns) != (film.size, film.modified):
            raise Unmakeable("film_gone", "the file has changed")
        if self._source is None or self._opened != film:
            self._close()
            threads = min(os.cpu_count() or 1, MAX_THREADS)
            self._source = Source(film.path, threads=threads, check=self._check)
            self._opened = film
        return self._source

    def _close(self) -> None:
        if self._source is not None:
            self._source.close()
        self._source = self._opened = None


def _reason(error: Exception) -> Reason:
    """Return why a film could not be read."""
    gone = (errno.ENOENT, errno.EACCES, errno.ENOTDIR, errno.ESTALE, errno.EIO)
    return "film_gone" if getattr(error, "errno", None) in gone else "unreadable"


def main(arguments: list[str]) -> int:
    """Carry out orders until standard input ends."""
    parent, memory, niceness = (int(word) for word in arguments[:3])
    end_with_parent(parent)
    limit_process(memory, niceness)
    orders: SimpleQueue[dict[str, Any] | None] = SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            orders.put(json.loads(line))
        orders.put(None)

    def answer(**words: object) -> None:
        sys.stdout.write(json.dumps(words) + "\n")
        sys.stdout.flush()

    threading.Thread(target=read, daemon=True).start()
    _Worker(orders, answer, Path(arguments[3])).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
