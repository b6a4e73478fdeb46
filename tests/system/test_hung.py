"""The server ends when it is told to, whatever its threads do."""

from __future__ import annotations

import asyncio
from pathlib import Path

from harness.films import counter_film, put_film
from harness.hung_disk import HUNG, HUNG_LINE
from harness.rooms import until
from harness.server import running_server

PROMISED_S = 5.0
"""How long an end may take, seconds."""


async def test_a_thread_that_hangs_in_the_film_folder_holds_up_no_end(tmp_path: Path) -> None:
    media, data, log = tmp_path / "media", tmp_path / "data", tmp_path / "server.log"
    media.mkdir()
    put_film(counter_film(), media / "Counter.mp4")
    async with running_server(media, data, module="harness.hung_disk") as server:
        put_film(counter_film(), tmp_path / HUNG)
        (tmp_path / HUNG).rename(media / HUNG)
        await until(lambda: HUNG_LINE in log.read_text())
        try:
            async with asyncio.timeout(PROMISED_S):
                server.process.terminate()
                code = await server.process.wait()
        finally:
            if server.process.returncode is None:
                server.process.kill()

    assert code == 0
    assert "seans: stopping" in log.read_text(), "the log is flushed"
    assert not (data / "seans.sqlite3-wal").exists(), "the store was closed"
