"""Whatever people report and order, and whenever: no room waits for ever, nor for one for long."""

from __future__ import annotations

from typing import get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sessions.core.commands import Pause, Play, Seek, SetRate
from sessions.core.roles import Waiting
from sessions.core.viewers import PLAYED_WELL_S, ViewerState
from sessions.core.waiting import MAX_WAIT_S
from tests.unit.waits import LENGTH, Evening

NAMES = ("Anna", "Boris", "Clara")
NEAR = 1e-3
"""Times nearer than this are one, seconds."""

names = st.sampled_from(NAMES)
states: st.SearchStrategy[ViewerState] = st.sampled_from(get_args(ViewerState))
moments = st.one_of(st.floats(0.0, 1.0), st.floats(0.0, 20.0), st.floats(0.0, 2 * PLAYED_WELL_S))


class AnyWaits(RuleBasedStateMachine):
    """An evening on which anything may be reported and ordered."""

    def __init__(self) -> None:
        super().__init__()
        self.evening = Evening("always")
        self.held_since: float | None = None
        self.waited = dict.fromkeys(NAMES, 0.0)

    @rule(name=names, state=states, buffered=st.none() | st.floats(0.0, 20.0))
    def says(self, name: str, state: ViewerState, buffered: float | None) -> None:
        self.evening.says(name, state, buffered, page=0)
        self.forgive()

    @rule(name=names, state=states)
    def says_another_page(self, name: str, state: ViewerState) -> None:
        self.evening.says(name, state, page=1)
        self.forgive()

    @rule(name=names)
    def goes(self, name: str) -> None:
        self.evening.goes(name)

    @rule(policy=st.sampled_from(("never", "start", "always", "always")))
    def chooses(self, policy: Waiting) -> None:
        self.evening.chooses(policy)

    @rule(
        command=st.sampled_from((Play(), Pause(), Seek(0.0), Seek(60.0), SetRate(1.5))),
        lead=st.floats(0.15, 1.5),
    )
    def orders(self, command: Play | Pause | Seek | SetRate, lead: float) -> None:
        self.evening.orders(command, lead)

    @rule(seconds=moments)
    def time_passes(self, seconds: float) -> None:
        evening = self.evening
        ends = evening.at + seconds
        while evening.at < ends:
            waited, began = dict(evening.wait.waiting_since), evening.now
            due = evening.at + evening.wake - evening.now
            evening.until_at(min(ends, due) if due > evening.at else ends)
            for name, since in waited.items():
                self.waited[name] += max(0.0, evening.now - max(since, began))

    @rule()
    def dies(self) -> None:
        self.evening.dies()
        self.waited = dict.fromkeys(NAMES, 0.0)

    def forgive(self) -> None:
        for name in NAMES:
            if (
                name not in self.evening.wait.waited_s
                and name not in self.evening.wait.waiting_since
            ):
                self.waited[name] = 0.0

    @invariant()
    def a_wait_is_an_ordinary_timeline_of_nobody(self) -> None:
        newest = self.evening.newest
        if newest.reason == "waiting":
            assert (newest.rate, newest.by) == (0.0, None)
            assert self.evening.room.wait
        if newest.rate > 0.0:
            assert self.evening.room.wait is None

    @invariant()
    def revisions_ascend_one_by_one(self) -> None:
        revisions = [moved.timeline.revision for moved in self.evening.made]
        assert revisions == list(range(2, len(revisions) + 2))

    @invariant()
    def a_room_waits_only_for_those_who_are_here_and_never_without_end(self) -> None:
        evening = self.evening
        assert evening.waits_for <= evening.viewers.keys()
        assert (evening.until is not None) == bool(evening.waits_for)
        held = evening.room.wait
        if held is not None:
            assert evening.policy != "never"
            assert evening.now < held.since + MAX_WAIT_S
            assert evening.now < evening.wake <= held.since + MAX_WAIT_S + NEAR

    @invariant()
    def nobody_holds_a_room_beyond_the_bound(self) -> None:
        assert max(self.waited.values()) <= MAX_WAIT_S + NEAR

    def teardown(self) -> None:
        """Once nobody orders or reports any more, the film goes on, or stands by order."""
        self.evening.until_at(self.evening.at + 10 * MAX_WAIT_S)
        assert self.evening.room.wait is None
        newest = self.evening.newest
        assert newest.rate > 0.0 or newest.by is not None
        assert newest.position <= LENGTH


TestAnyWaits = AnyWaits.TestCase
TestAnyWaits.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
