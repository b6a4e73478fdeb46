"""What a live viewer costs the server: CPU, memory and loss, with so many viewers of one room.

Server on one core, viewers on another; 720p25 at 2 Mbit/s and Opus, about 280 packets a second.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Cost", "main", "measure"]

SERVER_CORE, VIEWER_CORE = 0, 1
SETTLE_S = 3.0
RESULTS = Path(__file__).parent / "results" / "live.json"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one room cost."""

    viewers: int
    """Viewers."""

    cpu_ms: float
    """Server CPU of one viewer in one second, milliseconds."""

    join_ms: float
    """Server CPU of one join, milliseconds."""

    memory_kb: float
    """Server memory of one viewer, KB."""

    packets: float
    """Packets of one viewer in one second."""

    loss: float
    """Share of the packets that did not come."""

    broken: int
    """Packets that could not be decrypted."""

    loop_late_p95_ms: float
    """How late the event loop was, p95, milliseconds."""


def measure(viewers: int, seconds: float) -> Cost:
    """Measure a room of ``viewers`` for ``seconds``."""
    with _server() as address:
        idle = _figures(address)
        with _viewers(f"{address}/whep", viewers) as process:
            joined = _figures(address)
            time.sleep(SETTLE_S)
            _ask(process)
            before = _figures(address)
            time.sleep(seconds)
            came, after = _ask(process), _figures(address)
    count, span = viewers, came["seconds"]
    return Cost(
        viewers=viewers,
        cpu_ms=(after["cpu"] - before["cpu"]) / span / count * 1e3,
        join_ms=(joined["cpu"] - idle["cpu"]) / count * 1e3,
        memory_kb=(after["resident"] - idle["resident"]) / count / 1e3,
        packets=came["packets"] / span / count,
        loss=came["lost"] / max(1, came["packets"] + came["lost"]),
        broken=came["broken"],
        loop_late_p95_ms=after["loop_late_p95"] * 1e3,
    )


def _figures(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}/figures", timeout=10) as response:
        found: dict[str, Any] = json.load(response)
        return found


@contextmanager
def _server() -> Iterator[str]:
    command = [sys.executable, "-m", "harness.live.server", "--paced", "--core", str(SERVER_CORE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def _viewers(url: str, count: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "harness.live.viewers", url]
    command += ["--viewers", str(count), "--core", str(VIEWER_CORE)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            print(process.stdout.readline().strip(), flush=True)
            yield process
        finally:
            process.terminate()


def _ask(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("read\n")
    process.stdin.flush()
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def main() -> None:
    """Measure rooms of several sizes; write the figures down."""
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--viewers", type=int, nargs="*", default=[30, 100])
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    costs: dict[str, Any] = {}
    for viewers in options.viewers:
        cost = measure(viewers, options.seconds)
        costs[str(viewers)] = {name: getattr(cost, name) for name in Cost.__slots__}
        print(cost, flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(costs, indent=1))


if __name__ == "__main__":
    main()
