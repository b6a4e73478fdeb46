"""The pure state machine of one running session: commands in, timelines out.

``decide`` returns what a command does to the film, or raises, and changes nothing; only ``evolve``
makes a new state. No clock, no socket: ``now`` is an argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sessions.core.commands import MAX_RATE, MIN_RATE, Command, Next, Pause, Play, Seek, SetRate
from sessions.core.errors import AlreadyBegun, InPast, Invalid, StaleRevision
from sessions.core.events import Moved
from sessions.core.roles import Control, Role, may_command, require
from sessions.core.timeline import Chain, Reason, Timeline, Wait, after_move, scheduled

__all__ = [
    "NEXT_COUNTDOWN_S",
    "Order",
    "RoomState",
    "SessionState",
    "decide",
    "evolve",
    "hold",
    "is_leaving",
    "leave",
    "opened",
    "require_control",
    "require_time_left",
    "reschedule",
    "session_to_enter",
    "shown_position",
    "without",
]

NEXT_COUNTDOWN_S = 10.0
"""How long after ``next`` the room goes on, seconds: for so long it can be stopped."""

SessionState = Literal["scheduled", "running", "paused", "ended"]


@dataclass(frozen=True, slots=True)
class Order:
    """A command with who gives it."""

    command: Command
    """What is asked."""

    by: str
    """User id of who asks."""

    role: Role
    """Their role in the show."""

    lead: float
    """How far ahead it must act, seconds."""

    revision: int | None = None
    """The newest revision that the asker knew; None: whatever it is."""


@dataclass(frozen=True, slots=True)
class RoomState:
    """A session's film: how long it is, where it stands, who may move it."""

    duration: float
    """Length of the film, seconds."""

    chain: Chain
    """The timeline in force and those ahead."""

    speed: float = 1.0
    """The rate that ``play`` gives, film seconds per second."""

    control: Control = "host"
    """Who may move the film."""

    wait: Wait | None = None
    """Set while the room waits for somebody; None where the film runs, or stands by order."""

    def position(self, now: float) -> float:
        """Return where the film stands at ``now``, seconds; negative before the start."""
        return self.chain.in_force(now).at(now, self.duration)

    def state(self, now: float) -> SessionState:
        """Return the session's state at ``now``, in the contract's words."""
        timeline = self.chain.in_force(now)
        position = timeline.at(now, self.duration)
        if position >= self.duration:
            return "ended"
        if position < 0.0:
            return "scheduled"
        return "paused" if timeline.rate == 0.0 else "running"


def opened(movie_time: float, duration: float, control: Control = "host") -> RoomState:
    """Return the state of a session scheduled for ``movie_time`` (Unix s), ``duration`` s long."""
    return RoomState(duration=duration, chain=Chain((scheduled(movie_time),)), control=control)


def require_control(role: Role, control: Control) -> None:
    """Raise NotAllowed where ``role`` may not move the film of a show of this ``control``."""
    require(may_command(role, control), f"control of this show: {control}")


def decide(state: RoomState, order: Order, now: float) -> Moved | None:
    """Return what ``order`` does to the film at ``now``; None where it changes nothing.

    Raises NotAllowed, StaleRevision or Invalid; then nothing has changed.
    """
    require_control(order.role, state.control)
    newest = state.chain.newest
    if order.revision is not None and order.revision != newest.revision:
        raise StaleRevision(f"the newest revision is {newest.revision}")
    if isinstance(order.command, Next):
        # Nothing is left to be watched of a film that is over, and asked for twice it is meant.
        is_urgent = state.state(now) == "ended" or is_leaving(state, now)
        instant = now + (order.lead if is_urgent else NEXT_COUNTDOWN_S)
        return leave(state, instant, order.by)
    if is_leaving(state, now):
        return _stay(state, order, now)
    return _decide(state, order, now)


