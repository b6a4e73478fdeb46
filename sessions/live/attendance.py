"""Attendance: appends an entry to the log when somebody joins or leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sessions.core.errors import StoreUnavailable
from sessions.core.records import Entry, EntryKind, Member
from sessions.live.log_writer import LogWriter
from sessions.live.roster import Roster

__all__ = ["Attendance", "MakeEntry"]


class MakeEntry(Protocol):
    """Makes an entry; without a session id, for the session that one would enter now."""

    def __call__(self, kind: EntryKind, member: Member, session_id: str | None = None) -> Entry:
        """Return the entry, without ``seq``."""
        ...


class Attendance:
    """Appends who joined, and who left once they stay away."""

    def __init__(
        self, roster: Roster, members: Mapping[str, Member], writer: LogWriter, entry: MakeEntry
    ) -> None:
        """``roster`` knows who is present; ``entry`` makes the entries that ``writer`` appends."""
        self._roster = roster
        self._members = members
        self._writer = writer
        self._entry = entry
        self._leaving: dict[str, Entry] = {}

    async def append_joined(self, member: Member, session_id: str) -> None:
        """Append that ``member`` joined; if that fails, they are present nevertheless."""
        try:
            await self._writer.append(self._entry("joined", member, session_id))
        except StoreUnavailable:
            self._roster.announce(member.user_id, False)

    async def append_left(self) -> None:
        """Append who has left, all in one step. Raises StoreUnavailable."""
        gone = self._roster.away_too_long()
        # The entries keep their ids from one attempt to the next, so that one that was carried out
        # late is recognised. Those who came back since are dropped.
        known = {user_id: self._leaving.get(user_id) for user_id in gone}
        announced = [user_id for user_id in gone if self._roster.is_announced(user_id)]
        # Before the store answers, so that those who come back meanwhile get a new entry.
        for user_id in announced:
            self._roster.announce(user_id, False)
        self._leaving = {
            user_id: known[user_id] or self._entry("left", member)
            for user_id in announced
            if (member := self._members.get(user_id)) is not None and not member.removed
        }
        try:
            if self._leaving:
                await self._writer.append_all(list(self._leaving.values()))
        except StoreUnavailable:
            for user_id in self._leaving:
                self._roster.announce(user_id, True)
            raise
        for user_id in gone:
            self._roster.forget(user_id)

    def arrived(self, entry: Entry) -> None:
        """Handle an entry that has arrived from the log."""
        if (leaving := self._leaving.get(entry.user_id)) and leaving.id == entry.id:
            # The store carried it out after the attempt had failed: do not append it again.
            del self._leaving[entry.user_id]
            self._roster.announce(entry.user_id, False)
