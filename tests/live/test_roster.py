"""Who is here, and which of their pages speaks for them."""

from __future__ import annotations

import pytest

from harness.rooms import Clock, FakeLink
from sessions.core.viewers import ViewerState
from sessions.live.roster import Roster
from sessions.protocol import Report


@pytest.fixture
def roster(clock: Clock) -> Roster:
    return Roster(clock)


def report(state: ViewerState, **facts: float) -> Report:
    return Report(type="report", state=state, **facts)  # type: ignore[arg-type]


def test_the_link_whose_picture_does_best_speaks(roster: Roster, clock: Clock) -> None:
    phone, laptop = FakeLink(transport="webrtc"), FakeLink()
    for link in (phone, laptop):
        roster.entered("anna", link)
    roster.reported("anna", laptop, report("playing", error=0.01, delay=0.1, seek_cost=0.2))
    clock.advance(5.0)

    roster.reported("anna", phone, report("stalled", error=3.0, delay=0.9, seek_cost=2.0))

    shown = roster.presence("anna")
    assert (shown.state, shown.error, shown.transport) == ("playing", 0.01, "websocket")
    assert roster.last_report("anna") == (
        report("playing", error=0.01, delay=0.1, seek_cost=0.2),
        clock() - 5.0,
    )
    assert list(roster.delays()) == [0.1]
    assert list(roster.seek_costs()) == [0.2]


def test_a_link_that_goes_takes_its_report_along(roster: Roster) -> None:
    first, last = FakeLink(), FakeLink()
    for link in (first, last):
        roster.entered("anna", link)
    roster.reported("anna", first, report("playing", error=0.01, delay=0.4))
    roster.take_changed()

    roster.left("anna", first)
    roster.reported("anna", first, report("playing"))

    assert roster.presence("anna").state == "waiting"
    assert roster.last_report("anna") is None
    assert list(roster.delays()) == []
    assert roster.take_changed() == {"anna"}


def test_a_second_link_that_goes_changes_nothing_shown(roster: Roster) -> None:
    first, last = FakeLink(), FakeLink()
    for link in (first, last):
        roster.entered("anna", link)
    roster.reported("anna", first, report("playing"))
    roster.take_changed()

    roster.left("anna", last)

    assert roster.take_changed() == set()


def test_nothing_is_known_of_a_stranger(roster: Roster) -> None:
    roster.left("anna", FakeLink())
    roster.reported("anna", FakeLink(), report("playing"))

    assert roster.presence("anna").state == "away"
    assert roster.last_report("anna") is None
    assert not roster


def test_who_watches_the_live_stream_does_so_by_webrtc(roster: Roster) -> None:
    roster.entered("anna", FakeLink())
    roster.take_changed()

    roster.stream_began("anna")
    roster.stream_began("anna")
    assert roster.presence("anna").transport == "webrtc"
    assert roster.take_changed() == {"anna"}
    roster.stream_ended("anna")
    assert roster.presence("anna").transport == "webrtc"
    roster.stream_ended("anna")

    assert roster.presence("anna").transport == "websocket"
    assert roster.take_changed() == {"anna"}


def test_a_stream_alone_makes_nobody_present(roster: Roster) -> None:
    roster.stream_began("anna")

    assert roster.presence("anna").state == "away"
    assert not list(roster.present())
