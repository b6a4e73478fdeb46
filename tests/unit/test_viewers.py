"""What a room makes of what pages report, several of one person too."""

from __future__ import annotations

from tests.unit.waits import Evening, stopped


def test_a_picture_that_is_brought_back_after_a_stall_is_stalled_still() -> None:
    evening = Evening("always")
    evening.until_at(99.0)
    evening.says("Boris", "stalled")
    evening.until_at(99.5)
    evening.says("Boris", "waiting")

    evening.until_at(100.0)

    assert evening.waits_for == {"Boris"}


def test_who_has_several_pages_is_as_well_as_the_best_of_them() -> None:
    evening = Evening("always")
    evening.says("Boris", "waiting", page=1)
    evening.says("Boris", "ready", page=2)
    evening.until_at(99.0)
    evening.says("Boris", "playing", page=2)
    evening.says("Boris", "stalled", page=1)
    evening.until_at(150.0)
    assert evening.made == []

    evening.says("Boris", "stalled", page=2)
    evening.until_at(151.0)

    assert evening.waits_for == {"Boris"}


def test_of_two_pages_that_do_the_same_the_one_with_more_ready_counts() -> None:
    evening = stopped()
    evening.until_at(101.0)
    evening.says("Boris", "paused", 2.0, page=1)
    evening.says("Boris", "paused", 8.0, page=2)

    assert evening.told()[-1][0] == "played"
