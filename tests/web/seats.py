"""Somebody on a room socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from aiohttp import ClientWebSocketResponse

from tests.web.app_harness import AppHarness, Person

__all__ = ["Seated", "seated"]

Said = dict[str, Any]


class Seated:
    """Somebody who has said hello."""

    def __init__(self, opened: ClientWebSocketResponse) -> None:
        self._opened = opened
        self.welcome: Said = {}

    async def report(self, state: str, **more: float) -> None:
        """Report, and wait until that was heard."""
        await self._opened.send_json({"type": "report", "state": state, **more})
        await self._opened.send_json({"type": "ping", "c0": 0.0})
        await self.hears("pong")

    async def say(self, text: str) -> None:
        """Say something."""
        message = {"type": "say", "ref": 1, "id": str(uuid4()), "text": text}
        await self._opened.send_json(message)

    async def hears(self, type_: str, **fields: object) -> Said:
        """Return the next message of that type with these fields."""
        async with asyncio.timeout(30.0):
            while True:
                message: Said = json.loads(await self._opened.receive_str())
                if message["type"] == type_ and fields.items() <= message.items():
                    return message


@asynccontextmanager
async def seated(cinema: AppHarness, show: Said, person: Person) -> AsyncIterator[Seated]:
    """Give ``person`` a conversation in the first session of ``show``."""
    path = f"/api/sessions/{show['sessions'][0]['id']}/socket"
    async with cinema.client.ws_connect(path, headers=person.headers) as opened:
        await opened.send_json({"type": "hello", "protocol": 1})
        somebody = Seated(opened)
        somebody.welcome = await somebody.hears("welcome")
        yield somebody
