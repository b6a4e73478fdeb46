"""A line between one browser and the server, as bad as it is asked to be.

A TCP proxy on the loopback device. The first line of a connection says whether it is the link (an
upgrade to WebSocket, or no HTTP at all) or carries bytes. Each of the two has its own profile: a
delay drawn for every piece, and a bandwidth. Each can be cut or stalled. Pieces keep their order,
as with TCP: a late piece delays those behind it.
"""

from __future__ import annotations

import asyncio
import math
import re
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Literal, TypeVar

__all__ = ["KINDS", "Kind", "Line", "LineProfile", "Lines"]

Kind = Literal["link", "bytes"]
"""What a connection carries: the room's messages, or everything else that comes by HTTP."""

KINDS: tuple[Kind, ...] = ("link", "bytes")
"""Both."""

AnyLine = TypeVar("AnyLine")

_PIECE = 16 * 1024
_SEGMENT = 1460
_IN_FLIGHT = 64
_TICKS = 20.0
_REQUEST = re.compile(rb"[A-Z]+ \S+ HTTP/1\.[01]\r?$")
_UPGRADE = re.compile(rb"^upgrade:\s*websocket\s*$", re.IGNORECASE | re.MULTILINE)
_HEAD_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class LineProfile:
    """How well a line carries one kind of connection."""

    shortest: float = 0.0
    """Least delay in each direction, seconds."""

    longest: float = 0.0
    """Largest delay in each direction, seconds."""

    bandwidth: float = math.inf
    """From the server to the browser, all connections together, bytes per second."""

    handshake: float = 0.0
    """How much later the first piece of a new connection reaches the server, seconds: loopback
    connects at once, a far server after a round trip (RFC 9293 section 3.5)."""

    window: float = math.inf
    """Bytes that a new connection may send to the browser in its first round trip; every byte
    that has arrived allows one more (slow start, RFC 5681 section 3.1)."""

    @property
    def mean_round_trip(self) -> float:
        """There and back, seconds."""
        return self.shortest + self.longest

    @classmethod
    def round_trip(
        cls, mean: float, jitter: float = 0.0, bandwidth: float = math.inf
    ) -> LineProfile:
        """Return the profile of a round trip of ``mean`` ± ``jitter`` s, half in each direction."""
        return cls((mean - jitter) / 2, (mean + jitter) / 2, bandwidth)

    @classmethod
    def far(cls, mean: float, bandwidth: float) -> LineProfile:
        """Return a profile with TCP's handshake and slow start from ten segments (RFC 6928)."""
        return cls(mean / 2, mean / 2, bandwidth, handshake=mean, window=10 * _SEGMENT)


@dataclass(slots=True)
class _Channel:
    """What all connections of one kind share."""

    profile: LineProfile
    random: Random
    clock: Callable[[], float]
    is_cut: bool = False
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    carried: int = 0
    _free_at: float = 0.0

    def due(self) -> float:
        """Return when a piece that came now is to arrive."""
        return self.clock() + self.random.uniform(self.profile.shortest, self.profile.longest)

    def piece(self) -> int:
        """Return how much to carry at once, bytes: a slow line does not carry it in gulps."""
        most = _PIECE if math.isinf(self.profile.window) else 2 * _SEGMENT
        if math.isinf(self.profile.bandwidth):
            return most
        return max(1, min(most, int(self.profile.bandwidth / _TICKS)))

    async def carry(self, size: int) -> None:
        """Wait until ``size`` bytes have got through."""
        self.carried += size
        begin = max(self.clock(), self._free_at)
        self._free_at = begin + size / self.profile.bandwidth
        await asyncio.sleep(self._free_at - self.clock())

    def drop(self) -> None:
        """Break every connection."""
        for writer in self.writers:
            writer.transport.abort()


class _Window:
    """TCP's slow start on one connection: how much may be on its way, unacknowledged."""

    def __init__(self, channel: _Channel) -> None:
        self._channel = channel
        self._size = channel.profile.window
        self._sent: deque[tuple[float, int]] = deque()
        self._unacknowledged = 0

    async def admit(self, size: int) -> None:
        """Wait until ``size`` more bytes may be on their way."""
        if math.isinf(self._size):
            return
        clock = self._channel.clock
        while self._sent and (
            self._sent[0][0] <= clock() or self._unacknowledged + size > self._size
        ):
            due, acknowledged = self._sent.popleft()
            await asyncio.sleep(due - clock())
            self._unacknowledged -= acknowledged
            self._size += acknowledged

    def arrived(self, size: int) -> None:
        """Note that ``size`` bytes have arrived: a round trip later more of them can follow."""
        self._unacknowledged += size
        self._sent.append((self._channel.clock() + self._channel.profile.mean_round_trip, size))


