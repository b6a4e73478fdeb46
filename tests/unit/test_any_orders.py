"""Whatever is ordered, and whenever: what the contract promises of timelines holds.

The rule that everything is held against is the contract's own: the timeline in force is the
newest of those whose instant has come, and revision 1 before that.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sessions.core.commands import MAX_RATE, MIN_RATE, Command, Pause, Play, Seek, SetRate
from sessions.core.errors import AlreadyBegun
from sessions.core.leads import PAUSE_LEAD, PLAY_LEAD, SEEK_LEAD, LeadRule
from sessions.core.room import Order, RoomState, decide, evolve, opened, reschedule
from sessions.core.timeline import MAX_TIMELINES, Chain, Timeline, scheduled
from tests.unit.rooms import DURATION, HOST, MOVIE_TIME

NEAR = 1e-6
"""Two positions nearer than this are one, seconds: Unix seconds in a float go no finer."""

AHEAD = (0.0, 0.001, 0.1, 0.15, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 100.0, DURATION, 1e5)
"""After how many seconds the future is looked at."""


def leads(of: LeadRule) -> st.SearchStrategy[float]:
    return st.floats(of.lowest, of.highest)


def in_force_by_the_rule(made: list[Timeline], now: float) -> Timeline:
    return max(
        (line for line in made if line.instant <= now),
        key=lambda line: line.revision,
        default=made[0],
    )


class AnyOrders(RuleBasedStateMachine):
    """A film, with orders given at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MOVIE_TIME - 30.0
        self.state: RoomState = opened(MOVIE_TIME, DURATION)
        self.made = [scheduled(MOVIE_TIME)]
        self.forgets = False
        """Whether more lay ahead than a chain keeps, and some of that still does."""

    @rule(seconds=st.one_of(st.floats(0.0, 2.0), st.floats(0.0, 4000.0)))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(lead=leads(PAUSE_LEAD))
    def pause(self, lead: float) -> None:
        self.run_or_stand(Pause(), lead, stands=True)

    @rule(lead=leads(PLAY_LEAD))
    def play(self, lead: float) -> None:
        self.run_or_stand(Play(), lead, stands=False)

    @rule(position=st.floats(0.0, DURATION), lead=leads(SEEK_LEAD))
    def seek(self, position: float, lead: float) -> None:
        newest = self.state.chain.newest
        shown = self.state.position(self.now)
        made = self.order(Seek(position), lead)
        assert (made.position, made.rate, made.reason) == (position, newest.rate, "seek")
        assert self.origin == shown

    @rule(rate=st.floats(MIN_RATE, MAX_RATE), lead=leads(PLAY_LEAD))
    def set_rate(self, rate: float, lead: float) -> None:
        newest = self.state.chain.newest
        made = self.order(SetRate(rate), lead)
        assert made.rate == (rate if newest.rate else 0.0)
        assert made.position == newest.at(made.instant, DURATION)
        assert self.state.speed == rate

    @rule(after=st.floats(1.0, 1000.0))
    def put_off(self, after: float) -> None:
        before = self.state
        try:
            moved = reschedule(before, self.now + after, HOST, self.now)
        except AlreadyBegun:
            assert before.position(self.now) >= 0.0
            return
        assert before.position(self.now) < 0.0
        self.take(moved.timeline, evolve(before, moved, self.now))
        assert abs(self.state.position(self.now + after)) < NEAR

    def run_or_stand(self, command: Command, lead: float, *, stands: bool) -> None:
        chain = self.state.chain
        newest, pending = chain.newest, chain.next(self.now)
        before = self.state
        if (newest.rate == 0.0) == stands:
            order = Order(command, HOST, "host", lead)
            assert decide(self.state, order, self.now) is None
            return
        made = self.order(command, lead, may_take_back=True)
        assert (made.rate == 0.0) == stands
        earliest = max(self.now + lead, pending.instant if pending else self.now)
        if made.instant == earliest and made.position == newest.at(made.instant, DURATION):
            assert made.rate == (0.0 if stands else before.speed)
            return
        # Otherwise it took back a pending order of the other kind, and what holds from now on
        # is what had held without that one.
        assert pending is not None
        assert pending.reason == ("play" if stands else "pause")
        if self.forgets:
            return
        undone = [line for line in self.made[:-1] if line is not pending]
        self.same_course(
            lambda at: in_force_by_the_rule(undone, at).at(at, DURATION),
            lambda at: self.state.position(at),
        )

    def order(self, command: Command, lead: float, *, may_take_back: bool = False) -> Timeline:
        before, pending = self.state, self.state.chain.next(self.now)
        moved = decide(before, Order(command, HOST, "host", lead), self.now)
        assert moved is not None
        made = moved.timeline
        self.origin = moved.origin
        assert made.by == HOST
        # Nobody is told of an instant that was: only what is taken back acts at once.
        earliest = max(self.now + lead, pending.instant if pending else self.now)
        assert made.instant == earliest or may_take_back
        assert made.instant >= self.now
        self.take(made, evolve(before, moved, self.now))
        # Until it acts the film goes the way it went.
        for seconds in AHEAD:
            if (at := self.now + seconds) < made.instant and not self.forgets:
                assert self.state.position(at) == before.position(at)
        return made

    def take(self, made: Timeline, after: RoomState) -> None:
        assert made.revision == self.state.chain.newest.revision + 1
        assert after.chain.newest == made
        self.made.append(made)
        self.state = after
        full = len(after.chain.items) == MAX_TIMELINES
        self.forgets = full or (self.forgets and after.chain.next(self.now) is not None)

    def same_course(self, one: Callable[[float], float], other: Callable[[float], float]) -> None:
        for seconds in AHEAD:
            at = self.now + seconds
            assert abs(one(at) - other(at)) < NEAR

    @precondition(lambda self: not self.forgets)
    @invariant()
    def the_newest_whose_instant_has_come_is_in_force(self) -> None:
        for seconds in AHEAD:
            at = self.now + seconds
            assert self.state.chain.in_force(at) == in_force_by_the_rule(self.made, at)

    @precondition(lambda self: not self.forgets)
    @invariant()
    def the_log_makes_the_same_chain_again(self) -> None:
        for seconds in AHEAD:
            at = self.now + seconds
            chain = Chain.of(self.made[0], self.made[1:], at)
            assert chain.in_force(at) == self.state.chain.in_force(at)
            assert chain.next(at) == self.state.chain.next(at)
            if chain.next(at) is not None:
                assert chain.before_newest() == self.state.chain.before_newest()

    @invariant()
    def the_film_stays_within_its_length(self) -> None:
        for seconds in AHEAD:
            at = self.now + seconds
            position = self.state.position(at)
            assert position <= DURATION
            state = self.state.state(at)
            assert (state == "ended") == (position == DURATION)
            assert (state == "scheduled") == (position < 0.0)

    @invariant()
    def the_film_ends_when_its_timeline_says(self) -> None:
        newest = self.state.chain.newest
        ends_at = newest.ends_at(DURATION)
        if ends_at < 1e12:
            assert DURATION - newest.at(ends_at, DURATION) < NEAR
        else:
            assert newest.at(1e12, DURATION) < DURATION

    @precondition(lambda self: len(self.made) > 1)
    @invariant()
    def revisions_ascend_by_one(self) -> None:
        assert [line.revision for line in self.made] == list(range(1, len(self.made) + 1))


TestAnyOrders = AnyOrders.TestCase
TestAnyOrders.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
