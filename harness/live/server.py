"""A live room alone in a process: ``python -m harness.live.server``, to measure what it costs.

It prints its address. ``POST /whep`` joins; ``GET /figures`` gives CPU time and memory of the
process, and the counters.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import web

from harness.live.feed import feeding
from harness.live.film import counter_live_film
from sessions.core.errors import Refused
from streamer.webrtc.broadcast import Broadcast
from streamer.webrtc.peer import Request
from streamer.webrtc.peers import Peers

__all__ = ["main"]

_PAGE = 4096


def figures(peers: Peers) -> dict[str, Any]:
    """Return what the process has cost so far."""
    gc.collect()
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    return {
        "cpu": time.process_time(),
        "resident": resident,
        "streams": len(peers),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "tasks": len(asyncio.all_tasks()),
        "endpoints": peers.sending.port.endpoints,
        "routes": peers.sending.port.routes,
        "sent": asdict(peers.sending.counts),
        "udp": asdict(peers.sending.port.counts),
        "ended": peers.counts.ended,
        "profiles": peers.sending.profiles,
    }


async def _run(options: argparse.Namespace) -> None:
    film = counter_live_film(10)
    broadcast = Broadcast()
    late: list[float] = []

    async def whep(request: web.Request) -> web.Response:
        wanted = Request("session", request.query.get("user", os.urandom(8).hex()), broadcast)
        try:
            peer = await peers.offer(wanted, await request.text())
        except Refused as error:
            return web.json_response({"code": error.code, "detail": error.detail}, status=400)
        headers = {"Location": f"/whep/{peer.id}"}
        return web.Response(
            status=201, text=peer.answer, content_type="application/sdp", headers=headers
        )

    async def tell(_: web.Request) -> web.Response:
        worst, late[:] = sorted(late), []
        p95 = worst[len(worst) * 95 // 100] if worst else 0.0
        return web.json_response(figures(peers) | {"loop_late_p95": p95, "loop_late": worst[-1:]})

    async def watch_loop() -> None:
        while True:
            due = time.perf_counter() + 0.01
            await asyncio.sleep(0.01)
            late.append(time.perf_counter() - due)

    async with Peers.open(time.time) as peers, feeding(broadcast, film, time.time):
        app = web.Application()
        app.add_routes([web.post("/whep", whep), web.get("/figures", tell)])
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", options.port).start()
        watching = asyncio.create_task(watch_loop())
        print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
        await watching


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(prog="python -m harness.live.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--core", type=int, default=None, help="core to run on")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(options))


if __name__ == "__main__":
    main()
