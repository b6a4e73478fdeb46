"""The rows of a show's members in messages: a welcome's roster, and rows that changed."""

from __future__ import annotations

from collections.abc import Mapping

from sessions.core.records import Member
from sessions.live.roster import Roster
from sessions.record_types import MemberRecord
from sessions.server_messages import RosterRecord
from sessions.wire import member_row

__all__ = ["ROSTER_ROWS", "changed_rows", "roster_record"]

ROSTER_ROWS = 200
"""Largest number of rows in a welcome's roster."""


def roster_record(members: Mapping[str, Member], roster: Roster) -> RosterRecord:
    """Return the roster of a welcome: at most ROSTER_ROWS rows, the present first."""
    staying = [member for member in members.values() if not member.removed]
    here = set(roster.present())
    ranked = sorted(staying, key=lambda m: (m.user_id not in here, m.role == "guest"))
    rows = [member_row(member, roster.presence(member.user_id)) for member in ranked[:ROSTER_ROWS]]
    return _with_counts(rows, members, roster)


def changed_rows(members: Mapping[str, Member], roster: Roster) -> RosterRecord | None:
    """Return the rows that changed since the last call, with the counts; None: no changes.

    A removed member has no row, but changes the counts.
    """
    changed = list(roster.take_changed())
    if not changed:
        return None
    rows = [
        member_row(member, roster.presence(member.user_id))
        for user_id in changed
        if (member := members.get(user_id)) is not None and not member.removed
    ]
    return _with_counts(rows, members, roster)


def _with_counts(
    rows: list[MemberRecord], members: Mapping[str, Member], roster: Roster
) -> RosterRecord:
    """Return ``rows`` with how many members are present, and how many there are."""
    present = sum(1 for _ in roster.present())
    total = sum(not member.removed for member in members.values())
    return {"rows": rows, "present": present, "total": total}
