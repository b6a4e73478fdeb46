"""A thousand viewers at 2 Mbit/s: what they cost in CPU and memory over an idle server.

Each viewer asks for the next piece of the film when the last one would have been watched, on a
connection of its own, as a player with a full buffer does.
"""

from __future__ import annotations

import argparse
import heapq
import json
import resource
import selectors
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._client import Fetcher, connect
from bench._film import make_film
from bench._machine import cpu_seconds, pin, resident_bytes
from bench._serve import SERVER_CORE, Target, ours

__all__ = ["main"]

_FILM = 64 << 20
_RESULTS = Path(__file__).parent / "results"
_MOST_OF_A_CORE = 0.10
_MOST_MEMORY = 60e6


def main() -> int:
    """Measure, print and keep the figures; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=1000)
    parser.add_argument("--mbit", type=float, default=2.0, help="Mbit/s of each viewer")
    parser.add_argument("--piece", type=int, default=1 << 20, help="bytes asked for at once")
    parser.add_argument("--seconds", type=float, default=20.0, help="time measured")
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with TemporaryDirectory() as place:
        folder = Path(place)
        film = folder / "media" / "film.mp4"
        film.parent.mkdir()
        make_film(film, _FILM)
        with ours(film, folder) as target:
            pin(SERVER_CORE + 1)
            figures = watch(target, options)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "paced.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(
        f"{options.viewers} viewers, {figures['mbit']:.2f} Mbit/s each: "
        f"{figures['core']:.1%} of a core, {figures['memory'] / 1e6:.1f} MB over idle, "
        f"{figures['late']} pieces late"
    )
    kept = (
        figures["core"] <= _MOST_OF_A_CORE
        and figures["memory"] <= _MOST_MEMORY
        and figures["mbit"] >= 0.99 * options.mbit
    )
    print(f"promised: <= 10 % of a core, <= 60 MB: {'kept' if kept else 'BROKEN'}")
    return 0 if kept else 1


def watch(target: Target, options: argparse.Namespace) -> dict[str, float]:
    """Let all viewers watch and return what it took."""
    idle = resident_bytes(target.pid)
    selector = selectors.EpollSelector()
    viewers = [Fetcher(connect(target.port), target.path) for _ in range(options.viewers)]
    for viewer in viewers:
        selector.register(viewer.peer, selectors.EVENT_READ, viewer)
    period = options.piece * 8 / (options.mbit * 1e6)
    begun = time.monotonic()
    due = [(begun + period * n / len(viewers), n, 0) for n in range(len(viewers))]
    warm, end = begun + period, begun + period + options.seconds
    taken, late, most, before, now = 0, 0, 0, 0.0, begun
    while now < end:
        now = time.monotonic()
        if not before and now >= warm:
            before, taken, late = cpu_seconds(target.pid), 0, 0
            most = resident_bytes(target.pid)
        while due[0][0] <= now:
            at, number, place = heapq.heappop(due)
            viewer = viewers[number]
            heapq.heappush(due, (at + period, number, (place + options.piece) % _FILM))
            if viewer.left:
                late += 1
            else:
                viewer.ask(place, min(options.piece, _FILM - place))
        for key, _ in selector.select(max(0.0, min(due[0][0], end) - now)):
            try:
                taken += key.data.take()
            except BlockingIOError:
                continue
    cost = cpu_seconds(target.pid) - before
    most = max(most, resident_bytes(target.pid))
    seconds = now - warm
    return {
        "core": cost / seconds,
        "memory": most - idle,
        "mbit": taken * 8 / seconds / len(viewers) / 1e6,
        "late": late,
    }


if __name__ == "__main__":
    sys.exit(main())
