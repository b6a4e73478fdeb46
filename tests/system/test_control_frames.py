"""Sockets that flood with control frames hold nobody else up."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

from aiohttp import ClientSession

from harness.films import counter_film
from harness.server import Server, running_server

ATTEMPTS = 3
HIGHEST_P95_S = 0.2
"""Wide: two cores run the server, the flood and the meter. Unmended it was 0.5 to 3 s."""


async def ping_p95(server: Server, path: str, token: str) -> float:
    """Return the p95 of a member's pings in the first seconds of a flood, seconds."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        ClientSession() as session,
        session.ws_connect(server.address + path, headers=headers) as member,
    ):
        flood = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.system.control_frames", server.address, path
        )
        try:
            await asyncio.sleep(1.0)
            return await _measured(member)
        finally:
            flood.kill()
            await flood.wait()


async def _measured(member: Any) -> float:  # noqa: ANN401 - aiohttp's generic socket
    taken: list[float] = []
    end = time.monotonic() + 4.0
    while time.monotonic() < end:
        asked = time.monotonic()
        await member.send_json({"type": "ping", "c0": asked})
        await asyncio.wait_for(member.receive_str(), 10.0)
        taken.append(time.monotonic() - asked)
        await asyncio.sleep(0.02)
    return quantiles(taken, n=20)[-1]


async def test_eight_floods_of_pongs_hold_no_ping_up(tmp_path: Path) -> None:
    media = tmp_path / "media"
    media.mkdir()
    (media / "film.mp4").symlink_to(counter_film())
    async with running_server(media, tmp_path / "data") as server:
        token = await asyncio.to_thread(server.passport, "Anna")
        show = await asyncio.to_thread(server.show, token, 3600.0)
        path = f"/api/sessions/{show['sessions'][0]['id']}/socket"

        measured: list[float] = []
        while len(measured) < ATTEMPTS and min(measured, default=9.0) > HIGHEST_P95_S:
            measured.append(await ping_p95(server, path, token))

    assert min(measured) <= HIGHEST_P95_S
