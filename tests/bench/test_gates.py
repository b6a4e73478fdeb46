"""The table says what was missed, and the best run is one whole run."""

from __future__ import annotations

from bench.skew.gates import GATES, best, rows
from bench.skew.playbook import GROUPS, PLAYBOOK, named
from harness.skew.figures import Figures

GOOD: Figures = {"late_in_step_s": 0.7, "others_seeks": 0.0, "others_error_p95_ms": 12.0}


def test_every_gate_belongs_to_a_scenario_that_there_is() -> None:
    assert [gate for gate in GATES if not any(map(gate.holds_for, PLAYBOOK))] == []


def test_a_gate_of_stalls_holds_for_each_length_and_for_no_other() -> None:
    gate = next(gate for gate in GATES if "frozen" in gate.scenarios)

    assert gate.holds_for("frozen-0.8")
    assert gate.holds_for("starved-4.5")
    assert not gate.holds_for("frozenness")


def test_figures_below_their_gates_are_kept() -> None:
    lines, kept = rows({"late": GOOD})

    assert kept
    assert not any("MISSED" in line for line in lines)


def test_a_figure_above_its_gate_is_missed_and_so_is_one_that_is_not_there() -> None:
    above, above_kept = rows({"late": GOOD | {"late_in_step_s": 1.6}})
    lacking, lacking_kept = rows({"late": {"late_in_step_s": 0.7, "others_seeks": 0.0}})

    assert not above_kept
    assert not lacking_kept
    assert sum("MISSED" in line for line in above) == sum("MISSED" in line for line in lacking) == 1


def test_the_best_run_is_the_one_whose_worst_figure_is_best() -> None:
    swift = GOOD | {"late_in_step_s": 0.1, "others_seeks": 1.0}

    assert best("late", [swift, GOOD]) is GOOD


def test_groups_name_scenarios_and_each_is_played_once() -> None:
    assert list(named(["plain", "late", "thin"])) == [*GROUPS["plain"], "thin"]
