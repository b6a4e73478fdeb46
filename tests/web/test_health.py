"""What machines ask that look after machines."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from streamer.web.http.app_keys import STORE
from tests.web.app_harness import AppHarness, Person


async def test_a_server_that_answers_is_alive(cinema: AppHarness) -> None:
    assert (await cinema.anybody.get("/healthz")).json == {"status": "ok"}


async def test_a_server_is_ready_once_its_library_is_known_and_its_store_writes(
    cinema: AppHarness,
) -> None:
    assert (await cinema.anybody.get("/readyz")).json == {"status": "ready"}


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/api/me", "/api/openapi.json"]
)
@pytest.mark.parametrize("query", ["x=1", "x=1&x=2", "_=%00", "limit=x"])
async def test_a_call_that_takes_no_query_does_not_mind_one(
    host: Person, path: str, query: str
) -> None:
    assert (await host.get(f"{path}?{query}")).status == 200


async def test_a_server_whose_store_is_closed_is_not_ready(cinema: AppHarness) -> None:
    await cinema.app[STORE].close()

    refused = await cinema.anybody.get("/readyz")

    assert refused.said == (503, "not_ready")
    assert "Retry-After" in refused.headers
    assert (await cinema.anybody.get("/healthz")).status == 200


async def test_a_server_whose_store_file_was_taken_away_is_not_ready(
    cinema: AppHarness, tmp_path: Path
) -> None:
    (tmp_path / "data" / "seans.sqlite3").unlink()

    assert (await cinema.anybody.get("/readyz")).said == (503, "not_ready")


async def test_a_server_whose_store_is_damaged_is_not_ready(
    cinema: AppHarness, host: Person, show: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "data" / "seans.sqlite3"
    await cinema.app[STORE].close()
    await cinema.app[STORE].open()
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * (file.stat().st_size - 4096))
    assert (await host.get(f"/api/shows/{show['id']}")).status == 503

    assert (await cinema.anybody.get("/readyz")).said == (503, "not_ready")


async def test_readiness_is_asked_of_the_store_once_a_second_however_many_ask(
    cinema: AppHarness,
) -> None:
    written = cinema.app[STORE].counts().writes

    await asyncio.gather(*(cinema.anybody.get("/readyz") for _ in range(20)))
    assert cinema.app[STORE].counts().writes == written + 1
    cinema.clock.advance(1.0)
    await cinema.anybody.get("/readyz")
    assert cinema.app[STORE].counts().writes == written + 2


async def test_metrics_are_made_once_in_five_seconds(cinema: AppHarness) -> None:
    first = (await cinema.anybody.get("/metrics")).text
    cinema.clock.advance(4.9)
    assert (await cinema.anybody.get("/metrics")).text == first

    cinema.clock.advance(0.1)

    assert (await cinema.anybody.get("/metrics")).text != first


async def test_a_store_that_can_not_be_read_or_written_is_said_so(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    await cinema.app[STORE].close()

    for refused in (
        await host.get("/api/shows"),
        await host.patch(f"/api/shows/{show['id']}", {"title": "x"}),
        await cinema.say(host, show, "hello"),
    ):
        assert refused.said == (503, "store_unavailable")
        assert refused.headers["Retry-After"] == "5"


async def test_metrics_tell_what_happened(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    await cinema.say(host, show, "hello")

    lines = (await cinema.anybody.get("/metrics")).text.splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))

    assert values['seans_films{state="ready"}'] == "1.0"
    assert values['seans_films{state="unplayable"}'] == "1.0"
    assert values["seans_chat_messages_total"] == "1.0"
    assert values["seans_log_dropped_total"] == "0.0"
    assert values["seans_rooms"] == "1.0"
    assert values["seans_clock_difference_seconds"] == "0.0"
    assert values['seans_http_requests_total{method="POST",status="2xx"}'] == "3.0"
    assert float(values["seans_store_writes_total"]) >= 2
    assert host.token not in "".join(lines)


async def test_an_invented_method_makes_no_metric_of_its_own(cinema: AppHarness) -> None:
    await cinema.anybody.ask("PROPFIND", "/api/titles")

    text = (await cinema.anybody.get("/metrics")).text

    assert 'method="other",status="4xx"' in text
    assert "PROPFIND" not in text