class Line:
    """What one browser reaches the server by; to be changed from any thread while in use."""

    def __init__(self, target: int, link: LineProfile, rest: LineProfile, random: Random) -> None:
        self._target = target
        self._loop = asyncio.get_running_loop()
        clock = self._loop.time
        self._channels: dict[Kind, _Channel] = {
            "link": _Channel(link, random, clock),
            "bytes": _Channel(rest, random, clock),
        }
        for channel in self._channels.values():
            channel.flows.set()
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def to(
        cls,
        target: int,
        *,
        link: LineProfile | None = None,
        rest: LineProfile | None = None,
        seed: int = 1,
    ) -> AsyncIterator[Line]:
        """Open a line to port ``target``; ``seed`` decides its jitter."""
        line = cls(target, link or LineProfile(), rest or LineProfile(), Random(seed))
        server = await asyncio.start_server(line._connected, "127.0.0.1", 0)
        line.port = server.sockets[0].getsockname()[1]
        try:
            yield line
        finally:
            server.close()
            for connection in line._connections:
                connection.cancel()
            await asyncio.gather(*line._connections, return_exceptions=True)

    @property
    def address(self) -> str:
        """Where the server seems to be, ``http://host:port``."""
        return f"http://127.0.0.1:{self.port}"

    def carried(self, kind: Kind) -> int:
        """Return how many bytes came from the server so far."""
        return self._channels[kind].carried

    def become(self, *, link: LineProfile | None = None, rest: LineProfile | None = None) -> None:
        """Be better or worse from the next piece on."""
        profiles: dict[Kind, LineProfile | None] = {"link": link, "bytes": rest}
        for kind, profile in profiles.items():
            if profile is not None:
                self._loop.call_soon_threadsafe(setattr, self._channels[kind], "profile", profile)

    def cut(self, *kinds: Kind) -> None:
        """Break the connections (none named: of both kinds), and every new one, until restored."""
        self._loop.call_soon_threadsafe(self._cut, kinds or KINDS)

    def stall(self, *kinds: Kind) -> None:
        """Let nothing through, and leave the connections open: a black hole, until restored."""
        for kind in kinds or KINDS:
            self._loop.call_soon_threadsafe(self._channels[kind].flows.clear)

    def restore(self) -> None:
        """Let new connections be made, and through what waited."""
        for channel in self._channels.values():
            self._loop.call_soon_threadsafe(setattr, channel, "is_cut", False)
            self._loop.call_soon_threadsafe(channel.flows.set)

    def _cut(self, kinds: tuple[Kind, ...]) -> None:
        for kind in kinds:
            self._channels[kind].is_cut = True
            self._channels[kind].drop()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not all(channel.is_cut for channel in self._channels.values()):
                async with asyncio.timeout(_HEAD_WITHIN):
                    kind, head = await _first(reader)
                await self._join(self._channels[kind], head, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # Either side went away, or says nothing: so it is between browser and server too.
        finally:
            writer.transport.abort()

    async def _join(
        self,
        channel: _Channel,
        head: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        if channel.is_cut:
            return
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._target)
        channel.writers |= {writer, to_server}
        try:
            with suppress(ExceptionGroup):
                async with asyncio.TaskGroup() as directions:
                    directions.create_task(_forward(channel, reader, to_server, head))
                    directions.create_task(_forward(channel, from_server, writer))
        finally:
            channel.writers -= {writer, to_server}
            to_server.transport.abort()


async def _first(reader: asyncio.StreamReader) -> tuple[Kind, bytes]:
    """Return what a connection carries, and what of it was read to know that."""
    head = await reader.readuntil(b"\n")
    if _REQUEST.match(head):
        head += await reader.readuntil(b"\r\n\r\n")
        return ("link" if _UPGRADE.search(head) else "bytes"), head
    return "link", head


async def _forward(
    channel: _Channel,
    source: asyncio.StreamReader,
    sink: asyncio.StreamWriter,
    head: bytes | None = None,
) -> None:
    """Carry what comes; to the server (``head`` given, and first) the bandwidth is no matter."""
    flight: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_IN_FLIGHT)

    window = _Window(channel)

    async def take() -> None:
        due = 0.0 if head is None else channel.due() + channel.profile.handshake
        piece = head or await source.read(channel.piece())
        while piece:
            due = max(due, channel.due())
            await flight.put((due, piece))
            piece = await source.read(channel.piece())
        await flight.put((due, b""))

    async def give() -> None:
        piece = b"begin"
        while piece:
            due, piece = await flight.get()
            await asyncio.sleep(due - channel.clock())
            await channel.flows.wait()
            if head is None:
                await window.admit(len(piece))
                await channel.carry(len(piece))
                window.arrived(len(piece))
            sink.write(piece)
            await sink.drain()
        sink.write_eof()

    async with asyncio.TaskGroup() as both:
        both.create_task(take())
        both.create_task(give())


class Lines:
    """Lines that live in a thread of their own: what else a bench does never holds them up."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Lines]:
        """Run the thread."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        try:
            yield cls(loop)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    @contextmanager
    def to(
        self,
        target: int,
        *,
        link: LineProfile | None = None,
        rest: LineProfile | None = None,
        seed: int = 1,
    ) -> Iterator[Line]:
        """Open a line to port ``target``."""
        with self.running(Line.to(target, link=link, rest=rest, seed=seed)) as line:
            yield line

    @contextmanager
    def running(self, line: AbstractAsyncContextManager[AnyLine]) -> Iterator[AnyLine]:
        """Keep a line of any kind open in the thread."""
        opened = asyncio.run_coroutine_threadsafe(line.__aenter__(), self._loop).result()
        try:
            yield opened
        finally:
            leaving = line.__aexit__(None, None, None)
            asyncio.run_coroutine_threadsafe(leaving, self._loop).result()
