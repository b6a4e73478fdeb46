"""Making is measured, and it is said when it cannot keep up."""

from __future__ import annotations

import pytest

from streamer.preparation.speed import after_segment, is_behind


def test_a_mean_of_segments_is_the_speed() -> None:
    speed = after_segment(None, 2.0, 1.0, begins_run=False)
    assert speed == 2.0
    for _ in range(30):
        speed = after_segment(speed, 2.0, 4.0, begins_run=False)
    assert speed == pytest.approx(0.5, abs=0.01)


def test_what_a_seek_costs_is_no_speed() -> None:
    assert after_segment(None, 2.0, 3.5, begins_run=True) is None
    assert after_segment(1.7, 2.0, 30.0, begins_run=True) == 1.7


def test_a_first_segment_that_takes_very_long_is_a_speed() -> None:
    assert after_segment(None, 2.0, 8.0, begins_run=True) == 0.25


def test_it_is_behind_when_a_viewer_is_about_to_wait_and_making_is_slower() -> None:
    assert is_behind(0.5, 1.0, lead=1.0, remaining=100.0, was_behind=False)
    assert not is_behind(0.5, 1.0, lead=3.0, remaining=100.0, was_behind=False)
    assert not is_behind(1.1, 1.0, lead=0.0, remaining=100.0, was_behind=False)
    assert is_behind(1.1, 2.0, lead=0.0, remaining=100.0, was_behind=False)
    assert not is_behind(None, 1.0, lead=0.0, remaining=100.0, was_behind=False)
    assert not is_behind(0.5, 0.0, lead=0.0, remaining=100.0, was_behind=False)
    assert not is_behind(0.5, 1.0, lead=1.5, remaining=1.5, was_behind=False)


def test_it_stays_behind_until_the_rest_plays_through() -> None:
    assert is_behind(0.5, 1.0, lead=49.0, remaining=100.0, was_behind=True)
    assert not is_behind(0.5, 1.0, lead=51.0, remaining=100.0, was_behind=True)
