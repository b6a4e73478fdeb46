"""The meter's arithmetic, on frames that are known."""

from __future__ import annotations

from harness.skew.figures import (
    FRAME_RATE,
    REFRESH,
    Frame,
    RoomTimeline,
    TimelineHistory,
    as_json,
    equal_share,
    errors,
    percentile,
    settled,
    skews,
    summary,
    within,
)

TIMELINE = RoomTimeline(position=10.0, rate=1.0, instant=1000.0)


def film(begin: float, count: int, late: float = 0.0) -> list[Frame]:
    """Return frames that appear ``late`` by so much, from film position ``begin`` on."""
    numbers = range(int(begin * FRAME_RATE), int(begin * FRAME_RATE) + count)
    return [Frame(1000.0 + n / FRAME_RATE - 10.0 + late, n) for n in numbers]


def test_a_picture_half_a_refresh_late_is_in_perfect_step() -> None:
    assert all(abs(error) < 1e-9 for error in errors(film(10.0, 50, REFRESH / 2), TIMELINE))


def test_a_picture_behind_has_a_negative_error() -> None:
    assert all(abs(e + 0.1) < 1e-9 for e in errors(film(10.0, 50, 0.1 + REFRESH / 2), TIMELINE))


def test_skew_is_by_how_much_later_one_page_shows_the_same_frame() -> None:
    apart = skews(film(10.0, 50, 0.03), film(10.4, 50, 0.01))

    assert len(apart) == 40
    assert all(abs(skew - 0.02) < 1e-9 for skew in apart)


def test_a_frame_that_is_shown_again_counts_when_it_first_was() -> None:
    frames = film(10.0, 3)

    assert skews([*frames, Frame(2000.0, frames[-1].number)], frames) == [0.0, 0.0, 0.0]


def test_a_page_is_settled_when_it_stays_in_step() -> None:
    wild = [Frame(frame.at, frame.number + 5) for frame in film(10.0, 30)]
    calm = film(11.2, 30)

    assert settled([*wild, *calm], TIMELINE, 0.04) == calm[0].at
    assert settled(wild, TIMELINE, 0.04) is None
    assert settled(calm[:10], TIMELINE, 0.04) is None


def test_only_frames_of_a_span_are_taken() -> None:
    assert [frame.number for frame in within(film(10.0, 50), 1000.1, 1000.2)] == [253, 254, 255]


def test_nothing_measured_is_no_success() -> None:
    assert percentile([], 0.95) == float("inf")
    assert percentile([-3.0, 1.0, 2.0], 0.95) == 3.0


def test_a_story_follows_the_newest_course_whose_instant_has_come() -> None:
    paused = RoomTimeline(12.0, 0.0, 1002.0, 2)
    history = TimelineHistory((TIMELINE, paused, RoomTimeline(50.0, 1.0, 1005.0, 3)))

    assert history.in_force(999.0) is TIMELINE
    assert history.at(1001.0) == 11.0
    assert history.at(1004.0) == 12.0
    assert history.at(1006.0) == 51.0


def test_a_command_that_was_taken_back_before_its_instant_never_holds() -> None:
    again = RoomTimeline(10.0, 1.0, 1000.0, 3)
    history = TimelineHistory((TIMELINE, RoomTimeline(12.0, 0.0, 1002.0, 2), again))

    assert history.at(1003.0) == 13.0


def test_viewers_show_the_same_frame_for_part_of_the_time() -> None:
    one, other = film(10.0, 50), film(10.0, 50, 0.01)

    assert equal_share([one, one], 1000.0, 1002.0) == 1.0
    assert 0.7 < equal_share([one, other], 1000.1, 1001.9) < 0.8
    assert equal_share([one, []], 1000.0, 1002.0) == 0.0


def test_a_summary_speaks_of_milliseconds() -> None:
    assert summary("x", [-0.03, 0.01, 0.02]) == {
        "x_p50_ms": 20.0,
        "x_p95_ms": 30.0,
        "x_max_ms": 30.0,
    }


def test_what_never_came_is_null_in_json() -> None:
    assert as_json({"back_s": float("inf"), "late_s": 0.5}) == {"back_s": None, "late_s": 0.5}
