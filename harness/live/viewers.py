"""A process full of viewers: ``python -m harness.live.viewers URL --viewers N``.

Each posts an offer to URL (WHEP) and counts what it gets. A line ``read`` on standard input is
answered with one line of JSON: what came since the line before. The end of the input ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
import time
from dataclasses import dataclass
from typing import Any

import aiohttp

from harness.live.raw_viewer import RawViewer

__all__ = ["Totals", "join_by_whep", "main", "totals"]

JOINED_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Totals:
    """What came to all viewers."""

    viewers: int
    """Viewers that got anything."""

    packets: int
    """Packets."""

    octets: int
    """Bytes."""

    lost: int
    """Packets that did not come."""

    opened: int
    """Packets decrypted, of those tried."""

    broken: int
    """Packets that could not be decrypted, of those tried."""


async def join_by_whep(client: aiohttp.ClientSession, url: str) -> RawViewer:
    """Join at a WHEP address."""
    viewer = RawViewer()
    offer = await viewer.offer()
    headers = {"Content-Type": "application/sdp"}
    async with client.post(url, data=offer, headers=headers) as response:
        answer = await response.text()
        if response.status != 201:
            raise RuntimeError(f"{response.status}: {answer}")
    await viewer.accept(answer)
    return viewer


def totals(viewers: list[RawViewer]) -> Totals:
    """Return what came to ``viewers``."""
    streams = [stream for viewer in viewers for stream in viewer.streams.values()]
    return Totals(
        viewers=sum(bool(viewer.streams) for viewer in viewers),
        packets=sum(stream.packets for stream in streams),
        octets=sum(stream.octets for stream in streams),
        lost=sum(stream.lost for stream in streams),
        opened=sum(stream.opened for stream in streams),
        broken=sum(stream.broken for stream in streams),
    )


async def _join_all(url: str, count: int) -> list[RawViewer]:
    turns = asyncio.Semaphore(JOINED_AT_ONCE)
    async with aiohttp.ClientSession() as client:

        async def join() -> RawViewer:
            async with turns:
                return await join_by_whep(client, url)

        return list(await asyncio.gather(*(join() for _ in range(count))))


def _since(now: Totals, before: Totals) -> dict[str, Any]:
    names = ("packets", "octets", "lost", "opened", "broken")
    return {"viewers": now.viewers} | {n: getattr(now, n) - getattr(before, n) for n in names}


async def _run(options: argparse.Namespace) -> None:
    began = time.perf_counter()
    viewers = await _join_all(options.url, options.viewers)
    print(json.dumps({"joined": len(viewers), "took": time.perf_counter() - began}), flush=True)
    loop = asyncio.get_running_loop()
    before, at = totals(viewers), time.perf_counter()
    while (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        now, then = totals(viewers), at
        at = time.perf_counter()
        print(json.dumps(_since(now, before) | {"seconds": at - then}), flush=True)
        before = now
    await asyncio.gather(*(viewer.close() for viewer in viewers))


def main() -> None:
    """Join, then answer until the input ends."""
    parser = argparse.ArgumentParser(prog="python -m harness.live.viewers", description=__doc__)
    parser.add_argument("url", help="address that takes offers")
    parser.add_argument("--viewers", type=int, default=1)
    parser.add_argument("--core", type=int, default=None, help="core to run on")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_run(options))


if __name__ == "__main__":
    main()
