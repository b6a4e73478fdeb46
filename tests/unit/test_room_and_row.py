"""An open room and its session's row are one: both follow from the entries of the log alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.samples import NOON, SampleShow
from sessions.core.commands import MAX_RATE, MIN_RATE, Command, Pause, Play, Seek, SetRate
from sessions.core.room import Order, decide, evolve
from sessions.core.timeline import MAX_TIMELINES
from sessions.live.live_session import room_of
from tests.unit.rooms import HOST

Steps = list[tuple[Command, float, float]]
"""Each a command, its lead and how long after it the next one comes, seconds."""

COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.just(Pause()),
    st.just(Play()),
    st.builds(Seek, st.floats(0.0, 600.0)),
    st.builds(SetRate, st.floats(MIN_RATE, MAX_RATE)),
)


def steps(commands: st.SearchStrategy[Command], longest_wait: float) -> st.SearchStrategy[Steps]:
    waits = st.floats(0.0, longest_wait)
    return st.lists(st.tuples(commands, st.floats(0.15, 1.5), waits), max_size=60)


SEEKS: st.SearchStrategy[Command] = st.builds(Seek, st.floats(0.0, 600.0))


@settings(max_examples=300, deadline=None)
@given(
    steps=st.one_of(steps(COMMANDS, 700.0), steps(COMMANDS, 0.1), steps(SEEKS, 0.05)),
    begins=st.floats(-60.0, 60.0),
)
def test_a_room_is_the_one_that_its_row_opens(steps: Steps, begins: float) -> None:
    row, now = SampleShow().session, NOON + begins
    room = room_of(row)
    for command, lead, wait in steps:
        moved = decide(room, Order(command, HOST, "host", lead), now)
        if moved is not None:
            room = evolve(room, moved, now)
            row = row.moved(moved.timeline, moved.speed, now)
        assert room_of(row) == room
        now += wait


def test_forty_seeks_within_one_lead_are_as_many_in_the_room_as_in_the_row() -> None:
    row = SampleShow().session
    room = room_of(row)
    for number in range(40):
        now = NOON + 10.0 + number * 0.01
        moved = decide(room, Order(Seek(float(number)), HOST, "host", 0.7), now)
        assert moved is not None
        room = evolve(room, moved, now)
        row = row.moved(moved.timeline, moved.speed, now)

    assert len(room.chain.items) == len(row.timelines) == MAX_TIMELINES
    for hundredth in range(200):
        at = NOON + 10.0 + hundredth * 0.01
        assert room.chain.in_force(at) == row.chain.in_force(at)
    assert room.chain.newest.position == 39.0
