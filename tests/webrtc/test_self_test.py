"""The self-test, and what serves where it fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from aioice.ice import Connection
from aiortc import RTCDataChannel
from aiortc.rtcdtlstransport import RTCDtlsTransport

from harness.live.client import connecting
from harness.live.feed import feeding
from harness.live.film import LiveFilm
from harness.rooms import until
from streamer.webrtc import aiortc_internals, self_test
from streamer.webrtc.broadcast import Broadcast
from streamer.webrtc.errors import BadOffer, TooManyStreams
from streamer.webrtc.packets import Packetizer, video_payloads
from streamer.webrtc.peer import Peer, Request
from streamer.webrtc.peers import STREAMS_OF_A_PERSON, Peers
from streamer.webrtc.plain_peer import PlainTrack, annex_b
from tests.webrtc.offers import offer_of
from tests.webrtc.pictures import IDR, PPS, SPS, picture, unit


async def test_the_installed_aiortc_is_as_assumed() -> None:
    assert await self_test.find_fault(time.time) is None


async def test_the_self_test_leaves_no_task() -> None:
    before = len(asyncio.all_tasks())

    await self_test.find_fault(time.time)

    assert len(asyncio.all_tasks()) == before


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Connection, "data_received"),
        (RTCDtlsTransport, "_set_role"),
        (aiortc_internals, "SRTP_AEAD_AES_128_GCM"),
    ],
)
async def test_a_name_that_is_gone_is_found(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    # Another version of the packages, as far as a test can be one.
    if name.isupper():
        broken = SimpleNamespace(openssl_profile=b"SRTP_NULL", key_length=16, salt_length=12)
        monkeypatch.setattr(aiortc_internals, "PROFILES", (broken,))
    else:
        monkeypatch.delattr(owner, name)

    assert await self_test.find_fault(time.time)


@pytest.fixture
async def plain(live_film: LiveFilm) -> AsyncIterator[tuple[Peers, Broadcast]]:
    broadcast = Broadcast()
    async with Peers.open(time.time) as peers, feeding(broadcast, live_film, time.time):
        peers.fault = "a test"
        yield peers, broadcast


async def test_aiortc_s_own_sender_serves_where_the_self_test_failed(
    plain: tuple[Peers, Broadcast],
) -> None:
    peers, broadcast = plain
    heard: list[str] = []

    def opened(_: Peer, channel: RTCDataChannel) -> None:
        channel.on("message", heard.append)

    async with connecting() as client:
        client.channel.on("open", lambda: client.channel.send("hello"))
        request = Request("session", "user", broadcast, on_channel=opened)
        peer = await peers.offer(request, client.offer)
        await client.accept(peer.answer)

        await until(lambda: len(client.pictures) > 20 and len(client.sounds) > 10)
        await until(lambda: heard == ["hello"])
        assert peer.stats().connected
        assert peers.counts.plain == 1
    await peer.closed()
    assert broadcast.viewers == len(peers) == 0


async def test_an_offer_that_aiortc_refuses_leaves_nothing(
    plain: tuple[Peers, Broadcast],
) -> None:
    peers, broadcast = plain
    offer = offer_of("chromium").replace("a=mid:1", "a=mid:1\r\na=candidate:x", 1)

    with pytest.raises(BadOffer):
        await peers.offer(Request("session", "user", broadcast), offer)

    assert len(peers) == 0
    assert peers.counts.refused == 1


async def test_offers_at_once_are_no_way_around_the_bound(
    plain: tuple[Peers, Broadcast],
) -> None:
    peers, broadcast = plain
    request, offer = Request("session", "user", broadcast), offer_of("chromium")

    made = await asyncio.gather(
        *(peers.offer(request, offer) for _ in range(STREAMS_OF_A_PERSON + 2)),
        return_exceptions=True,
    )

    assert sum(isinstance(each, TooManyStreams) for each in made) == 2
    assert len(peers) == STREAMS_OF_A_PERSON


async def test_a_stream_that_ends_at_once_ends(plain: tuple[Peers, Broadcast]) -> None:
    peers, broadcast = plain
    async with connecting() as client:
        peer = await peers.offer(Request("session", "user", broadcast), client.offer)
        peer.end("the viewer left")
        await peer.closed()

    assert len(peers) == 0


async def test_sounds_that_are_sent_together_become_two_again() -> None:
    track = PlainTrack("audio")
    sounds = [b"\xfc\1", b"\xfc\1\2\3"]

    track.put(Packetizer("audio", 7, 0).sounds(sounds, shown_at=10.0))

    packets = [await track.recv(), await track.recv()]
    assert [bytes(packet) for packet in packets] == sounds
    assert [packet.pts for packet in packets] == [480_000, 480_960]


def test_payloads_become_a_byte_stream_again() -> None:
    units = [unit(SPS, 20), unit(PPS, 5), unit(IDR, 5000), unit(IDR, 30)]

    stream = annex_b(video_payloads(picture(*units)))

    assert stream == b"".join(b"\0\0\0\1" + each for each in units)
