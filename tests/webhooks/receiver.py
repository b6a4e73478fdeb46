"""A service that takes webhooks, or does not, as a test wants."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from multidict import CIMultiDictProxy

from harness.samples import SampleShow
from sessions.core.show_events import EventType, ShowEvent

__all__ = ["SECRET", "SECRET_TEXT", "Receiving", "Taken", "an_event", "receiving", "verified"]

SECRET_TEXT = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # The one of the specification's examples.
SECRET = base64.b64decode(SECRET_TEXT.removeprefix("whsec_"))


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that came."""

    path: str
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 -- any JSON
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return str(self.json["type"])


def verified(taken: Taken, secret: bytes = SECRET) -> bool:
    """Check a signature as the specification says, with none of the code that made it."""
    signed = f"{taken.headers['webhook-id']}.{taken.headers['webhook-timestamp']}.".encode()
    mac = hmac.new(secret, signed + taken.body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(mac).decode()
    found = taken.headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(expected, one) for one in found)


@dataclass
class Receiving:
    """What a receiver took, and what it answers."""

    server: TestServer
    answers: list[web.Response | Exception] = field(default_factory=list)
    """Given one after the other; then 204."""
    taken: list[Taken] = field(default_factory=list)
    held: asyncio.Event | None = None
    """Not answered until it is set."""
    in_flight: int = 0
    most_in_flight: int = 0
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return str(self.server.make_url("/hooks?key=hush"))

    @property
    def types(self) -> list[str]:
        return [one.type for one in self.taken]

    async def handle(self, request: web.Request) -> web.Response:
        self.taken.append(Taken(request.path_qs, request.headers, await request.read()))
        self._came.set()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.held is not None:
                await self.held.wait()
        finally:
            self.in_flight -= 1
        answer = self.answers.pop(0) if self.answers else web.Response(status=204)
        if isinstance(answer, Exception):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return answer

    async def wait_for(self, count: int) -> list[Taken]:
        async with asyncio.timeout(20):
            while len(self.taken) < count:
                self._came.clear()
                await self._came.wait()
        return self.taken


@asynccontextmanager
async def receiving(port: int | None = None) -> AsyncIterator[Receiving]:
    """Listen for webhooks, at a port of one's choice."""
    app = web.Application()
    server = TestServer(app, port=port)
    receiver = Receiving(server)
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    async with server:
        yield receiver


def an_event(kind: EventType = "show.scheduled", at: float = 1_800_000_000.0) -> ShowEvent:
    sample = SampleShow()
    return ShowEvent(kind, at, sample.show, [sample.session])
