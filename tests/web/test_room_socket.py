"""The room socket: who gets in, and how it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from tests.web.app_harness import AppHarness, Person
from tests.web.conftest import Open


def path_of(show: dict[str, Any]) -> str:
    return f"/api/sessions/{show['sessions'][0]['id']}/socket"


@asynccontextmanager
async def socket(
    cinema: AppHarness, show: dict[str, Any], headers: dict[str, str]
) -> AsyncIterator[ClientWebSocketResponse]:
    async with cinema.client.ws_connect(path_of(show), headers=headers) as opened:
        yield opened


async def hear(opened: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """Return the next message of that type."""
    async with asyncio.timeout(30.0):
        while True:
            message: dict[str, Any] = json.loads(await opened.receive_str())
            if message["type"] == kind:
                return message


async def end_of(opened: ClientWebSocketResponse) -> int:
    """Return the code that the socket is closed with."""
    async with asyncio.timeout(30.0):
        while True:
            message = await opened.receive()
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED):
                return int(opened.close_code or 0)


def origin_of(cinema: AppHarness) -> str:
    return str(cinema.client.make_url("/").origin())


async def refused(cinema: AppHarness, show: dict[str, Any], headers: dict[str, str]) -> int:
    with pytest.raises(WSServerHandshakeError) as error:
        async with socket(cinema, show, headers):
            pass
    return error.value.status


async def test_a_member_enters_by_header_or_by_cookie(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    by_cookie = {"Cookie": f"passport={host.token}", "Origin": origin_of(cinema)}

    for headers in (host.headers, by_cookie):
        async with socket(cinema, show, headers) as opened:
            await opened.send_json({"type": "hello", "protocol": 1})
            welcome = await hear(opened, "welcome")
            assert welcome["user"] == {"id": host.id, "name": "Anna"}
            assert welcome["show"]["link"] == show["link"]


async def test_a_page_of_another_site_is_turned_away(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    cookie = {"Cookie": f"passport={host.token}"}
    foreign = {"Origin": "https://evil.example"}

    assert await refused(cinema, show, cookie | foreign) == 403
    assert await refused(cinema, show, cookie) == 403
    assert await refused(cinema, show, host.headers | foreign) == 403
    assert await refused(cinema, show, foreign) == 403
    assert await refused(cinema, show, {}) == 403


async def test_the_public_address_is_the_only_origin_where_it_is_set(open_cinema: Open) -> None:
    cinema = await open_cinema(public_url="https://seans.example")
    host = await cinema.guest("Anna")
    show = await cinema.show(host)
    cookie = {"Cookie": f"passport={host.token}"}

    assert await refused(cinema, show, cookie | {"Origin": origin_of(cinema)}) == 403
    async with socket(cinema, show, cookie | {"Origin": "https://seans.example"}) as opened:
        await opened.send_json({"type": "hello", "protocol": 1})
        assert (await hear(opened, "welcome"))["show"]["link"].startswith("https://seans.example/")


async def test_strangers_and_the_removed_are_turned_away(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    eve, boris = await cinema.guest("Eve"), await cinema.member("Boris", show)
    await host.delete(f"/api/shows/{show['id']}/members/{boris.id}")

    assert await refused(cinema, show, eve.headers) == 403
    assert await refused(cinema, show, boris.headers) == 403
    nowhere = {"sessions": [{"id": str(uuid4())}]}
    assert await refused(cinema, nowhere, eve.headers) == 404
    assert await refused(cinema, show, {"Authorization": "Bearer nonsense"}) == 401


async def test_where_there_is_no_room_links_without_a_hello_give_way_and_seats_do_not(
    open_cinema: Open,
) -> None:
    cinema = await open_cinema(most_connections=4)
    host = await cinema.guest("Anna")
    show = await cinema.show(host)
    async with socket(cinema, show, host.headers) as conversation:
        await conversation.send_json({"type": "hello", "protocol": 1})
        await hear(conversation, "welcome")
        async with AsyncExitStack() as stack:
            for _ in range(8):
                nameless = socket(cinema, show, {"Origin": origin_of(cinema)})
                opened = await stack.enter_async_context(nameless)
                await opened.send_json({"type": "ping", "c0": 1.0})
                await hear(opened, "pong")
            assert (await host.get(f"/api/shows/{show['id']}")).status == 200
            await conversation.send_json({"type": "ping", "c0": 2.0})
            assert (await hear(conversation, "pong"))["c0"] == 2.0


async def test_somebody_nameless_pings_first_and_takes_a_seat_by_token(
    cinema: AppHarness, show: dict[str, Any]
) -> None:
    async with socket(cinema, show, {"Origin": origin_of(cinema)}) as opened:
        await opened.send_json({"type": "ping", "c0": 1.0})
        assert (await hear(opened, "pong"))["c0"] == 1.0
        boris = await cinema.member("Boris", show)
        await opened.send_json({"type": "hello", "protocol": 1, "token": boris.token})
        assert (await hear(opened, "welcome"))["user"]["id"] == boris.id


async def test_a_hello_without_passport_is_4401(cinema: AppHarness, show: dict[str, Any]) -> None:
    for token in ({}, {"token": "nonsense"}):
        async with socket(cinema, show, {"Origin": origin_of(cinema)}) as opened:
            await opened.send_json({"type": "hello", "protocol": 1, **token})
            assert await end_of(opened) == 4401


async def test_a_stranger_by_token_is_4403(cinema: AppHarness, show: dict[str, Any]) -> None:
    eve = await cinema.guest("Eve")
    async with socket(cinema, show, {"Origin": origin_of(cinema)}) as opened:
        await opened.send_json({"type": "hello", "protocol": 1, "token": eve.token})
        assert await end_of(opened) == 4403


async def test_ten_messages_that_are_none_close_with_4400(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with socket(cinema, show, host.headers) as opened:
        for _ in range(5):
            await opened.send_str("nope")
            await opened.send_bytes(b"\0")
        assert (await hear(opened, "refused"))["code"] == "bad_message"
        assert await end_of(opened) == 4400


async def test_a_message_over_64_kib_closes_with_1009(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with socket(cinema, show, host.headers) as opened:
        await opened.send_str("x" * ((1 << 16) + 1))
        assert await end_of(opened) == 1009


async def test_a_message_of_64_kib_passes(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with socket(cinema, show, host.headers) as opened:
        await opened.send_str('{"type": "ping", "c0": 1.0}'.ljust(1 << 16))
        assert (await hear(opened, "pong"))["c0"] == 1.0


async def test_removal_closes_with_4403_and_deletion_says_goodbye(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await cinema.member("Boris", show)
    async with (
        socket(cinema, show, host.headers) as of_host,
        socket(cinema, show, boris.headers) as of_boris,
    ):
        for opened in (of_host, of_boris):
            await opened.send_json({"type": "hello", "protocol": 1})
            await hear(opened, "welcome")
        await host.delete(f"/api/shows/{show['id']}/members/{boris.id}")
        assert (await hear(of_boris, "removed"))["code"] == 4403
        assert await end_of(of_boris) == 4403
        while (notice := await hear(of_host, "notice"))["kind"] != "removed":
            pass
        assert notice["user"] == {"id": boris.id, "name": "Boris"}
        await host.delete(f"/api/shows/{show['id']}")
        assert (await hear(of_host, "goodbye"))["code"] == 4410
        assert await end_of(of_host) == 4410


async def test_new_settings_are_told(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with socket(cinema, show, host.headers) as opened:
        await opened.send_json({"type": "hello", "protocol": 1})
        await hear(opened, "welcome")
        await host.patch(f"/api/shows/{show['id']}", {"control": "everyone", "title": "Together"})
        told = await hear(opened, "show")
        assert (told["title"], told["control"]) == ("Together", "everyone")


def saying(ref: int) -> dict[str, object]:
    """Return a message that says something."""
    return {"type": "say", "ref": ref, "id": str(uuid4()), "text": "hi"}


async def test_one_bucket_counts_over_http_and_all_sockets(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    for number in range(20):
        await cinema.say(host, show, f"{number}")
    async with (
        socket(cinema, show, host.headers) as one,
        socket(cinema, show, host.headers) as two,
    ):
        for opened in (one, two):
            await opened.send_json({"type": "hello", "protocol": 1})
        for ref in range(20):
            await one.send_json(saying(ref))
        for _ in range(20):
            await hear(one, "accepted")
        await two.send_json(saying(0))
        refused = await hear(two, "refused")
        assert refused["code"] == "rate_limited"
        assert refused["retry_after"] > 0.0
    assert (await cinema.say(host, show, "one more")).status == 429


async def test_a_plain_get_is_told_to_upgrade(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    answer = await host.get(path_of(show))

    assert answer.said == (426, "upgrade_required")
    assert answer.headers["Upgrade"] == "websocket"