def _decide(state: RoomState, order: Order, now: float) -> Moved | None:
    newest, pending = state.chain.newest, state.chain.next(now)
    # Not before a move that is still ahead: instants in a chain never descend.
    instant = max(now + order.lead, pending.instant if pending else now)
    match order.command:
        case Play():
            return None if newest.rate else _run(state, order, instant, now, running=True)
        case Pause():
            # A room that waits stands, but would go on by itself: pausing it stops that (ADR 0004).
            if newest.rate == 0.0 and state.wait is None:
                return None
            return _run(state, order, instant, now, running=False)
        case Seek(position):
            return _seek(state, order, position, instant, now)
        case SetRate(rate):
            return _set_rate(state, order, rate, instant)
        case Next():  # pragma: no cover - decided before
            raise AssertionError


def is_leaving(state: RoomState, now: float) -> bool:
    """Tell whether the room is about to go on to another session, and can still stay."""
    pending = state.chain.next(now)
    return pending is not None and pending.reason == "ended"


def leave(state: RoomState, instant: float, by: str | None) -> Moved:
    """Return the move that ends this session's film at ``instant``: the room goes on to another."""
    timeline = Timeline(
        revision=state.chain.newest.revision + 1,
        position=state.duration,
        rate=0.0,
        instant=instant,
        by=by,
        reason="ended",
    )
    return Moved(kind="moved_to_session", timeline=timeline, speed=state.speed)


def _stay(state: RoomState, order: Order, now: float) -> Moved:
    """Return what a command makes of a film that the room was about to leave, and stays with.

    It is decided as if the room had never been about to leave; where it would change nothing, the
    newest line is stated anew.
    """
    left = state.chain.newest
    kept = replace(state, chain=Chain(state.chain.items[:-1]))
    moved = _decide(kept, order, now)
    if moved is None:
        line = kept.chain.newest
        runs = line.rate > 0.0
        restated = replace(line, by=order.by, reason="play" if runs else "pause")
        # One that is ahead keeps its instant: it was ordered, and is not lost.
        if line is kept.chain.in_force(now):
            restated = replace(restated, position=line.at(now, state.duration), instant=now)
        moved = Moved("played" if runs else "paused", restated, state.speed)
    return replace(moved, timeline=replace(moved.timeline, revision=left.revision + 1))


def hold(state: RoomState, now: float, before: float) -> Moved:
    """Return the room's own move that lets a film stand ``before`` seconds before its begin."""
    timeline = Timeline(
        revision=state.chain.newest.revision + 1,
        position=-before,
        rate=0.0,
        instant=now,
        by=None,
        reason="pause",
    )
    return Moved(kind="paused", timeline=timeline, speed=state.speed)


def _run(state: RoomState, order: Order, instant: float, now: float, *, running: bool) -> Moved:
    reason: Reason = "play" if running else "pause"
    timeline = _undo_pending(state, order, now, running=running) or _next_timeline(
        state, order, reason, instant, rate=state.speed if running else 0.0
    )
    return Moved(kind="played" if running else "paused", timeline=timeline, speed=state.speed)


def _undo_pending(state: RoomState, order: Order, now: float, *, running: bool) -> Timeline | None:
    """Return the timeline before a pending play or pause that ``order`` undoes, as a new revision.

    None where there is nothing to undo. So a pause that is taken back before its instant leaves no
    trace in anybody's picture.
    """
    pending, before = state.chain.next(now), state.chain.before_newest()
    undone: Reason = "pause" if running else "play"
    if pending is None or pending.reason != undone or before is None:
        return None
    # Before the pause of a room that waited the film stood too: there is nothing to go back to.
    if (before.rate > 0.0) != running:
        return None
    # One in force is stated anew from `now`, at the same positions; one ahead keeps its instant.
    in_force = before is state.chain.in_force(now)
    return Timeline(
        revision=pending.revision + 1,
        position=before.at(now, state.duration) if in_force else before.position,
        rate=before.rate,
        instant=now if in_force else before.instant,
        by=order.by,
        reason="play" if running else "pause",
    )


