"""The acting host of an open show: chosen here, and written to the log, from which it follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from sessions.core.acting import Attendee, acting_host
from sessions.core.records import Entry, Member, Show
from sessions.live.live_session import LiveSession
from sessions.live.log_writer import LogWriter
from sessions.live.roster import Roster

__all__ = ["ActedShow", "ActingHost"]


class ActedShow(Protocol):
    """What the acting host needs to know of the show."""

    show: Show
    members: dict[str, Member]
    roster: Roster
    sessions: dict[str, LiveSession]
    writer: LogWriter

    def session_to_enter(self) -> LiveSession:
        """Return the session that runs, else the next one, else the last."""
        ...


class ActingHost:
    """Who commands the film while no host is present."""

    def __init__(
        self, live: ActedShow, clock: Callable[[], float], recent: Iterable[Entry]
    ) -> None:
        """Start with what the end of the log says."""
        self._live = live
        self._clock = clock
        self._away_since: float | None = None
        self._wanted: str | None = None
        self.user_id: str | None = None
        """Who it is by the log."""
        for entry in recent:
            self.arrived(entry)
        self._wanted = self.user_id

    def tick(self) -> None:
        """Look who is present, and choose."""
        now, live = self._clock(), self._live
        present = list(self._present())
        if any(each.role == "host" for each in present):
            self._away_since = None
        elif self._away_since is None:
            self._away_since = now
        states = [each.room.state(now) for each in live.sessions.values()]
        self._wanted = acting_host(
            present,
            live.show.control,
            under_way=any(state in ("running", "paused") for state in states),
            host_away=0.0 if self._away_since is None else now - self._away_since,
            acting=self.user_id,
        )

    async def keep(self) -> None:
        """Append to the log who acts from now on, if that has changed. Raises StoreUnavailable."""
        if self._wanted == self.user_id:
            return
        entry = self._live.session_to_enter().entry("acting", None)
        chosen = self._live.members.get(self._wanted or "")
        name = None if chosen is None else chosen.name
        await self._live.writer.append(replace(entry, subject=self._wanted, subject_name=name))

    def arrived(self, entry: Entry) -> None:
        """Handle an entry that has arrived from the log."""
        if entry.kind == "acting":
            self.user_id = entry.subject

    def _present(self) -> Iterable[Attendee]:
        members: Mapping[str, Member] = self._live.members
        for user_id in self._live.roster.present():
            member = members.get(user_id)
            if member is not None and not member.removed:
                yield Attendee(user_id, member.role, self._live.roster.since(user_id))
