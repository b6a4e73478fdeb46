"""The counting viewer: what it counts, its handshake, and that it watches a real peer."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from aiortc.rtcdtlstransport import SRTP_AES128_CM_SHA1_80, RTCCertificate
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.webrtc.audience import Audience
from harness.webrtc.counting import Stream
from harness.webrtc.dtls import Handshake
from harness.webrtc.receiving import Datagrams
from harness.webrtc.viewer import Viewer

CERTIFICATE = RTCCertificate.generateCertificate()


def counted(sequences: list[int]) -> Stream:
    """A stream after packets with these numbers, of 16 bits."""
    stream = Stream(1, 102, sequences[0] & 0xFFFF, sequences[0] & 0xFFFF)
    for sequence in sequences:
        stream.count(sequence & 0xFFFF, 1200)
    return stream


@pytest.mark.parametrize(
    ("sequences", "lost"),
    [
        ([5, 6, 7], 0),
        ([5, 7, 9], 2),
        ([5, 7, 6, 8], 0),
        ([65534, 65535, 65536, 65538], 1),
        ([7, 5, 6, 8], 0),
        ([65536, 65535, 65537], 0),
    ],
    ids=["none", "two", "late", "over the turn", "late first", "late before the turn"],
)
def test_lost_packets_are_counted(sequences: list[int], lost: int) -> None:
    assert counted(sequences).lost == lost


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 65535), st.sets(st.integers(1, 70_000), max_size=50))
def test_as_many_packets_are_lost_as_do_not_come(first: int, missing: set[int]) -> None:
    last = max(missing, default=0) + 1
    sequences = [first + number for number in range(last + 1) if number not in missing]

    assert counted(sequences).lost == len(missing)


def test_a_report_says_what_was_lost_since_the_last() -> None:
    stream = counted([1, 2, 3, 4])
    first = stream.receiver_report(10.0)
    for sequence in (6, 8):
        stream.count(sequence, 1200)
    stream.report = (0x12345678, 10.5)
    second = stream.receiver_report(12.0)

    assert (first.fraction_lost, first.packets_lost, first.lsr) == (0, 0, 0)
    assert (second.fraction_lost, second.packets_lost) == (128, 2)
    assert (second.lsr, second.dlsr) == (0x12345678, 3 * 65536 // 2)


def shake_hands(client: Handshake, server: Handshake) -> None:
    """Carry datagrams until both have nothing to say."""
    flight, receiver, other = client.begin(), server, client
    while flight:
        flight = [answer for datagram in flight for answer in receiver.receive(datagram)]
        receiver, other = other, receiver


def test_both_sides_of_a_handshake_get_keys_that_fit() -> None:
    client, server = (Handshake(CERTIFICATE, is_client=side) for side in (True, False))
    shake_hands(client, server)
    packet = bytes((0x80, 102)) + bytes(10) + b"a picture"
    sealed = server.sessions().sending.protect(packet)

    assert client.sessions().receiving.unprotect(sealed) == packet
    assert client.sessions().profile == "SRTP_AEAD_AES_128_GCM"


def test_a_side_without_gcm_gets_what_both_know() -> None:
    client = Handshake(CERTIFICATE, is_client=True, profiles=[SRTP_AES128_CM_SHA1_80])
    server = Handshake(CERTIFICATE, is_client=False)
    shake_hands(client, server)

    assert server.sessions().profile == "SRTP_AES128_CM_SHA1_80"


def test_datagrams_come_many_at_once_and_whole() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.bind(("127.0.0.1", 0))
        sender.connect(receiver.getsockname())
        sent = [bytes((number,)) * (number + 1) for number in range(7)]
        for data in sent:
            sender.send(data)
        room = Datagrams(most=5)

        assert [room.content(n) for n in range(room.receive(receiver.fileno()))] == sent[:5]
        assert [room.content(n) for n in range(room.receive(receiver.fileno()))] == sent[5:]
        assert room.receive(receiver.fileno()) == 0


@pytest.mark.parametrize("viewer_offers", [True, False], ids=["offers", "answers"])
async def test_a_viewer_watches_what_aiortc_sends(viewer_offers: bool) -> None:
    peer = RTCPeerConnection()
    peer.addTrack(AudioStreamTrack())
    peer.addTrack(VideoStreamTrack())
    audience = Audience(time.monotonic)
    viewer = Viewer(audience.clock)
    if viewer_offers:
        await peer.setRemoteDescription(RTCSessionDescription(viewer.offer(), "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        viewer.accept(peer.localDescription.sdp)
    else:
        for transceiver in peer.getTransceivers():
            transceiver.direction = "sendonly"
        await peer.setLocalDescription(await peer.createOffer())
        answer = viewer.answer(peer.localDescription.sdp)
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    audience.add(viewer)

    watched = await asyncio.to_thread(
        audience.run_until,
        lambda: len(viewer.streams) == 2 and all(s.received > 20 for s in viewer.streams.values()),
        20.0,
    )
    opened, wrong, lost = viewer.opened, viewer.sealed_wrong, viewer.streams.values()
    await peer.close()
    ended = await asyncio.to_thread(audience.run_until, lambda: viewer.goodbyes > 0, 5.0)
    viewer.close()

    assert watched
    assert opened > 0
    assert wrong == 0
    assert [stream.lost for stream in lost] == [0, 0]
    assert ended
