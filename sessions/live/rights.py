"""Sends users their rights, which follow from their role and the show's settings."""

from __future__ import annotations

from collections.abc import Iterable

from sessions.core.records import Member
from sessions.core.roles import Control, Role
from sessions.live.fanout import Audience, Batch
from sessions.live.roster import Roster
from sessions.wire import encode, rights_message

__all__ = ["tell_rights"]


def tell_rights(
    members: Iterable[Member],
    control: Control,
    roster: Roster,
    audience: Audience,
    *,
    acting: str | None = None,
) -> None:
    """Send those of ``members`` who are present their rights, on all their links.

    ``acting`` is the user id of who commands for an absent host.
    """
    batches: dict[tuple[Role, bool], Batch] = {}
    for member in members:
        acts = member.user_id == acting
        for link in roster.links(member.user_id):
            if (member.role, acts) not in batches:
                message = rights_message(member.role, control, acting=acts)
                batches[member.role, acts] = Batch([encode(message)])
            audience.offer(link, batches[member.role, acts])
