"""Starts the real server in a process of its own, and asks it for a show."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["Api", "LiveAnswer", "Server", "running_server"]


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What an offer is answered with."""

    sdp: str
    """The answer."""

    path: str
    """Path of the stream."""

    links: tuple[str, ...]
    """Its ``Link`` fields: servers for ICE."""


@dataclass(frozen=True, slots=True)
class Api:
    """What may be asked of a server that listens."""

    address: str
    """``http://host:port``."""

    def call(self, method: str, path: str, body: object = None, token: str = "") -> Any:  # noqa: ANN401 -- any JSON
        """Return the JSON answer of one call; raises HTTPError."""
        request = urllib.request.Request(
            self.address + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"}
            | ({"Authorization": f"Bearer {token}"} if token else {}),
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def text(self, path: str) -> str:
        """Return what a path holds, as text."""
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:
            return str(answer.read().decode())

    def passport(self, name: str) -> str:
        """Return the token of somebody new."""
        return str(self.call("POST", "/api/passport", {"name": name})["token"])

    def ready_films(self, token: str) -> list[dict[str, Any]]:
        """Return the films that can be shown."""
        films = self.call("GET", "/api/titles?type=movie", token=token)["items"]
        return [film for film in films if film["state"] == "ready"]

    def show(self, token: str, begins_in: float) -> dict[str, Any]:
        """Return a new show of the first film, beginning in that many seconds."""
        ready = self.ready_films(token)
        # Not by next(): a StopIteration would hang whoever awaits this in a thread.
        assert ready, "no film is ready"
        film = ready[0]
        moment = datetime.fromtimestamp(datetime.now(UTC).timestamp() + begins_in, UTC)
        plan = {
            "target_id": film["id"],
            "target_type": "movie",
            "movie_time": moment.isoformat(),
        }
        return dict(self.call("POST", "/api/shows", plan, token))

    def watch(self, session_id: str, offer: str, token: str) -> LiveAnswer:
        """Ask for a session's live stream (WHEP); raises HTTPError."""
        request = urllib.request.Request(
            f"{self.address}/api/sessions/{session_id}/whep",
            offer.encode(),
            {"Content-Type": "application/sdp", "Authorization": f"Bearer {token}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            links = tuple(answer.headers.get_all("Link", ()))
            return LiveAnswer(answer.read().decode(), answer.headers["Location"], links)


@dataclass(frozen=True, slots=True)
class Server(Api):
    """A server that listens, and its process."""

    process: asyncio.subprocess.Process
    """The process."""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid


@asynccontextmanager
async def running_server(
    media: Path,
    data: Path,
    *options: str,
    cpu: int | None = None,
    descriptors: int | None = None,
    module: str = "streamer",
) -> AsyncIterator[Server]:
    """Run ``python -m streamer`` on a free port, pinned to ``cpu`` where given, and stop it.

    ``module`` may be another that runs it. It may have no more than so many ``descriptors``. What
    it writes to standard error is kept beside ``data`` in ``server.log``.
    """
    command = [sys.executable, "-m", module, "--media", str(media), "--data", str(data)]
    command += ["--host", "127.0.0.1", *(() if "--port" in options else ("--port", "0")), *options]
    if descriptors is not None:
        command = ["sh", "-c", 'ulimit -n "$0" && exec "$@"', str(descriptors), *command]
    log_path = data.parent / "server.log"
    with log_path.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=log
        )
    if cpu is not None:
        os.sched_setaffinity(process.pid, {cpu})
    try:
        address = await _address(process)
        if address is None:
            raise RuntimeError(f"the server did not start: {log_path.read_text()}")
        yield Server(address, process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str | None:
    if process.stdout is None:
        return None
    async for line in process.stdout:
        if line.startswith(b"http"):
            return line.decode().strip().rstrip("/")
    return None
