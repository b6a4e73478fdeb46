"""For whom a room waits, and for how long: applies the show's policy to the reports of viewers.

``decide_wait`` decides what to do at a moment, and when to decide again. A room waits only for
viewers who are present and send reports. It waits at most MAX_WAIT_S for each of them; this budget
is restored once they have played well. So one viewer never stops a room for longer than the bound.
The reasons are in ADR 0004.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sessions.core.events import Moved
from sessions.core.roles import Waiting
from sessions.core.room import RoomState
from sessions.core.timeline import NEVER, Timeline, Wait
from sessions.core.viewers import Viewer, is_ready, is_starved

__all__ = [
    "DECIDE_AHEAD_S",
    "MAX_STALL_S",
    "MAX_WAIT_S",
    "MIN_BUDGET_S",
    "RETURN_GRACE_S",
    "Situation",
    "WaitDecision",
    "WaitState",
    "after_command",
    "decide_wait",
]

DECIDE_AHEAD_S = 1.0
"""How long before the start the room decides whether to wait, seconds."""

MAX_WAIT_S = 15.0
"""Longest wait of a room; also the longest for one viewer until they have played well, seconds."""

MAX_STALL_S = 1.0
"""A picture that stalls for this long stops the film, seconds."""

MIN_BUDGET_S = 1.0
"""The room starts to wait only for viewers with at least this much budget, seconds."""

RETURN_GRACE_S = 5.0
"""How long a room that is found waiting gives its viewers to come back, seconds."""


@dataclass(frozen=True, slots=True)
class WaitState:
    """The state of a room's waits."""

    waiting_since: Mapping[str, float] = field(default_factory=dict)
    """For whom the room waits, by user id, and since when, Unix seconds."""

    until: float | None = None
    """When the film goes on without them, Unix seconds; None: the room waits for nobody."""

    waited_s: Mapping[str, float] = field(default_factory=dict)
    """How much of each viewer's budget earlier waits have used, seconds."""

    stale: frozenset[str] = frozenset()
    """Viewers whose reports up to ``stale_since`` are stale."""

    stale_since: float = -NEVER
    """When those reports became stale, Unix seconds."""

    started_revision: int = 0
    """The revision whose start is already decided: the decision is made once."""

    found_waiting_at: float = -NEVER
    """When the room was opened while waiting, with its viewers still away, Unix seconds."""

    def budget(self, user_id: str) -> float:
        """Return for how much longer the room may wait for a viewer, seconds."""
        return MAX_WAIT_S - self.waited_s.get(user_id, 0.0)

    def deadlines(self) -> list[float]:
        """Return when the budget of each viewer in ``waiting_since`` ends, Unix seconds."""
        return [since + self.budget(user_id) for user_id, since in self.waiting_since.items()]

    def is_current(self, user_id: str, viewer: Viewer) -> bool:
        """Return whether a viewer's newest report is not stale."""
        return user_id not in self.stale or viewer.reported_at > self.stale_since

    def with_budget_restored(self, user_id: str, viewer: Viewer | None, now: float) -> WaitState:
        """Return the state with a viewer's budget restored, if they have played well."""
        if user_id not in self.waited_s or viewer is None or not viewer.played_well(now):
            return self
        return replace(self, waited_s={u: s for u, s in self.waited_s.items() if u != user_id})

    def waiting_for(self, since: Mapping[str, float], now: float) -> WaitState:
        """Return the state that waits only for the viewers in ``since``.

        For the others the wait ended at ``now``, and their budget is reduced by it.
        """
        used = {
            user_id: MAX_WAIT_S - self.budget(user_id) + max(self._least(user_id), now - began)
            for user_id, began in self.waiting_since.items()
            if user_id not in since
        }
        return replace(self, waiting_since=since, until=None, waited_s={**self.waited_s, **used})

    def _least(self, user_id: str) -> float:
        # Otherwise short stalls that end before the film stands could stop it all evening for free.
        return MIN_BUDGET_S if user_id in self.stale else 0.0

    def without_budget(self) -> WaitState:
        """Return the state that waits for nobody, with no budget left for those it waited for."""
        used = dict.fromkeys(self.waiting_since, MAX_WAIT_S)
        return replace(self, waiting_since={}, until=None, waited_s={**self.waited_s, **used})


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that a decision depends on besides the WaitState."""

    now: float
    """Server time, Unix seconds."""

    policy: Waiting
    """The show's setting."""

    room: RoomState
    """Where the film stands."""

    viewers: Mapping[str, Viewer]
    """Viewers who are present and report, by user id."""

    pause_lead: float
    """Lead of a stop, seconds."""

    play_lead: float
    """Lead of going on, seconds."""


@dataclass(frozen=True, slots=True)
class WaitDecision:
    """The decision at a moment."""

    moved: Moved | None
    """The move to append, or None. ``state`` is valid only once this is in the log."""

    state: WaitState
    """The state after the decision."""

    ask_again_at: float
    """When to decide again if nothing happens before, Unix seconds."""


def after_command(
    state: WaitState, wait: Wait | None, made: Timeline, viewers: Iterable[str], now: float
) -> WaitState:
    """Return the state after somebody's command made a timeline; ``wait`` is the wait before it."""
    if wait is None:
        return state
    if made.rate > 0.0:
        # `play` means: go on without the viewers for whom the room waits.
        return state.without_budget()
    if made.reason == "seek":
        # What viewers had buffered is for another position.
        return replace(state, stale=frozenset(viewers), stale_since=now)
    return state


