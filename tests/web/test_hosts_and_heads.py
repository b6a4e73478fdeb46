"""One line of a stranger: a head that nobody can read, or a name that is not ours."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any

import pytest

from streamer.web.http.app_keys import FILMS
from tests.web.app_harness import AppHarness
from tests.web.conftest import Open

FAR_YEAR = "Mon, 01 Jan 9999999999 00:00:00 GMT"
FOREIGN_NAMES = ["evil.example", "evil.example:8080", "localhost.evil.example", "1.2.3.4.5"]
OWN_NAMES = ["127.0.0.1:1", "[::1]", "192.0.2.7", "localhost", "LOCALHOST:80", "seans.localhost"]


async def exchange(cinema: AppHarness, head: bytes) -> bytes:
    """Send ``head`` as it is; return what comes until the server closes."""
    url = cinema.client.make_url("/")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(head)
    try:
        return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
    except asyncio.IncompleteReadError as error:
        return error.partial
    finally:
        writer.close()


def request(path: str, *fields: bytes, host: bytes = b"127.0.0.1") -> bytes:
    lines = (f"GET {path} HTTP/1.1".encode(), b"Host: " + host, *fields, b"", b"")
    return b"\r\n".join(lines)


def upgrade(show: dict[str, Any], key: bytes, version: bytes) -> bytes:
    return request(
        f"/api/sessions/{show['sessions'][0]['id']}/socket",
        b"Origin: http://127.0.0.1",
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Version: " + version,
        b"Sec-WebSocket-Key: " + key,
    )


@pytest.mark.parametrize("field", ["If-Modified-Since", "If-Unmodified-Since", "If-Range"])
@pytest.mark.parametrize("path", ["/", "/static/icons/seans.svg"])
async def test_a_condition_with_an_absurd_date_is_ignored(
    cinema: AppHarness, caplog: pytest.LogCaptureFixture, path: str, field: str
) -> None:
    answer = await exchange(cinema, request(path, f"{field}: {FAR_YEAR}".encode()))

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert not errors(caplog)


async def test_an_expectation_in_odd_bytes_is_not_met(
    cinema: AppHarness, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/nope", "/", "/api/titles"):
        answer = await exchange(cinema, request(path, b"Expect: \xff"))
        assert answer.startswith(b"HTTP/1.1 417 ")
    assert not errors(caplog)


@pytest.mark.parametrize(
    ("key", "version", "status"),
    [
        (b"\xc3\xa9", b"13", b"400"),
        (b"AAAAAAAAAAAAAAAAAAAAAA==", b"\xff", b"426"),
        (b"AAAAAAAAAAAAAAAAAAAAAA==", b"x", b"426"),
    ],
)
async def test_a_broken_handshake_is_refused(
    cinema: AppHarness,
    show: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    key: bytes,
    version: bytes,
    status: bytes,
) -> None:
    answer = await exchange(cinema, upgrade(show, key, version))

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert not errors(caplog)


async def test_a_body_that_is_not_what_it_says_is_refused(cinema: AppHarness) -> None:
    fields = (b"Content-Encoding: gzip", b"Content-Length: 3")

    answer = await exchange(cinema, request("/healthz", *fields) + b"abc")

    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("name", FOREIGN_NAMES)
async def test_a_name_that_is_not_ours_is_refused_everywhere(cinema: AppHarness, name: str) -> None:
    film = await source_of(cinema)

    for path in ("/", "/static/app.css", "/api/titles", "/healthz", film):
        assert (await cinema.anybody.get(path, Host=name)).status == 421
    assert (await cinema.anybody.get("/api/titles", Host=name)).code == "unknown_host"


@pytest.mark.parametrize("name", OWN_NAMES)
async def test_addresses_and_localhost_are_answered(cinema: AppHarness, name: str) -> None:
    for path in ("/", "/api/titles", await source_of(cinema)):
        answer = await exchange(cinema, request(path, host=name.encode()))
        assert answer.startswith(b"HTTP/1.1 200 ")


async def test_names_of_the_settings_are_answered(open_cinema: Open) -> None:
    cinema = await open_cinema(public_url="https://cinema.example", allow_host=("Nas.lan",))

    for name in ("cinema.example", "CINEMA.example:443", "nas.lan:8080", "nas.lan."):
        assert (await cinema.anybody.get("/api/titles", Host=name)).status == 200
    assert (await cinema.anybody.get("/api/titles", Host="sub.cinema.example")).status == 421


@pytest.mark.parametrize("fast_path", [True, False])
@pytest.mark.parametrize("host", [b"a/b?c", b"", b"a b", b"\xff"])
async def test_both_ways_to_a_film_refuse_a_host_that_is_none(
    open_cinema: Open, host: bytes, fast_path: bool
) -> None:
    cinema = await open_cinema(fast_path=fast_path)
    film = await source_of(cinema)

    answer = await exchange(cinema, request(film, b"Range: bytes=0-9", host=host))

    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/1.1 secret\r\n\r\n",
        b"secret\r\n\r\n",
        b"GET /secret HTTP/1.1\r\nHost: x\r\nsecret\r\n\r\n",
        b"GET /secret HTTP/1.1\r\nContent-Length: secret\r\n\r\n",
        b"GET /" + b"secret" * 2000 + b" HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_the_parser_refuses_is_answered_as_all_else_and_repeats_nothing(
    cinema: AppHarness, caplog: pytest.LogCaptureFixture, line: bytes
) -> None:
    url = cinema.client.make_url("/")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(line)
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert body == b"400 Bad Request\n"
    assert b"\r\nServer: seans\r\n" in head
    assert b"\r\nX-Content-Type-Options: nosniff\r\n" in head
    assert not re.search(rb"python|aiohttp|secret", answer, re.IGNORECASE)


@pytest.mark.parametrize("fast_path", [True, False])
async def test_films_carry_the_security_headers_of_all_else(
    open_cinema: Open, fast_path: bool
) -> None:
    cinema = await open_cinema(fast_path=fast_path)
    page = (await cinema.anybody.get("/")).headers

    film = (await cinema.anybody.get(await source_of(cinema), Range="bytes=0-9")).headers

    assert cinema.app[FILMS].counters.fast == int(fast_path)
    for name in ("Content-Security-Policy", "Referrer-Policy", "X-Frame-Options", "Server"):
        assert film.getall(name) == page.getall(name)


async def source_of(cinema: AppHarness) -> str:
    """Return the signed address of a film."""
    film = (await cinema.anybody.get(f"/api/titles/{cinema.film}")).json
    return str(film["sources"][0]["url"])


def errors(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.ERROR]
