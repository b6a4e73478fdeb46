"""What ten thousand joins and leaves of live viewers leave behind: memory, sockets, tasks.

Each viewer connects by ICE and DTLS, gets pictures, and leaves: most of them as browsers do, some
without a word, some before the handshake is finished. Figures are taken while nobody is there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench._machine import pin
from harness.webrtc.audience import Audience
from harness.webrtc.viewer import Viewer

__all__ = ["joins", "main"]

SERVER_CORE, VIEWER_CORE = 0, 1
AT_ONCE = 20
BETWEEN_JOINS_S = 0.01
WATCH_S = 0.1
JOINED_WITHIN_S = 20.0
GONE_WITHIN_S = 30.0
RESULTS = Path(__file__).parent / "results" / "live_joins.json"


@contextmanager
def _server() -> Iterator[str]:
    command = [sys.executable, "-m", "harness.live.server", "--core", str(SERVER_CORE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _figures(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}/figures", timeout=30) as response:
        found: dict[str, Any] = json.load(response)
        return found


def _join(address: str, audience: Audience, *, finish: bool) -> Viewer:
    viewer = Viewer(audience.clock, finish_dtls=finish)
    request = urllib.request.Request(f"{address}/whep", viewer.offer().encode(), method="POST")
    with urllib.request.urlopen(request, timeout=30) as response:
        viewer.accept(response.read().decode())
    audience.add(viewer)
    return viewer


def _crowd(address: str, number: int) -> None:
    """Let viewers join, watch and leave; one of twenty vanishes, one never finishes DTLS."""
    audience = Audience()
    viewers: list[Viewer] = []
    for n in range(AT_ONCE):
        viewers.append(_join(address, audience, finish=n != 1))
        audience.run_for(BETWEEN_JOINS_S)
    watching = [viewer for viewer in viewers if viewer.finish_dtls]
    if not audience.run_until(lambda: all(v.streams for v in watching), JOINED_WITHIN_S):
        raise TimeoutError(f"crowd {number}: {[v.state for v in viewers]}")
    audience.run_for(WATCH_S)
    viewers[0].vanish()
    for viewer in viewers[1:]:
        viewer.close()


def joins(count: int, each: int) -> list[dict[str, Any]]:
    """Let ``count`` viewers join and leave; return the figures after each ``each`` of them."""
    taken: list[dict[str, Any]] = []
    with _server() as address:
        for number in range(count // AT_ONCE):
            _crowd(address, number)
            if (number + 1) * AT_ONCE % each == 0:
                taken.append({"joins": (number + 1) * AT_ONCE} | _when_empty(address))
                print(taken[-1], flush=True)
    return taken


def _when_empty(address: str) -> dict[str, Any]:
    deadline = time.monotonic() + GONE_WITHIN_S
    while (figures := _figures(address))["streams"] and time.monotonic() < deadline:
        time.sleep(0.5)
    names = ("streams", "resident", "descriptors", "tasks", "endpoints", "routes", "cpu")
    return {name: figures[name] for name in names}


def main() -> None:
    """Join and leave; write the figures down."""
    parser = argparse.ArgumentParser(prog="python -m bench.live_joins", description=__doc__)
    parser.add_argument("--joins", type=int, default=10_000)
    parser.add_argument("--each", type=int, default=1000, help="joins between figures")
    options = parser.parse_args()
    pin(VIEWER_CORE)
    taken = joins(options.joins, options.each)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(taken, indent=1))
    first, last = taken[0], taken[-1]
    grown = (last["resident"] - first["resident"]) / max(1, last["joins"] - first["joins"])
    print(
        f"memory grew by {grown:.0f} bytes a join; {last['tasks']} tasks, "
        f"{last['descriptors']} descriptors, {last['routes']} routes are left"
    )


if __name__ == "__main__":
    main()
