"""Every scenario by its name, and what it needs of the server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from bench.skew import crowds, scenarios, troubles
from bench.skew.scenarios import Take
from bench.skew.stage import Stage
from harness.skew.film_folder import FilmName

__all__ = ["GROUPS", "PLAYBOOK", "Play", "named"]


@dataclass(frozen=True, slots=True)
class Play:
    """A scenario that can be asked for."""

    run: Callable[[Stage], Awaitable[Take]]
    """Plays it on a stage."""

    film_name: FilmName = "Counter"
    """The film that it shows."""

    troubles: bool = False
    """Whether the second viewer has a trouble that only a Chromium can be given."""


_trouble = partial(Play, troubles=True)
_STALLS = (0.8, 2.0, 4.5)
_ABSENCES = (10.0, 60.0)

PLAYBOOK: dict[str, Play] = {
    "start": Play(scenarios.play_start),
    "steady": Play(scenarios.play_steady),
    "late": Play(scenarios.play_late),
    "pause": Play(scenarios.play_pause),
    "resume": Play(scenarios.play_resume),
    "seek-forward": Play(scenarios.play_seek_forward),
    "seek-back": Play(scenarios.play_seek_back),
    "burst": Play(scenarios.burst),
    **{f"frozen-{s:g}": _trouble(partial(troubles.frozen, seconds=s)) for s in _STALLS},
    **{f"starved-{s:g}": _trouble(partial(troubles.starved, seconds=s), "Thick") for s in _STALLS},
    **{f"away-{s:g}": _trouble(partial(troubles.away, seconds=s)) for s in _ABSENCES},
    "asleep": _trouble(troubles.sleeping),
    "hidden": _trouble(troubles.hidden),
    "hogs": Play(troubles.hogged),
    "thin": Play(troubles.thin, "Thick"),
    "false-clocks": Play(crowds.false_clocks),
    "hours": Play(crowds.hours, "Long"),
    "eight": Play(crowds.eight, "Small"),
    "evening": Play(crowds.evening, "Long"),
}
"""By name."""

_PLAIN = ("start", "steady", "late", "pause", "resume", "seek-forward", "seek-back")

GROUPS: dict[str, tuple[str, ...]] = {
    "plain": _PLAIN,
    "promised": (*_PLAIN, "frozen-0.8", "starved-2", "away-60", "asleep", "eight", "false-clocks"),
    "all": tuple(PLAYBOOK),
}
"""Several by one name: an evening without trouble · what the promise speaks of · every one."""


def named(names: list[str]) -> dict[str, Play]:
    """Return the scenarios that ``names``, of them and of groups, stand for; raises KeyError."""
    wanted = [one for name in names for one in GROUPS.get(name, (name,))]
    return {name: PLAYBOOK[name] for name in dict.fromkeys(wanted)}
