"""The claim: a viewer of the live room costs a fraction of what it costs elsewhere.

Beside Debian's Janus (its streaming plugin, fed by RTP) and aiortc as in its examples, in one run:
the same film, the same viewers, the same machine; each server has one core and the viewers the
other. The cost is the CPU time, user and system, of all processes of the server divided by
viewers and seconds; what a server loses, because its core is full, does not count as watched.
Servers take turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench._machine import cpu_seconds, going_first, pin, resident_bytes
from bench.live.film import make_live_film
from bench.live.servers import SERVER_CORE, LiveServer, aiortc_server, janus, seans
from harness.webrtc.audience import Audience
from harness.webrtc.viewer import Viewer

__all__ = ["CROWDS", "Figures", "main", "summary"]

CROWDS = {"seans": (30, 100), "janus": (30, 100), "aiortc": (30,)}
"""At how many viewers each server is measured, ascending."""

_SERVERS: dict[str, Callable[[Path, Path], AbstractContextManager[LiveServer]]] = {
    "seans": seans,
    "janus": janus,
    "aiortc": aiortc_server,
}
_RESULTS = Path(__file__).parents[1] / "results"
_FILM_S = 180
_JOINED_WITHIN_S = 20.0
_BETWEEN_JOINS_S = 0.02
_SETTLE_S = 3.0
_PROMISED = {"janus_30": 0.55, "janus_100": 0.35, "aiortc_30": 0.2}


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one server with so many viewers."""

    server: str
    """Its name."""

    viewers: int
    """How many came."""

    watching: int
    """How many got picture and sound; the others are not counted."""

    cost_ms: float
    """CPU time for each viewer and second of the stream that arrived, ms."""

    core: float
    """Share of its core."""

    packets: float
    """RTP packets that a viewer got in a second."""

    mbit: float
    """Mbit/s that a viewer got, with headers and seals."""

    lost: float
    """Share of the packets that did not come."""

    memory_kb: float
    """Memory over that with one viewer, for each further one, kB."""

    profile: str
    """SRTP profile that was agreed on."""

    opened: int
    """Packets of the sample that were opened."""

    audience_core: float
    """Share of the viewers' own core: near 1 they would be what is measured."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What all viewers have counted until now."""

    received: int
    lost: int
    size: int
    opened: int
    wrong: int

    @classmethod
    def of(cls, audience: Audience) -> Counts:
        """Add up what the viewers of an audience counted."""
        streams = [stream for viewer in audience.viewers for stream in viewer.streams.values()]
        return cls(
            sum(stream.received for stream in streams),
            sum(stream.lost for stream in streams),
            sum(stream.size for stream in streams),
            sum(viewer.opened for viewer in audience.viewers),
            sum(viewer.sealed_wrong for viewer in audience.viewers),
        )


def measure(server: LiveServer, crowds: tuple[int, ...], seconds: float) -> list[Figures]:
    """Let more and more viewers in and return what each number of them costs."""
    audience = Audience()
    _let_in(server, audience, 1)
    server.settle()
    with_one = resident_bytes(server.pid)
    figures = []
    for crowd in crowds:
        _let_in(server, audience, crowd)
        audience.run_for(_SETTLE_S)
        figures.append(_watch(server, audience, seconds, with_one))
        show(figures[-1])
    for viewer in audience.viewers:
        viewer.close()
    return figures


def _let_in(server: LiveServer, audience: Audience, crowd: int) -> None:
    """Let viewers in until there are so many, and wait until all get picture and sound.

    A server whose core is full may let some wait for ever.
    """
    while len(audience.viewers) < crowd:
        viewer = Viewer(audience.clock)
        server.join(viewer)
        audience.add(viewer)
        audience.run_for(_BETWEEN_JOINS_S)
    audience.run_until(lambda: _all_watch(audience), _JOINED_WITHIN_S)


def _all_watch(audience: Audience) -> bool:
    return _watching(audience) == len(audience.viewers)


def _watching(audience: Audience) -> int:
    return sum(len(viewer.streams) >= 2 for viewer in audience.viewers)


