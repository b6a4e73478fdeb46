"""How much of a thing a person may do: token buckets, one a person whatever the transport."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from sessions.core.errors import RateLimited

__all__ = [
    "CHANGE_LIMIT",
    "COMMAND_LIMIT",
    "FEED_LIMIT",
    "PLAN_LIMIT",
    "RENAME_LIMIT",
    "REPLAY_LIMIT",
    "REPORT_LIMIT",
    "SAY_LIMIT",
    "SHOW_COMMAND_LIMIT",
    "SHOW_JOIN_LIMIT",
    "SHOW_SAY_LIMIT",
    "Buckets",
    "Flood",
    "Floods",
    "Limit",
    "SlowMode",
]


@dataclass(frozen=True, slots=True)
class Limit:
    """A token bucket's measures."""

    rate: float
    """Tokens that come back in a second."""

    burst: float
    """Tokens that a full bucket holds."""


SAY_LIMIT = Limit(rate=20.0, burst=40.0)
"""Messages that one person may say, over all links and HTTP."""

SHOW_SAY_LIMIT = Limit(rate=250.0, burst=1000.0)
"""What all members of one show together may say: anybody can make many guests, so a limit for each
person is no limit on what they write to disk. 500 people together say less than this."""

REPLAY_LIMIT = Limit(rate=1.0, burst=20.0)
"""Replays of missed entries that one person may ask for, over all links."""

REPORT_LIMIT = Limit(rate=50.0, burst=200.0)
"""Step reports of one person, over all links."""

CHANGE_LIMIT = Limit(rate=5.0, burst=50.0)
"""Roles, muting, removing, pardoning, a show's settings, links and messages taken back together."""

RENAME_LIMIT = Limit(rate=0.1, burst=5.0)
"""Times that one guest may be called otherwise: each is told to all rooms that they are in."""

COMMAND_LIMIT = Limit(rate=10.0, burst=20.0)
"""Commands and reschedulings of one person."""

FEED_LIMIT = Limit(rate=0.5, burst=20.0)
"""Readings of one person's calendar: apps ask a few times an hour, each by an address alone."""

SHOW_COMMAND_LIMIT = Limit(rate=50.0, burst=100.0)
"""Commands and reschedulings of all members of one show together: where everybody may move the
film, many guests are many buckets. Each move is a write and a message to all."""

SHOW_JOIN_LIMIT = Limit(rate=20.0, burst=500.0)
"""People who become members of one show by its links: each is a row for everybody, for ever."""

PLAN_LIMIT = Limit(rate=0.2, burst=100.0)
"""Shows that one person may plan, and invites that they may make: far more than people do."""


class Buckets:
    """A token bucket for each key, ``capacity`` at most; those that are full again are forgotten.

    Where too many are not full, those nearest to full are forgotten: that gives away the least.
    """

    def __init__(self, limit: Limit, clock: Callable[[], float], capacity: int = 10_000) -> None:
        self._limit = limit
        self._clock = clock
        self._capacity = capacity
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> None:
        """Take one token of ``key``. Raises RateLimited with the wait until there is one."""
        now = self._clock()
        level, since = self._levels.get(key, (self._limit.burst, now))
        level = min(self._limit.burst, level + (now - since) * self._limit.rate)
        if level < 1.0:
            raise RateLimited((1.0 - level) / self._limit.rate)
        if key not in self._levels and len(self._levels) >= self._capacity:
            self._forget_full(now)
        self._levels[key] = (level - 1.0, now)

    def _forget_full(self, now: float) -> None:
        rate, burst = self._limit.rate, self._limit.burst
        # A full bucket is as good as none.
        self._levels = {
            key: (level, since)
            for key, (level, since) in self._levels.items()
            if level + (now - since) * rate < burst
        }
        if len(self._levels) >= self._capacity:
            # By the level at `now`, less what is the same for all. A quarter goes at once: sorting
            # for each new key would be slow in a flood.
            by_level = sorted(self._levels.items(), key=lambda i: i[1][0] - i[1][1] * rate)
            self._levels = dict(by_level[: self._capacity * 3 // 4])

    def __len__(self) -> int:
        """Return how many keys have a bucket that may not be full."""
        return len(self._levels)


class SlowMode:
    """Lets each person say something once in a while; the same message again is no other."""

    def __init__(self, capacity: int = 10_000) -> None:
        """Remember at most so many people, those who spoke last."""
        self._capacity = capacity
        self._last: dict[str, tuple[float, str]] = {}

    def take(self, user_id: str, message_id: str, pause: float, now: float) -> bool:
        """Note a message at ``now``, s; return whether it is another than the last.

        Raises RateLimited where the last is not ``pause`` s old.
        """
        said_at, last_id = self._last.get(user_id, (-math.inf, ""))
        if message_id == last_id:
            return False
        if (left := said_at + pause - now) > 0.0:
            raise RateLimited(left, "the chat is in slow mode")
        # Taken out first, so that who spoke last stands last.
        self._last.pop(user_id, None)
        self._last[user_id] = now, message_id
        if len(self._last) > self._capacity:
            del self._last[next(iter(self._last))]
        return True

    def give_back(self, user_id: str, message_id: str) -> None:
        """Let somebody say something else at once: the message was not kept."""
        if self._last.get(user_id, (0.0, ""))[1] == message_id:
            del self._last[user_id]


class Flood:
    """Tells when somebody sends more than ``per_second`` in each of ``seconds`` running."""

    def __init__(self, per_second: int = 500, seconds: int = 5) -> None:
        self._per_second = per_second
        self._seconds = seconds
        self._second = 0
        self._count = 0
        self._over = 0

    def hit(self, now: float) -> bool:
        """Count one message at ``now``, s; return whether the flood has lasted too long."""
        second = int(now)
        if second != self._second:
            # A second without any message ends the run.
            adjacent = second == self._second + 1
            self._over = self._over + 1 if adjacent and self._count > self._per_second else 0
            self._second, self._count = second, 0
        self._count += 1
        return self._over >= self._seconds

    def quiet(self, now: float) -> bool:
        """Return whether nothing came in this second and the one before."""
        return now - self._second >= 2.0


class Floods:
    """A Flood for each person; quiet ones are forgotten.

    Counted for each link, one person could send as many floods as they open links.
    """

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._floods: dict[str, Flood] = {}

    def of(self, key: str, now: float) -> Flood:
        """Return the Flood that all links of the person ``key`` share."""
        flood = self._floods.get(key)
        if flood is None:
            if len(self._floods) >= self._capacity:
                self._floods = {k: f for k, f in self._floods.items() if not f.quiet(now)}
            flood = self._floods[key] = Flood()
        return flood
