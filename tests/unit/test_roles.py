"""Who may do what, as one table."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from sessions.core import roles
from sessions.core.errors import NotAllowed
from sessions.core.roles import Access, Control, Role

ROLES: tuple[Role, ...] = ("guest", "moderator", "host")
STAFF_MAY = {"invite", "moderate_guests", "delete_messages", "see_sync"}


@pytest.mark.parametrize(
    ("may", "guest", "moderator", "host"),
    [
        (lambda role: roles.may_command(role, "host"), False, False, True),
        (lambda role: roles.may_command(role, "moderators"), False, True, True),
        (lambda role: roles.may_command(role, "everyone"), True, True, True),
        (roles.may_edit_show, False, False, True),
        (roles.may_see_step, False, True, True),
        (roles.may_invite, False, True, True),
        (lambda role: roles.may_invite_as(role, "guest"), False, True, True),
        (lambda role: roles.may_invite_as(role, "moderator"), False, False, True),
        (lambda role: roles.may_moderate(role, "guest"), False, True, True),
        (lambda role: roles.may_moderate(role, "moderator"), False, False, True),
        (lambda role: roles.may_moderate(role, "host"), False, False, False),
        (lambda role: roles.may_delete_message(role, own=True), True, True, True),
        (lambda role: roles.may_delete_message(role, own=False), False, True, True),
        (lambda role: roles.at_least(role, "guest"), True, True, True),
        (lambda role: roles.at_least(role, "moderator"), False, True, True),
        (lambda role: roles.at_least(role, "host"), False, False, True),
    ],
)
def test_who_may_do_what(may: object, guest: bool, moderator: bool, host: bool) -> None:
    assert callable(may)
    assert [may(role) for role in ROLES] == [guest, moderator, host]


@pytest.mark.parametrize(
    ("access", "seen_by"),
    [
        ("link", ["guest", "moderator", "host"]),
        ("friends", ["moderator", "host"]),
        ("invited", ["moderator", "host"]),
    ],
)
def test_the_link_is_shown_to_who_may_hand_it_on(access: Access, seen_by: list[Role]) -> None:
    assert [role for role in ROLES if roles.may_see_link(role, access)] == seen_by


@pytest.mark.parametrize(
    ("role", "control", "named"),
    [
        ("guest", "host", set()),
        ("guest", "everyone", {"command"}),
        ("moderator", "host", STAFF_MAY),
        ("moderator", "moderators", STAFF_MAY | {"command"}),
        (
            "host",
            "host",
            STAFF_MAY | {"command", "edit", "invite_moderators", "moderate_moderators"},
        ),
    ],
)
def test_the_rights_name_what_a_role_may_do(role: Role, control: Control, named: set[str]) -> None:
    rights = asdict(roles.rights(role, control))

    assert {name for name, allowed in rights.items() if allowed} == named


def test_what_is_not_allowed_is_refused_with_the_reason() -> None:
    roles.require(True)
    with pytest.raises(NotAllowed, match="only the host"):
        roles.require(False, "only the host")
    with pytest.raises(NotAllowed, match="Not allowed"):
        roles.require(False)