def _watch(server: LiveServer, audience: Audience, seconds: float, with_one: int) -> Figures:
    before, cpu, own = Counts.of(audience), cpu_seconds(server.pid), time.process_time()
    begun = audience.clock()
    audience.run_for(seconds)
    elapsed = audience.clock() - begun
    cpu, own = cpu_seconds(server.pid) - cpu, time.process_time() - own
    after, crowd = Counts.of(audience), _watching(audience)
    assert after.wrong == before.wrong, f"{server.name}: packets that no key opens"
    assert after.opened > before.opened, f"{server.name}: nothing could be opened"
    received, lost = after.received - before.received, after.lost - before.lost
    arrived = received / (received + lost)
    return Figures(
        server=server.name,
        viewers=len(audience.viewers),
        watching=crowd,
        cost_ms=1e3 * cpu / elapsed / crowd / arrived,
        core=cpu / elapsed,
        packets=received / elapsed / crowd,
        mbit=(after.size - before.size) * 8e-6 / elapsed / crowd,
        lost=1.0 - arrived,
        memory_kb=(resident_bytes(server.pid) - with_one) / (crowd - 1) / 1e3,
        profile=audience.viewers[0].profile,
        opened=after.opened - before.opened,
        audience_core=own / elapsed,
    )


def summary(runs: list[Figures]) -> dict[str, Any]:
    """Return the medians of the costs, and our cost divided by that of each other server."""
    costs: dict[tuple[str, int], list[float]] = {}
    assert all(run.watching == run.viewers for run in runs if run.server == "seans")
    for run in runs:
        costs.setdefault((run.server, run.viewers), []).append(run.cost_ms)
    medians = {key: statistics.median(values) for key, values in costs.items()}
    ratios = {
        f"{server}_{crowd}": medians["seans", crowd] / cost
        for (server, crowd), cost in medians.items()
        if server != "seans" and ("seans", crowd) in medians
    }
    return {
        "cost_ms": {f"{server}_{crowd}": cost for (server, crowd), cost in medians.items()},
        **ratios,
        "runs": [asdict(run) for run in runs],
    }


def show(run: Figures) -> None:
    """Print one run."""
    missing = f"  {run.viewers - run.watching} GET NOTHING" if run.watching < run.viewers else ""
    print(
        f"{run.server:<7}{run.viewers:>4} viewers {run.cost_ms:6.2f} ms a viewer and second, "
        f"{run.core:4.0%} of a core, {run.memory_kb:4.0f} kB, {run.packets:.0f} packets/s, "
        f"{run.mbit:.2f} Mbit/s, lost {run.lost:.2%}, {run.profile}, "
        f"viewers' core {run.audience_core:.0%}{missing}",
        flush=True,
    )


def report(results: dict[str, Any]) -> int:
    """Print the ratios and return the exit status: 1 where a promise is broken."""
    kept = True
    for name, limit in _PROMISED.items():
        if name in results:
            good = results[name] <= limit
            kept &= good
            verdict = "kept" if good else "BROKEN"
            print(f"seans/{name:<10} {results[name]:.2f}  promised <= {limit}  {verdict}")
    return 0 if kept else 1


def main() -> int:
    """Measure, print and keep the figures; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="turns of each server")
    parser.add_argument("--seconds", type=float, default=15.0, help="measured with each crowd")
    parser.add_argument("--only", choices=sorted(_SERVERS), action="append", help="these servers")
    options = parser.parse_args()
    runs: list[Figures] = []
    with going_first(), TemporaryDirectory() as place:
        film = Path(place, "media", "film.mp4")
        film.parent.mkdir()
        make_live_film(film, _FILM_S)
        pin(SERVER_CORE + 1)
        for number in range(options.rounds):
            for name in options.only or _SERVERS:
                folder = Path(place, f"{name}-{number}")
                folder.mkdir()
                with _SERVERS[name](film, folder) as server:
                    runs += measure(server, CROWDS[name], options.seconds)
    results = summary(runs)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "live.json").write_text(json.dumps(results, indent=2) + "\n")
    return report(results)


if __name__ == "__main__":
    sys.exit(main())
