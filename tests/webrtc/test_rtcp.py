"""RTCP: what is sent reads as it should, what comes is understood or refused."""

from __future__ import annotations

import contextlib
import struct

import pytest
from aiortc.rtp import (
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSrPacket,
)
from hypothesis import given
from hypothesis import strategies as st

from streamer.webrtc.rtcp import (
    ntp_middle,
    ntp_time,
    parse_feedback,
    sender_report,
    source_description,
)


def test_a_sender_report_with_descriptions_is_read_by_aiortc() -> None:
    data = sender_report(7, ntp_time(1.5), 90_000, 10, 12_000)
    data += source_description(7, b"seans") + source_description(8, b"room")

    report, first, second = RtcpPacket.parse(data)

    assert isinstance(report, RtcpSrPacket)
    assert report.ssrc == 7
    assert report.sender_info.ntp_timestamp == (2_208_988_801 << 32) + (1 << 31)
    assert report.sender_info.rtp_timestamp == 90_000
    assert (report.sender_info.packet_count, report.sender_info.octet_count) == (10, 12_000)
    assert isinstance(first, RtcpSdesPacket)
    assert isinstance(second, RtcpSdesPacket)
    assert first.chunks[0].items == [(1, b"seans")]
    assert second.chunks[0].items == [(1, b"room")]


def test_the_middle_of_a_time_is_what_a_report_repeats() -> None:
    assert ntp_middle(0x1122334455667788) == 0x33445566


def test_lost_packets_are_named_one_by_one() -> None:
    nack = RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=7, lost=[65_534, 65_535, 65_536, 65_540])

    feedback = parse_feedback(bytes(nack))

    assert feedback.lost == [(7, 65_534), (7, 65_535), (7, 0), (7, 4)]


def test_a_report_tells_losses_jitter_and_delay() -> None:
    info = RtcpReceiverInfo(
        ssrc=7,
        fraction_lost=64,
        packets_lost=-3,
        highest_sequence=9,
        jitter=180,
        lsr=5,
        dlsr=65_536,
    )

    report = parse_feedback(bytes(RtcpRrPacket(ssrc=1, reports=[info]))).reports[0]

    assert (report.ssrc, report.fraction_lost, report.lost) == (7, 0.25, -3)
    assert (report.jitter, report.last_report, report.delay) == (180, 5, 1.0)


@pytest.mark.parametrize(
    ("kind", "entries"), [(1, b""), (4, struct.pack("!IBxxx", 7, 1))], ids=["PLI", "FIR"]
)
def test_a_lost_picture_asks_for_a_keyframe(kind: int, entries: bytes) -> None:
    packet = RtcpPsfbPacket(fmt=kind, ssrc=1, media_ssrc=7 if kind == 1 else 0, fci=entries)

    assert parse_feedback(bytes(packet)).keyframes == {7}


def test_packets_that_are_of_no_interest_are_passed_over() -> None:
    described = source_description(1, b"viewer")
    estimate = RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=b"REMB\1\0\0\0\0\0\0\7")

    feedback = parse_feedback(described + bytes(estimate))

    assert not feedback.reports
    assert not feedback.lost
    assert not feedback.keyframes


def test_a_datagram_full_of_nacks_is_cut_short() -> None:
    everything = struct.pack("!HH", 0, 0xFFFF) * 300
    data = struct.pack("!BBHII", 0x81, 205, 2 + 300, 1, 7) + everything

    assert len(parse_feedback(data).lost) == 1000
    assert len(parse_feedback(data, 7).lost) == 7
    assert not parse_feedback(data, 0).lost


@pytest.mark.parametrize(
    "data",
    [
        b"\x80",
        b"\x40\xc9\0\0",
        b"\x81\xc9\0\1\0\0\0\1",
        b"\x81\xce\0\0",
        b"\x80\xc9\0\x09\0\0\0\1",
    ],
    ids=["cut header", "version 1", "report cut off", "no SSRCs", "length too large"],
)
def test_what_is_malformed_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="RTCP"):
        parse_feedback(data)


@given(st.binary(max_size=200))
def test_garbage_is_read_or_refused_and_nothing_else(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        parse_feedback(data)


@given(
    st.integers(0, 31), st.sampled_from((200, 201, 202, 203, 204, 205, 206)), st.binary(max_size=80)
)
def test_packets_with_any_content_are_read_or_refused(count: int, kind: int, body: bytes) -> None:
    body += bytes(-len(body) % 4)
    with contextlib.suppress(ValueError):
        parse_feedback(struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body)
