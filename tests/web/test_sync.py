"""How well a session keeps step, over HTTP: for the host, and as metrics."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from harness.rooms import T0
from tests.web.app_harness import AppHarness, Person
from tests.web.seats import seated


@pytest.fixture
def session(show: dict[str, Any]) -> str:
    return f"/api/sessions/{show['sessions'][0]['id']}"


async def metrics(cinema: AppHarness) -> dict[str, str]:
    lines = (await cinema.anybody.get("/metrics")).text.splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


async def test_the_host_sees_how_everybody_keeps_step(
    cinema: AppHarness, host: Person, show: dict[str, Any], session: str
) -> None:
    boris = await cinema.member("Boris", show)
    cinema.clock.now = T0 + 10.0
    async with seated(cinema, show, boris) as room:
        await room.report("playing", error=-0.012, revision=1, clock_error=0.004)

        answer = await host.get(f"{session}/sync")

    told = answer.json
    assert answer.status == 200
    assert (told["viewers"], told["in_step"], told["samples"]) == (1, 1, 1)
    assert told["error"] == {"p50": 0.012, "p95": 0.012, "max": 0.012}
    (row,) = told["rows"]
    assert row["user"] == {"id": boris.id, "name": "Boris"}
    assert (row["state"], row["error"], row["bound"]) == ("playing", -0.012, 0.004)
    assert row["p50"] == told["p50"] == pytest.approx(0.012, rel=0.03)


async def test_of_a_session_that_is_not_open_there_are_no_rows(host: Person, session: str) -> None:
    told = await host.get(f"{session}/sync")

    assert (told.status, told.json["viewers"], told.json["rows"]) == (200, 0, [])


async def test_moderators_may_see_it_guests_may_not_and_strangers_find_nothing(
    cinema: AppHarness, host: Person, show: dict[str, Any], session: str
) -> None:
    boris, vera = await cinema.member("Boris", show), await cinema.member("Vera", show)
    await host.patch(f"/api/shows/{show['id']}/members/{boris.id}", {"role": "moderator"})
    eve = await cinema.guest("Eve")

    assert (await boris.get(f"{session}/sync")).status == 200
    assert (await vera.get(f"{session}/sync")).said == (403, "not_allowed")
    assert (await eve.get(f"{session}/sync")).said == (404, "unknown_session")
    assert (await host.get(f"/api/sessions/{uuid4()}/sync")).said == (404, "unknown_session")
    assert (await cinema.anybody.get(f"{session}/sync")).said == (401, "unauthenticated")


async def test_metrics_tell_of_the_errors_of_all_and_of_each_session(
    cinema: AppHarness, host: Person, show: dict[str, Any], session: str
) -> None:
    before = await metrics(cinema)
    cinema.clock.now = T0 + 10.0
    async with seated(cinema, show, host) as room:
        await room.report("playing", error=0.03, revision=1)
        await room.report("playing", error=9.0, revision=7)

        values = await metrics(cinema)

    assert before["seans_sync_error_seconds_count"] == "0.0"
    assert values["seans_sync_error_seconds_count"] == "1.0"
    assert float(values["seans_sync_error_seconds_sum"]) == 0.03
    assert values['seans_sync_error_seconds_bucket{le="0.02"}'] == "0.0"
    assert values['seans_sync_error_seconds_bucket{le="0.04"}'] == "1.0"
    name = f'seans_session_sync_error_seconds{{quantile="0.95",session="{session[14:]}"}}'
    assert float(values[name]) == pytest.approx(0.03, rel=0.03)


async def test_however_many_sessions_there_are_ten_have_labels(
    cinema: AppHarness, host: Person
) -> None:
    shows = [await cinema.show(host) for _ in range(12)]
    cinema.clock.now = T0 + 10.0
    for show in shows:
        async with seated(cinema, show, host) as room:
            await room.report("playing", error=0.01)

    values = await metrics(cinema)

    assert sum(name.startswith("seans_session_sync_error_seconds{") for name in values) == 20
    assert values["seans_sync_error_seconds_count"] == "12.0"
