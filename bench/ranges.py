"""What a film's bytes cost: CPU seconds a GiB, beside nginx and aiohttp's ``FileResponse``.

Runs take turns, each server has one core and the client the other; only the server's own
processes count. The ratio is nginx's cost divided by the other's: higher is better.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._client import fetch_ranges
from bench._film import make_film
from bench._machine import cpu_seconds, pin
from bench._serve import SERVER_CORE, Target, aiohttp_server, nginx, ours

__all__ = ["main"]

_GIB = 1 << 30
_FILM = 64 << 20
_RESULTS = Path(__file__).parent / "results"
_PROMISED = 0.85


def main() -> int:
    """Measure, print and keep the figures; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each server")
    parser.add_argument("--gib", type=float, default=1.0, help="GiB in a run")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--without-aiohttp", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as place, ExitStack() as stack:
        folder = Path(place)
        film = folder / "media" / "film.mp4"
        film.parent.mkdir()
        make_film(film, _FILM)
        targets = [stack.enter_context(nginx(film, folder))]
        targets.append(stack.enter_context(ours(film, folder)))
        if not options.without_aiohttp:
            targets.append(stack.enter_context(aiohttp_server(film, folder)))
        pin(SERVER_CORE + 1)
        results = {
            f"{length >> 10} KiB": measure(targets, length, options)
            for length in (1 << 20, 64 << 10)
        }
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "ranges.json").write_text(json.dumps(results, indent=2) + "\n")
    return report(results)


def measure(
    targets: list[Target], length: int, options: argparse.Namespace
) -> dict[str, list[float]]:
    """Return CPU seconds a GiB of each run of each server, for ranges of ``length`` bytes."""
    costs: dict[str, list[float]] = {target.name: [] for target in targets}
    for number in range(options.rounds + 1):
        for target in targets:
            total = int(options.gib * _GIB)
            if target.name == "aiohttp":
                total //= 8
            before = cpu_seconds(target.pid)
            done = fetch_ranges(
                target.port,
                target.path,
                size=_FILM,
                length=length,
                total=total if number else total // 8,
                connections=options.connections,
            )
            if number:
                costs[target.name].append((cpu_seconds(target.pid) - before) * _GIB / done)
    return costs


def report(results: dict[str, dict[str, list[float]]]) -> int:
    """Print the table and return the exit status."""
    kept = True
    for ranges, costs in results.items():
        base = statistics.mean(costs["nginx"])
        for name, runs in costs.items():
            ratio = base / statistics.mean(runs)
            spread = f"{min(runs):.2f}-{max(runs):.2f}"
            print(
                f"{ranges:>9}  {name:<8} {statistics.mean(runs):6.3f} CPU s/GiB ({spread})"
                f"  nginx/{name} {ratio:.2f}"
            )
            kept &= name != "seans" or ratio >= _PROMISED
    print(f"promised: nginx/seans >= {_PROMISED}: {'kept' if kept else 'BROKEN'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
