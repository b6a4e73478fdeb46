"""What an endpoint's declaration alone makes of requests: bodies that are no JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from sessions.services.passports import Passports
from streamer.delivery.host_names import HostNames
from streamer.settings import Settings
from streamer.web.http import app_keys
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.middlewares import answer_refusals
from streamer.web.http.openapi import document
from streamer.web.http.replies import Reply, text_reply

SDP = "application/sdp"
Client = TestClient[web.Request, web.Application]

endpoints = Endpoints("offers")


@endpoints.add(
    "POST", "/api/offers", "Answer an offer", 201, needs="nothing", accepts=SDP, media_type=SDP
)
async def answer(call: Call[str]) -> Reply[str]:
    """Say the offer back."""
    return text_reply(call.body, SDP, status=201)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[answer_refusals])
    app[app_keys.SETTINGS] = Settings()
    app[app_keys.PASSPORTS] = Passports(bytes(32), lambda: 0.0)
    app[app_keys.HOST_NAMES] = HostNames()
    app.add_routes(endpoints.routes())
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_text_of_another_media_type_is_taken_and_answered(client: Client) -> None:
    headers = {"Content-Type": f"{SDP}; charset=utf-8"}

    answered = await client.post("/api/offers", data="v=0\r\ns=Ёжик\r\n".encode(), headers=headers)

    assert (answered.status, answered.content_type) == (201, SDP)
    assert await answered.text() == "v=0\r\ns=Ёжик\r\n"


@pytest.mark.parametrize(
    ("content_type", "body", "refusal"),
    [
        ("application/json", b"{}", (415, "unsupported_media_type")),
        ("", b"v=0", (415, "unsupported_media_type")),
        (SDP, b"\xff", (422, "invalid")),
        (SDP, b"v" * 70_000, (413, "too_large")),
    ],
)
async def test_another_body_is_refused(
    client: Client, content_type: str, body: bytes, refusal: tuple[int, str]
) -> None:
    answered = await client.post("/api/offers", data=body, headers={"Content-Type": content_type})

    assert (answered.status, (await answered.json())["code"]) == refusal


def test_openapi_tells_of_its_media_types() -> None:
    operation: dict[str, Any] = document(endpoints, {})["paths"]["/api/offers"]["post"]

    assert operation["requestBody"]["content"] == {SDP: {"schema": {"type": "string"}}}
    assert operation["responses"]["201"]["content"] == {SDP: {"schema": {"type": "string"}}}
    assert "415" in operation["responses"]
