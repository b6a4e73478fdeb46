"""The server's clock: whatever is done to the wall clock, viewers see time pass."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sessions.core.room import opened
from sessions.core.timeline import Chain
from streamer.clock import (
    IDLE_SLEW,
    MAX_SLEW,
    MIN_JUMP_S,
    SOON_S,
    TOLERANCE_S,
    Activity,
    ServerClock,
    activity_of,
)
from tests.unit.rooms import DURATION, MOVIE_TIME

NOON = 1_800_000_000.0
READ = 1e-6
"""Two times nearer than this are one, seconds: Unix seconds in a float go no finer."""


class Machine:
    """A machine's two clocks: a steady one, and the wall's, which is set at will."""

    def __init__(self) -> None:
        self.uptime = 5000.0
        self.ahead = NOON - 5000.0
        self.server = ServerClock(lambda: self.uptime, lambda: self.wall)

    @property
    def wall(self) -> float:
        return self.uptime + self.ahead

    @property
    def owed(self) -> float:
        return self.wall - self.server()

    def run(self, seconds: int, who: Activity) -> None:
        for _ in range(seconds):
            self.uptime += 1.0
            self.server.follow_wall(who)


def test_a_clock_that_nobody_sets_is_wall_time() -> None:
    machine = Machine()

    machine.run(10_000, "film")

    assert machine.server() == machine.wall == NOON + 10_000.0


@pytest.mark.parametrize("who", ["pages", "film"])
@pytest.mark.parametrize("jump", [0.3, -0.3])
def test_a_small_difference_is_made_up_by_20_ppm(who: Activity, jump: float) -> None:
    machine = Machine()
    machine.ahead += jump
    machine.run(1, who)

    machine.run(1000, who)

    assert machine.owed == pytest.approx(jump * (1 - 1000 * MAX_SLEW / 0.3), abs=1e-4)
    machine.run(14_100, who)
    assert abs(machine.owed) <= TOLERANCE_S


def test_while_a_film_runs_nothing_is_stepped_however_far_the_wall_is() -> None:
    machine = Machine()
    machine.ahead += 3600.0

    machine.run(1000, "film")

    assert machine.server() == pytest.approx(NOON + 1000.0 * (1 + MAX_SLEW), abs=1e-4)


def test_once_no_film_runs_it_is_stepped_forward() -> None:
    machine = Machine()
    machine.ahead += 3600.0
    machine.run(100, "film")

    machine.run(1, "pages")

    assert machine.owed == 0.0


def test_open_pages_are_spared_a_step_that_could_pass_for_a_slow_line() -> None:
    machine = Machine()
    machine.ahead += MIN_JUMP_S * 0.9
    machine.run(1, "pages")
    assert machine.owed == pytest.approx(MIN_JUMP_S * 0.9)

    machine.run(1, "nobody")

    assert machine.owed == 0.0


def test_a_server_that_is_ahead_waits_for_the_wall_and_never_goes_back() -> None:
    machine = Machine()
    machine.ahead -= 600.0

    machine.run(1, "nobody")
    before = machine.server()
    machine.run(100, "nobody")

    assert machine.server() - before == pytest.approx(100.0 * IDLE_SLEW)
    machine.run(1200, "nobody")
    assert abs(machine.owed) <= TOLERANCE_S


def test_what_is_tended_late_overshoots_nothing() -> None:
    machine = Machine()
    machine.ahead += 0.5
    machine.run(1, "film")

    machine.uptime += 1e6

    assert machine.owed == pytest.approx(0.0, abs=READ)


def test_a_look_that_was_interrupted_decides_nothing() -> None:
    machine = Machine()
    late = 0.0

    def wall() -> float:
        machine.uptime += late
        return machine.wall - late

    server = ServerClock(lambda: machine.uptime, wall)
    late = 0.2
    machine.uptime += 1.0

    step = server.follow_wall("nobody")
    late = 0.0
    machine.uptime += 10.0

    assert step == 0.0
    assert server() == machine.wall


def test_a_wall_clock_that_drifts_is_followed() -> None:
    machine = Machine()
    for _ in range(5000):
        machine.ahead += 15e-6
        machine.run(1, "film")

    assert abs(machine.owed) <= TOLERANCE_S + 15e-6


@given(
    st.lists(st.tuples(st.floats(-1e5, 1e5), st.integers(0, 50)), max_size=8),
    st.sampled_from(["nobody", "pages", "film"]),
)
@settings(max_examples=50, deadline=None)
def test_once_nobody_looks_on_it_ends_at_the_wall(
    jumps: list[tuple[float, int]], who: Activity
) -> None:
    machine = Machine()
    for jump, seconds in jumps:
        machine.ahead += jump
        machine.run(seconds, who)

    machine.run(1, "nobody")
    machine.uptime += 2.1e6
    machine.run(1, "nobody")

    assert abs(machine.owed) <= TOLERANCE_S


class AnyWall(RuleBasedStateMachine):
    """A wall clock that anything may happen to, and a server's clock that is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = Machine()
        self.who: Activity = "film"
        self.seen = self.machine.server()

    @rule(jump=st.one_of(st.floats(-3.0, 3.0), st.floats(-1e6, 1e6)))
    def the_wall_is_set(self, jump: float) -> None:
        self.machine.ahead += jump

    @rule(who=st.sampled_from(["nobody", "pages", "film"]))
    def people_come_and_go(self, who: Activity) -> None:
        self.who = who

    @rule(seconds=st.one_of(st.just(1.0), st.floats(0.0, 0.01), st.floats(0.0, 1e5)))
    def time_passes(self, seconds: float) -> None:
        before = self.machine.server()
        self.machine.uptime += seconds
        passed = self.machine.server() - before
        assert seconds * (1.0 - IDLE_SLEW) - READ <= passed <= seconds * (1.0 + MAX_SLEW) + READ

    @rule(seconds=st.floats(0.0, 3000.0))
    def a_film_runs(self, seconds: float) -> None:
        self.who = "film"
        self.machine.server.follow_wall("film")
        before = self.machine.server()
        self.machine.uptime += seconds
        off = self.machine.server() - before - seconds
        assert abs(off) <= seconds * MAX_SLEW + READ

    @rule()
    def it_is_tended(self) -> None:
        before, owed = self.machine.server(), self.machine.owed
        step = self.machine.server.follow_wall(self.who)
        assert self.machine.server() - before == pytest.approx(step, abs=READ)
        assert step >= 0.0
        assert not (step and self.who == "film")
        assert abs(self.machine.owed) <= abs(owed) + READ

    @invariant()
    def it_never_goes_back(self) -> None:
        assert self.machine.server() >= self.seen
        self.seen = self.machine.server()


TestAnyWall = AnyWall.TestCase


def test_a_film_that_runs_stands_or_soon_begins_is_not_to_be_disturbed() -> None:
    room = opened(MOVIE_TIME, DURATION)
    held = replace(room, chain=Chain((replace(room.chain.newest, position=50.0, rate=0.0),)))

    assert activity_of([], MOVIE_TIME) == "nobody"
    assert activity_of([room], MOVIE_TIME - SOON_S - 1.0) == "pages"
    assert activity_of([room], MOVIE_TIME - SOON_S + 1.0) == "film"
    assert activity_of([held], MOVIE_TIME + 1e6) == "film"
    assert activity_of([room], MOVIE_TIME + DURATION) == "pages"
    assert activity_of([room, held], MOVIE_TIME + DURATION) == "film"


def test_pages_allow_for_as_much_as_the_server_may_be_led() -> None:
    page = (Path(__file__).parents[2] / "static" / "js" / "sync" / "clock.js").read_text()
    ageing = re.search(r"^const AGEING_PER_S = (\S+);", page, re.MULTILINE)

    assert ageing
    viewers_own, servers_own = 100e-6, 30e-6
    assert viewers_own + servers_own + MAX_SLEW == pytest.approx(float(ageing[1]))
