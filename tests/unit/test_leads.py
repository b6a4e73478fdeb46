"""How far ahead commands act."""

from __future__ import annotations

import math

import pytest

from sessions.core.commands import Command, Pause, Play, Seek, SetRate
from sessions.core.leads import lead_of

ALL: list[tuple[Command, float, float]] = [
    (Pause(), 0.15, 0.4),
    (Play(), 0.5, 0.8),
    (SetRate(1.5), 0.5, 0.8),
    (Seek(9.0), 0.7, 1.5),
]


@pytest.mark.parametrize(("command", "lowest", "highest"), ALL)
def test_without_reports_a_lead_is_the_shortest(
    command: Command, lowest: float, highest: float
) -> None:
    assert lead_of(command) == lowest


@pytest.mark.parametrize(("command", "lowest", "highest"), ALL)
def test_a_lead_stays_between_its_bounds(command: Command, lowest: float, highest: float) -> None:
    assert lead_of(command, [0.0]) == lowest
    assert lead_of(command, [highest]) == highest
    assert lead_of(command, [0.0], [0.0]) == lowest
    assert lead_of(Seek(9.0), [0.0], [math.inf]) == 1.5


@pytest.mark.parametrize(
    ("command", "lead"), [(Pause(), 0.25), (Play(), 0.55), (SetRate(0.5), 0.55), (Seek(0.0), 0.7)]
)
def test_a_lead_covers_the_slowest_line_half_as_much_again_and_what_the_act_costs(
    command: Command, lead: float
) -> None:
    assert lead_of(command, [0.02, 0.1, 0.05]) == pytest.approx(lead)


@pytest.mark.parametrize(("command", "lowest", "highest"), ALL)
def test_one_bad_line_slows_nobody(command: Command, lowest: float, highest: float) -> None:
    alone = lead_of(command, [0.1])

    for bad in (highest + 0.001, 60.0, math.inf, math.nan, -0.001):
        assert lead_of(command, [0.1, bad]) == alone
        assert lead_of(command, [bad]) == lowest


def test_a_seek_leaves_time_for_nine_of_ten_to_get_there() -> None:
    costs = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 5.0]

    assert lead_of(Seek(9.0), [0.1], costs) == pytest.approx(1.5 * 0.1 + 0.9 + 0.3)
    assert lead_of(Seek(9.0), [0.1], costs[:1]) == 0.7
    assert lead_of(Seek(9.0), [0.1], [0.6, -1.0, math.nan]) == pytest.approx(1.05)


def test_what_a_seek_costs_counts_also_where_no_line_is_fit_to() -> None:
    assert lead_of(Seek(9.0), [60.0], [0.6]) == pytest.approx(0.9)


def test_what_a_seek_costs_is_nothing_to_the_others() -> None:
    assert lead_of(Pause(), [0.1], [1.0]) == lead_of(Pause(), [0.1])


@pytest.mark.parametrize(
    ("command", "at_least", "lead"),
    [
        (Pause(), 0.0, 0.15),
        (Pause(), 0.3, 0.3),
        (Pause(), 0.65, 0.4),
        (Play(), 0.3, 0.5),
        (Play(), 0.65, 0.65),
        (Seek(0.0), 0.3, 0.7),
    ],
)
def test_live_frames_that_are_on_their_way_make_a_lead_longer(
    command: Command, at_least: float, lead: float
) -> None:
    assert lead_of(command, at_least=at_least) == lead
