"""How streams end, and that nothing is left of them."""

from __future__ import annotations

import asyncio
import gc
import re
from pathlib import Path

import pytest

from harness.live.client import connecting
from harness.rooms import until
from streamer.webrtc import consent, egress_peer
from streamer.webrtc.consent import LASTS_S
from streamer.webrtc.peer import CONNECT_WITHIN_S, SILENT_AFTER_S, Peer
from tests.webrtc.conftest import LiveRoom
from tests.webrtc.offers import offer_of

CHROMIUM = offer_of("chromium")
AT_ONCE_S = 0.3
"""Less than it takes until the last of the first reports is due, seconds."""


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def tasks() -> int:
    return len(asyncio.all_tasks())


async def test_a_stream_that_never_connects_is_dropped(
    room: LiveRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CONNECT_WITHIN_S <= 10.0
    # By the event loop's clock, which nobody can set.
    monkeypatch.setattr(egress_peer, "CONNECT_WITHIN_S", 0.2)
    peer = await room.offer(CHROMIUM)

    async with asyncio.timeout(2.0):
        await peer.closed()

    assert len(room.peers) == room.peers.sending.port.endpoints == 0
    assert room.peers.counts.ended == {"no connection came about in time": 1}


async def test_a_certificate_that_was_not_offered_ends_the_stream(room: LiveRoom) -> None:
    async with connecting() as client:
        swapped = re.sub(r"(sha-\d+) ([0-9A-F]{2}):", r"\1 00:", client.offer)
        peer = await room.offer(swapped)
        await client.accept(peer.answer)
        await peer.closed()

    assert room.peers.counts.ended == {"DTLS failed": 1}


async def test_a_viewer_that_vanishes_is_dropped(room: LiveRoom) -> None:
    async with connecting() as client:
        peer = await room.offer(client.offer)
        await client.accept(peer.answer)
        await until(lambda: client.pictures)

        room.clock.ahead += SILENT_AFTER_S + 1.0
        room.peers.look_after(room.clock())

        assert peer.ending
        await peer.closed()
        assert room.broadcast.viewers == 0
    assert SILENT_AFTER_S <= 14.0


async def test_who_does_not_consent_any_more_is_not_sent_to(
    room: LiveRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(egress_peer, "SILENT_AFTER_S", 1e9)

    async def pass_time(peer: Peer, seconds: int) -> None:
        for _ in range(seconds):
            room.clock.ahead += 1.0
            room.peers.look_after(room.clock())
            # The client answers at once, if it is asked.
            await asyncio.sleep(0.01)
            if peer.ending:
                return

    async with connecting() as client:
        peer = await room.offer(client.offer)
        await client.accept(peer.answer)
        await until(lambda: client.pictures)
        await pass_time(peer, int(2 * LASTS_S))
        assert not peer.ending

        monkeypatch.setattr(consent.Consent, "given", lambda _: None)
        await pass_time(peer, int(LASTS_S) + 10)
        await peer.closed()

    assert room.peers.counts.ended == {"the viewer's consent has expired": 1}


async def test_a_stream_ends_with_the_passport(room: LiveRoom) -> None:
    peer = await room.offer(CHROMIUM, until=room.clock() + 5.0)

    room.peers.look_after(room.clock())
    assert not peer.ending
    room.clock.ahead += 6.0
    room.peers.look_after(room.clock())
    assert peer.ending


async def test_who_leaves_right_after_they_came_is_gone_at_once(room: LiveRoom) -> None:
    async with connecting() as client:
        peer = await room.offer(client.offer)
        await client.accept(peer.answer)
        await until(lambda: room.broadcast.viewers > 0)
        # Before, it would leave without a word, and only silence would tell.
        await until(lambda: client.connection.connectionState == "connected")

    async with asyncio.timeout(AT_ONCE_S):
        await peer.closed()


async def test_a_removed_member_s_streams_end_at_once(room: LiveRoom) -> None:
    removed, other = await room.offer(CHROMIUM, "removed"), await room.offer(CHROMIUM, "other")

    room.peers.end_of_user("session", "removed", "removed")

    assert removed.ending
    assert not other.ending
    assert room.peers.of_session("session") == [other]


async def test_the_end_of_a_session_ends_its_streams(room: LiveRoom) -> None:
    here, there = await room.offer(CHROMIUM), await room.offer(CHROMIUM, session_id="other")

    room.peers.end_of_session("session", "the session is over")

    assert (here.ending, there.ending) == (True, False)


async def test_a_stream_that_ends_while_it_connects_leaves_nothing(room: LiveRoom) -> None:
    async with connecting() as client:
        peer = await room.offer(client.offer)
        accepting = asyncio.create_task(client.accept(peer.answer))
        await asyncio.sleep(0.01)
        peer.end("the viewer left")
        await peer.closed()
        await accepting

    assert room.peers.sending.port.endpoints == room.peers.sending.port.routes == 0


async def test_leaving_ends_every_stream(room: LiveRoom) -> None:
    peers = [await room.offer(CHROMIUM, f"user {n}") for n in range(5)]

    await room.peers.close()

    assert all(peer.ending for peer in peers)
    assert room.peers.sending.port.endpoints == 0


async def test_many_joins_leave_no_task_socket_or_route(room: LiveRoom) -> None:
    async def join(number: int) -> None:
        async with connecting() as client:
            peer = await room.offer(client.offer, f"user {number}")
            await client.accept(peer.answer)
            # Before, it would leave without a word, and only silence would tell.
            await until(lambda: client.connection.connectionState == "connected")
            await until(lambda: room.broadcast.viewers > 0)
        await peer.closed()

    await join(0)
    before = tasks(), descriptors()
    for number in range(1, 21):
        await join(number)
    # The task that waits for the last one's end is done a few turns later.
    await asyncio.sleep(0.01)
    gc.collect()

    after = tasks(), descriptors()
    assert after <= before
    port = room.peers.sending.port
    assert (port.endpoints, port.routes, len(room.peers)) == (0, 0, 0)
    assert sum(isinstance(each, Peer) for each in gc.get_objects()) == 0