def _seek(state: RoomState, order: Order, position: float, instant: float, now: float) -> Moved:
    if not 0.0 <= position <= state.duration:
        raise Invalid(f"position must lie from 0 to {state.duration:g}", path="position")
    timeline = _next_timeline(state, order, "seek", instant, position=position)
    return Moved(kind="sought", timeline=timeline, speed=state.speed, origin=state.position(now))


def _set_rate(state: RoomState, order: Order, rate: float, instant: float) -> Moved:
    if not MIN_RATE <= rate <= MAX_RATE:
        raise Invalid(f"rate must lie from {MIN_RATE} to {MAX_RATE}", path="rate")
    # A film that stands keeps standing: `speed` is what it runs at when it goes on.
    stands = state.chain.newest.rate == 0.0
    timeline = _next_timeline(state, order, "rate", instant, rate=0.0 if stands else rate)
    return Moved(kind="rate", timeline=timeline, speed=rate)


def _next_timeline(
    state: RoomState,
    order: Order,
    reason: Reason,
    instant: float,
    *,
    position: float | None = None,
    rate: float | None = None,
) -> Timeline:
    newest = state.chain.newest
    return Timeline(
        revision=newest.revision + 1,
        position=newest.at(instant, state.duration) if position is None else position,
        rate=newest.rate if rate is None else rate,
        instant=instant,
        by=order.by,
        reason=reason,
    )


def session_to_enter(states: Sequence[SessionState]) -> int:
    """Return which of a show's sessions one enters: what runs, else the next, else the last.

    ``states`` are theirs, ascending by time, at least one.
    """
    for wanted in (("running", "paused"), ("scheduled",)):
        for index, state in enumerate(states):
            if state in wanted:
                return index
    return len(states) - 1


def require_time_left(
    movie_time: float, duration: float, now: float, path: str = "movie_time"
) -> None:
    """Raise InPast where a film of ``duration`` s begun at ``movie_time`` is over at ``now``.

    ``path`` leads to the time in the asker's body.
    """
    if movie_time + duration < now:
        raise InPast(path=path)


def reschedule(state: RoomState, movie_time: float, by: str | None, now: float) -> Moved:
    """Return the timeline of a film that shall begin at ``movie_time`` instead, Unix seconds.

    Raises InPast where it would be over, AlreadyBegun once the film has begun.
    """
    require_time_left(movie_time, state.duration, now)
    if state.position(now) >= 0.0:
        raise AlreadyBegun
    # At the plain rate, whatever was set before: only so does it begin at `movie_time`.
    timeline = Timeline(
        revision=state.chain.newest.revision + 1,
        position=now - movie_time,
        rate=1.0,
        instant=now,
        by=by,
        reason="rescheduled",
    )
    return Moved(kind="rescheduled", timeline=timeline, speed=timeline.rate)


def evolve(state: RoomState, event: Moved, now: float) -> RoomState:
    """Return the state after ``event``, which was decided at ``now`` or before."""
    timeline = event.timeline
    chain, wait = after_move(state.chain, state.wait, timeline, now)
    return replace(state, chain=chain, speed=event.speed, wait=wait)


def without(before: RoomState, late: Timeline, now: float) -> Moved:
    """Return the room's own move that takes ``late`` back at ``now``: all stands as ``before``."""
    line = before.chain.in_force(now)
    reason: Reason = "play"
    if line.rate == 0.0:
        reason = "pause" if before.wait is None else "waiting"
    timeline = Timeline(
        revision=late.revision + 1,
        position=line.at(now, before.duration),
        rate=line.rate,
        instant=now,
        by=None,
        reason=reason,
    )
    return Moved("played" if line.rate else "paused", timeline, before.speed)


def shown_position(state: RoomState, moved: Moved, now: float) -> float:
    """Return the position that the chat shows, s: where a move leads, else that at ``now``.

    A play right after a seek starts where the seek leads, and not where the film stands still.
    """
    if moved.kind in ("sought", "paused", "played"):
        return moved.timeline.position
    return state.position(now)
