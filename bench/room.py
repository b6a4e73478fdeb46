"""The claim: 500 people in one room, and a command or a word still reaches all at once.

A command reaches all 500 sockets with p95 <= 100 ms; a message is acknowledged (on disk) with
p95 <= 50 ms at 200 messages a second; one reader that stops reading slows nobody and is told
goodbye 4408. One core serves, the other one is the audience.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import uvloop

from bench._film import make_film
from bench._machine import cpu_seconds, resident_bytes
from harness.server import Server, running_server

__all__ = ["Viewer", "connect", "main", "members", "quantile"]

ACCEPTED = re.compile(rb'"type":"accepted","ref":(\d+)')
TIMELINE = b'{"type":"timeline"'
KEPT = 4096


class Viewer(asyncio.Protocol):
    """One socket: shakes hands, says hello, then notes when what arrives."""

    def __init__(self, host: str, path: str, token: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
        self._tail = b""
        self.wire: asyncio.Transport
        self.welcomed: asyncio.Future[None] = self._loop.create_future()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self.moves: list[float] = []
        self.accepted: dict[int, float] = {}
        self.messages = 0
        self.everything: bytearray | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade and say hello behind it."""
        self.wire = transport  # type: ignore[assignment]
        self.wire.write(self._request)
        self.say({"type": "hello", "protocol": 1})

    def say(self, message: dict[str, Any]) -> None:
        """Send one message in a frame masked with zeros (RFC 6455 section 5.3)."""
        payload = json.dumps(message).encode()
        size = len(payload)
        head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
        self.wire.write(head + b"\0\0\0\0" + payload)

    def data_received(self, data: bytes) -> None:
        """Note what came, without reading it all."""
        if self.everything is not None:
            self.everything += data
        now = self._loop.time()
        text = self._tail + data
        if not self.welcomed.done() and b'"type":"welcome"' in text:
            self.welcomed.set_result(None)
        fresh = len(self._tail)
        self.messages += text.count(b'"type":"message"') - self._tail.count(b'"type":"message"')
        for _ in range(text.count(TIMELINE) - self._tail.count(TIMELINE)):
            self.moves.append(now)
        if b'"accepted"' in text:
            for ref in ACCEPTED.finditer(text, max(0, fresh - 64)):
                self.accepted.setdefault(int(ref[1]), now)
        self._tail = text[-64:]

    def connection_lost(self, _error: Exception | None) -> None:
        """Note the end."""
        if not self.welcomed.done():
            self.welcomed.set_exception(ConnectionError("closed before the welcome"))
        if not self.ended.done():
            self.ended.set_result(None)


AnyViewer = TypeVar("AnyViewer", bound=Viewer)


@dataclass(slots=True)
class Figures:
    """What was measured, seconds."""

    commands: list[float] = field(default_factory=list)
    """From a command to its arrival at each viewer."""

    words: list[float] = field(default_factory=list)
    """From a message to its acknowledgement."""

    lost: int = 0
    """Messages that were not acknowledged."""


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def members(server: Server, people: int, begins_in: float = 1.0) -> tuple[str, list[str]]:
    """Make a show with so many members; return its session's id and their passports, host first."""
    tokens = [server.passport(f"Viewer {number}") for number in range(people)]
    show = server.show(tokens[0], begins_in)
    invite = urlsplit(show["link"]).path.rpartition("/")[2]
    for token in tokens[1:]:
        server.call("POST", f"/api/invites/{invite}/accept", {}, token)
    return str(show["sessions"][0]["id"]), tokens


async def connect(
    server: Server, session: str, tokens: Sequence[str], kind: Callable[..., AnyViewer]
) -> list[AnyViewer]:
    """Open a link for each passport; return them when all are welcome."""
    path = f"/api/sessions/{session}/socket"
    address = urlsplit(server.address)
    host, port = str(address.hostname), int(address.port or 80)
    viewers = []
    for token in tokens:
        _, viewer = await asyncio.get_running_loop().create_connection(
            lambda token=token: kind(address.netloc, path, token),  # type: ignore[misc]
            host,
            port,
        )
        viewers.append(viewer)
    await asyncio.gather(*(viewer.welcomed for viewer in viewers))
    return viewers


