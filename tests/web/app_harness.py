"""A whole cinema for the tests of its outside: the real application, people, and what they ask."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiohttp import web
from aiohttp.test_utils import TestClient
from multidict import CIMultiDictProxy

from harness.rooms import T0, Clock
from streamer.web.http.app_keys import CATALOGUE

__all__ = ["Answer", "AppHarness", "Person", "at"]


def at(seconds: float) -> str:
    """Return Unix ``seconds`` as clients write them."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: CIMultiDictProxy[str]
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401 -- any JSON
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """Return the refusal's code; the answer must be a problem document."""
        assert self.headers["Content-Type"] == "application/problem+json", self.text
        problem = self.json
        assert problem["status"] == self.status
        assert {"type", "title", "detail"} < problem.keys()
        return str(problem["code"])

    @property
    def said(self) -> tuple[int, str]:
        return self.status, self.code


class Asking:
    """Somebody at the counter, with the header fields that they send."""

    def __init__(
        self, client: TestClient[web.Request, web.Application], headers: dict[str, str]
    ) -> None:
        self._client = client
        self.headers = headers

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        data = raw if body is None else json.dumps(body).encode()
        async with self._client.request(
            method, path, data=data, headers={**self.headers, **(headers or {})}
        ) as response:
            return Answer(response.status, response.headers, await response.text())

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, body: object = None) -> Answer:
        return await self.ask("POST", path, body)

    async def patch(self, path: str, body: object = None) -> Answer:
        return await self.ask("PATCH", path, body)

    async def delete(self, path: str) -> Answer:
        return await self.ask("DELETE", path)


class Person(Asking):
    """Somebody with a passport, which they show as a Bearer token."""

    def __init__(
        self, client: TestClient[web.Request, web.Application], user: dict[str, str], token: str
    ) -> None:
        super().__init__(client, {"Authorization": f"Bearer {token}"})
        self.id = user["id"]
        self.name = user["name"]
        self.token = token


@dataclass(slots=True)
class AppHarness:
    """The application on a socket of its own, with its clock."""

    client: TestClient[web.Request, web.Application]
    app: web.Application
    clock: Clock
    close: Callable[[], Awaitable[None]]

    @property
    def anybody(self) -> Asking:
        return Asking(self.client, {})

    @property
    def film(self) -> str:
        """Return the id of the film that browsers play."""
        return self._title("ready")

    @property
    def heavy(self) -> str:
        """Return the id of the film that they do not play."""
        return self._title("unplayable")

    def _title(self, state: str) -> str:
        return next(str(t.id) for t in self.app[CATALOGUE].titles() if t.state == state)

    async def guest(self, name: str) -> Person:
        made = (await self.anybody.post("/api/passport", {"name": name})).json
        return Person(self.client, made["user"], made["token"])

    async def show(self, host: Person, **fields: object) -> dict[str, Any]:
        """Return a show that ``host`` plans, a minute before it begins."""
        plan = {"target_id": self.film, "target_type": "movie", "movie_time": at(T0), **fields}
        answer = await host.post("/api/shows", plan)
        assert answer.status == 201, answer.text
        return dict(answer.json)

    async def member(self, name: str, show: dict[str, Any]) -> Person:
        """Return somebody new who came in by the show's link."""
        self.clock.advance(0.01)
        person = await self.guest(name)
        answer = await person.post(f"/api/invites/{token_of(show)}/accept")
        assert answer.status == 200, answer.text
        return person

    async def say(self, person: Person, show: dict[str, Any], text: str) -> Answer:
        message = {"id": str(uuid4()), "text": text}
        return await person.post(f"/api/shows/{show['id']}/messages", message)


def token_of(linked: dict[str, Any]) -> str:
    """Return what stands behind ``/w/`` in a show's or an invite's link."""
    return str(linked["link"]).rpartition("/w/")[2]
