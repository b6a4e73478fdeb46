"""A server that is killed, or stopped while its receiver hangs, tells nothing twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path

import pytest

from harness.films import made, put_film
from harness.server import running_server
from tests.webhooks.receiver import SECRET_TEXT, Receiving, receiving, verified

KILLS = 4


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    put_film(made("plain.mp4"), folder / "Plain.mp4")
    return folder


def options_for(receiver: Receiving) -> tuple[str, ...]:
    return ("--webhook-url", receiver.url, "--webhook-secret", SECRET_TEXT)


async def test_after_each_kill_a_show_has_begun_and_ended_once_at_most(
    tmp_path: Path, media: Path
) -> None:
    data = tmp_path / "data"
    async with receiving() as receiver:
        for kill in range(KILLS):
            async with running_server(media, data, *options_for(receiver)) as server:
                host = await asyncio.to_thread(server.passport, "Anna")
                # The film is two seconds long: it begins and ends around the kills.
                for delay in (0.2, 0.7, 1.2):
                    await asyncio.to_thread(server.show, host, delay)
                await asyncio.sleep(0.5 + 0.4 * kill)
                server.process.kill()
        async with running_server(media, data, *options_for(receiver)) as server:
            host = await asyncio.to_thread(server.passport, "Anna")
            last = await asyncio.to_thread(server.show, host, -1.0)
            async with asyncio.timeout(30):
                while not any(
                    one.type == "show.ended" and one.json["data"]["id"] == last["id"]
                    for one in receiver.taken
                ):
                    await receiver.wait_for(len(receiver.taken) + 1)

    told = Counter(
        (one.type, one.json["data"]["id"]) for one in receiver.taken if "show.s" not in one.type
    )
    assert set(told.values()) == {1}
    assert {kind for kind, _ in told} == {"show.begun", "show.ended"}
    assert all(verified(one) for one in receiver.taken)


async def test_a_receiver_that_hangs_delays_no_end_and_hears_of_it_after_the_next_start(
    tmp_path: Path, media: Path
) -> None:
    data = tmp_path / "data"
    async with receiving() as receiver:
        receiver.held = asyncio.Event()
        async with running_server(media, data, *options_for(receiver)) as server:
            host = await asyncio.to_thread(server.passport, "Anna")
            show = await asyncio.to_thread(server.show, host, 3600.0)
            await receiver.wait_for(1)
            began = time.monotonic()
            server.process.terminate()
            assert await server.process.wait() == 0
            assert time.monotonic() - began < 5.0
        receiver.held.set()

        async with running_server(media, data, *options_for(receiver)):
            first, again = await receiver.wait_for(2)

    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body
    assert again.json["data"]["id"] == show["id"]
    log = (tmp_path / "server.log").read_text()
    assert "hush" not in log
    assert SECRET_TEXT not in log
