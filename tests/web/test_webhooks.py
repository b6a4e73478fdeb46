"""Another service hears of shows from the whole application, and nobody waits for it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import pytest

from harness.rooms import T0
from harness.samples import SampleShow
from sessions.core.show_events import EventType, ShowEvent
from streamer.app import CannotStart
from streamer.web.application import openapi_document
from streamer.web.http.app_keys import WEBHOOKS
from streamer.webhooks.payloads import TOLD, payload_of
from streamer.webhooks.signing import secret_bytes
from tests.web.app_harness import AppHarness, Person, at, token_of
from tests.web.conftest import Open
from tests.webhooks.receiver import SECRET_TEXT, Receiving, Taken, receiving, verified


@pytest.fixture
async def receiver() -> AsyncIterator[Receiving]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def told_cinema(open_cinema: Open, receiver: Receiving) -> AppHarness:
    return await open_cinema(webhook_url=receiver.url, webhook_secret=SECRET_TEXT)


@pytest.fixture
async def anna(told_cinema: AppHarness) -> Person:
    return await told_cinema.guest("Anna")


@pytest.fixture
async def planned(told_cinema: AppHarness, anna: Person) -> dict[str, Any]:
    return await told_cinema.show(anna, title="Friday", control="everyone")


def token_free(taken: Taken, show: dict[str, Any]) -> bool:
    return token_of(show) not in taken.body.decode()


async def test_a_scheduled_show_is_told_with_the_fields_of_its_record(
    receiver: Receiving, planned: dict[str, Any]
) -> None:
    (taken,) = await receiver.wait_for(1)

    left_out = {"role", "may", "link"}
    expected = {name: value for name, value in planned.items() if name not in left_out}
    assert verified(taken)
    assert taken.json == {
        "type": "show.scheduled",
        "timestamp": planned["created_at"],
        "data": expected,
    }
    assert token_free(taken, planned)


def test_the_document_tells_of_each_kind_with_the_data_that_it_has() -> None:
    document = openapi_document()
    told = document["webhooks"]
    sample = SampleShow()
    show = payload_of(ShowEvent("show.begun", T0, sample.show, [sample.session]))
    member = payload_of(ShowEvent("member.joined", T0, sample.show, [], sample.host))

    assert set(told) == set(get_args(EventType))
    for payload in (show, member):
        body = told[payload["type"]]["post"]["requestBody"]["content"]["application/json"]
        properties = body["schema"]["properties"]
        name = properties["data"]["$ref"].rpartition("/")[2]
        assert properties["type"]["const"] == payload["type"]
        assert payload.keys() == properties.keys()
        assert (
            payload["data"].keys() == document["components"]["schemas"][name]["properties"].keys()
        )
        TOLD[payload["type"]][1].validate_python(payload["data"], strict=True)


async def test_a_new_time_and_a_new_title_are_told(
    receiver: Receiving, told_cinema: AppHarness, anna: Person, planned: dict[str, Any]
) -> None:
    session = planned["sessions"][0]["id"]
    await anna.patch(f"/api/sessions/{session}", {"movie_time": at(T0 + 600)})
    await anna.patch(f"/api/shows/{planned['id']}", {"title": "Saturday"})
    await anna.patch(f"/api/shows/{planned['id']}", {"title": "Saturday"})

    taken = await receiver.wait_for(3)

    changes = [one.json["data"] for one in taken if one.type == "show.changed"]
    assert {change["title"] for change in changes} == {"Friday", "Saturday"}
    assert {change["movie_time"] for change in changes} == {"2027-01-15T08:10:00Z"}
    assert changes[0]["sessions"][0]["movie_time"] == "2027-01-15T08:10:00Z"
    assert len(taken) == 3


async def test_who_joins_is_told_once(
    receiver: Receiving, told_cinema: AppHarness, planned: dict[str, Any]
) -> None:
    boris = await told_cinema.member("Boris", planned)
    await boris.post(f"/api/invites/{token_of(planned)}/accept")

    taken = await receiver.wait_for(2)
    joined = next(one for one in taken if one.type == "member.joined")

    assert joined.json["data"] == {
        "id": joined.json["data"]["id"],
        "created_at": joined.json["timestamp"],
        "user_id": boris.id,
        "type": "member",
        "target_id": planned["id"],
        "target_type": "show",
        "name": "Boris",
        "role": "guest",
    }
    assert token_free(joined, planned)
    await told_cinema.app[WEBHOOKS].__aexit__()  # type: ignore[union-attr]
    assert receiver.types.count("member.joined") == 1


async def test_a_show_that_is_called_off_is_told(
    receiver: Receiving, anna: Person, planned: dict[str, Any]
) -> None:
    await anna.delete(f"/api/shows/{planned['id']}")

    taken = await receiver.wait_for(2)

    deleted = next(one for one in taken if one.type == "show.deleted")
    assert deleted.json["data"]["id"] == planned["id"]
    assert token_free(deleted, planned)


async def test_begin_and_end_are_told_with_nobody_there_and_not_again_after_a_restart(
    open_cinema: Open, receiver: Receiving
) -> None:
    settings = {"webhook_url": receiver.url, "webhook_secret": SECRET_TEXT, "secret": "s" * 32}
    cinema = await open_cinema(**settings)
    await cinema.show(await cinema.guest("Anna"))
    cinema.clock.now = T0
    await receiver.wait_for(2)
    await cinema.close()

    cinema = await open_cinema(**settings)
    cinema.clock.now = T0 + 3600
    await receiver.wait_for(3)
    await cinema.close()
    cinema = await open_cinema(**settings)
    cinema.clock.now = T0 + 7200
    await cinema.show(await cinema.guest("Anna"), movie_time=at(T0 + 9000))
    taken = await receiver.wait_for(4)

    assert [one.type for one in taken] == [
        "show.scheduled",
        "show.begun",
        "show.ended",
        "show.scheduled",
    ]
    assert taken[1].json["timestamp"] == "2027-01-15T08:00:00Z"
    assert taken[2].json["timestamp"] == "2027-01-15T08:02:00Z"
    assert taken[2].json["data"]["sessions"][0]["state"] == "ended"


async def test_a_receiver_that_hangs_slows_no_command(
    receiver: Receiving, told_cinema: AppHarness, anna: Person, planned: dict[str, Any]
) -> None:
    receiver.held = asyncio.Event()
    session, sender = planned["sessions"][0]["id"], told_cinema.app[WEBHOOKS]
    assert sender is not None
    slowest = 0.0
    for n in range(20):
        told_cinema.clock.advance(0.2)
        began = time.perf_counter()
        answer = await anna.post(f"/api/sessions/{session}/commands", {"action": "play"})
        changed = await anna.patch(f"/api/shows/{planned['id']}", {"title": f"Title {n}"})
        slowest = max(slowest, time.perf_counter() - began)
        assert (answer.status, changed.status) == (202, 200)

    assert sender.waiting >= 20
    assert slowest < 1.0
    receiver.held.set()


async def test_the_metrics_tell_what_became_of_webhooks(
    receiver: Receiving, told_cinema: AppHarness, planned: dict[str, Any]
) -> None:
    await receiver.wait_for(1)
    told_cinema.clock.advance(6)

    text = (await told_cinema.anybody.get("/metrics")).text

    for line in (
        "seans_webhooks_delivered_total 1.0",
        "seans_webhook_failures_total 0.0",
        'seans_webhooks_dropped_total{why="overflow"} 0.0',
        "seans_webhooks_waiting 0.0",
    ):
        assert line in text


async def test_without_an_address_nothing_is_told_or_kept(
    open_cinema: Open, tmp_path: Path
) -> None:
    cinema = await open_cinema()
    await cinema.show(await cinema.guest("Anna"))

    assert cinema.app[WEBHOOKS] is None
    assert "webhook" not in (await cinema.anybody.get("/metrics")).text
    assert not list((tmp_path / "data").glob("webhook*"))


async def test_a_secret_is_made_for_its_owner_alone_and_kept(
    open_cinema: Open, receiver: Receiving, tmp_path: Path
) -> None:
    cinema = await open_cinema(webhook_url=receiver.url)
    await cinema.show(await cinema.guest("Anna"))
    (taken,) = await receiver.wait_for(1)
    await cinema.close()
    file = tmp_path / "data" / "webhook-secret"
    kept = file.read_text().strip()
    await open_cinema(webhook_url=receiver.url)

    assert kept.startswith("whsec_")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().strip() == kept
    assert verified(taken, secret_bytes(kept))


async def test_a_kept_secret_that_is_none_is_said_at_the_start(
    open_cinema: Open, receiver: Receiving, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "webhook-secret").write_text("hush\n")

    with pytest.raises(CannotStart) as refused:
        await open_cinema(webhook_url=receiver.url)

    assert "webhook-secret must be whsec_" in str(refused.value)
    assert "hush" not in str(refused.value)


async def test_no_webhook_holds_what_opens_a_show(
    receiver: Receiving, told_cinema: AppHarness, anna: Person, planned: dict[str, Any]
) -> None:
    invite = await anna.post(f"/api/shows/{planned['id']}/invites", {"role": "moderator"})
    boris = await told_cinema.guest("Boris")
    await boris.post(f"/api/invites/{token_of(invite.json)}/accept")
    address = (await anna.post("/api/me/calendar")).json["url"]
    await anna.patch(f"/api/shows/{planned['id']}", {"control": "host"})
    await anna.delete(f"/api/shows/{planned['id']}")

    taken = await receiver.wait_for(4)

    said = json.dumps([one.json for one in taken])
    secrets = [token_of(planned), token_of(invite.json), anna.token, boris.token]
    assert sorted(receiver.types) == [
        "member.joined",
        "show.changed",
        "show.deleted",
        "show.scheduled",
    ]
    assert not any(secret in said for secret in [*secrets, address.rpartition("/")[2]])
