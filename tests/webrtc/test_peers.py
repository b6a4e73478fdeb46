"""Streams from the offer on, to clients that are aiortc's."""

from __future__ import annotations

import asyncio
import math
import re
from itertools import pairwise

import pytest
from aiortc import RTCDataChannel

from harness.live.client import connecting
from harness.rooms import until
from sessions.core.errors import RateLimited
from streamer.webrtc import peers as module
from streamer.webrtc.errors import BadOffer, NoCommonCodec, TooManyStreams, UnknownStream
from streamer.webrtc.peer import Peer
from streamer.webrtc.peers import STREAMS_OF_A_PERSON
from tests.webrtc.conftest import LiveRoom
from tests.webrtc.offers import offer_of

CHROMIUM = offer_of("chromium")


async def test_a_client_sees_and_hears_the_film(room: LiveRoom) -> None:
    async with connecting() as client:
        peer = await room.offer(client.offer)
        await client.accept(peer.answer)
        await until(lambda: len(client.pictures) >= 60 and len(client.sounds) >= 10)
        await until(lambda: "video" in peer.stats().reception)

        stats = peer.stats()
        assert stats.connected
        assert stats.profile == "SRTP_AEAD_AES_128_GCM"
        assert stats.dropped == 0
        assert stats.packets > 70
        assert stats.reception["video"].fraction_lost == 0.0
        assert room.broadcast.viewers == 1
    await peer.closed()
    assert room.broadcast.viewers == 0
    assert room.peers.counts.ended == {"the viewer left": 1}


async def test_a_latecomer_s_first_picture_is_the_last_keyframe(room: LiveRoom) -> None:
    await asyncio.sleep(0.5)
    async with connecting() as client:
        peer = await room.offer(client.offer)
        await client.accept(peer.answer)
        # What was in progress is there at once; sent in real time it would take half a second.
        await until(lambda: len(client.pictures) >= 12, within=0.4)


async def test_the_round_trip_is_known_after_two_reports(room: LiveRoom) -> None:
    async with connecting() as client:
        peer = await room.offer(client.offer)
        await client.accept(peer.answer)

        def trip() -> float | None:
            found = peer.stats().reception.get("video")
            return found.round_trip if found else None

        await until(lambda: trip() is not None)
        found = trip()
        assert found is not None
        assert 0.0 <= found < 0.5


async def test_the_data_channel_carries_texts_both_ways(room: LiveRoom) -> None:
    heard: list[str] = []

    def opened(peer: Peer, channel: RTCDataChannel) -> None:
        assert peer.user_id == "user"

        @channel.on("message")
        def answer(text: str) -> None:
            heard.append(text)
            channel.send(f"to {text}")

    async with connecting() as client:
        client.channel.on("open", lambda: client.channel.send("hello"))
        peer = await room.offer(client.offer, on_channel=opened)
        await client.accept(peer.answer)

        await until(lambda: client.texts == ["to hello"])
        assert heard == ["hello"]


async def test_a_channel_of_another_name_is_closed(room: LiveRoom) -> None:
    opened: list[str] = []
    async with connecting() as client:
        other = client.connection.createDataChannel("other")
        peer = await room.offer(
            client.offer, on_channel=lambda _, channel: opened.append(channel.label)
        )
        await client.accept(peer.answer)

        await until(lambda: other.readyState == "closed")
        assert opened == ["room"]


async def test_a_client_that_is_dtls_server_is_served(room: LiveRoom) -> None:
    async with connecting() as client:
        offer = client.offer.replace("a=setup:actpass", "a=setup:passive")
        peer = await room.offer(offer)
        assert "a=setup:active" in peer.answer
        await client.accept(peer.answer)

        await until(lambda: client.pictures)


async def test_a_client_that_takes_no_sound_gets_pictures(room: LiveRoom) -> None:
    async with connecting(sound=False) as client:
        peer = await room.offer(client.offer)
        await client.accept(peer.answer)

        await until(lambda: len(client.pictures) > 30)
        assert client.sounds == []


async def test_candidates_may_come_later(room: LiveRoom) -> None:
    async with connecting() as client:
        lines = client.offer.split("\r\n")
        candidates = [line for line in lines if line.startswith("a=candidate")]
        assert candidates
        peer = await room.offer("\r\n".join(line for line in lines if line not in candidates))

        await room.peers.trickle(peer, "\r\n".join([*candidates, "a=end-of-candidates"]))
        await client.accept(peer.answer)

        await until(lambda: client.pictures)


async def test_another_ice_session_is_refused(room: LiveRoom) -> None:
    peer = await room.offer(CHROMIUM)

    with pytest.raises(BadOffer):
        await room.peers.trickle(peer, f"a=ice-ufrag:other\r\na=ice-pwd:{'p' * 22}\r\n")
    with pytest.raises(BadOffer):
        await room.peers.trickle(peer, "nonsense")