def decide_wait(state: WaitState, at: Situation) -> WaitDecision:
    """Decide what to do at this moment."""
    if at.room.wait is not None:
        return _while_waiting(state, at, at.room.wait)
    state = state.waiting_for({}, at.now)
    line = at.room.chain.newest
    if at.policy == "never" or line.rate == 0.0:
        return WaitDecision(None, state, NEVER)
    begins = line.instant - min(0.0, line.position) / line.rate
    if at.now < begins and (line.position < 0.0 or line.reason == "scheduled"):
        return _before_start(state, at, begins)
    if at.policy == "always":
        return _running(state, at, begins)
    return WaitDecision(None, state, NEVER)


def _before_start(state: WaitState, at: Situation, begins: float) -> WaitDecision:
    """Stop a film that is about to begin at its first frame, if a viewer is not ready."""
    revision = at.room.chain.newest.revision
    if state.started_revision == revision:
        return WaitDecision(None, state, begins)
    if at.now < begins - DECIDE_AHEAD_S:
        return WaitDecision(None, state, begins - DECIDE_AHEAD_S)
    slow = [
        user_id
        for user_id, viewer in at.viewers.items()
        if not is_ready(viewer.picture) and state.budget(user_id) >= MIN_BUDGET_S
    ]
    if not slow:
        return WaitDecision(None, replace(state, started_revision=revision), begins)
    return _stop(state, at, slow, begins, 0.0)


def _running(state: WaitState, at: Situation, begins: float) -> WaitDecision:
    """Stop a film that runs since ``begins``, if a viewer has been stalled for too long."""
    due = {
        user_id: max(viewer.stalled_since, begins) + MAX_STALL_S
        for user_id, viewer in at.viewers.items()
        if viewer.stalled_since is not None and state.budget(user_id) >= MIN_BUDGET_S
    }
    late = frozenset(user_id for user_id, moment in due.items() if moment <= at.now)
    if not late:
        return WaitDecision(None, state, min(due.values(), default=NEVER))
    instant = at.now + at.pause_lead
    position = at.room.chain.newest.at(instant, at.room.duration)
    remaining = at.room.duration - position
    if remaining <= 0.0:
        return WaitDecision(None, state, NEVER)
    state = replace(state, stale=late, stale_since=at.now)
    slow = [
        user_id
        for user_id, viewer in at.viewers.items()
        if state.budget(user_id) >= MIN_BUDGET_S and _is_slow(state, user_id, viewer, remaining)
    ]
    return _stop(state, at, slow, instant, position)


def _is_slow(state: WaitState, user_id: str, viewer: Viewer, remaining: float | None) -> bool:
    """Return whether a viewer can't play on, ``remaining`` seconds before the end.

    ``remaining`` is None before the film has begun: whether they can't begin it.
    """
    if not state.is_current(user_id, viewer):
        return True
    if remaining is None:
        return not is_ready(viewer.picture)
    return is_starved(viewer.picture, remaining)


def _stop(
    state: WaitState, at: Situation, slow: Iterable[str], instant: float, position: float
) -> WaitDecision:
    made = Timeline(
        revision=at.room.chain.newest.revision + 1,
        position=position,
        rate=0.0,
        instant=instant,
        by=None,
        reason="waiting",
    )
    state = _with_until(replace(state, waiting_since=dict.fromkeys(slow, instant)), instant)
    return WaitDecision(Moved("paused", made, at.room.speed), state, at.now)


def _with_until(state: WaitState, began: float) -> WaitState:
    """Return the state with the end of a wait that began at ``began``, if it is for anybody."""
    deadlines = state.deadlines()
    return replace(state, until=min(began + MAX_WAIT_S, max(deadlines)) if deadlines else None)


def _while_waiting(state: WaitState, at: Situation, wait: Wait) -> WaitDecision:
    """Update for whom the room waits, or let the film go on; at the bound, without them."""
    now, goes_on = at.now, at.now + at.play_lead
    if at.policy == "never" or (at.policy == "start" and not wait.before_start):
        return _go_on(state.waiting_for({}, goes_on), at)
    if now >= wait.since + MAX_WAIT_S:
        return _go_on(state.without_budget(), at)
    remaining = None if wait.before_start else at.room.duration - at.room.chain.newest.position
    since = {
        user_id: state.waiting_since.get(user_id, max(now, wait.since))
        for user_id, viewer in at.viewers.items()
        if _may_wait(state, user_id, now) and _is_slow(state, user_id, viewer, remaining)
    }
    state = _with_until(state.waiting_for(since, goes_on), wait.since)
    if state.until is not None:
        return WaitDecision(None, state, min(state.until, *state.deadlines()))
    # After a restart nobody is connected yet: give their pages time to connect.
    if now < state.found_waiting_at + RETURN_GRACE_S:
        ends = min(state.found_waiting_at + RETURN_GRACE_S, wait.since + MAX_WAIT_S)
        return WaitDecision(None, state, ends)
    return _go_on(state, at)


def _may_wait(state: WaitState, user_id: str, now: float) -> bool:
    """Return whether a viewer has budget left, or enough of it to start a wait."""
    since, budget = state.waiting_since.get(user_id), state.budget(user_id)
    return budget >= MIN_BUDGET_S if since is None else now < since + budget


def _go_on(state: WaitState, at: Situation) -> WaitDecision:
    newest = at.room.chain.newest
    made = Timeline(
        revision=newest.revision + 1,
        position=newest.position,
        rate=at.room.speed,
        instant=max(at.now + at.play_lead, newest.instant),
        by=None,
        reason="play",
    )
    return WaitDecision(Moved("played", made, at.room.speed), state, at.now)
