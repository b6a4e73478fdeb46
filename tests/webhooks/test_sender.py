"""Webhooks reach a receiver that listens, later one that did not, and nobody waits for either."""

from __future__ import annotations

import asyncio
import logging
import stat
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from streamer.webhooks.sender import FILE_NAME, MAX_IN_FLIGHT, Receiver, WebhookSender
from tests.webhooks.receiver import SECRET, an_event, receiving, verified

NOW = 1_800_000_123.75
SOON = (0.01, 0.01, 0.01)


def sender_to(url: str, folder: Path, **options: Any) -> WebhookSender:  # noqa: ANN401
    return WebhookSender(Receiver(url, SECRET), lambda: NOW, folder, **{"delays": SOON, **options})


async def settled(sender: WebhookSender) -> None:
    async with asyncio.timeout(20):
        while sender.waiting:  # noqa: ASYNC110 -- nothing tells of it
            await asyncio.sleep(0.005)


async def test_a_webhook_comes_signed_and_is_sent_once(tmp_path: Path) -> None:
    event = an_event()
    async with receiving() as receiver, sender_to(receiver.url, tmp_path) as sender:
        sender.tell(event)
        (taken,) = await receiver.wait_for(1)
        await settled(sender)

    assert verified(taken)
    assert not verified(taken, b"another" * 4)
    assert taken.path == "/hooks?key=hush"
    assert taken.headers["Content-Type"] == "application/json"
    assert taken.headers["webhook-timestamp"] == "1800000123"
    assert taken.json["type"] == "show.scheduled"
    assert taken.json["timestamp"] == "2027-01-15T08:00:00Z"
    assert taken.json["data"]["id"] == event.show.id
    assert len(receiver.taken) == sender.counts.delivered == 1
    assert not (tmp_path / FILE_NAME).exists()


async def test_what_was_not_taken_is_sent_again_with_the_same_id(tmp_path: Path) -> None:
    answers: list[web.Response | Exception] = [
        web.Response(status=500),
        ConnectionResetError(),
        web.Response(status=404),
    ]
    async with receiving() as receiver, sender_to(receiver.url, tmp_path) as sender:
        receiver.answers = answers
        sender.tell(an_event())
        taken = await receiver.wait_for(4)
        await settled(sender)

    assert len({one.headers["webhook-id"] for one in taken}) == 1
    assert len({one.body for one in taken}) == 1
    assert all(verified(one) for one in taken)
    assert (sender.counts.delivered, sender.counts.failures) == (1, 3)


async def test_a_receiver_that_comes_back_is_told_what_it_missed(tmp_path: Path) -> None:
    port = unused_port()
    url = f"http://127.0.0.1:{port}/hooks"
    async with sender_to(url, tmp_path, delays=(0.05,) * 100) as sender:
        sender.tell(an_event("show.scheduled"))
        sender.tell(an_event("show.ended"))
        while sender.counts.failures < 2:  # noqa: ASYNC110 -- nothing tells of it
            await asyncio.sleep(0.005)
        async with receiving(port) as receiver:
            await receiver.wait_for(2)
            await settled(sender)

    assert sorted(receiver.types) == ["show.ended", "show.scheduled"]
    assert sender.counts.delivered == 2


async def test_a_receiver_that_does_not_answer_is_given_up_in_time(tmp_path: Path) -> None:
    async with (
        receiving() as receiver,
        sender_to(receiver.url, tmp_path, answer_wait=0.1, delays=()) as sender,
    ):
        receiver.held = asyncio.Event()
        sender.tell(an_event())
        await settled(sender)
        receiver.held.set()

    assert sender.counts.failures == sender.counts.dropped["exhausted"] == 1


async def test_after_the_last_attempt_a_webhook_is_dropped_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with receiving() as receiver, sender_to(receiver.url, tmp_path) as sender:
        receiver.answers = [web.Response(status=503) for _ in range(9)]
        sender.tell(an_event())
        await settled(sender)

    assert len(receiver.taken) == len(SOON) + 1
    assert sender.counts.dropped["exhausted"] == 1
    assert "given up after 4 attempts" in caplog.text
    assert "hush" not in caplog.text


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_a_failure_and_not_followed(tmp_path: Path, status: int) -> None:
    async with (
        receiving() as other,
        receiving() as receiver,
        sender_to(receiver.url, tmp_path, delays=()) as sender,
    ):
        receiver.answers = [web.Response(status=status, headers={"Location": other.url})]
        sender.tell(an_event())
        await settled(sender)

    assert other.taken == []
    assert (sender.counts.delivered, sender.counts.failures) == (0, 1)


