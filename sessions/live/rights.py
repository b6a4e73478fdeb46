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
    members: Iterable[Member], control: Control, roster: Roster, audience: Audience
) -> None:
    """Send those of ``members`` who are present their rights, on all their links."""
    batches: dict[Role, Batch] = {}
    for member in members:
        for link in roster.links(member.user_id):
            if member.role not in batches:
                batches[member.role] = Batch([encode(rights_message(member.role, control))])
            audience.offer(link, batches[member.role])
