"""A film whose room waits, or does not: people who report, and time that passes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sessions.core.commands import Command
from sessions.core.events import Moved
from sessions.core.leads import PAUSE_LEAD, PLAY_LEAD
from sessions.core.roles import Waiting
from sessions.core.room import Order, RoomState, decide, evolve, opened
from sessions.core.timeline import Timeline
from sessions.core.viewers import PictureState, Viewer, ViewerState, after_report
from sessions.core.waiting import Situation, WaitState, after_command, decide_wait

__all__ = ["LENGTH", "MOVIE_TIME", "Evening", "slow_start", "stopped"]

MOVIE_TIME = 1_800_000_000.0
"""When the film begins, Unix seconds."""

LENGTH = 5400.0
"""How long it is, seconds."""

STEPS = 1000
"""More looks than any moment may need."""


@dataclass
class Evening:
    """A room with its policy; times are seconds after the start that was planned."""

    policy: Waiting = "start"
    at: float = -60.0
    room: RoomState = field(default_factory=lambda: opened(MOVIE_TIME, LENGTH))
    wait: WaitState = field(default_factory=WaitState)
    viewers: dict[str, Viewer] = field(default_factory=dict)
    pages: dict[str, dict[int, PictureState]] = field(default_factory=dict)
    made: list[Moved] = field(default_factory=list)
    looks: int = 0
    wake: float = 0.0

    @property
    def now(self) -> float:
        return MOVIE_TIME + self.at

    @property
    def newest(self) -> Timeline:
        return self.room.chain.newest

    @property
    def waits_for(self) -> set[str]:
        return set(self.wait.waiting_since)

    @property
    def until(self) -> float | None:
        """When the room goes on, seconds after the start."""
        return None if self.wait.until is None else self.wait.until - MOVIE_TIME

    def told(self) -> list[tuple[str, float, float]]:
        """Return what the room did by itself: kind, instant and position."""
        return [
            (m.kind, round(m.timeline.instant - MOVIE_TIME, 6), round(m.timeline.position, 6))
            for m in self.made
            if m.timeline.by is None
        ]

    def says(
        self, name: str, state: ViewerState, buffered: float | None = None, page: int = 0
    ) -> None:
        """Let one of somebody's pages report, and the room look."""
        pages = self.pages.setdefault(name, {})
        pages[page] = PictureState(state, buffered)
        before = self.viewers.get(name)
        self.wait = self.wait.with_budget_restored(name, before, self.now)
        self.viewers[name] = after_report(before, pages.values(), self.now)
        self.look()

    def goes(self, name: str) -> None:
        self.viewers.pop(name, None)
        self.pages.pop(name, None)
        self.look()

    def chooses(self, policy: Waiting) -> None:
        self.policy = policy
        self.look()

    def orders(self, command: Command, lead: float = 0.5) -> Timeline:
        """Let the host order; return the newest timeline."""
        before = self.room.wait
        moved = decide(self.room, Order(command, "host", "host", lead), self.now)
        if moved is not None:
            self.keep(moved)
            self.wait = after_command(self.wait, before, moved.timeline, self.viewers, self.now)
        self.look()
        return self.newest

    def keep(self, moved: Moved) -> None:
        self.made.append(moved)
        self.room = evolve(self.room, moved, self.now)

    def look(self) -> None:
        """Judge until nothing more is to be done now."""
        for _ in range(STEPS):
            self.looks += 1
            situation = Situation(
                self.now, self.policy, self.room, self.viewers, PAUSE_LEAD.lowest, PLAY_LEAD.lowest
            )
            decision = decide_wait(self.wait, situation)
            self.wait, self.wake = decision.state, decision.ask_again_at
            if decision.moved is None:
                return
            self.keep(decision.moved)
        raise AssertionError("the room never comes to rest")

    def until_at(self, at: float) -> None:
        """Let time pass to ``at``, with a look whenever the room asked for one."""
        for _ in range(STEPS):
            if not self.now < self.wake <= MOVIE_TIME + at:
                break
            self.at = self.wake - MOVIE_TIME
            self.look()
        self.at = at
        self.look()

    def dies(self) -> None:
        """Let the server be killed and come back: the log is all that it knows."""
        self.viewers, self.pages = {}, {}
        found = self.now if self.room.wait else float("-inf")
        self.wait = replace(WaitState(), found_waiting_at=found)
        self.look()


def slow_start(policy: Waiting = "start") -> Evening:
    """Return an evening two seconds behind the start, on which Boris is waited for."""
    evening = Evening(policy)
    evening.says("Anna", "ready")
    evening.says("Boris", "waiting")
    evening.until_at(2.0)
    assert evening.waits_for == {"Boris"}
    return evening


def stopped(at: float = 100.0) -> Evening:
    """Return an evening on which the film has just stopped for Boris, ``at`` seconds into it."""
    evening = Evening("always")
    evening.until_at(at - 1.0)
    evening.says("Anna", "playing", 20.0)
    evening.says("Boris", "stalled", 0.0)
    evening.until_at(at)
    assert evening.told() == [("paused", at + PAUSE_LEAD.lowest, at + PAUSE_LEAD.lowest)]
    return evening
