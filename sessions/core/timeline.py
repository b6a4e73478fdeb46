"""Where a film stands: its position as a function of the server's clock.

The state vector of the W3C Timing Object draft, without acceleration. A session keeps a short
chain of these values, ordered by instant: the last one whose instant has come is in force, the
newest may still lie ahead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "MAX_TIMELINES",
    "NEVER",
    "Chain",
    "Reason",
    "Timeline",
    "Wait",
    "after_move",
    "scheduled",
]

Reason = Literal["scheduled", "play", "pause", "seek", "rate", "rescheduled", "waiting", "ended"]

MAX_TIMELINES = 16
"""Timelines of a chain at most: the one in force, and the newest of those ahead."""

NEVER = float("inf")
"""The end of a film that does not move, Unix seconds."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A film's position over time. A value: every command makes a new one."""

    revision: int
    """Counts the timelines of a session from 1."""

    position: float
    """Film position at :attr:`instant`, seconds; below zero the film begins in that many."""

    rate: float
    """Film seconds per second of server time; 0.0 while paused."""

    instant: float
    """Server time at which :attr:`position` holds, Unix seconds; may lie ahead."""

    by: str | None
    """User id of who ordered it; None for the plan itself."""

    reason: Reason
    """Which kind of move made it."""

    def at(self, now: float, duration: float = NEVER) -> float:
        """Return the film position at ``now``, seconds, kept at the film's end."""
        if self.rate == 0.0:
            return min(self.position, duration)
        return min(self.position + (now - self.instant) * self.rate, duration)

    def begins_at(self) -> float:
        """Return the server time at which the film is at its beginning or past it, Unix seconds.

        NEVER while it stands before that.
        """
        if self.position >= 0.0:
            return self.instant
        if self.rate == 0.0:
            return NEVER
        return self.instant - self.position / self.rate

    def ends_at(self, duration: float) -> float:
        """Return the server time at which the film is over, Unix seconds; NEVER while it stands."""
        if self.position >= duration:
            return self.instant
        if self.rate == 0.0:
            return NEVER
        return self.instant + (duration - self.position) / self.rate


def scheduled(movie_time: float) -> Timeline:
    """Return revision 1 of a session that begins at ``movie_time``, Unix seconds."""
    return Timeline(
        revision=1, position=0.0, rate=1.0, instant=movie_time, by=None, reason="scheduled"
    )


@dataclass(frozen=True, slots=True)
class Chain:
    """The timelines that still matter: the one in force, then those ordered and still ahead."""

    items: tuple[Timeline, ...]
    """At least one. Revisions ascend, and so do the instants (or stay) behind the first, which is
    in force whatever its own is: a plan holds from its making."""

    @property
    def newest(self) -> Timeline:
        """The timeline with the highest revision; every command is computed on it."""
        return self.items[-1]

    def in_force(self, now: float) -> Timeline:
        """Return the last timeline whose instant has come."""
        for timeline in reversed(self.items):
            if timeline.instant <= now:
                return timeline
        # A plan's instant lies ahead too, but its countdown runs from the beginning.
        return self.items[0]

    def next(self, now: float) -> Timeline | None:
        """Return the newest timeline where it is not in force yet."""
        return None if self.newest is self.in_force(now) else self.newest

    def begins_at(self) -> float:
        """Return when the film begins, or began, by all that is ordered; NEVER: not by that.

        Unix seconds. A pause that is still ahead stops no film that begins before its instant.
        """
        since = -NEVER
        ends = [*(timeline.instant for timeline in self.items[1:]), NEVER]
        for timeline, until in zip(self.items, ends, strict=True):
            begins = max(timeline.begins_at(), since)
            if begins < until:
                return begins
            since = until
        return NEVER

    def before_newest(self) -> Timeline | None:
        """Return what would hold without the newest; None where there is only one."""
        return self.items[-2] if len(self.items) > 1 else None

    def add(self, timeline: Timeline, now: float) -> Chain:
        """Return the chain with ``timeline`` as its newest, without what it overtakes.

        A timeline that is in force already replaces all others. One that lies ahead leaves the one
        in force and those with an instant up to its own. Of two with the same instant the newer
        holds; the older holds again if the newer is taken back.

        At most MAX_TIMELINES are left: a client may order any number of moves ahead.
        """
        if timeline.instant <= now:
            return Chain((timeline,))
        current = self.in_force(now)
        ahead = self.items[self.items.index(current) + 1 :]
        left = [t for t in ahead if t.instant <= timeline.instant]
        return Chain((current, *left[2 - MAX_TIMELINES :], timeline))

    @classmethod
    def of(cls, first: Timeline, later: Iterable[Timeline], now: float) -> Chain:
        """Return the chain that ``later``, ascending by revision, makes of ``first``."""
        chain = cls((first,))
        for timeline in later:
            chain = chain.add(timeline, now)
        return chain


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait of the room: the film stands until somebody is ready."""

    since: float
    """From when on it stands, Unix seconds; every bound counts from here."""

    before_start: bool
    """Whether it had not begun; False: it was stopped while it ran."""


def after_move(
    chain: Chain, wait: Wait | None, timeline: Timeline, now: float
) -> tuple[Chain, Wait | None]:
    """Return what a move at ``now``, Unix seconds, leaves of a session's chain and wait.

    The open room and the row that it is opened from follow from this alone.
    """
    return chain.add(timeline, now), _wait_after(timeline, wait)


def _wait_after(timeline: Timeline, before: Wait | None) -> Wait | None:
    """Return the room's wait once ``timeline`` is its newest; ``before`` is the wait until then.

    A seek or another rate leaves the room waiting, on the same bound; ``play`` and ``pause`` end
    it. So whether a room waits follows from the log alone, after a restart too (ADR 0004).
    """
    if timeline.rate == 0.0 and timeline.reason == "waiting":
        return Wait(since=timeline.instant, before_start=timeline.position <= 0.0)
    return before if timeline.rate == 0.0 and timeline.reason in ("seek", "rate") else None
