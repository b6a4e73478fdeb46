"""Who may do what: the only place where rights stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sessions.core.errors import NotAllowed

__all__ = [
    "Access",
    "Control",
    "Rights",
    "Role",
    "Waiting",
    "at_least",
    "may_command",
    "may_delete_message",
    "may_edit_show",
    "may_invite",
    "may_invite_as",
    "may_moderate",
    "may_see_link",
    "may_see_step",
    "require",
    "rights",
]

Role = Literal["host", "moderator", "guest"]
Control = Literal["host", "moderators", "everyone"]
Access = Literal["link", "friends", "invited"]
Waiting = Literal["never", "start", "always"]

COMMANDERS: dict[Control, frozenset[Role]] = {
    "host": frozenset({"host"}),
    "moderators": frozenset({"host", "moderator"}),
    "everyone": frozenset({"host", "moderator", "guest"}),
}
"""Who moves the film, by the show's setting."""

STAFF: frozenset[Role] = frozenset({"host", "moderator"})

RANKS: dict[Role, int] = {"guest": 0, "moderator": 1, "host": 2}


def at_least(role: Role, other: Role) -> bool:
    """Tell whether ``role`` is as high as ``other`` or higher."""
    return RANKS[role] >= RANKS[other]


def may_command(role: Role, control: Control) -> bool:
    """Tell whether ``role`` may move the film."""
    return role in COMMANDERS[control]


def may_edit_show(role: Role) -> bool:
    """Tell whether ``role`` may change, reschedule or delete the show, and give roles."""
    return role == "host"


def may_invite(role: Role) -> bool:
    """Tell whether ``role`` may make, list and revoke invites."""
    return role in STAFF


def may_invite_as(role: Role, invited: Role) -> bool:
    """Tell whether ``role`` may make an invite that gives the role ``invited``."""
    return role == "host" or (role == "moderator" and invited == "guest")


def may_see_link(role: Role, access: Access) -> bool:
    """Tell whether ``role`` is shown the show's link."""
    return may_invite(role) or access == "link"


def may_see_step(role: Role) -> bool:
    """Tell whether ``role`` is shown how well everybody keeps step, with what their lines do."""
    return role in STAFF


def may_moderate(role: Role, target: Role) -> bool:
    """Tell whether ``role`` may mute, remove or pardon a member who is ``target``."""
    return target != "host" and (role == "host" or (role == "moderator" and target == "guest"))


def may_delete_message(role: Role, *, own: bool) -> bool:
    """Tell whether ``role`` may take back a message, its ``own`` or another's."""
    return own or role in STAFF


@dataclass(frozen=True, slots=True)
class Rights:
    """What a member may do in a show; the page is told these and has no rules of its own."""

    command: bool
    """Move the film: play, pause, seek, change the rate."""

    edit: bool
    """Change, reschedule or call off the show, and give roles."""

    invite: bool
    """Make, list and revoke links that make guests."""

    invite_moderators: bool
    """The same with links that make moderators."""

    moderate_guests: bool
    """Mute, remove and pardon guests."""

    moderate_moderators: bool
    """The same with moderators."""

    delete_messages: bool
    """Take back the messages of others; one's own everybody may."""

    see_sync: bool
    """Be shown how well everybody keeps step."""


def rights(role: Role, control: Control, *, acting: bool = False) -> Rights:
    """Return what ``role`` may do in a show with ``control``; ``acting``: for an absent host."""
    return Rights(
        command=acting or may_command(role, control),
        edit=may_edit_show(role),
        invite=may_invite_as(role, "guest"),
        invite_moderators=may_invite_as(role, "moderator"),
        moderate_guests=may_moderate(role, "guest"),
        moderate_moderators=may_moderate(role, "moderator"),
        delete_messages=may_delete_message(role, own=False),
        see_sync=may_see_step(role),
    )


def require(allowed: bool, detail: str = "") -> None:
    """Raise NotAllowed unless ``allowed``."""
    if not allowed:
        raise NotAllowed(detail)
