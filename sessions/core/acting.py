"""Who commands the film while its host is away, where the host alone may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sessions.core.roles import Control, Role

__all__ = ["ACTS_AFTER_S", "Attendee", "acting_host"]

ACTS_AFTER_S = 60.0
"""How long no host has to be present before somebody acts for them, seconds."""


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who is present."""

    user_id: str
    """Who."""

    role: Role
    """Their role."""

    since: float
    """Since when, Unix seconds."""


def acting_host(
    present: Sequence[Attendee],
    control: Control,
    *,
    under_way: bool,
    host_away: float,
    acting: str | None,
) -> str | None:
    """Return the user id of who acts for the host; None: nobody.

    ``under_way``: a film has begun and not ended. ``host_away``: for how long no host has been
    present, seconds. ``acting``: who has acted so far; they go on until a host is back. Then come
    moderators, then guests, in each case who has been present longest.
    """
    if control != "host" or not under_way or any(each.role == "host" for each in present):
        return None
    if acting is not None and any(each.user_id == acting for each in present):
        return acting
    if host_away < ACTS_AFTER_S or not present:
        return None
    return min(present, key=_order).user_id


def _order(attendee: Attendee) -> tuple[bool, float, str]:
    return attendee.role != "moderator", attendee.since, attendee.user_id
