"""Whom a room waits for, and for how long: the show's policy against what viewers report.

``judge`` says at any moment what the policy makes of the film and when it wants to be asked again.
Nobody is waited for who never reported or is not here. The room has so much patience with each,
which waiting for them uses up; it is whole again once they have played well: one viewer never
freezes a room beyond ``BOUND``. Why so: docs/adr/0004.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sessions.core.events import Moved
from sessions.core.roles import Waiting
from sessions.core.room import RoomState
from sessions.core.timeline import NEVER, Held, Timeline
from sessions.core.viewers import Viewer, is_ready, is_starved

__all__ = [
    "AHEAD",
    "BOUND",
    "LEAST",
    "RETURN",
    "STALL",
    "Patience",
    "Scene",
    "Verdict",
    "judge",
    "ordered",
]

AHEAD = 1.0
"""How long before the start it is decided whether the film is held, seconds."""

BOUND = 15.0
"""How long a room waits at most; and for one viewer, until they have played well, seconds."""

STALL = 1.0
"""How long a picture is stalled before the film stops for it, seconds."""

LEAST = 1.0
"""With less patience left than this nobody is waited for anew, seconds."""

RETURN = 5.0
"""How long a room that is found waiting gives its viewers to come back and report, seconds."""


@dataclass(frozen=True, slots=True)
class Patience:
    """What a room remembers of its waiting."""

    waited: Mapping[str, float] = field(default_factory=dict)
    """For whom it waits, and since when, Unix seconds."""

    until: float | None = None
    """When it goes on without them, Unix seconds; None: it waits for nobody."""

    spent: Mapping[str, float] = field(default_factory=dict)
    """How long it has waited for somebody before, seconds."""

    doubted: frozenset[str] = frozenset()
    """Whose reports up to ``asked`` tell of what is over."""

    asked: float = -NEVER
    """When those reports became old, Unix seconds."""

    passed: int = 0
    """The revision whose start was let pass: that is decided once."""

    found: float = -NEVER
    """When the room was found waiting with its viewers away, Unix seconds."""

    def left(self, user_id: str) -> float:
        """Return how much longer somebody may be waited for from now on, seconds."""
        return BOUND - self.spent.get(user_id, 0.0)

    def ends(self) -> list[float]:
        """Return when there is no patience left with each of those waited for, Unix seconds."""
        return [since + self.left(user_id) for user_id, since in self.waited.items()]

    def counts(self, user_id: str, viewer: Viewer) -> bool:
        """Tell whether what somebody reported last still says how they are."""
        return user_id not in self.doubted or viewer.heard > self.asked

    def forgiving(self, user_id: str, viewer: Viewer | None, now: float) -> Patience:
        """Return the same, its patience whole again with somebody who has played well."""
        if user_id not in self.spent or viewer is None or not viewer.played_well(now):
            return self
        return replace(self, spent={u: s for u, s in self.spent.items() if u != user_id})

    def waiting_for(self, waited: Mapping[str, float], end: float) -> Patience:
        """Return the same that waits for ``waited`` alone.

        With the others, the time up to ``end`` is used up; with who stopped the film, at least
        LEAST: else one could stop it over and over for moments that count as nothing.
        """
        used = {
            user_id: BOUND - self.left(user_id) + max(self._toll(user_id), end - since)
            for user_id, since in self.waited.items()
            if user_id not in waited
        }
        return replace(self, waited=waited, until=None, spent={**self.spent, **used})

    def _toll(self, user_id: str) -> float:
        return LEAST if user_id in self.doubted else 0.0

    def exhausted(self) -> Patience:
        """Return the same without any patience left with those waited for."""
        return replace(
            self, waited={}, until=None, spent={**self.spent, **dict.fromkeys(self.waited, BOUND)}
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """A moment to be judged."""

    now: float
    """Server time, Unix seconds."""

    policy: Waiting
    """What the show says of waiting."""

    room: RoomState
    """The film."""

    viewers: Mapping[str, Viewer]
    """Who is here and reports."""

    pause_lead: float
    """How far ahead all must know of a stop, seconds."""

    play_lead: float
    """How far ahead all must know of going on, seconds."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy makes of a moment."""

    moved: Moved | None
    """What happens to the film; the rest holds once that is kept."""

    patience: Patience
    """What the room remembers from here on."""

    wake: float
    """When to judge again though nothing should happen, Unix seconds."""


def ordered(
    patience: Patience, held: Held | None, made: Timeline, viewers: Iterable[str], now: float
) -> Patience:
    """Return what a room remembers once somebody's order has ``made`` a timeline.

    Where it was ``held``, ``play`` goes on without those waited for, and a seek asks all
    ``viewers`` anew: what they had ready lies elsewhere.
    """
    if held is None:
        return patience
    if made.rate > 0.0:
        return patience.exhausted()
    if made.reason == "seek":
        return replace(patience, doubted=frozenset(viewers), asked=now)
    return patience


