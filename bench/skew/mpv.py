"""An mpv that another program starts, and that tells which frame it shows when.

Started by a script that stands in its place and opens a second way in (JSON IPC on a socket of
ours), so that the program keeps its own. ``time-pos`` is the time of the frame that is shown.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.skew.figures import FRAME_RATE, Frame

__all__ = ["Player", "player"]

_MPV = "/usr/bin/mpv"
_STAND_IN = """#!/usr/bin/python3
import os, socket, sys
arguments = sys.argv[1:]
if "--version" not in arguments:
    link = socket.socket(socket.AF_UNIX)
    link.connect({socket!r})
    os.set_inheritable(link.fileno(), True)
    arguments.insert(0, f"--input-ipc-client=fd://{{link.fileno()}}")
os.execv({mpv!r}, [{mpv!r}, *arguments])
"""
_WITHIN = 20.0


@dataclass(slots=True)
class Player:
    """A running mpv."""

    path: Path
    """The script to be started in mpv's place."""

    frames: list[Frame] = field(default_factory=list)
    """What it showed; times are this process's monotonic clock, seconds."""

    connected: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether it has been started."""

    _writer: asyncio.StreamWriter | None = None
    _asked: dict[int, asyncio.Future[Any]] = field(default_factory=dict)

    async def ask(self, *command: str | float | bool) -> Any:  # noqa: ANN401 -- any JSON
        """Give a command and return what mpv answers to it; None where it has no answer."""
        await asyncio.wait_for(self.connected.wait(), _WITHIN)
        assert self._writer is not None
        number = len(self._asked) + 10
        self._asked[number] = asyncio.get_running_loop().create_future()
        self._tell({"command": command, "request_id": number})
        return await asyncio.wait_for(self._asked[number], _WITHIN)

    async def number(self) -> int:
        """Return the number of the frame that is shown."""
        return _number(await self.ask("get_property", "time-pos"))

    async def loaded(self) -> None:
        """Wait until there is a picture."""
        async with asyncio.timeout(_WITHIN):
            while not self.frames:  # noqa: ASYNC110 -- mpv says it when it does
                await asyncio.sleep(0.05)

    async def stop_for(self, seconds: float) -> None:
        """Stop the process for so long."""
        pid = await self.ask("get_property", "pid")
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            os.kill(pid, signal.SIGCONT)

    def _tell(self, what: object) -> None:
        assert self._writer is not None
        self._writer.write(json.dumps(what).encode() + b"\n")

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Note what mpv says until it ends."""
        self._writer = writer
        self._tell({"command": ["observe_property", 1, "time-pos"]})
        self.connected.set()
        with suppress(ConnectionError):
            async for line in reader:
                self._hear(json.loads(line), time.monotonic())
        writer.close()

    def _hear(self, said: dict[str, Any], now: float) -> None:
        if said.get("event") == "property-change" and said.get("data") is not None:
            self.frames.append(Frame(now, _number(said["data"])))
        asked = self._asked.get(said.get("request_id", 0))
        if asked is not None and not asked.done():
            asked.set_result(said.get("data"))


def _number(position: float) -> int:
    return round(position * FRAME_RATE)


@asynccontextmanager
async def player(folder: Path) -> AsyncIterator[Player]:
    """Make ready for an mpv; what stands in for it is written to ``folder``."""
    folder.mkdir(parents=True)
    path, address = folder / "mpv", str(folder / "socket")
    path.write_text(_STAND_IN.format(socket=address, mpv=_MPV))
    path.chmod(0o755)
    mine = Player(path)
    server = await asyncio.start_unix_server(mine.listen, address)
    try:
        yield mine
    finally:
        server.close()
