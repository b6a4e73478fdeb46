"""What strangers and silent readers can do to a server that is a process of its own."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from uuid import uuid4

import pytest
import pytest_asyncio

from harness.films import counter_film, put_film
from harness.server import Server, running_server

beside_the_server = pytest.mark.asyncio(loop_scope="module")

STRANGERS = 8
MEASURED_S = 1.5
MAX_PING_S = 0.1

READERS = 600
LINKS_OF_ONE = 15
RESTS_S = 1.5
MAX_MEMORY_BYTES = 200_000_000

EMPTY_PINGS = b"\x89\x80\0\0\0\0" * 10_000
EMPTY_PONGS = b"\x8a\x80\0\0\0\0" * 10_000
HELLO_2 = b'{"type":"hello","protocol":2}'
REFUSED_THEN_PONGS = (
    b"\x81" + bytes([0x80 | len(HELLO_2)]) + b"\0\0\0\0" + HELLO_2 + EMPTY_PONGS * 4
)
EMPTY_TEXTS = b"\x81\x80\0\0\0\0" * 10_000
PINGS = b"\x81\x96\0\0\0\0" + b'{"type":"ping","c0":1}'


def test_the_frame_that_asks_is_as_long_as_it_says() -> None:
    assert len(PINGS) == 6 + 22


def frame(message: dict[str, Any]) -> bytes:
    """Return a text frame, masked with zeros."""
    text = json.dumps(message).encode()
    size = len(text)
    head = bytes([0x80 | size]) if size < 126 else struct.pack("!BH", 254, size)
    return b"\x81" + head + b"\0\0\0\0" + text


def open_socket(server: Server, session: str, token: str = "") -> socket.socket:
    """Return a room socket that nobody reads unless the test does."""
    authority = server.address.removeprefix("http://")
    host, _, port = authority.rpartition(":")
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048 if token else 1 << 16)
    opened.settimeout(30)
    opened.connect((host, int(port)))
    lines = [
        f"GET /api/sessions/{session}/socket HTTP/1.1",
        f"Host: {authority}",
        f"Origin: {server.address}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        *([f"Authorization: Bearer {token}"] if token else []),
    ]
    opened.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    head = b""
    while b"\r\n\r\n" not in head:
        byte = opened.recv(1)
        assert byte, "refused"
        head += byte
    return opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server with one film."""
    folder = tmp_path_factory.mktemp("flooded")
    media, data = folder / "media", folder / "data"
    media.mkdir(parents=True)
    put_film(counter_film(), media / "Counter.mp4")
    async with running_server(media, data) as server:
        yield server


def resident(pid: int) -> int:
    """Return what a process holds in memory, bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def resident_at_rest(pid: int) -> int:
    """Return what a process holds in memory once it has asked for no more for a while, bytes."""
    most, grew = 0, time.monotonic()
    while time.monotonic() - grew < RESTS_S:
        if (held := resident(pid)) > most:
            most, grew = held, time.monotonic()
        time.sleep(0.05)
    return most


def accept(server: Server, link: str, name: str) -> str:
    """Return the passport of a new member."""
    token = server.passport(name)
    server.call("POST", f"/api/invites/{link.rsplit('/', 1)[1]}/accept", token=token)
    return token


def say(server: Server, path: str, token: str) -> None:
    """Say a long message, as soon as the show's limit lets it in."""
    message = {"id": str(uuid4()), "text": "\U0001f600" * 2000}
    for _ in range(100):
        try:
            server.call("POST", path, message, token)
        except HTTPError as error:
            if error.code != 429:
                raise
            time.sleep(float(error.headers["Retry-After"]))
        else:
            return
    raise AssertionError("the limit never let the message in")


def hold_readers(server: Server, stack: ExitStack) -> int:
    """Let READERS links ask for a long chat and read nothing; return the memory held, bytes."""
    host = server.passport("Anna")
    show = server.show(host, 3600.0)
    session = show["sessions"][0]["id"]
    for number in range(16):
        token = accept(server, show["link"], f"G{number}")
        for _ in range(40):
            say(server, f"/api/shows/{show['id']}/messages", token)
    before = resident(server.pid)
    names = count()
    token = ""
    for number in range(READERS):
        if number % LINKS_OF_ONE == 0:
            token = accept(server, show["link"], f"R{next(names)}")
        opened = stack.enter_context(open_socket(server, session, token))
        opened.sendall(frame({"type": "hello", "protocol": 1, "after": 0}))
    after = resident_at_rest(server.pid)
    print(f"{READERS} links that read nothing: {before / 1e6:.0f} -> {after / 1e6:.0f} MB")
    return after


@beside_the_server
async def test_six_hundred_links_that_read_nothing_hold_little(server: Server) -> None:
    with ExitStack() as stack:
        held = await asyncio.to_thread(hold_readers, server, stack)
    assert held <= MAX_MEMORY_BYTES


def flood(server: Server, session: str, frames: bytes, over: threading.Event) -> None:
    """Send ``frames`` as fast as the server takes them, and come back whenever it hangs up."""
    while not over.is_set():
        with suppress(OSError, AssertionError), open_socket(server, session) as opened:
            # Where the server reads no more, another socket is opened.
            opened.settimeout(1)
            while not over.is_set():
                opened.sendall(frames)


def ping_p95(server: Server, session: str, token: str, frames: bytes) -> float:
    """Return the p95 of a member's ping beside eight strangers that flood, seconds."""
    over = threading.Event()
    with ExitStack() as stack:
        member = stack.enter_context(open_socket(server, session, token))
        flooding = (server, session, frames, over)
        threads = [threading.Thread(target=flood, args=flooding) for _ in range(STRANGERS)]
        for thread in threads:
            thread.start()
        took: list[float] = []
        until = time.monotonic() + MEASURED_S
        while time.monotonic() < until:
            began = time.monotonic()
            member.sendall(PINGS)
            member.recv(4096)
            took.append(time.monotonic() - began)
            time.sleep(0.01)
        over.set()
        for thread in threads:
            thread.join(30)
    return sorted(took)[int(len(took) * 0.95)]


@beside_the_server
@pytest.mark.parametrize(
    "frames",
    [EMPTY_PINGS, EMPTY_PONGS, PINGS * 2000, EMPTY_TEXTS, REFUSED_THEN_PONGS],
    ids=["pings", "pongs", "texts", "bad texts", "a refused hello and pongs"],
)
async def test_strangers_that_flood_do_not_delay_a_members_ping(
    server: Server, frames: bytes
) -> None:
    token = await asyncio.to_thread(server.passport, "Anna")
    show = await asyncio.to_thread(server.show, token, 3600.0)
    session = show["sessions"][0]["id"]
    best = float("inf")
    for _ in range(3):
        took = await asyncio.to_thread(ping_p95, server, session, token, frames)
        print(f"ping p95 beside {STRANGERS} floods: {took * 1000:.1f} ms")
        best = min(best, took)
        if best <= MAX_PING_S:
            break
    assert best <= MAX_PING_S
