"""Who commands while the host is away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.core.acting import ACTS_AFTER_S, Attendee, acting_host
from sessions.core.roles import Control, Role

ATTENDEES = st.lists(
    st.builds(
        Attendee,
        st.sampled_from("abcdef"),
        st.sampled_from(["host", "moderator", "guest"]),
        st.floats(0.0, 100.0),
    ),
    unique_by=lambda each: each.user_id,
)


def chosen(
    *present: Attendee,
    control: Control = "host",
    under_way: bool = True,
    host_away: float = ACTS_AFTER_S,
    acting: str | None = None,
) -> str | None:
    return acting_host(present, control, under_way=under_way, host_away=host_away, acting=acting)


def guest(name: str, since: float, role: Role = "guest") -> Attendee:
    return Attendee(name, role, since)


def test_a_moderator_goes_before_a_guest_and_then_who_came_first() -> None:
    early, late = guest("early", 1.0), guest("late", 2.0)
    assert chosen(late, early) == "early"
    assert chosen(early, guest("new", 9.0, "moderator"), guest("mod", 5.0, "moderator")) == "mod"
    assert chosen() is None


def test_nobody_acts_before_a_minute_is_over() -> None:
    assert chosen(guest("one", 0.0), host_away=ACTS_AFTER_S - 0.1) is None
    assert chosen(guest("one", 0.0), host_away=ACTS_AFTER_S) == "one"


def test_who_acts_goes_on_until_they_leave_and_the_next_follows_at_once() -> None:
    assert chosen(guest("one", 5.0), guest("old", 1.0), acting="one") == "one"
    assert chosen(guest("one", 5.0), guest("mod", 6.0, "moderator"), acting="one") == "one"
    assert chosen(guest("old", 1.0), acting="one") == "old"


@pytest.mark.parametrize("control", ["moderators", "everyone"])
def test_nobody_acts_where_others_may_command_anyway(control: Control) -> None:
    assert chosen(guest("one", 0.0), control=control, acting="one") is None


def test_nobody_acts_before_the_film_and_after_it() -> None:
    assert chosen(guest("one", 0.0), under_way=False) is None
    assert chosen(guest("one", 0.0), under_way=False, acting="one") is None


@given(ATTENDEES, st.floats(0.0, 200.0), st.sampled_from([None, *"abcdefg"]))
def test_only_who_is_present_acts_and_never_beside_a_host(
    present: list[Attendee], host_away: float, acting: str | None
) -> None:
    found = chosen(*present, host_away=host_away, acting=acting)

    if any(each.role == "host" for each in present):
        assert found is None
    elif found is not None:
        assert found in {each.user_id for each in present}
        assert host_away >= ACTS_AFTER_S or found == acting
