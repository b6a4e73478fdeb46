"""Packets of pictures and sound: RFC 6184, RFC 7587, and timestamps that are server time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from aiortc.rtp import RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from streamer.webrtc.packets import (
    MAX_PAYLOAD,
    Packetizer,
    opus_ticks,
    rtp_header,
    rtp_timestamp,
    video_payloads,
)
from tests.webrtc.pictures import IDR, PPS, SLICE, SPS, picture, sent, unit, units_of


def test_a_small_picture_is_one_packet() -> None:
    small = unit(SLICE, 500)

    assert video_payloads(picture(small)) == (small,)


def test_a_large_unit_is_cut_into_equal_pieces() -> None:
    payloads = video_payloads(picture(unit(IDR, 50_000)))

    sizes = [len(payload) for payload in payloads]
    assert max(sizes) <= MAX_PAYLOAD
    assert set(sizes[:-1]) == {sizes[0]}
    assert sizes[0] - len(sizes) < sizes[-1] <= sizes[0]
    assert len(payloads) == 42


def test_parameter_sets_share_a_packet() -> None:
    payloads = video_payloads(picture(unit(SPS, 20), unit(PPS, 5), unit(IDR, 3000)))

    assert [payload[0] & 0x1F for payload in payloads] == [24, 28, 28, 28]


@given(
    st.lists(
        st.tuples(st.sampled_from((SLICE, IDR, SPS, PPS)), st.integers(1, 5000)),
        min_size=1,
        max_size=12,
    )
)
def test_a_picture_comes_out_as_it_went_in(shape: list[tuple[int, int]]) -> None:
    units = [unit(header, size, seed) for seed, (header, size) in enumerate(shape)]

    payloads = video_payloads(picture(*units))

    assert units_of(payloads) == units
    assert all(len(payload) <= MAX_PAYLOAD for payload in payloads)


def test_units_that_no_decoder_needs_are_left_out() -> None:
    delimiter, information, filler = unit(0x09, 2), unit(0x06, 600), unit(0x0C, 900)
    slice_ = unit(SLICE, 100)

    assert video_payloads(picture(delimiter, information, slice_, filler)) == (slice_,)


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0\0\0", b"\0\0\0\5abc", b"\0\0\0", picture(unit(0x09, 2))],
    ids=["empty", "no unit", "cut off", "no length", "nothing to show"],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="NAL unit"):
        video_payloads(data)


def test_sequence_numbers_go_on_over_the_roll_over() -> None:
    packetizer = Packetizer("video", 7, 65_535)

    first, second = sent(packetizer, 3000), sent(packetizer, 100)

    assert (first.first_sequence, first.next_sequence) == (65_535, 65_538)
    assert second.first_sequence == 65_538
    assert rtp_header(96, second.first_sequence, 0, 7, marker=False)[2:4] == b"\0\2"


def test_only_the_last_packet_of_a_picture_has_the_marker() -> None:
    packets = sent(Packetizer("video", 7, 0), 3000)

    assert [packets.has_marker(index) for index in range(3)] == [False, False, True]


def test_sound_has_no_marker() -> None:
    packets = Packetizer("audio", 7, 0).sounds([b"\xfc\1"], shown_at=0.0)

    assert not packets.has_marker(0)


def test_pieces_are_the_picture_in_parts() -> None:
    packets = sent(Packetizer("video", 7, 5), 12_000, keyframe=True)

    pieces = list(packets.pieces(4))

    assert [len(piece.payloads) for piece in pieces] == [4, 4, 3]
    assert [piece.first_sequence for piece in pieces] == [5, 9, 13]
    assert [piece.keyframe for piece in pieces] == [True, False, False]
    assert [piece.has_marker(len(piece.payloads) - 1) for piece in pieces] == [False, False, True]


def test_a_timestamp_is_server_time_in_ticks() -> None:
    assert rtp_timestamp("video", 1_800_000_000.5) == (1_800_000_000 * 90_000 + 45_000) % (1 << 32)
    assert rtp_timestamp("audio", 2.0) == 96_000


def test_sound_without_a_gap_has_timestamps_without_a_gap() -> None:
    packetizer = Packetizer("audio", 7, 0)
    began = 1_795_956_400.0

    stamps = [
        packetizer.sounds([b"\xfc\1"], shown_at=began + n * 0.02).timestamp for n in range(500)
    ]

    steps = {(b - a) % (1 << 32) for a, b in pairwise(stamps)}
    assert steps == {960}


def test_sound_after_a_gap_begins_at_its_time() -> None:
    packetizer = Packetizer("audio", 7, 0)
    packetizer.sounds([b"\xfc\1"], shown_at=100.0)

    assert packetizer.sounds([b"\xfc\1"], shown_at=107.0).timestamp == 107 * 48_000


def test_all_sounds_but_the_last_are_padded_to_the_longest() -> None:
    sounds = [b"\xfc\1", b"\xfc\1\2\3", b"\xfc", b"\xfc\1"]

    packets = Packetizer("audio", 7, 0).sounds(sounds, shown_at=1.0)

    assert [len(payload) for payload in packets.payloads] == [4, 4, 4, 2]
    parsed = [RtpPacket.parse(packets.header(n, 96) + packets.payloads[n]) for n in range(4)]
    assert [packet.payload for packet in parsed] == sounds


def test_two_sounds_are_sent_together_at_equal_length() -> None:
    packetizer = Packetizer("audio", 7, 65_535)

    packets = packetizer.sounds([b"\xfc\1", b"\xfc\1\2\3\4"], shown_at=1.0)

    assert packets.payloads == (b"\xfc\1\0\0\3", b"\xfc\1\2\3\4")
    first, second = (RtpPacket.parse(packets.header(n, 96) + packets.payloads[n]) for n in (0, 1))
    assert (first.payload, second.payload) == (b"\xfc\1", b"\xfc\1\2\3\4")
    assert (first.timestamp, second.timestamp) == (48_000, 48_960)
    assert (first.sequence_number, second.sequence_number) == (65_535, 0)
    assert (first.marker, second.marker) == (0, 0)


@pytest.mark.parametrize("lengths", [(9, 9), (9, 3), (9, 300)])
def test_sounds_are_not_padded_where_that_is_of_no_use(lengths: tuple[int, int]) -> None:
    sounds = [b"\xfc" + bytes(length) for length in lengths]

    packets = Packetizer("audio", 7, 0).sounds(sounds, shown_at=1.0)

    assert packets.payloads == tuple(sounds)
    assert packets.header(0, 96)[0] == 0x80


def test_sound_goes_on_after_a_pair() -> None:
    packetizer = Packetizer("audio", 7, 0)
    pair = packetizer.sounds([b"\xfc\1", b"\xfc\1"], shown_at=1_795_956_400.0)

    after = packetizer.sounds([b"\xfc\1"], shown_at=1_795_956_400.04)

    assert after.timestamp == (pair.timestamp + 1920) % (1 << 32)
    assert after.first_sequence == 2


@pytest.mark.parametrize(
    ("packet", "ticks"),
    [
        (b"\xfc", 960),
        (b"\xfd", 1920),
        (b"\xe0", 120),
        (b"\xfb\3", 2880),
        (b"\x08", 960),
        (b"\x60", 480),
        (b"\xff", 0),
    ],
)
def test_the_length_of_an_opus_packet_is_read_from_its_first_bytes(
    packet: bytes, ticks: int
) -> None:
    assert opus_ticks(packet) == ticks


@pytest.mark.parametrize("data", [b"", bytes(MAX_PAYLOAD + 1)])
def test_what_is_no_opus_packet_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="Opus"):
        Packetizer("audio", 7, 0).sounds([data], shown_at=0.0)
