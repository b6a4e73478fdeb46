"""Pictures of H.264 that are cut together are decoded as they are meant."""

from __future__ import annotations

import pytest

from harness.live.counter_rendition import counter_segment, drawn_numbers
from streamer.preparation.nal_units import split
from streamer.preparation.stream_layout import StreamLayout, stream_layout
from streamer.webrtc.h264 import NumberedPayloads, NumberedPictures

LAYOUT = StreamLayout(
    frame_num_bits=4,
    order_bits=6,
    columns=2,
    rows=2,
    has_deblocking=False,
    has_redundant_count=False,
)


def test_a_picture_is_repeated_and_the_film_goes_on() -> None:
    video, numbered = counter_segment(1).video, NumberedPictures()

    stream = [numbered.next(sample.data, keyframe=sample.keyframe) for sample in video[:20]]
    # More often than frames can be numbered without beginning anew.
    repeated = [numbered.repetition() for _ in range(40)]
    stream += [picture for picture in repeated if picture is not None]
    stream += [numbered.next(sample.data, keyframe=sample.keyframe) for sample in video[20:]]

    numbers = [*range(50, 70), *[69] * 40, *range(70, 100)]
    assert drawn_numbers(stream) == numbers


def test_a_repetition_is_of_some_bytes() -> None:
    numbered = NumberedPictures()
    numbered.next(counter_segment(0).video[0].data, keyframe=True)

    picture = numbered.repetition()

    assert picture is not None
    assert len(picture) < 20


def test_a_stream_jumps_from_one_group_of_pictures_into_another() -> None:
    numbered = NumberedPictures()
    parts = [*counter_segment(0).video[:7], *counter_segment(2).video[:9]]

    stream = [numbered.next(sample.data, keyframe=sample.keyframe) for sample in parts]

    assert drawn_numbers(stream) == [*range(7), *range(100, 109)]


def test_pictures_in_order_are_left_as_they_are() -> None:
    numbered = NumberedPictures()
    video = counter_segment(0).video

    stream = [numbered.next(sample.data, keyframe=sample.keyframe) for sample in video]

    assert stream == [sample.data for sample in video]


def test_nothing_is_repeated_before_a_keyframe() -> None:
    assert NumberedPictures().repetition() is None


@pytest.mark.parametrize("damage", [b"", b"\x67", b"\x67\x42\xc0\x1e\xff\xff\xff\xff"])
def test_parameter_sets_that_make_no_sense_are_another_kind(damage: bytes) -> None:
    units = split(counter_segment(0).video[0].data, 4)

    assert stream_layout([damage, *units[1:]]) is None


def test_a_stream_of_another_kind_is_left_as_it_is() -> None:
    numbered = NumberedPictures()
    video = counter_segment(0).video
    units = split(video[0].data, 4)
    without = b"".join(len(u).to_bytes(4) + u for u in units[1:])

    numbered.next(without, keyframe=True)

    assert numbered.next(video[1].data, keyframe=False) == video[1].data
    assert numbered.repetition() is None


def test_the_order_of_a_picture_follows_its_number() -> None:
    # first_mb 0, slice_type 5, pps 0, then frame_num 3, order 6, and what is left as it is.
    payload = _slice("10011010011000110101")
    numbers = NumberedPayloads(LAYOUT)
    for _ in range(17):
        numbers.next_picture()

    assert numbers.numbered(payload) == _slice("10011010001100010101")
    # The first packet of a large slice: the byte that its last zeros escape is in the next one.
    assert numbers.numbered(payload + b"\0\0\3").endswith(b"\0\0\3")


@pytest.mark.parametrize("damaged", [b"\x41", b"\x41\0\0\0\0\0\0", b"\x41\x9a"])
def test_a_damaged_slice_is_left_as_it_is(damaged: bytes) -> None:
    assert NumberedPayloads(LAYOUT).numbered(damaged) == damaged


def _slice(bits: str) -> bytes:
    bits += "0" * (-len(bits) % 8)
    return b"\x41" + int(bits, 2).to_bytes(len(bits) // 8)