def judge(patience: Patience, scene: Scene) -> Verdict:
    """Return what the policy makes of this moment."""
    if scene.room.held is not None:
        return _held(patience, scene, scene.room.held)
    patience = patience.waiting_for({}, scene.now)
    line = scene.room.chain.newest
    if scene.policy == "never" or line.rate == 0.0:
        return Verdict(None, patience, NEVER)
    begins = line.instant - min(0.0, line.position) / line.rate
    if scene.now < begins and (line.position < 0.0 or line.reason == "scheduled"):
        return _before_start(patience, scene, begins)
    if scene.policy == "always":
        return _running(patience, scene, begins)
    return Verdict(None, patience, NEVER)


def _before_start(patience: Patience, scene: Scene, begins: float) -> Verdict:
    """Hold a film that is about to begin at its first frame where somebody is not ready."""
    revision = scene.room.chain.newest.revision
    if patience.passed == revision:
        return Verdict(None, patience, begins)
    if scene.now < begins - AHEAD:
        return Verdict(None, patience, begins - AHEAD)
    slow = [
        user_id
        for user_id, viewer in scene.viewers.items()
        if not is_ready(viewer.glimpse) and patience.left(user_id) >= LEAST
    ]
    if not slow:
        return Verdict(None, replace(patience, passed=revision), begins)
    return _stop(patience, scene, slow, begins, 0.0)


def _running(patience: Patience, scene: Scene, begins: float) -> Verdict:
    """Stop a film that runs since ``begins`` where somebody has been stalled for too long."""
    due = {
        user_id: max(viewer.stalled, begins) + STALL
        for user_id, viewer in scene.viewers.items()
        if viewer.stalled is not None and patience.left(user_id) >= LEAST
    }
    late = frozenset(user_id for user_id, moment in due.items() if moment <= scene.now)
    if not late:
        return Verdict(None, patience, min(due.values(), default=NEVER))
    instant = scene.now + scene.pause_lead
    position = scene.room.chain.newest.at(instant, scene.room.duration)
    ahead = scene.room.duration - position
    if ahead <= 0.0:
        return Verdict(None, patience, NEVER)
    patience = replace(patience, doubted=late, asked=scene.now)
    slow = [
        user_id
        for user_id, viewer in scene.viewers.items()
        if patience.left(user_id) >= LEAST and _is_slow(patience, user_id, viewer, ahead)
    ]
    return _stop(patience, scene, slow, instant, position)


def _is_slow(patience: Patience, user_id: str, viewer: Viewer, ahead: float | None) -> bool:
    """Tell whether somebody can't go on ``ahead`` seconds before the end; None: can't begin."""
    if not patience.counts(user_id, viewer):
        return True
    return not is_ready(viewer.glimpse) if ahead is None else is_starved(viewer.glimpse, ahead)


def _stop(
    patience: Patience, scene: Scene, slow: Iterable[str], instant: float, position: float
) -> Verdict:
    made = Timeline(
        revision=scene.room.chain.newest.revision + 1,
        position=position,
        rate=0.0,
        instant=instant,
        by=None,
        reason="waiting",
    )
    patience = _bounded(replace(patience, waited=dict.fromkeys(slow, instant)), instant)
    return Verdict(Moved("paused", made, scene.room.speed), patience, scene.now)


def _bounded(patience: Patience, since: float) -> Patience:
    """Return the same with the end of a wait that began at ``since``, if it is for anybody."""
    ends = patience.ends()
    return replace(patience, until=min(since + BOUND, max(ends)) if ends else None)


def _held(patience: Patience, scene: Scene, held: Held) -> Verdict:
    """Say for whom a film stands, or let it go on: without them where the bound is reached."""
    now, goes_on = scene.now, scene.now + scene.play_lead
    if scene.policy == "never" or (scene.policy == "start" and not held.start):
        return _go_on(patience.waiting_for({}, goes_on), scene)
    if now >= held.since + BOUND:
        return _go_on(patience.exhausted(), scene)
    ahead = None if held.start else scene.room.duration - scene.room.chain.newest.position
    waited = {
        user_id: patience.waited.get(user_id, max(now, held.since))
        for user_id, viewer in scene.viewers.items()
        if _may_wait(patience, user_id, now) and _is_slow(patience, user_id, viewer, ahead)
    }
    patience = _bounded(patience.waiting_for(waited, goes_on), held.since)
    if patience.until is not None:
        return Verdict(None, patience, min(patience.until, *patience.ends()))
    if now < patience.found + RETURN:
        return Verdict(None, patience, min(patience.found + RETURN, held.since + BOUND))
    return _go_on(patience, scene)


def _may_wait(patience: Patience, user_id: str, now: float) -> bool:
    """Tell whether the room has any patience with somebody for whom it waits, or does not yet."""
    since = patience.waited.get(user_id)
    left = patience.left(user_id)
    return left >= LEAST if since is None else now < since + left


def _go_on(patience: Patience, scene: Scene) -> Verdict:
    newest = scene.room.chain.newest
    made = Timeline(
        revision=newest.revision + 1,
        position=newest.position,
        rate=scene.room.speed,
        instant=max(scene.now + scene.play_lead, newest.instant),
        by=None,
        reason="play",
    )
    return Verdict(Moved("played", made, scene.room.speed), patience, scene.now)
