"""By how much live frames are sent ahead."""

from __future__ import annotations

import pytest

from sessions.live.live_delay import FIRST_DELAY_S, MAX_DELAY_S, LiveDelay


def settled(*lines: float) -> LiveDelay:
    delay = LiveDelay()
    for _ in range(30):
        delay.follow(lines, 1.0)
    return delay


@pytest.mark.parametrize(
    ("lines", "delay"),
    [
        ((), FIRST_DELAY_S),
        ((0.02, 0.1), FIRST_DELAY_S),
        ((0.02, 0.28), 0.38),
        ((0.5,), MAX_DELAY_S),
        # One bad line does not hold up the others.
        ((0.2, 3.0), 0.3),
    ],
)
def test_frames_are_sent_ahead_by_the_worst_line_and_some_slack(
    lines: tuple[float, ...], delay: float
) -> None:
    assert settled(*lines).delay == pytest.approx(delay)


def test_the_delay_changes_slowly() -> None:
    delay = LiveDelay()

    delay.follow([0.4], 0.5)

    assert delay.delay == pytest.approx(FIRST_DELAY_S + 0.025)


def test_a_delay_that_is_a_little_too_long_stays() -> None:
    delay = settled(0.3)
    before = delay.delay

    delay.follow([0.27], 1.0)
    assert delay.delay == before
    delay.follow([0.1], 1.0)
    assert delay.delay < before


def test_commands_act_later_than_frames_are_sent_while_somebody_watches_live() -> None:
    delay = LiveDelay()
    assert delay.shortest_lead == 0.0

    delay.viewers = 1

    assert delay.shortest_lead == pytest.approx(FIRST_DELAY_S + 0.05)
