"""A TCP proxy before a database that can swallow an answer, or cut every line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["Proxy", "proxy_to"]

CHUNK = 65_536

STEPS = 10
"""More steps of the event loop than lie between accepting a line and having closed it."""

MAX_WAIT_S = 30.0
"""How long one waits for the request whose answer is to be lost, seconds."""


class Proxy:
    """Lines between clients and one server, on a port of its own."""

    def __init__(self, port: int) -> None:
        self.port = 0
        """Where clients connect."""
        self._server_port = port
        self._wanted: bytes | None = None
        self._last = False
        self._down = False
        self._swallowed = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._lines: set[asyncio.Task[None]] = set()

    async def swallow(self, request: bytes, *, last: bool = False) -> None:
        """Cut the line in place of the answer to the next request that holds ``request``.

        With ``last`` it cuts all lines then, and takes no others.
        """
        self._swallowed.clear()
        self._wanted, self._last = request, last
        async with asyncio.timeout(MAX_WAIT_S):
            await self._swallowed.wait()

    def cut(self) -> None:
        """Cut every line."""
        for writer in self._writers:
            writer.transport.abort()

    async def close(self) -> None:
        """Cut every line, and wait until nothing of them is left."""
        self._down = True
        self.cut()
        # A line that was accepted just now is carried some steps of the loop later, and a transport
        # closes its socket in the step after it was aborted.
        for _ in range(STEPS):
            await asyncio.sleep(0)
            await asyncio.gather(*self._lines)

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin to carry a line."""
        line = asyncio.create_task(self._carry(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one line until either end closes it."""
        ends = [writer]
        try:
            if not self._down:
                upstream, server = await asyncio.open_connection("127.0.0.1", self._server_port)
                ends.append(server)
                self._writers.update(ends)
                asked = asyncio.Event()
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._requests(reader, server, asked))
                    group.create_task(self._answers(upstream, writer, server, asked))
        except* OSError:
            # Whichever end is gone: the other one is told below.
            pass
        finally:
            for end in ends:
                self._writers.discard(end)
                end.transport.abort()

    async def _requests(
        self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, asked: asyncio.Event
    ) -> None:
        while chunk := await reader.read(CHUNK):
            if self._wanted is not None and self._wanted in chunk:
                self._wanted = None
                asked.set()
            server.write(chunk)
            await server.drain()
        server.close()

    async def _answers(
        self,
        upstream: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        server: asyncio.StreamWriter,
        asked: asyncio.Event,
    ) -> None:
        while chunk := await upstream.read(CHUNK):
            if asked.is_set():
                self._swallowed.set()
                if self._last:
                    self._down = True
                    self.cut()
                server.transport.abort()
                break
            writer.write(chunk)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def proxy_to(port: int) -> AsyncIterator[Proxy]:
    """Run a proxy before a server on a port of this machine."""
    proxy = Proxy(port)
    server = await asyncio.start_server(proxy.take, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