async def test_a_receiver_that_wants_no_more_is_sent_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with receiving() as receiver, sender_to(receiver.url, tmp_path) as sender:
        receiver.answers = [web.Response(status=410)]
        sender.tell(an_event())
        await settled(sender)
        sender.tell(an_event())

    assert len(receiver.taken) == 1
    assert sender.counts.dropped["gone"] == 2
    assert "410" in caplog.text


async def test_what_asks_to_be_let_alone_is_let_alone(tmp_path: Path) -> None:
    async with receiving() as receiver, sender_to(receiver.url, tmp_path) as sender:
        receiver.answers = [web.Response(status=429, headers={"Retry-After": "3600"})]
        sender.tell(an_event())
        await receiver.wait_for(1)
        while not sender.counts.failures:  # noqa: ASYNC110 -- nothing tells of it
            await asyncio.sleep(0.005)
        sender.tell(an_event("show.ended"))
        await receiver.wait_for(2)
        while not sender.counts.delivered:  # noqa: ASYNC110 -- nothing tells of it
            await asyncio.sleep(0.005)

        assert sender.waiting == 1
    assert receiver.types == ["show.scheduled", "show.ended"]


async def test_a_slow_receiver_fills_the_outbox_and_what_is_beyond_is_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        receiving() as receiver,
        sender_to(receiver.url, tmp_path, max_waiting=10) as sender,
    ):
        receiver.held = asyncio.Event()
        for _ in range(4):
            sender.tell(an_event())
        await receiver.wait_for(MAX_IN_FLIGHT)
        for _ in range(20):
            sender.tell(an_event())

        assert sender.waiting == 10
        assert sender.counts.dropped["overflow"] == 14
        assert caplog.text.count("webhooks are dropped") == 1
        receiver.held.set()
        await settled(sender)

    assert receiver.most_in_flight == MAX_IN_FLIGHT == 4
    assert sender.counts.delivered == 10


async def test_an_endless_answer_is_not_read(tmp_path: Path) -> None:
    async with receiving() as receiver, sender_to(receiver.url, tmp_path) as sender:
        receiver.answers = [web.Response(body=b"x" * (1 << 24))]
        sender.tell(an_event())
        await settled(sender)

    assert sender.counts.delivered == 1


async def test_what_is_left_at_the_end_is_sent_after_the_next_start(tmp_path: Path) -> None:
    async with receiving() as receiver:
        async with sender_to(receiver.url, tmp_path, delays=(3600.0,)) as first:
            receiver.answers = [web.Response(status=500)]
            first.tell(an_event())
            await receiver.wait_for(1)
            while not first.counts.failures:  # noqa: ASYNC110 -- nothing tells of it
                await asyncio.sleep(0.005)
        kept = tmp_path / FILE_NAME
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600

        async with sender_to(receiver.url, tmp_path) as second:
            taken = await receiver.wait_for(2)
            await settled(second)

    assert taken[0].headers["webhook-id"] == taken[1].headers["webhook-id"]
    assert taken[0].body == taken[1].body
    assert not kept.exists()


async def test_what_was_just_told_is_sent_before_the_end(tmp_path: Path) -> None:
    async with receiving() as receiver, sender_to(receiver.url, tmp_path) as sender:
        sender.tell(an_event())

    assert receiver.types == ["show.scheduled"]


async def test_the_end_does_not_wait_for_a_receiver_that_hangs(tmp_path: Path) -> None:
    async with receiving() as receiver:
        receiver.held = asyncio.Event()
        async with asyncio.timeout(5):
            async with sender_to(receiver.url, tmp_path) as sender:
                sender.tell(an_event())
                await receiver.wait_for(1)
        receiver.held.set()

    assert (tmp_path / FILE_NAME).exists()


@pytest.mark.parametrize("text", ["{", "[[1]]", "[1]", '"x"', "\x00"])
async def test_a_kept_outbox_that_makes_no_sense_stops_nothing(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    async with receiving() as receiver, sender_to(receiver.url, tmp_path) as sender:
        sender.tell(an_event())
        await settled(sender)

    assert sender.counts.delivered == 1
    assert "can't be read" in caplog.text


async def test_a_fault_in_telling_is_counted_and_hurts_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = an_event(at=float("inf"))
    async with receiving() as receiver, sender_to(receiver.url, tmp_path) as sender:
        with caplog.at_level(logging.ERROR):
            sender.tell(broken)
        sender.tell(an_event())
        await settled(sender)

    assert sender.counts.dropped["failed"] == 1
    assert sender.counts.delivered == 1
