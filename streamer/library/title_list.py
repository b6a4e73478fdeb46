"""Makes the list of titles from what is known about the files: pure, the same from the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from streamer.library.cache import ScanResult
from streamer.library.content import entity_tag, film_id
from streamer.library.facts import AudioFacts, Facts, SubtitleFacts
from streamer.library.languages import language_name, two_letters
from streamer.library.naming import search_key, search_words
from streamer.library.probe import ProbeResult
from streamer.library.series import episode_place, gather_series
from streamer.library.sidecar import Sidecar
from streamer.library.titles import MediaFile, Rendition, Series, Title, Track
from streamer.library.verdict import Verdict, content_type, judge, judge_failure, length_of
from streamer.library.walk import FoundFile

__all__ = ["CatalogueEntry", "ListedTitle", "Listing", "list_entry", "list_titles", "make_title"]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One file with all that is known about it."""

    file: FoundFile
    """Where it is."""

    scan: ScanResult
    """What its bytes and name told."""

    sidecar: Sidecar
    """What the cinema says of it."""


@dataclass(frozen=True, slots=True)
class ListedTitle:
    """The title of one file, made once and kept while nothing about the file changes."""

    entry: CatalogueEntry
    """What it is made from."""

    title: Title
    """The title."""

    key: str
    """What a search looks in."""

    order: tuple[str, int, str]
    """Where it stands in the list: by name, year, file."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The titles at one moment."""

    titles: tuple[Title | Series, ...] = ()
    """Movies and series, in the order of their names."""

    by_id: Mapping[UUID, Title] = field(default_factory=dict)
    """The movies and the episodes by id."""

    series: Mapping[UUID, Series] = field(default_factory=dict)
    """The series by id."""

    keys: tuple[str, ...] = ()
    """What a search looks in, one for each of :attr:`titles`."""

    duplicates: tuple[str, ...] = ()
    """Files left out because an earlier one is the same title, in words."""

    def find(
        self, query: str | None, kind: Literal["movie", "series"] | None = None
    ) -> Sequence[Title | Series]:
        """Return the titles whose name holds every word of ``query``, in order; all without one.

        A series is found by its episodes' names too. ``kind`` None: titles of either kind.
        """
        words = search_words(query or "")
        named = zip(self.titles, self.keys, strict=True)
        return [
            title
            for title, key in named
            if kind in (None, title.type) and all(word in key for word in words)
        ]


def list_entry(entry: CatalogueEntry) -> ListedTitle:
    """Return what one file contributes to the list."""
    title = make_title(entry)
    name, year = search_key(title.title), title.year or 0
    return ListedTitle(entry, title, f"{name} {year or ''}", (name, year, entry.file.name))


def list_titles(listed: Iterable[ListedTitle]) -> Listing:
    """Return the titles of ``listed``; of those with the same id the first alone."""
    by_id: dict[UUID, ListedTitle] = {}
    duplicates: list[str] = []
    for one in listed:
        first = by_id.setdefault(one.title.id, one)
        if first is not one:
            names = one.entry.file.name, first.entry.file.name
            duplicates.append("{} is the same title as {}".format(*names))
    by_name = sorted(by_id.values(), key=lambda one: one.order)
    series, left_out = gather_series(one.title for one in by_name)
    ordered = sorted(
        [
            *((one.order, one.title, one.key) for one in by_name if one.title.type == "movie"),
            *map(_listed_series, series),
        ],
        key=lambda listed: listed[0],
    )
    return Listing(
        titles=tuple(title for _, title, _ in ordered),
        by_id={title_id: one.title for title_id, one in by_id.items()},
        series={each.id: each for each in series},
        keys=tuple(key for _, _, key in ordered),
        duplicates=(*duplicates, *left_out),
    )


def _listed_series(series: Series) -> tuple[tuple[str, int, str], Title | Series, str]:
    """Return where a series stands in the list, and what a search looks in."""
    name, year = search_key(series.title), series.year or 0
    episodes = " ".join(
        search_key(title.episode.title or "") for title in series.episodes if title.episode
    )
    return (name, year, str(series.id)), series, f"{name} {year or ''} {episodes}"


def make_title(entry: CatalogueEntry) -> Title:
    """Return the title that one file makes."""
    scan, sidecar, facts = entry.scan, entry.sidecar, entry.scan.probed.facts
    name, verdict = sidecar.applied_to(scan.name), _verdict(scan.probed)
    is_shown = verdict.is_shown(facts)
    source = _source(entry)
    audio = () if facts is None else facts.audio
    episode = episode_place(name, sidecar.of_series)
    return Title(
        id=sidecar.id or film_id(scan.digest),
        type="episode" if episode else "movie",
        title=name.title,
        year=name.year,
        duration=length_of(facts),
        state="ready" if is_shown else "unplayable",
        reason=None if is_shown else verdict.reason,
        reason_code=None if is_shown else verdict.code,
        reason_subject=None if is_shown else verdict.subject,
        progress=None,
        poster=None,
        language=sidecar.language or next((two_letters(track.language) for track in audio), None),
        audio=_tracks("Audio", audio),
        subtitles=_tracks("Subtitles", () if facts is None else facts.subtitles),
        source=source,
        renditions=(Rendition("file", "file", source),) if verdict.playable else (),
        episode=episode,
    )


def _source(entry: CatalogueEntry) -> MediaFile:
    scan, facts = entry.scan, entry.scan.probed.facts
    width, height = _shown_size(facts)
    return MediaFile(
        path=entry.file.path,
        content_type=content_type(facts),
        width=width,
        height=height,
        frame_rate=facts.video.frame_rate if facts and facts.video else None,
        size=scan.size,
        modified=scan.modified,
        content=scan.digest,
        etag=entity_tag(scan.digest, scan.modified),
    )


def _verdict(probed: ProbeResult) -> Verdict:
    if probed.facts is None:
        return judge_failure(probed.failure or "not_a_film")
    return judge(probed.facts)


def _shown_size(facts: Facts | None) -> tuple[int | None, int | None]:
    if facts is None or facts.video is None:
        return None, None
    video = facts.video
    turned = video.rotation % 180 != 0
    return (video.height, video.width) if turned else (video.width, video.height)


def _tracks(kind: str, tracks: Sequence[AudioFacts | SubtitleFacts]) -> tuple[Track, ...]:
    return tuple(
        Track(
            n=n,
            language=two_letters(track.language),
            label=track.title or language_name(track.language) or f"{kind} {n + 1}",
        )
        for n, track in enumerate(tracks)
    )
