"""A server that is killed, twenty times: nothing acknowledged is lost, every film stands right."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp
import pytest

from harness.films import counter_film, put_film
from harness.rooms import until
from harness.server import Server, running_server

KILLS = 20


@dataclass(slots=True)
class Witness:
    """Somebody who says things and moves the film, and remembers what was acknowledged."""

    token: str
    session: str
    said: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Message id -> (seq, text), once acknowledged."""
    revision: int = 1
    """The newest revision acknowledged."""
    timeline: dict[str, Any] | None = None
    """The newest timeline heard."""
    heard: list[int] = field(default_factory=list)
    """Every seq heard, over all connections."""
    asked: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Ref -> (message id, text) of what was said."""

    async def live(self, server: Server, chance: random.Random) -> None:
        """Talk and command until the connection breaks."""
        url = f"{server.address}/api/sessions/{self.session}/socket"
        headers = {"Authorization": f"Bearer {self.token}"}
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(url, headers=headers) as socket,
        ):
            after = self.heard[-1] if self.heard else 0
            await socket.send_json({"type": "hello", "protocol": 1, "after": after})
            talking = asyncio.create_task(self._talk(socket, chance))
            try:
                async for message in socket:
                    self._hear(json.loads(message.data))
            finally:
                talking.cancel()
                await asyncio.gather(talking, return_exceptions=True)

    async def acknowledged(self, count: int) -> None:
        """Wait until so many more messages are acknowledged."""
        wanted = len(self.said) + count
        await until(lambda: len(self.said) >= wanted)

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse, chance: random.Random) -> None:
        while True:
            message_id, text = str(uuid4()), f"{chance.random()}"
            ref = json.dumps([message_id, text])[:64]
            self.asked[ref] = (message_id, text)
            await socket.send_json({"type": "say", "ref": ref, "id": message_id, "text": text})
            if chance.random() < 0.3:
                position = chance.uniform(0.0, 2.0)
                seek = {"action": "seek", "position": position}
                await socket.send_json({"type": "command", "ref": "seek", **seek})
            await asyncio.sleep(0.06)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "accepted" and "seq" in message:
            message_id, text = self.asked[message["ref"]]
            self.said[message_id] = (message["seq"], text)
        elif message["type"] == "accepted":
            self.revision = max(self.revision, message["revision"])
        elif message["type"] in ("message", "notice", "deleted"):
            self.heard.append(message["seq"])
        if message["type"] in ("welcome", "timeline"):
            self.timeline = message["next"] or message["timeline"]


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    put_film(counter_film(), folder / "Counter.mp4")
    return folder


async def test_twenty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path, media: Path) -> None:
    data, chance = tmp_path / "data", random.Random(3)
    async with running_server(media, data) as server:
        token = server.passport("Anna")
        show = server.show(token, begins_in=-1.0)
    witness = Witness(token, show["sessions"][0]["id"])
    kept: dict[str, tuple[int, str]] = {}

    for _ in range(KILLS):
        async with running_server(media, data) as server:
            living = asyncio.create_task(witness.live(server, chance))
            await witness.acknowledged(chance.randint(2, 8))
            server.process.kill()
            with contextlib.suppress(aiohttp.ClientError):
                await living
        kept |= witness.said

    async with running_server(media, data) as server:
        history: dict[str, tuple[int, str]] = {}
        after = 0
        while items := server.call(
            "GET", f"/api/shows/{show['id']}/messages?limit=200&after={after}", token=token
        )["items"]:
            history |= {item["id"]: (item["seq"], item["text"]) for item in items}
            after = items[-1]["seq"]
        stands = server.call("GET", f"/api/sessions/{witness.session}/timeline", token=token)
        last = await _everything(server, witness)
    assert len(kept) > KILLS
    assert {message_id: history.get(message_id) for message_id in kept} == kept
    assert witness.heard == list(range(1, len(witness.heard) + 1))
    assert last == list(range(1, len(last) + 1))
    newest = stands["next"] or stands["timeline"]
    assert newest["revision"] >= witness.revision > 1
    if witness.timeline and newest["revision"] == witness.timeline["revision"]:
        assert newest == witness.timeline


async def _everything(server: Server, witness: Witness) -> list[int]:
    """Return every seq of the log, as a newcomer's replay tells it."""
    newcomer = Witness(witness.token, witness.session)
    living = asyncio.create_task(newcomer.live(server, random.Random(0)))
    await until(lambda: len(newcomer.heard) >= len(witness.heard))
    living.cancel()
    await asyncio.gather(living, return_exceptions=True)
    return newcomer.heard


async def test_a_stopped_server_says_goodbye_and_comes_back_with_everything(
    tmp_path: Path, media: Path
) -> None:
    data = tmp_path / "data"
    async with running_server(media, data) as server:
        token = server.passport("Anna")
        show = server.show(token, begins_in=3600.0)
        port = str(urlsplit(server.address).port)
        url = f"{server.address}/api/sessions/{show['sessions'][0]['id']}/socket"
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(url, headers={"Authorization": f"Bearer {token}"}) as socket,
        ):
            await socket.send_json({"type": "hello", "protocol": 1})
            words = {"type": "say", "ref": 1, "id": str(uuid4()), "text": "the last word"}
            await socket.send_json(words)
            heard = [await socket.receive_json()]
            while heard[-1]["type"] != "accepted":
                heard.append(await socket.receive_json())
            server.process.terminate()
            while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                heard.append(json.loads(message.data))
            assert heard[-1] == {
                "type": "goodbye",
                "code": 1001,
                "reason": "server_stops",
            }
            assert socket.close_code == 1001
        async with asyncio.timeout(5.0):
            assert await server.process.wait() == 0

    async with running_server(media, data, "--port", port) as server:
        messages = server.call("GET", f"/api/shows/{show['id']}/messages", token=token)
        assert [item["text"] for item in messages["items"]] == ["the last word"]
