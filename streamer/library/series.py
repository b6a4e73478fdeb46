"""Gathers episodes into series: pure, the same from the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from uuid import UUID, uuid5

from streamer.library.naming import Name, search_key
from streamer.library.sidecar import SeriesSidecar
from streamer.library.titles import EpisodePlace, Series, Title

__all__ = ["episode_place", "gather_series", "series_id"]

_NAMESPACE = UUID("5a1b8f3e-7a52-4f0e-9d53-0c1f6f0a9b27")
_NO_WORD = re.compile(r"[\W_]+")


def series_id(name: str) -> UUID:
    """Return the id of a series (RFC 9562 version 5) by its name.

    Case, accents and punctuation make no difference: files are named by many hands.
    """
    words = _NO_WORD.sub(" ", search_key(name)).strip()
    # A name of punctuation alone is still a name.
    return uuid5(_NAMESPACE, words or name)


def episode_place(name: Name, sidecar: SeriesSidecar) -> EpisodePlace | None:
    """Return where an episode stands; None for a movie."""
    if name.series is None or name.episode is None:
        return None
    return EpisodePlace(
        series_id=sidecar.id or series_id(name.series),
        series_title=name.series,
        series_year=sidecar.year or name.year,
        season=name.season,
        number=name.episode,
        number_to=name.last_episode,
        title=name.episode_title,
    )


def gather_series(titles: Iterable[Title]) -> tuple[Sequence[Series], Sequence[str]]:
    """Return the series that ``titles`` hold episodes of, and what was left out, in words.

    Of several files of one episode the first that can be shown is taken. A series whose id is that
    of a film cannot be asked for; its episodes can.
    """
    titles = list(titles)
    film_ids = {title.id for title in titles}
    by_series: dict[UUID, dict[tuple[bool, int, int, int], Title]] = {}
    duplicates: list[str] = []
    for title in titles:
        if title.episode is None:
            continue
        episodes = by_series.setdefault(title.episode.series_id, {})
        kept = episodes.setdefault(title.episode.order, title)
        if kept is title:
            continue
        if kept.state != "ready" and title.state == "ready":
            episodes[title.episode.order] = title
            kept, title = title, kept
        duplicates.append(f"{title.source.path.name}: {kept.title} is listed by another file")
    series = [
        _series(found, [episodes[order] for order in sorted(episodes)])
        for found, episodes in by_series.items()
    ]
    hidden = [one for one in series if one.id in film_ids]
    left_out = [f"{one.title}: its id in series.toml is that of a film" for one in hidden]
    return [one for one in series if one not in hidden], [*duplicates, *left_out]


def _series(found: UUID, episodes: Sequence[Title]) -> Series:
    places = [title.episode for title in episodes if title.episode is not None]
    years = [place.series_year for place in places if place.series_year is not None]
    return Series(
        id=found,
        title=places[0].series_title,
        year=min(years, default=None),
        episodes=tuple(episodes),
    )