async def test_a_stream_is_found_by_its_owner_alone(room: LiveRoom) -> None:
    peer = await room.offer(CHROMIUM)

    assert room.peers.find("session", peer.id, "user") is peer
    for wrong in (("other", peer.id, "user"), ("session", "x", "user"), ("session", peer.id, "me")):
        with pytest.raises(UnknownStream):
            room.peers.find(*wrong)


async def test_an_answer_names_one_port_for_all(room: LiveRoom) -> None:
    answers = [(await room.offer(CHROMIUM)).answer for _ in range(2)]

    ports = {port for text in answers for port in re.findall(r"udp \d+ \S+ (\d+) typ", text)}
    assert ports == {str(room.peers.sending.port.port)}


async def test_no_common_codec_leaves_nothing(room: LiveRoom) -> None:
    with pytest.raises(NoCommonCodec):
        await room.offer(offer_of("firefox-without-h264"))

    assert len(room.peers) == room.peers.sending.port.endpoints == 0
    assert (room.peers.counts.offered, room.peers.counts.refused) == (0, 1)


async def test_a_person_has_so_many_streams_of_a_session(room: LiveRoom) -> None:
    own = [await room.offer(CHROMIUM) for _ in range(STREAMS_OF_A_PERSON)]

    with pytest.raises(TooManyStreams) as refused:
        await room.offer(CHROMIUM)
    assert refused.value.retry_after > 0
    await room.offer(CHROMIUM, "somebody else")
    await room.offer(CHROMIUM, session_id="other session")

    own[0].end("the viewer left")
    await room.offer(CHROMIUM)


async def test_a_person_has_so_many_streams_of_all_sessions(room: LiveRoom) -> None:
    for number in range(module.STREAMS_OF_A_PERSON_IN_ALL):
        await room.offer(CHROMIUM, session_id=f"session {number}")

    with pytest.raises(TooManyStreams):
        await room.offer(CHROMIUM, session_id="one more")
    await room.offer(CHROMIUM, "somebody else", session_id="one more")


async def test_a_stream_that_cannot_be_looked_after_ends_alone(
    room: LiveRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, well = await room.offer(CHROMIUM), await room.offer(CHROMIUM, "somebody else")

    def fail(_now: float) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(broken, "look_after", fail)
    room.peers.look_after(room.clock())

    assert room.peers.of_session("session") == [well]
    assert room.peers.counts.ended == {"an error of this server": 1}


async def test_a_hundred_offers_of_one_person_are_cut_short(room: LiveRoom) -> None:
    answered = refused = 0
    for _ in range(100):
        try:
            (await room.offer(CHROMIUM)).end("the viewer left")
            answered += 1
        except RateLimited:
            refused += 1

    assert refused > 60
    assert answered >= int(module.OFFERS.burst)


async def test_rtcp_that_makes_no_sense_is_counted(room: LiveRoom) -> None:
    async with connecting() as client:
        peer = await room.offer(client.offer)
        await client.accept(peer.answer)
        await until(lambda: client.pictures)
        transport = client.connection.getReceivers()[0].transport

        await transport._send_rtp(b"\x81\xce\0\1\0\0\0\1")

        await until(lambda: room.peers.sending.bad_rtcp == 1)
        shown = len(client.pictures)
        await until(lambda: len(client.pictures) > shown + 5)


async def test_sent_again_is_what_was_asked_for(room: LiveRoom) -> None:
    async with connecting() as client:
        peer = await room.offer(client.offer)
        await client.accept(peer.answer)
        await until(lambda: client.pictures)
        receiver = client.connection.getReceivers()[0]
        ssrc = room.broadcast.ssrcs["video"][0]
        known = next(n for n in range(1 << 16) if room.broadcast.find(ssrc, n))

        await receiver._send_rtcp_nack(ssrc, [known])
        await receiver._send_rtcp_pli(ssrc)

        await until(lambda: room.peers.sending.counts.retransmitted == 1)
        await until(lambda: room.peers.sending.counts.refreshed == 1)


async def test_the_clock_of_the_room_is_in_the_timestamps(room: LiveRoom) -> None:
    async with connecting() as client:
        peer = await room.offer(client.offer)
        await client.accept(peer.answer)
        await until(lambda: len(client.pictures) > 30)
        now = room.clock()

    # aiortc unwraps timestamps from the first on, so only their steps can be seen here.
    steps = [(b.pts or 0) - (a.pts or 0) for a, b in pairwise(client.pictures[:25])]
    assert all(math.isclose(step, 3600, abs_tol=2) for step in steps)
    ssrc = room.broadcast.ssrcs["video"][0]
    newest = max(
        (packet.packets for n in range(1 << 16) if (packet := room.broadcast.find(ssrc, n))),
        key=lambda packets: packets.first_sequence,
    )
    behind = (int(now * 90_000) - newest.timestamp + (1 << 31)) % (1 << 32) - (1 << 31)
    assert abs(behind) < 90_000
