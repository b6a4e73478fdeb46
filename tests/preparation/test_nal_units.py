"""NAL units between start codes and behind lengths."""

from __future__ import annotations

import pytest

from streamer.preparation.nal_units import (
    annex_b_to_lengths,
    joined,
    nal_type,
    parameter_sets,
    split,
)

SPS, PPS, SEI, SLICE = b"\x67\x42\x00\x1e\x01", b"\x68\xce\x01", b"\x06\x05\x01", b"\x65\x88\x01"


def test_start_codes_of_three_and_four_bytes_are_both_ends() -> None:
    data = b"\0\0\0\1" + SPS + b"\0\0\1" + PPS + b"\0\0\0\1" + SLICE + b"\0\0"

    assert split(data, 0) == [SPS, PPS, SLICE]
    assert [nal_type(unit) for unit in split(data, 0)] == [7, 8, 5]


def test_what_a_viewer_does_not_need_is_left_out() -> None:
    data = b"".join(b"\0\0\0\1" + unit for unit in (b"\x09\x10", SPS, PPS, SEI, SLICE))

    assert annex_b_to_lengths(data) == joined([SPS, PPS, SLICE])
    assert split(joined([SPS, PPS, SLICE]), 4) == [SPS, PPS, SLICE]


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_lengths_may_have_one_to_four_bytes(size: int) -> None:
    data = b"".join(len(unit).to_bytes(size, "big") + unit for unit in (SPS, SLICE))

    assert split(data, size) == [SPS, SLICE]


def test_a_length_beyond_the_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than its sample"):
        split(b"\0\0\0\x09" + SPS, 4)


def test_parameter_sets_are_read_from_both_forms() -> None:
    head = b"\1\x42\x00\x1e\xff\xe1"
    record = head + b"\0\x05" + SPS + b"\1" + b"\0\x03" + PPS

    assert parameter_sets(record) == (4, [SPS, PPS])
    assert parameter_sets(b"\0\0\0\1" + SPS + b"\0\0\1" + PPS) == (0, [SPS, PPS])
    assert parameter_sets(b"") == (0, [])
    for broken in (head[:4], record[:12]):
        with pytest.raises(ValueError, match="avcC"):
            parameter_sets(broken)
