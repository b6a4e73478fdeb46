"""The server as its process is: with few descriptors, and many who only hold them."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import ExitStack
from pathlib import Path

from harness.films import counter_film, put_film
from harness.server import running_server

SILENT = 400
DESCRIPTORS = 300


async def test_hundreds_of_silent_sockets_do_not_make_the_server_deaf(tmp_path: Path) -> None:
    media, data = tmp_path / "media", tmp_path / "data"
    media.mkdir()
    put_film(counter_film(), media / "Counter.mp4")
    async with running_server(media, data, descriptors=DESCRIPTORS) as server:
        host, _, port = server.address.removeprefix("http://").rpartition(":")
        with ExitStack() as stack:
            for _ in range(SILENT):
                stack.enter_context(socket.create_connection((host, int(port)), timeout=30))

            token = await asyncio.to_thread(server.passport, "Anna")
            show = await asyncio.to_thread(server.show, token, 3600.0)
            assert show["role"] == "host"
            assert len(os.listdir(f"/proc/{server.pid}/fd")) < DESCRIPTORS  # noqa: PTH208
    assert "Too many open files" not in (tmp_path / "server.log").read_text()