async def audience(server: Server, people: int) -> list[Viewer]:
    """Connect that many people to a show of their own; the first is the host."""
    session, tokens = members(server, people)
    return await connect(server, session, tokens, Viewer)


async def talk(viewers: Sequence[Viewer], rate: float, seconds: float, figures: Figures) -> None:
    """Let all take turns so that ``rate`` messages a second are said."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    sent: list[tuple[Viewer, int, float]] = []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(began + number / rate - loop.time())
        viewer = viewers[number % len(viewers)]
        sent.append((viewer, number, loop.time()))
        text = f"message {number} of the evening, about as long as people write"
        viewer.say({"type": "say", "ref": number, "id": str(uuid4()), "text": text})
    await asyncio.sleep(2.0)
    for viewer, number, at in sent:
        if number in viewer.accepted:
            figures.words.append(viewer.accepted[number] - at)
        else:
            figures.lost += 1


async def command(viewers: Sequence[Viewer], times: int, figures: Figures) -> None:
    """Let the host pause and play, and note when each viewer hears it."""
    loop = asyncio.get_running_loop()
    for number in range(times):
        before = [len(viewer.moves) for viewer in viewers]
        at = loop.time()
        action = "pause" if number % 2 == 0 else "play"
        viewers[0].say({"type": "command", "ref": 1_000_000 + number, "action": action})
        await asyncio.sleep(1.0)
        for viewer, count in zip(viewers, before, strict=True):
            if len(viewer.moves) > count:
                figures.commands.append(viewer.moves[count] - at)
            else:
                figures.lost += 1


async def stuck(viewer: Viewer) -> dict[str, Any]:
    """Let one viewer read again after it stopped, and say what it was told."""
    viewer.everything = bytearray()
    viewer.wire.resume_reading()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            await asyncio.shield(viewer.ended)
    told = b'{"type":"goodbye","code":4408,' in viewer.everything
    return {"told": told, "code": int.from_bytes(viewer.everything[-10:-8], "big")}


async def measure(people: int, rate: float, seconds: float) -> dict[str, Any]:
    """Run the whole measurement and return its figures."""
    with tempfile.TemporaryDirectory() as folder:
        media, data = Path(folder, "media"), Path(folder, "data")
        media.mkdir()
        make_film(media / "film.mp4", 1 << 22)
        os.sched_setaffinity(0, {1})
        async with running_server(media, data, cpu=0) as server:
            viewers = await audience(server, people + 1)
            *rest, slow = viewers
            await asyncio.sleep(2.0)
            quiet, loud = Figures(), Figures()
            await command(rest, 6, quiet)
            slow.wire.pause_reading()
            cpu, memory = cpu_seconds(server.pid), resident_bytes(server.pid)
            began = asyncio.get_running_loop().time()
            await asyncio.gather(
                talk(rest[1:], rate, seconds, loud), command(rest, int(seconds), loud)
            )
            elapsed = asyncio.get_running_loop().time() - began
            figures = {
                "people": people,
                "rate": rate,
                "command_quiet_p95_ms": 1e3 * quantile(quiet.commands, 0.95),
                "command_p50_ms": 1e3 * quantile(loud.commands, 0.5),
                "command_p95_ms": 1e3 * quantile(loud.commands, 0.95),
                "message_p50_ms": 1e3 * quantile(loud.words, 0.5),
                "message_p95_ms": 1e3 * quantile(loud.words, 0.95),
                "message_max_ms": 1e3 * max(loud.words),
                "lost": quiet.lost + loud.lost,
                "heard_by_each": min(viewer.messages for viewer in rest),
                "server_core_share": (cpu_seconds(server.pid) - cpu) / elapsed,
                "server_memory_mb": memory / 1e6,
                "stuck_reader": await stuck(slow),
            }
            for viewer in rest:
                viewer.wire.abort()
            return figures


def main() -> None:
    """Measure, print a table, keep the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--rate", type=float, default=200.0, help="messages a second")
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    figures = uvloop.run(measure(options.people, options.rate, options.seconds))
    for name, value in figures.items():
        shown = f"{value:.1f}" if isinstance(value, float) else value
        print(f"{name:24} {shown}")
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "room.json").write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
