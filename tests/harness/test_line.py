"""The line delays, keeps order, thins out and breaks as told, on a busy machine too."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from harness.skew.line import Line, LineProfile, Lines

UPGRADE = b"GET /socket HTTP/1.1\r\nHost: here\r\nUpgrade: WebSocket\r\n\r\n"
PLAIN = b"GET /film HTTP/1.1\r\nHost: here\r\n\r\n"
SLACK = 0.15


class Peer:
    """A connection through a line to the server that says everything back."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def echo(self, text: bytes) -> bytes:
        self.writer.write(text)
        async with asyncio.timeout(5):
            return await self.reader.readexactly(len(text))

    async def round_trip(self) -> float:
        begun = time.monotonic()
        await self.echo(b"ping")
        return time.monotonic() - begun

    async def shortest_trip(self) -> float:
        """Return the best of a few round trips: what else the machine does only adds to them."""
        return min([await self.round_trip() for _ in range(3)])

    async def is_broken(self) -> bool:
        try:
            await self.echo(b"ping")
        except (ConnectionError, asyncio.IncompleteReadError):
            return True
        return False

    async def hears_nothing(self) -> bool:
        self.writer.write(b"?")
        try:
            async with asyncio.timeout(SLACK):
                await self.reader.readexactly(1)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def peer(line: Line, head: bytes, *, works: bool = True) -> AsyncIterator[Peer]:
    """Connect through ``line``, saying ``head`` first."""
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    try:
        one = Peer(reader, writer)
        if works:
            assert await one.echo(head) == head
        else:
            writer.write(head)
        yield one
    finally:
        writer.close()


@asynccontextmanager
async def echoing() -> AsyncIterator[int]:
    """Run a server that says everything back; give its port."""

    async def back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while said := await reader.read(1 << 16):
                writer.write(said)
        writer.close()

    server = await asyncio.start_server(back, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0)


async def test_the_link_is_delayed_and_the_bytes_are_not() -> None:
    async with (
        echoing() as port,
        Line.to(port, link=LineProfile.round_trip(0.2)) as line,
        peer(line, UPGRADE) as link,
        peer(line, PLAIN) as plain,
    ):
        assert 0.2 <= await link.shortest_trip() < 0.2 + SLACK
        assert await plain.shortest_trip() < SLACK


async def test_what_is_no_http_is_a_link_of_another_kind() -> None:
    async with (
        echoing() as port,
        Line.to(port, link=LineProfile.round_trip(0.2)) as line,
        peer(line, b'{"Hello": {}}\r\n') as link,
    ):
        assert await link.shortest_trip() >= 0.2


async def test_jitter_stays_within_its_bounds_and_is_not_constant() -> None:
    async with (
        echoing() as port,
        Line.to(port, link=LineProfile.round_trip(0.05, 0.04)) as line,
        peer(line, UPGRADE) as link,
    ):
        trips = [await link.round_trip() for _ in range(12)]

    assert 0.01 <= min(trips) < 0.09
    assert max(trips) - min(trips) > 0.005


async def test_pieces_keep_their_order() -> None:
    async with (
        echoing() as port,
        Line.to(port, link=LineProfile(0.0, 0.05)) as line,
        peer(line, UPGRADE) as link,
    ):
        for number in range(100):
            link.writer.write(b"%04d" % number)
            await asyncio.sleep(0.001)
        heard = await link.reader.readexactly(400)

    assert heard == b"".join(b"%04d" % number for number in range(100))


async def test_a_thin_line_takes_as_long_as_its_bandwidth_says() -> None:
    async with (
        echoing() as port,
        Line.to(port, rest=LineProfile(bandwidth=100_000.0)) as line,
        peer(line, PLAIN) as one,
        peer(line, PLAIN) as other,
    ):
        begun = time.monotonic()
        await asyncio.gather(one.echo(bytes(20_000)), other.echo(bytes(20_000)))
        took = time.monotonic() - begun

        assert 0.36 <= took < 4.0
        assert line.carried("bytes") == 40_000 + 2 * len(PLAIN)
        assert line.carried("link") == 0


async def test_a_line_that_is_cut_breaks_and_refuses_until_it_is_restored() -> None:
    async with echoing() as port, Line.to(port) as line:
        async with peer(line, UPGRADE) as link:
            line.cut()
            await asyncio.sleep(0)
            assert await link.is_broken()
        async with peer(line, PLAIN, works=False) as refused:
            assert await refused.is_broken()
        line.restore()
        async with peer(line, UPGRADE) as again:
            assert await again.echo(b"ping") == b"ping"


async def test_only_the_link_is_cut_where_only_it_is_named() -> None:
    async with (
        echoing() as port,
        Line.to(port) as line,
        peer(line, UPGRADE) as link,
        peer(line, PLAIN) as plain,
    ):
        line.cut("link")

        assert await link.is_broken()
        assert not await plain.is_broken()


async def test_a_black_hole_keeps_the_connection_and_what_was_said() -> None:
    async with (
        echoing() as port,
        Line.to(port) as line,
        peer(line, PLAIN) as plain,
        peer(line, UPGRADE) as link,
    ):
        line.stall("bytes")

        assert await plain.hears_nothing()
        assert not await link.is_broken()
        line.restore()
        assert await plain.reader.readexactly(1) == b"?"


async def test_a_line_changes_while_it_is_used() -> None:
    async with echoing() as port, Line.to(port) as line, peer(line, UPGRADE) as link:
        line.become(link=LineProfile.round_trip(0.2))
        await link.echo(b"ping")

        assert await link.round_trip() >= 0.2


async def test_a_server_that_is_not_there_ends_the_connection() -> None:
    async with echoing() as port:
        pass
    async with Line.to(port) as line, peer(line, PLAIN, works=False) as lost:
        assert await lost.is_broken()


async def test_lines_in_a_thread_of_their_own_do_what_they_are_told_from_here() -> None:
    async with echoing() as port:
        with Lines.opened() as lines, lines.to(port, link=LineProfile.round_trip(0.1)) as line:
            async with peer(line, UPGRADE) as link:
                assert await link.shortest_trip() >= 0.1
                line.cut()
                assert await link.is_broken()


async def test_a_far_server_is_reached_a_round_trip_later() -> None:
    far = LineProfile.far(0.2, bandwidth=math.inf)
    async with echoing() as port, Line.to(port, rest=far) as line:
        begun = time.monotonic()
        async with peer(line, PLAIN) as one:
            connected = time.monotonic() - begun
            trip = await one.shortest_trip()

    assert 0.4 <= connected < 0.4 + SLACK
    assert 0.2 <= trip < 0.2 + SLACK


async def test_slow_start_doubles_what_a_round_trip_carries() -> None:
    far = LineProfile.far(0.2, bandwidth=math.inf)
    async with echoing() as port, Line.to(port, rest=far) as line, peer(line, PLAIN) as one:
        begun = time.monotonic()
        await one.echo(b"x" * 40_000)  # 14.6 kB, then as much as 29.2 kB more

        assert 0.4 <= time.monotonic() - begun < 0.4 + SLACK
