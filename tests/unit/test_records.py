"""What is kept, and what it says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sessions.core.records import Invite, Job, Session
from sessions.core.timeline import NEVER

INVITE = Invite(id="i", created_at=0.0, user_id="u", show_id="s", token="random", role="guest")


def test_a_link_without_an_end_never_ends() -> None:
    assert not INVITE.gone(1e12)


def test_a_link_ends_when_it_expires() -> None:
    invite = replace(INVITE, expires=100.0)

    assert [invite.gone(now) for now in (99.9, 100.0, 100.1)] == [False, True, True]


def test_a_revoked_link_is_gone() -> None:
    assert replace(INVITE, revoked=True).gone(0.0)
    assert replace(INVITE, revoked=True, expires=100.0).gone(0.0)


@pytest.mark.parametrize(
    ("uses", "used", "up"),
    [(None, 0, False), (None, 10**6, False), (1, 0, False), (1, 1, True), (2, 1, False)],
)
def test_a_link_is_used_up_by_as_many_as_it_was_for(uses: int | None, used: int, up: bool) -> None:
    assert replace(INVITE, uses=uses, used=used).used_up() is up


def test_a_job_is_for_its_owner_alone_until_the_lease_is_over() -> None:
    job = Job(id="j", created_at=0.0, kind="live", target_id="film", identity="1")
    held = replace(job, owner="a", lease_until=100.0)

    assert job.is_free("b", 0.0)
    assert held.is_free("a", 50.0)
    assert not held.is_free("b", 99.9)
    assert held.is_free("b", 100.0)


def test_a_session_is_due_when_its_film_begins_and_when_it_ends() -> None:
    session = Session("s", 0.0, "u", "show", 1000.0, "film", "movie", 600.0)
    begun = replace(session, announced="begun")

    assert session.due_at == 1000.0
    assert begun.due_at == 1600.0
    assert replace(session, announced="ended").due_at == NEVER
