"""A page that joins a live room and notes each picture, and the calls that it needs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from aiohttp import web

from sessions.core.errors import Refused
from streamer.webrtc.broadcast import Broadcast
from streamer.webrtc.peer import Peer, Request
from streamer.webrtc.peers import Peers

__all__ = ["PAGE", "serving_page"]

PAGE = Path(__file__).with_name("page.html")


@asynccontextmanager
async def serving_page(
    peers: Peers,
    broadcast: Broadcast,
    on_request: Callable[[Request], Request] = lambda request: request,
) -> AsyncIterator[str]:
    """Serve the page and ``POST /whep``; yields the address. Each POST is another person."""
    users = count()

    async def page(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGE)

    async def whep(request: web.Request) -> web.StreamResponse:
        wanted = on_request(Request("session", f"user-{next(users)}", broadcast))
        try:
            peer: Peer = await peers.offer(wanted, await request.text())
        except Refused as error:
            return web.Response(status=400, text=error.detail)
        headers = {"Location": f"/whep/{peer.id}"}
        return web.Response(
            status=201, text=peer.answer, content_type="application/sdp", headers=headers
        )

    app = web.Application()
    app.add_routes([web.get("/", page), web.post("/whep", whep)])
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
