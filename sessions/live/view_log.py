"""What each viewer of a session has watched: gathered from their reports, kept in their history.

A viewer watches while their page says that it plays, or, where no page reports, while they are sent
the film live. What the page says of its position is not asked: that is where the timeline stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4

from sessions.core.errors import StoreUnavailable
from sessions.core.records import Member, Session, Show, View
from sessions.core.room import RoomState
from sessions.live.fanout import Link
from sessions.live.link_reports import LinkReports
from sessions.live.listener import Listener
from sessions.protocol import Report
from sessions.stores.personal import ViewStore

__all__ = ["MAX_COMPANY", "SAVE_EVERY_S", "ViewLog", "ViewedSession"]

SAVE_EVERY_S = 10.0
"""How often what somebody watches is kept, seconds."""

MAX_GAP_S = 10.0
"""Longest time between two reports that counts as watched, seconds: pages report every 5 s."""

MAX_COMPANY = 5
"""Names of others in an entry at most."""


class ViewedSession(Protocol):
    """What the log needs to know of its session."""

    session: Session
    room: RoomState
    reports: LinkReports

    sent_live: Callable[[], Iterable[str]]

    @property
    def show(self) -> Show:
        """The show that it is of."""
        ...

    def viewers(self) -> Iterable[Member]:
        """Return who is present."""
        ...


@dataclass(slots=True)
class _Watching:
    """One viewer."""

    since: float
    """When they began, Unix seconds."""

    playing_since: float | None = None
    """Up to when their playing is counted, Unix seconds; None: they do not play."""

    watched: float = 0.0
    """How long they have played since this server counts, seconds."""

    before: float | None = None
    """How long before that, seconds; None: not read yet."""

    position: float = 0.0
    """Where the film stood when they played last, seconds."""

    updated_at: float = 0.0
    """When that was, Unix seconds."""

    company: dict[str, str] = field(default_factory=dict)
    """Names of some of those who watched at the same time, by user id."""

    kept: float = 0.0
    """How much of :attr:`watched` was kept, seconds."""

    saved_at: float = 0.0
    """When they were kept last, Unix seconds."""

    is_saved: bool = True
    """Whether there is nothing new since."""

    is_gone: bool = False
    """Whether they have left."""


class ViewLog(Listener):
    """Counts what the viewers of one session watch."""

    def __init__(self, viewed: ViewedSession, clock: Callable[[], float]) -> None:
        self._viewed = viewed
        self._clock = clock
        self._watching: dict[str, _Watching] = {}
        self._players: set[str] = set()
        """Who is sent the film live and has no page that reports: a player that speaks WHEP."""

    def left(self, user_id: str, link: Link) -> None:
        """Stop counting at the end of a user's last link."""
        del link
        watching = self._watching.get(user_id)
        if watching is not None and not self._viewed.reports.links(user_id):
            self._count(watching, playing=False)
            watching.is_gone = True

    def reported(self, user_id: str, link: Link, report: Report) -> None:
        """Count what was watched since the report before."""
        del link
        self._note(user_id, playing=report.state == "playing")

    def tick(self) -> None:
        """Count those who have no page that reports, once a second."""
        reports = self._viewed.reports
        players = {user for user in self._viewed.sent_live() if not reports.links(user)}
        runs = self._viewed.room.state(self._clock()) == "running"
        for user_id in players:
            self._note(user_id, playing=runs)
        for user_id in self._players - players:
            watching = self._watching.get(user_id)
            if watching is not None and not reports.links(user_id):
                self._count(watching, playing=False)
                watching.is_gone = True
        self._players = players

    def forget(self, user_id: str) -> None:
        """Begin anew with a user, who has deleted the entry."""
        self._watching.pop(user_id, None)

    def member_moved(self, old_id: str, new_id: str) -> None:
        """Go on with what a guest watched as their account's, which has what was kept."""
        watching = self._watching.pop(old_id, None)
        if watching is None:
            return
        self._count(watching, playing=False)
        watching.watched -= watching.kept
        watching.kept, watching.before = 0.0, None
        watching.is_gone = not self._viewed.reports.links(new_id)
        self._watching.setdefault(new_id, watching)

    async def save(self, store: ViewStore, *, at_once: bool = False) -> None:
        """Keep what is due, or all that is new.

        Raises StoreUnavailable, and then tries again at the next call.
        """
        now = self._clock()
        due = {
            user_id: watching
            for user_id, watching in self._watching.items()
            if not watching.is_saved
            and (at_once or watching.is_gone or now - watching.saved_at >= SAVE_EVERY_S)
        }
        for user_id, watching in due.items():
            if watching.before is None:
                known = await store.view(user_id, self._viewed.session.id)
                watching.before = known.watched if known else 0.0
        # Meanwhile somebody may have deleted their entry, or have become another.
        due = {u: watching for u, watching in due.items() if self._watching.get(u) is watching}
        views = [self._view(user_id, watching) for user_id, watching in due.items()]
        for watching in due.values():
            watching.saved_at, watching.is_saved, watching.kept = now, True, watching.watched
        try:
            if views:
                await store.save_views(views)
        except StoreUnavailable:
            for watching in due.values():
                watching.is_saved = False
            raise
        for user_id in [u for u, w in self._watching.items() if w.is_gone and w.is_saved]:
            del self._watching[user_id]

    def _note(self, user_id: str, *, playing: bool) -> None:
        """Count what was watched since the last time."""
        playing = playing and self._viewed.room.position(self._clock()) >= 0.0
        watching = self._watching.get(user_id)
        if watching is None:
            if not playing:
                return
            watching = self._watching[user_id] = _Watching(since=self._clock())
        watching.is_gone = False
        self._count(watching, playing=playing)
        if playing:
            self._note_company(user_id, watching.company)

    def _count(self, watching: _Watching, *, playing: bool) -> None:
        now = self._clock()
        if watching.playing_since is not None:
            watching.watched += min(max(now - watching.playing_since, 0.0), MAX_GAP_S)
            watching.position = self._position(now)
            watching.updated_at, watching.is_saved = now, False
        watching.playing_since = now if playing else None

    def _note_company(self, user_id: str, company: dict[str, str]) -> None:
        # While they watch: at the end the others may have left, or moved on before.
        for member in self._viewed.viewers():
            if len(company) >= MAX_COMPANY:
                return
            if member.user_id != user_id:
                company[member.user_id] = member.name

    def _position(self, now: float) -> float:
        """Return where the film stands, or stood when the room went on to the next one."""
        chain = self._viewed.room.chain
        timeline = chain.in_force(now)
        if timeline.reason == "ended" and (before := chain.before_newest()) is not None:
            now, timeline = timeline.instant, before
        return max(0.0, timeline.at(now, self._viewed.session.duration))

    def _view(self, user_id: str, watching: _Watching) -> View:
        session, show = self._viewed.session, self._viewed.show
        return View(
            id=str(uuid4()),
            created_at=watching.since,
            user_id=user_id,
            target_id=session.target_id,
            target_type=session.target_type,
            show_id=show.id,
            session_id=session.id,
            title=show.title,
            position=watching.position,
            duration=session.duration,
            watched=(watching.before or 0.0) + watching.watched,
            updated_at=watching.updated_at,
            company=tuple(watching.company.values()),
        )
