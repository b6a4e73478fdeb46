"""What a show plays and when: a plan is checked here, and made into sessions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sessions.core.errors import Invalid, NotPlayable, UnknownTitle
from sessions.core.records import FilmType, Session, Show, TargetType
from sessions.core.roles import Access, Control, Waiting
from sessions.core.room import require_time_left

__all__ = ["MAX_SESSIONS", "MAX_TITLE", "Film", "Plan", "PlannedFilm", "Titles", "new_session"]

MAX_TITLE = 200
"""Longest title of a show, characters."""

MAX_SESSIONS = 200
"""Most sessions of one show."""


@dataclass(frozen=True, slots=True)
class Film:
    """What planning a show needs to know of a film."""

    title: str
    """What it is called."""

    duration: float | None
    """Its length, seconds; None where that is not known."""

    refusal: str | None = None
    """Why it can't be shown, in words; None where it can."""

    type: FilmType = "movie"
    """Whether it is a movie or an episode."""

    series_id: str | None = None
    """The series of an episode: UUID."""


@dataclass(frozen=True, slots=True)
class PlannedFilm:
    """One session that somebody plans."""

    target_id: str
    """The film: UUID."""

    movie_time: float
    """When it begins, Unix seconds."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants to watch with others."""

    target_id: str
    """The movie, of several in a row the first, or the series: UUID."""

    films: Sequence[PlannedFilm]
    """What is played, ascending by time."""

    target_type: TargetType = "movie"
    """What ``target_id`` is."""

    title: str | None = None
    """What the show is called; None: as the film, the films or the series."""

    access: Access = "link"
    """Who may come in."""

    control: Control = "host"
    """Who may move the film."""

    waiting: Waiting = "never"
    """Whether the film waits for slow members."""


class Titles:
    """The library, as far as planning asks it."""

    def __init__(
        self,
        find_film: Callable[[str], Film | None],
        find_series: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        """``find_film`` returns the film of a UUID, ``find_series`` the name of a series."""
        self._find_film = find_film
        self._find_series = find_series

    def film(self, planned: PlannedFilm, show_of: str | None, path: str, now: float) -> Film:
        """Return the film that somebody plans, which can be shown.

        ``show_of`` is the series that it must be of, None: of any. ``path`` leads to the plan in
        the asker's body. Raises UnknownTitle, NotPlayable, InPast, Invalid.
        """
        film = self._find_film(planned.target_id)
        if film is None:
            raise UnknownTitle
        if show_of is not None and film.series_id != show_of:
            raise Invalid("it is no episode of this show's series", path=f"{path}target_id")
        if film.refusal is not None or film.duration is None:
            raise NotPlayable(film.refusal or "its length is not known", path=f"{path}target_id")
        require_time_left(planned.movie_time, film.duration, now, path=f"{path}movie_time")
        return film

    def of_plan(self, plan: Plan, now: float) -> tuple[str, Sequence[Film]]:
        """Return the name of what is planned, and its films in order.

        Raises UnknownTitle, NotPlayable, InPast, Invalid.
        """
        series = self._find_series(plan.target_id) if plan.target_type == "series" else None
        if plan.target_type == "series" and series is None:
            raise UnknownTitle
        _require_order(plan)
        show_of = plan.target_id if series is not None else None
        is_list = show_of is not None or len(plan.films) > 1
        films = [
            self.film(planned, show_of, f"sessions.{n}." if is_list else "", now)
            for n, planned in enumerate(plan.films)
        ]
        name = series or " · ".join(dict.fromkeys(film.title for film in films))
        return name[:MAX_TITLE].rstrip(), films


def _require_order(plan: Plan) -> None:
    """Raise Invalid unless the films of a plan ascend by time, and fit what it is of."""
    if not 1 <= len(plan.films) <= MAX_SESSIONS:
        raise Invalid(f"a show has 1 to {MAX_SESSIONS} sessions", path="sessions")
    for n, (before, after) in enumerate(zip(plan.films, plan.films[1:], strict=False), start=1):
        if after.movie_time <= before.movie_time:
            raise Invalid("each must begin after the one before", path=f"sessions.{n}.movie_time")
    if plan.target_type == "movie" and plan.films[0].target_id != plan.target_id:
        raise Invalid("the first must be of target_id", path="sessions.0.target_id")


def new_session(show: Show, planned: PlannedFilm, film: Film, user_id: str, now: float) -> Session:
    """Return a session of ``show``, made by ``user_id`` at ``now``, Unix seconds.

    Raises NotPlayable where the film's length is not known.
    """
    if film.duration is None:
        raise NotPlayable("its length is not known", path="target_id")
    return Session(
        id=str(uuid4()),
        created_at=now,
        user_id=user_id,
        show_id=show.id,
        movie_time=planned.movie_time,
        target_id=planned.target_id,
        target_type=film.type,
        duration=film.duration,
    )
