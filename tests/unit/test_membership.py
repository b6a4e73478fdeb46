"""Who belongs to a show: what an invite makes of somebody, and what the log says of presence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sessions.core.errors import InviteGone, Removed
from sessions.core.membership import accept, merge, presence_after
from sessions.core.records import Entry, EntryKind, Invite, Member
from sessions.core.roles import Role

NOW = 1_800_000_000.0
INVITE = Invite("i", NOW, "host", "show", "token", "moderator")
NEWCOMER = Member("m", NOW, "anna", "", "Anna", "guest")
GUEST = replace(NEWCOMER, show_id="show")


def test_a_newcomer_becomes_what_the_invite_makes() -> None:
    accepted = accept(INVITE, None, NEWCOMER, judged=False, now=NOW)

    assert accepted == replace(NEWCOMER, role="moderator", show_id="show")


def test_an_invite_raises_who_is_less() -> None:
    assert accept(INVITE, GUEST, NEWCOMER, judged=False, now=NOW).role == "moderator"


@pytest.mark.parametrize("role", ["moderator", "host"])
def test_who_is_as_much_already_stays_the_same_row(role: Role) -> None:
    known = replace(GUEST, role=role)
    used_up = replace(INVITE, uses=1, used=1)

    assert accept(used_up, known, NEWCOMER, judged=False, now=NOW) is known


def test_what_was_decided_by_hand_since_is_undone_by_no_link() -> None:
    assert accept(INVITE, GUEST, NEWCOMER, judged=True, now=NOW) is GUEST


@pytest.mark.parametrize(
    "invite",
    [
        replace(INVITE, revoked=True),
        replace(INVITE, expires=NOW),
        replace(INVITE, uses=1, used=1),
    ],
)
def test_an_invite_that_is_gone_makes_nobody_a_member(invite: Invite) -> None:
    with pytest.raises(InviteGone):
        accept(invite, None, NEWCOMER, judged=False, now=NOW)


@pytest.mark.parametrize("gone", [{"revoked": True}, {"expires": NOW}])
def test_a_member_comes_in_by_a_link_that_is_gone_and_a_removed_one_does_not(
    gone: dict[str, bool],
) -> None:
    invite = replace(INVITE, **gone)  # type: ignore[arg-type]

    assert accept(invite, GUEST, NEWCOMER, judged=False, now=NOW) is GUEST
    with pytest.raises(InviteGone):
        accept(invite, replace(GUEST, removed=True), NEWCOMER, judged=False, now=NOW)


def test_who_was_removed_comes_back_by_no_link() -> None:
    with pytest.raises(Removed):
        accept(INVITE, replace(GUEST, removed=True), NEWCOMER, judged=False, now=NOW)


@pytest.mark.parametrize(
    ("kind", "presence"),
    [
        ("joined", ("anna", True)),
        ("left", ("anna", False)),
        ("removed", ("boris", False)),
        ("role", None),
        ("message", None),
    ],
)
def test_the_log_says_who_is_here(kind: EntryKind, presence: tuple[str, bool] | None) -> None:
    entry = Entry("e", "show", "s", kind, "anna", "Anna", NOW, 0.0, 1, subject="boris")

    assert presence_after(entry) == presence


def test_a_removal_of_nobody_changes_no_presence() -> None:
    assert presence_after(Entry("e", "show", "s", "removed", "anna", "Anna", NOW, 0.0, 1)) is None


ACCOUNT = replace(NEWCOMER, id="a", user_id="account", name="Анна", show_id="show")


def test_a_guests_place_becomes_the_accounts_as_it_is() -> None:
    gone = replace(GUEST, role="moderator", muted=True, removed=True)

    assert merge(gone, None, "account", "Анна") == replace(gone, user_id="account", name="Анна")


@pytest.mark.parametrize("muted", [(True, False), (False, True)])
def test_who_was_muted_under_either_id_is_muted(muted: tuple[bool, bool]) -> None:
    guest, account = replace(GUEST, muted=muted[0]), replace(ACCOUNT, muted=muted[1])

    assert merge(guest, account, "account", "Анна") == replace(ACCOUNT, muted=True)


def test_a_host_is_never_muted() -> None:
    merged = merge(replace(GUEST, role="host"), replace(ACCOUNT, muted=True), "account", "Анна")

    assert merged == replace(ACCOUNT, role="host")


def test_a_removed_guest_adds_nothing_to_an_account() -> None:
    gone = replace(GUEST, role="moderator", removed=True)

    assert merge(gone, ACCOUNT, "account", "Анна") is ACCOUNT


@pytest.mark.parametrize("role", ["guest", "moderator"])
def test_a_removed_account_stays_removed(role: Role) -> None:
    removed = replace(ACCOUNT, removed=True)

    assert merge(replace(GUEST, role=role), removed, "account", "Анна") is removed


def test_a_host_comes_back_under_an_id_that_was_removed() -> None:
    merged = merge(replace(GUEST, role="host"), replace(ACCOUNT, removed=True), "account", "Анна")

    assert merged == replace(ACCOUNT, role="host")
