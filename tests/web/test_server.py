"""The server as a process: how it starts, refuses to start, and stops."""

from __future__ import annotations

import asyncio
import json
import shlex
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from harness.films import counter_film, put_film
from harness.short_demo import DEMO_S, SHORT_DEMO
from sessions.stores.sqlite.store import SqliteStore
from streamer import __version__
from streamer.secret import owner_token

PATIENCE = 60.0
"""How long a start may take on a busy machine, seconds."""


@dataclass
class Server:
    """A running server."""

    process: asyncio.subprocess.Process
    address: str
    client: ClientSession

    async def stop(self) -> float:
        """Send SIGTERM and return how long the end took, seconds; it must be a good one."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(self.process.wait(), PATIENCE) == 0
        return loop.time() - began


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    put_film(counter_film(), folder / "Counter.mp4")
    return folder


def command(media: Path, data: Path, *flags: str, module: str = "streamer") -> list[str]:
    folders = ["--media", str(media), "--data", str(data)]
    return [sys.executable, "-m", module, *folders, "--port", "0", *flags]


async def ended(arguments: list[str]) -> tuple[int | None, str, str]:
    """Run a command to its end; return its exit code and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    return process.returncode, out.decode(), err.decode()


@asynccontextmanager
async def serving(
    media: Path, data: Path, *flags: str, module: str = "streamer"
) -> AsyncIterator[Server]:
    process = await asyncio.create_subprocess_exec(
        *command(media, data, *flags, module=module),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
        async with ClientSession() as client:
            yield Server(process, line.decode().strip(), client)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def a_show(server: Server) -> tuple[dict[str, str], dict[str, Any]]:
    """Return a passport's headers and a show that it planned."""
    client, address = server.client, server.address
    async with client.post(f"{address}/api/passport", json={"name": "Anna"}) as answer:
        headers = {"Authorization": f"Bearer {(await answer.json())['token']}"}
    async with client.get(f"{address}/api/titles") as answer:
        film = (await answer.json())["items"][0]["id"]
    plan = {"target_id": film, "target_type": "movie", "movie_time": "2090-01-01T00:00:00Z"}
    async with client.post(f"{address}/api/shows", json=plan, headers=headers) as answer:
        assert answer.status == 201
        return headers, await answer.json()


async def until_closed(room: ClientWebSocketResponse) -> list[dict[str, Any]]:
    return [message.json() async for message in room if message.type is WSMsgType.TEXT]


async def test_a_server_for_the_network_prints_the_owner_s_address(
    media: Path, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        *command(media, tmp_path / "data", "--host", "0.0.0.0"),  # noqa: S104 -- loopback is asked
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        lines: list[str] = []
        while not lines or "/owner/" not in lines[-1]:
            line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
            assert line
            lines.append(line.decode().strip())
    finally:
        process.kill()
        await process.wait()

    addresses = [line for line in lines if line.startswith("http")]
    assert len(addresses) == 2
    assert addresses[0].startswith("http://127.0.0.1:")
    assert addresses[1].endswith(f"/owner/{owner_token(tmp_path / 'data')}")
    assert addresses[0].rpartition(":")[2] in addresses[1]


@pytest.mark.parametrize("closed", ["0<&-", "2>&-", "0<&- 2>&-"])
async def test_closed_standard_streams_harm_neither_films_nor_the_end(
    media: Path, tmp_path: Path, closed: str
) -> None:
    process = await asyncio.create_subprocess_shell(
        f"exec {shlex.join(command(media, tmp_path / 'data'))} {closed}",
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
    async with ClientSession() as client:
        server = Server(process, line.decode().strip(), client)
        async with client.get(f"{server.address}/api/titles") as answer:
            (film,) = (await answer.json())["items"]

        assert film["state"] == "ready"
        await server.stop()


async def test_the_first_line_is_an_address_that_can_be_used(media: Path, tmp_path: Path) -> None:
    async with serving(media, tmp_path / "data") as server:
        assert server.address.startswith("http://127.0.0.1:")
        async with server.client.get(f"{server.address}/readyz") as answer:
            assert answer.status == 200
        async with server.client.get(f"{server.address}/api/titles") as answer:
            (film,) = (await answer.json())["items"]
        async with server.client.get(f"{server.address}/api/titles/{film['id']}") as answer:
            source, _ = (await answer.json())["sources"]
        wanted = {"Range": "bytes=0-99"}
        async with server.client.get(server.address + source["url"], headers=wanted) as answer:
            assert answer.status == 206
            assert await answer.read() == (media / "Counter.mp4").read_bytes()[:100]
        assert await server.stop() < 5.0


async def test_a_stop_says_goodbye_and_loses_nothing(media: Path, tmp_path: Path) -> None:
    async with serving(media, tmp_path / "data") as server:
        headers, show = await a_show(server)
        session, message = show["sessions"][0]["id"], str(uuid4())
        room = await server.client.ws_connect(
            f"{server.address}/api/sessions/{session}/socket", headers=headers
        )
        await room.send_json({"type": "hello", "protocol": 1})
        await room.send_json({"type": "say", "ref": "1", "id": message, "text": "remember"})
        while (await room.receive_json(timeout=PATIENCE))["type"] != "accepted":
            pass
        leaving = asyncio.create_task(until_closed(room))

        assert await server.stop() < 5.0

        assert {"type": "goodbye", "code": 1001, "reason": "server_stops"} in await leaving
        assert room.close_code == 1001

    async with serving(media, tmp_path / "data") as server:
        path = f"{server.address}/api/shows/{show['id']}/messages"
        async with server.client.get(path, headers=headers) as answer:
            assert [kept["id"] for kept in (await answer.json())["items"]] == [message]


@pytest.mark.parametrize("way", ["--fast-path", "--no-fast-path"])
async def test_a_stop_does_not_wait_for_who_does_not_read(
    media: Path, tmp_path: Path, way: str
) -> None:
    put_film(counter_film(), media / "Counter.mp4", padding=32 * 2**20)
    async with serving(media, tmp_path / "data", way) as server:
        async with server.client.get(f"{server.address}/api/titles") as answer:
            (film_row,) = (await answer.json())["items"]
        async with server.client.get(f"{server.address}/api/titles/{film_row['id']}") as answer:
            source, _ = (await answer.json())["sources"]
        host, port = server.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        try:
            head = f"GET {source['url']} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
            writer.write(head.encode())
            assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"

            assert await server.stop() < 5.0
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def test_a_second_server_on_the_same_data_is_refused_in_one_line(
    media: Path, tmp_path: Path
) -> None:
    async with serving(media, tmp_path / "data"):
        code, out, err = await ended(command(media, tmp_path / "data"))

    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "in use by another process" in err


async def test_a_port_in_use_is_said_in_one_line(media: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, out, err = await ended(command(media, tmp_path / "data", "--port", port))

    assert (code, out) == (1, "")
    where = f"127.0.0.1 port {port}"
    assert err.splitlines()[-1] == f"seans: can't listen on {where}: address already in use"
    assert "Traceback" not in err


async def test_an_empty_folder_gets_a_demo_film_unless_the_server_is_stopped(
    tmp_path: Path,
) -> None:
    media, data = tmp_path / "media", tmp_path / "data"
    media.mkdir()
    process = await asyncio.create_subprocess_exec(
        *command(media, data), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE):
        while b"making a demo film: 10 %" not in await process.stderr.readline():
            pass
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5.0) == 0
    assert list(media.iterdir()) == []

    async with (
        serving(media, data, module=SHORT_DEMO) as server,
        asyncio.timeout(PATIENCE),
    ):
        films: list[dict[str, Any]] = []
        while not films:
            async with server.client.get(f"{server.address}/api/titles") as answer:
                films = (await answer.json())["items"]
        assert [(film["title"], film["duration"]) for film in films] == [("Seans demo", DEMO_S)]


async def test_a_film_folder_that_is_none_is_said_in_one_line(tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", Path(__file__)):
        code, out, err = await ended(command(folder, tmp_path / "data"))
        assert (code, out) == (1, "")
        assert err.count("\n") == 1
        assert str(folder) in err


async def test_a_store_of_a_newer_version_is_left_alone(media: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    store = SqliteStore(data)
    await store.open()
    await store.close()
    with sqlite3.connect(data / "seans.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 1000")
    connection.close()

    code, out, err = await ended(command(media, data))

    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "newer" in err


async def test_a_data_folder_that_can_not_be_is_said_in_one_line(media: Path) -> None:
    code, out, err = await ended(command(media, media / "Counter.mp4" / "data"))

    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "cannot be used" in err


async def test_a_secret_that_is_too_short_is_refused(media: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "secret").write_text("short\n")

    code, _, err = await ended(command(media, data))

    assert code == 1
    assert "shorter than 32 bytes" in err


async def test_the_version_is_told() -> None:
    said = await ended([sys.executable, "-m", "streamer", "--version"])

    assert said == (0, f"seans {__version__}\n", "")


async def test_the_log_is_json_where_that_is_wanted_and_holds_no_link(
    media: Path, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        *command(media, tmp_path / "data", "--log-format", "json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    address = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode().strip()
    token = "a-token-that-nobody-may-read-123"
    async with ClientSession() as client:
        for path in (f"/w/{token}", f"/api/invites/{token}", f"/?secret={token}"):
            async with client.get(address + path) as answer:
                await answer.read()
    process.send_signal(signal.SIGTERM)
    log = (await asyncio.wait_for(process.stderr.read(), PATIENCE)).decode()
    await process.wait()

    lines = [json.loads(line) for line in log.splitlines()]
    assert token not in log
    assert {line.get("path") for line in lines} >= {"/w/***", "/api/invites/***", "/"}
