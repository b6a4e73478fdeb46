"""A live rendition from outside: what a pump is given, of films that are encoded and copied."""

from __future__ import annotations

import pytest

from harness.films import counter_film
from tests.preparation.conftest import Preparation
from tests.preparation.decoding import numbers_of

WITHIN = 60.0


async def test_each_frame_has_the_number_that_its_position_says(preparation: Preparation) -> None:
    rendition = await preparation.rendition(counter_film(8))
    assert rendition.duration == 8.0

    for number in (2, 0):
        segment = await rendition.segment(number, within=WITHIN)

        assert (segment.start, segment.end) == (2.0 * number, 2.0 * number + 2)
        assert [sample.keyframe for sample in segment.video] == [True, *[False] * 49]
        seen = [(round(position * 25, 6), drawn) for position, drawn in numbers_of(segment)]
        assert seen == [(n, n) for n in range(50 * number, 50 * number + 50)]


async def test_sound_lies_on_the_grid_of_20_ms(preparation: Preparation) -> None:
    rendition = await preparation.rendition(counter_film(8))

    segment = await rendition.segment(1, within=WITHIN)

    assert [s.position for s in segment.sound] == [pytest.approx(n / 50) for n in range(100, 200)]


async def test_there_is_no_segment_beyond_the_film(preparation: Preparation) -> None:
    rendition = await preparation.rendition(counter_film(8))

    assert [rendition.number_at(at) for at in (-5, 0, 1.999, 2, 7.9, 8, 99)] == [
        0,
        0,
        0,
        1,
        3,
        3,
        3,
    ]
    with pytest.raises(ValueError, match="no segment 4"):
        await rendition.segment(4, within=WITHIN)
