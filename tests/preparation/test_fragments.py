"""Fragments are written whole, and a file that is not whole is not taken for one."""

from __future__ import annotations

import struct

import pytest

from streamer.preparation.fragments import Damaged, TimedSample, read_fragment, write_fragment

SAMPLES = (
    TimedSample(2**33, b"first", keyframe=True),
    TimedSample(2**33 + 3600, b"", keyframe=False),
    TimedSample(2**33 + 7200, bytes(1000), keyframe=False),
)
WHOLE = write_fragment(7, SAMPLES, 2**33 + 9000)


def test_what_was_written_is_read_back() -> None:
    assert read_fragment(WHOLE) == SAMPLES


def test_its_boxes_are_those_of_iso_14496_12() -> None:
    size, moof = struct.unpack_from(">I4s", WHOLE)
    mdat, kind = struct.unpack_from(">I4s", WHOLE, size)

    assert (moof, kind) == (b"moof", b"mdat")
    assert WHOLE[size + mdat :][4:8] == b"free"
    assert [WHOLE.count(box) for box in (b"mfhd", b"traf", b"tfhd", b"tfdt", b"trun")] == [1] * 5


@pytest.mark.parametrize("length", [0, 7, 8, 50, 100, 120, len(WHOLE) // 2, len(WHOLE) - 1])
def test_a_file_that_is_cut_off_is_damaged(length: int) -> None:
    with pytest.raises(Damaged):
        read_fragment(WHOLE[:length])


def test_a_file_of_zeros_or_with_more_behind_it_is_damaged() -> None:
    for content in (bytes(len(WHOLE)), WHOLE + b"more", b"\xff" * len(WHOLE)):
        with pytest.raises(Damaged):
            read_fragment(content)


@pytest.mark.parametrize("page", [1, 400])
def test_a_file_of_the_right_length_with_other_bytes_is_damaged(page: int) -> None:
    for begin in range(len(WHOLE) - page):
        changed = bytes(byte ^ 0x55 for byte in WHOLE[begin : begin + page])
        with pytest.raises(Damaged):
            read_fragment(WHOLE[:begin] + changed + WHOLE[begin + page :])


def test_a_file_of_before_there_was_a_checksum_is_read() -> None:
    assert read_fragment(WHOLE[:-12]) == SAMPLES
