"""Who may not call is refused before a byte of their body is waited for, and holds no place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from tests.web.app_harness import AppHarness, Person

Open = Callable[..., Awaitable[AppHarness]]
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def half_sent(cinema: AppHarness, path: str, *fields: str) -> AsyncIterator[Stream]:
    """Send a head that promises 100 bytes of a body, and one of them."""
    assert cinema.client.port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", cinema.client.port)
    lines = ["Host: localhost", "Content-Length: 100", *fields]
    writer.write("\r\n".join([f"POST {path} HTTP/1.1", *lines, "", "{"]).encode())
    await writer.drain()
    try:
        yield reader, writer
    finally:
        writer.close()


async def status_of(reader: asyncio.StreamReader) -> int:
    async with asyncio.timeout(5.0):
        return int((await reader.readline()).split()[1])


async def test_who_has_no_passport_is_refused_before_their_body(cinema: AppHarness) -> None:
    async with half_sent(cinema, "/api/shows") as (reader, _):
        assert await status_of(reader) == 401


async def test_another_sites_page_is_refused_before_its_body(cinema: AppHarness) -> None:
    async with half_sent(cinema, "/api/passport", "Origin: http://evil.example") as (reader, _):
        assert await status_of(reader) == 403


async def test_a_path_that_names_nothing_is_refused_before_the_body(
    cinema: AppHarness, host: Person
) -> None:
    bearer = f"Authorization: Bearer {host.token}"
    async with half_sent(cinema, "/api/shows/x/invites", bearer) as (reader, _):
        assert await status_of(reader) == 404


async def test_where_there_is_no_room_bodies_of_the_unknown_give_way(
    open_cinema: Open,
) -> None:
    cinema = await open_cinema(most_connections=4)
    host = await cinema.guest("Anna")
    bearer = f"Authorization: Bearer {host.token}"
    async with (
        half_sent(cinema, "/api/shows", bearer) as (reader, writer),
        AsyncExitStack() as stack,
    ):
        for _ in range(8):
            await stack.enter_async_context(half_sent(cinema, "/api/passport"))
        assert (await cinema.anybody.get("/healthz")).status == 200

        writer.write(b"}" + bytes(98))
        assert await status_of(reader) == 400
