"""What a handler raises never reaches a client as it is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import generate_latest

from harness.rooms import until
from sessions.core.errors import NeedsHost, RateLimited
from streamer.delivery.host_names import HostNames
from streamer.web.http import app_keys
from streamer.web.http.http_metrics import Meters
from streamer.web.http.middlewares import answer_refusals, count, secure
from streamer.web.http.reading import read_body

Client = TestClient[web.Request, web.Application]
Leave = Callable[[asyncio.StreamWriter], None]

ASKED = web.AppKey("asked", asyncio.Event)


async def breaks(_request: web.Request) -> web.Response:
    raise ZeroDivisionError("a secret of the inside")


async def waits(_request: web.Request) -> web.Response:
    raise RateLimited(0.2)


async def refuses(_request: web.Request) -> web.Response:
    raise NeedsHost


async def redirects(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/elsewhere")


async def teapot(_request: web.Request) -> web.Response:
    raise web.HTTPUnsupportedMediaType


async def reads(request: web.Request) -> web.Response:
    request.app[ASKED].set()
    return web.Response(body=await read_body(request, wanted=True))


async def drops(_request: web.Request) -> web.Response:
    raise ConnectionRefusedError("somewhere within")


async def drops_once_alone(request: web.Request) -> web.Response:
    request.app[ASKED].set()
    await until(lambda: request.transport is None)
    raise ConnectionResetError("the store's connection")


async def breaks_midway(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_length = 1000
    await response.prepare(request)
    await response.write(b"half")
    raise ZeroDivisionError("a secret of the inside")


@pytest.fixture
def meters() -> Meters:
    return Meters()


@pytest.fixture
def app(meters: Meters) -> web.Application:
    app = web.Application(middlewares=[count, answer_refusals])
    app[app_keys.CLOCK] = lambda: 0.0
    app[app_keys.HOST_NAMES] = HostNames(["seans"])
    app[app_keys.METERS] = meters
    app[ASKED] = asyncio.Event()
    app.router.add_post("/api/reads", reads)
    app.router.add_get("/api/drops_once_alone/{token}", drops_once_alone)
    app.router.add_get("/api/breaks_midway/{token}", breaks_midway)
    for handler in (breaks, waits, refuses, redirects, teapot, drops):
        app.router.add_get(f"/api/{handler.__name__}", handler)
        app.router.add_get(f"/{handler.__name__}", handler)
    app.on_response_prepare.append(secure)
    return app


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[Client]:
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
async def port(app: web.Application) -> AsyncIterator[int]:
    """Serve as it is in earnest: a TestServer cancels the handler of who leaves."""
    runner = web.AppRunner(app, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_what_breaks_is_said_without_its_inside_and_logged_with_it(
    client: Client, meters: Meters, caplog: pytest.LogCaptureFixture
) -> None:
    async with client.get("/api/breaks") as answer:
        problem = await answer.json()

    assert (answer.status, problem["code"]) == (500, "internal_error")
    assert "secret" not in str(problem)
    (record,) = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)
    assert record.getMessage() == "GET /api/breaks failed"
    counted = generate_latest(meters.registry).decode()
    assert "seans_http_failures_total 1.0" in counted


def reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    writer.close()


def end(writer: asyncio.StreamWriter) -> None:
    writer.close()


def told(meters: Meters) -> str:
    return generate_latest(meters.registry).decode()


@pytest.mark.parametrize("leave", [reset, end], ids=["reset", "end"])
async def test_who_leaves_within_their_own_request_is_no_failure_of_ours(
    app: web.Application,
    port: int,
    meters: Meters,
    caplog: pytest.LogCaptureFixture,
    leave: Leave,
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /api/reads HTTP/1.1\r\nHost: seans\r\nContent-Length: 1000\r\n\r\nhalf")
    await writer.drain()
    await app[ASKED].wait()

    leave(writer)

    await until(lambda: "seans_http_aborted_total 1.0" in told(meters))
    assert 'seans_http_requests_total{method="POST",status="4xx"} 1.0' in told(meters)
    assert "seans_http_failures_total 0.0" in told(meters)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_fault_of_ours_is_logged_with_where_though_the_asker_has_left(
    app: web.Application, port: int, meters: Meters, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /api/drops_once_alone/secret HTTP/1.1\r\nHost: seans\r\n\r\n")
    await writer.drain()
    await app[ASKED].wait()

    reset(writer)

    await until(lambda: "seans_http_failures_total 1.0" in told(meters))
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage() == "GET /api/drops_once_alone/{token} failed"
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ConnectionResetError)


async def test_a_fault_in_the_middle_of_an_answer_is_logged_with_where_and_cuts_it(
    port: int, meters: Meters, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /api/breaks_midway/secret HTTP/1.1\r\nHost: seans\r\n\r\n")
    came = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := await reader.read(4096):
            came += piece
    writer.close()

    assert came.count(b"HTTP/1.1") <= 1
    assert "seans_http_failures_total 1.0" in told(meters)
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage() == "GET /api/breaks_midway/{token} failed"
    assert record.exc_info is not None


async def test_a_connection_that_broke_within_is_a_failure_though_the_peer_still_listens(
    client: Client, meters: Meters
) -> None:
    async with client.get("/api/drops") as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (
            500,
            "internal_error",
        )
    assert "seans_http_aborted_total 0.0" in told(meters)


async def test_people_are_told_in_words_that_something_broke(client: Client) -> None:
    async with client.get("/breaks") as answer:
        page = await answer.text()

    assert answer.status == 500
    assert "It is not your fault" in page
    assert "secret" not in page
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_who_is_too_fast_is_told_when_to_come_back(client: Client) -> None:
    async with client.get("/api/waits") as answer:
        assert answer.status == 429
        assert answer.headers["Retry-After"] == "1"
        assert (await answer.json())["code"] == "rate_limited"


async def test_a_refusal_is_a_problem_document(client: Client) -> None:
    async with client.get("/api/refuses") as answer:
        assert answer.content_type == "application/problem+json"
        assert await answer.json(content_type=None) == {
            "type": "urn:seans:problem:needs_host",
            "title": "A show needs its host: give the role to somebody first",
            "status": 409,
            "detail": "A show needs its host: give the role to somebody first",
            "code": "needs_host",
        }


async def test_a_redirect_stays_one(client: Client) -> None:
    async with client.get("/redirects", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "/elsewhere")


async def test_a_status_of_the_framework_is_a_problem_document_too(client: Client) -> None:
    async with client.get("/api/teapot") as answer:
        assert (await answer.json(content_type=None))["code"] == "unsupported_media_type"
