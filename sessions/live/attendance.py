"""Comings and goings: who came and who left is one entry of the log each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sessions.core.errors import StoreUnavailable
from sessions.core.records import Entry, EntryKind, Member
from sessions.live.log_writer import LogWriter
from sessions.live.roster import Roster

__all__ = ["Attendance", "MakeEntry"]


class MakeEntry(Protocol):
    """Returns an entry of this moment; no session: of the one that one would enter now."""

    def __call__(self, kind: EntryKind, member: Member, session_id: str | None = None) -> Entry:
        """Return the entry, without its place."""
        ...


class Attendance:
    """Has a show's log say who came and, once they stay away, that they left."""

    def __init__(
        self, roster: Roster, members: Mapping[str, Member], writer: LogWriter, entry: MakeEntry
    ) -> None:
        """``roster`` knows who is here; ``entry`` makes the entries that ``writer`` appends."""
        self._roster = roster
        self._members = members
        self._writer = writer
        self._entry = entry
        self._leaving: dict[str, Entry] = {}

    async def append_joined(self, member: Member, session_id: str) -> None:
        """Append that ``member`` came; where that can't be, they are here all the same."""
        try:
            await self._writer.append(self._entry("joined", member, session_id))
        except StoreUnavailable:
            self._roster.announce(member.user_id, False)

    async def append_left(self) -> None:
        """Append who has left, all in one step. Raises StoreUnavailable."""
        gone = self._roster.away_too_long()
        # Kept from one attempt to the next: one that was carried out late is then known by its
        # id. Who came back since is dropped.
        known = {user_id: self._leaving.get(user_id) for user_id in gone}
        announced = [user_id for user_id in gone if self._roster.is_announced(user_id)]
        # Noted before the store answers, so that who comes back meanwhile is news again.
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
        """Take note of an entry that has its place in the log."""
        if (leaving := self._leaving.get(entry.user_id)) and leaving.id == entry.id:
            # It landed after its attempt had failed: it must not be appended again.
            del self._leaving[entry.user_id]
            self._roster.announce(entry.user_id, False)
