"""Whatever is sent, to whatever address: the promised refusal, and nothing has changed."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from streamer.web.application import all_endpoints
from streamer.web.http.endpoints import JSON_TYPE, Endpoint
from streamer.web.http.reading import MAX_BODY
from tests.web.app_harness import AppHarness, Person, token_of

CHANGING = [endpoint for endpoint in all_endpoints() if endpoint.method not in ("GET", "OPTIONS")]
JSON_CHANGING = [endpoint for endpoint in CHANGING if endpoint.accepts == JSON_TYPE]
TEXT_CHANGING = [endpoint for endpoint in CHANGING if endpoint.accepts != JSON_TYPE]
WITH_BODY = [endpoint for endpoint in JSON_CHANGING if endpoint.has_body]
READING = [e for e in all_endpoints() if e.method == "GET" and not e.path.endswith("/socket")]

BROKEN = [
    b"",
    b" ",
    b"{",
    b"{}{}",
    b"{'a': 1}",
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": -Infinity}',
    b'{"a": 01}',
    b'{"a": 1e}',
    b'{"a": "\\ud800"}',
    b'{"\\udfff": 1}',
    b'{"a": "\\x41"}',
    b'{"a": "\x00"}',
    b'{"a": "\xff"}',
    b"\xef\xbb\xbf{}",
    '{"a": 1}'.encode("utf-16"),
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b"name=Anna",
    b"\x00",
    b'{"a": ' + b"9" * 5000 + b"}",
    gzip.compress(b"{}"),
]
"""No JSON: 400."""

SENSELESS = [
    b"null",
    b"true",
    b"1",
    b"1e999",
    b'"text"',
    b"[]",
    b"[{}]",
    b'{"constructor": {"prototype": 1}}',
    b'{"__proto__": null}',
    b'{"": 1}',
    b'{"a.b": 1}',
    b'{"\\u0000": 1}',
    b'{"a": 1e999}',
    b'{"a": ' + b"9" * 4000 + b"}",
    b"{" + b",".join(b'"f%d":1' % n for n in range(5000)) + b"}",
    b'{"' + b"k" * 60_000 + b'": 1}',
]
"""JSON, and still nothing that any call takes: 422."""

VALUES: list[object] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    0.5,
    -1e308,
    1e308,
    10**400,
    "",
    " ",
    "x",
    "\u0000",
    "\u202e",
    "9" * 400,
    "a" * 60_000,
    str(uuid4()),
    "2027-01-15T11:00:00Z",
    [],
    {},
    [None],
    {"a": {}},
]
"""What a field may be filled with by somebody who does not care."""


def title_of(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def path_of(endpoint: Endpoint, cinema: AppHarness, show: dict[str, Any], user_id: str) -> str:
    names = {
        "show_id": show["id"],
        "session_id": show["sessions"][0]["id"],
        "title_id": cinema.film,
        "user_id": user_id,
        "message_id": str(uuid4()),
        "invite_id": str(uuid4()),
        "bookmark_id": str(uuid4()),
        "view_id": str(uuid4()),
        "stream_id": str(uuid4()),
        "token": token_of(show),
    }
    return endpoint.path.format(**names)


async def state(host: Person, show: dict[str, Any]) -> list[Any]:
    """Return everything that can be read of a show."""
    path = f"/api/shows/{show['id']}"
    session = show["sessions"][0]["id"]
    timeline = (await host.get(f"/api/sessions/{session}/timeline")).json
    return [
        (await host.get(path)).json,
        (await host.get(f"{path}/members")).json,
        (await host.get(f"{path}/invites")).json,
        (await host.get(f"{path}/messages")).json,
        (await host.get("/api/shows")).json,
        timeline["timeline"],
        timeline["next"],
    ]


@pytest.fixture
async def unchanged(host: Person, show: dict[str, Any]) -> AsyncIterator[None]:
    """Whatever is sent, nothing of the show is other afterwards."""
    before = await state(host, show)
    yield
    assert await state(host, show) == before


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("endpoint", JSON_CHANGING, ids=title_of)
async def test_what_is_no_json_is_refused(
    cinema: AppHarness, host: Person, show: dict[str, Any], endpoint: Endpoint
) -> None:
    path = path_of(endpoint, cinema, show, host.id)

    for raw in BROKEN:
        if raw == b"" and not endpoint.has_body:
            continue
        refused = await host.ask(endpoint.method, path, raw=raw)
        assert refused.said == (400, "bad_json"), raw[:40]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("endpoint", JSON_CHANGING, ids=title_of)
async def test_json_that_makes_no_sense_is_refused(
    cinema: AppHarness, host: Person, show: dict[str, Any], endpoint: Endpoint
) -> None:
    path = path_of(endpoint, cinema, show, host.id)

    for raw in SENSELESS:
        refused = await host.ask(endpoint.method, path, raw=raw)
        assert refused.said == (422, "invalid"), raw[:40]
        assert 1 <= len(refused.json["errors"]) <= 20
        assert len(refused.text) < 20_000


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("endpoint", TEXT_CHANGING, ids=title_of)
async def test_text_of_another_kind_is_refused_and_changes_nothing(
    cinema: AppHarness, host: Person, show: dict[str, Any], endpoint: Endpoint
) -> None:
    path = path_of(endpoint, cinema, show, host.id)

    for raw in (b"", b"{", b"{}", b"\xff\xfe", b"v=0\r\n", b"\x00" * 60_000):
        named = await host.ask(endpoint.method, path, raw=raw, headers={"Content-Type": JSON_TYPE})
        assert named.said == (415, "unsupported_media_type"), raw[:40]
        headers = {"Content-Type": endpoint.accepts, "If-Match": "*"}
        refused = await host.ask(endpoint.method, path, raw=raw, headers=headers)
        assert refused.status in {400, 404, 422}, raw[:40]
        assert refused.code in {"invalid", "bad_offer", "unknown_stream"}, raw[:40]


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=title_of)
async def test_an_unknown_field_is_named(
    cinema: AppHarness, host: Person, show: dict[str, Any], endpoint: Endpoint
) -> None:
    path = path_of(endpoint, cinema, show, host.id)

    refused = await host.ask(endpoint.method, path, {"wholly_unknown": 1})

    assert refused.said == (422, "invalid")
    assert {"path": "wholly_unknown", "message": "Unknown field"} in refused.json["errors"]


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=title_of)
async def test_no_value_of_any_field_breaks_the_server(
    cinema: AppHarness, host: Person, show: dict[str, Any], endpoint: Endpoint
) -> None:
    path = path_of(endpoint, cinema, show, host.id)
    schema = endpoint.body.json_schema()
    examples = schema.get("examples") or [{}]

    for field in schema["properties"]:
        for value in VALUES:
            body = json.dumps({**examples[0], field: value}).encode()
            answer = await host.ask(endpoint.method, path, raw=body[:MAX_BODY])
            assert answer.status < 500, (field, str(value)[:40])
            if answer.status >= 400:
                assert answer.code


async def pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1024):
        yield b" " * 1024


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("endpoint", CHANGING, ids=title_of)
async def test_a_body_over_64_kib_is_refused_however_it_comes(
    cinema: AppHarness, host: Person, show: dict[str, Any], endpoint: Endpoint
) -> None:
    path = path_of(endpoint, cinema, show, host.id)

    whole = await host.ask(endpoint.method, path, raw=b" " * (MAX_BODY + 1))
    assert whole.said == (413, "too_large")
    async with cinema.client.request(
        endpoint.method, path, data=pieces(MAX_BODY + 2048), headers=host.headers
    ) as chunked:
        assert chunked.status == 413
        assert (await chunked.json())["code"] == "too_large"
    bomb = {"Content-Encoding": "gzip"}
    squeezed = await host.ask(
        endpoint.method, path, raw=gzip.compress(b" " * 5_000_000), headers=bomb
    )
    assert squeezed.said == (413, "too_large")


async def test_a_body_of_exactly_64_kib_is_read(cinema: AppHarness) -> None:
    body = json.dumps({"name": "Anna"}).encode().ljust(MAX_BODY)

    assert (await cinema.anybody.ask("POST", "/api/passport", raw=body)).status == 201


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form", "x"])
async def test_a_body_is_json_whatever_its_kind_is_called(cinema: AppHarness, kind: str) -> None:
    headers = {"Content-Type": kind}

    made = await cinema.anybody.ask("POST", "/api/passport", {"name": "Anna"}, headers=headers)

    assert made.status == 201


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "x"])
async def test_a_broken_content_coding_is_refused(cinema: AppHarness, coding: str) -> None:
    headers = {"Content-Encoding": coding}

    answer = await cinema.anybody.ask("POST", "/api/passport", raw=b"\xff\xfe{", headers=headers)

    assert answer.status == 400


@pytest.mark.parametrize("endpoint", [*CHANGING, *READING], ids=title_of)
async def test_who_may_not_gets_the_same_answer_whatever_is_sent(
    cinema: AppHarness, show: dict[str, Any], endpoint: Endpoint
) -> None:
    if endpoint.needs != "passport":
        return
    paths = [path_of(endpoint, cinema, show, str(uuid4())), re.sub(r"{\w+}", "x", endpoint.path)]

    for path in paths:
        for raw in (None, b"{", b"{}", b'{"a": 1}'):
            refused = await cinema.anybody.ask(endpoint.method, path, raw=raw)
            assert refused.said == (401, "unauthenticated")


@pytest.mark.parametrize("endpoint", [*CHANGING, *READING], ids=title_of)
async def test_a_name_in_a_path_that_is_none_is_not_found(
    cinema: AppHarness, host: Person, show: dict[str, Any], endpoint: Endpoint
) -> None:
    if "{" not in endpoint.path:
        return
    example = (endpoint.body.json_schema().get("examples") or [{}])[0]
    body = example if endpoint.has_body else None
    kind = {"Content-Type": endpoint.accepts}
    for name in ("x", "%00", "%ff", "0", "-", "{}", "a" * 2000, "%F0%9F%98%80", str(uuid4())):
        path = re.sub(r"{\w+}", name, endpoint.path)
        answer = await host.ask(endpoint.method, path, body, headers=kind)
        assert answer.status == 404, (name, answer.text)
        assert answer.code.startswith("unknown_")
