"""What the library offers: films, playable or not, and the series that episodes make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

__all__ = [
    "EpisodePlace",
    "FilmType",
    "MediaFile",
    "Rendition",
    "Series",
    "State",
    "Title",
    "TitleType",
    "Track",
]

FilmType = Literal["movie", "episode"]
TitleType = Literal[FilmType, "series"]
State = Literal["ready", "preparing", "unplayable"]


@dataclass(frozen=True, slots=True)
class Track:
    """One sound or subtitle track of a film."""

    n: int
    """Number among the tracks of its kind, from 0, in the file's order."""

    language: str | None
    """ISO 639-1 code, or None where the file does not say or the language has none."""

    label: str
    """What to call it: the track's own title, else its language in English, else its number."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that holds a film."""

    path: Path
    """Where it is, absolute. Never to be shown outside."""

    content_type: str
    """Media type (RFC 9110), with ``codecs`` (RFC 6381) where these can be told."""

    width: int | None
    """Width as shown (after rotation), pixels."""

    height: int | None
    """Height as shown (after rotation), pixels."""

    frame_rate: float | None
    """Mean frames per second."""

    size: int
    """Length, bytes."""

    modified: int
    """Time of its last change, Unix nanoseconds."""

    content: str
    """What tells its content from others', as far as the library has read it."""

    etag: str
    """Strong entity tag with its quotes (RFC 9110 section 8.8.3); new whenever the bytes may be."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """One way to play a film."""

    kind: Literal["file"]
    """How it is played: one file, by ranges."""

    resource: str
    """Where it is served, below ``/media/{film}/``."""

    file: MediaFile
    """What is served there."""


@dataclass(frozen=True, slots=True)
class EpisodePlace:
    """Where an episode stands in its series."""

    series_id: UUID
    """The series."""

    series_title: str
    """Its name."""

    series_year: int | None
    """The year that this episode's files say of it."""

    season: int | None
    """Number of the season, 0 for specials; None where episodes are numbered throughout."""

    number: int
    """Number of the episode; of several in one file the first."""

    number_to: int | None
    """The last number where one file holds several."""

    title: str | None
    """The episode's own title."""

    @property
    def order(self) -> tuple[bool, int, int, int]:
        """Where it stands among the others; specials stand behind the seasons."""
        season = 1 if self.season is None else self.season
        return season == 0, season, self.number, self.number_to or self.number


@dataclass(frozen=True, slots=True)
class Title:
    """One film of the folder. A value: a changed file makes a new one."""

    id: UUID
    """The sidecar's id, else one derived from the content."""

    type: FilmType
    """Whether it is a movie, or an episode of a series."""

    title: str
    """Name for people."""

    year: int | None
    """Year of release."""

    duration: float | None
    """Length, seconds; None where it cannot be told (then the film is not ready)."""

    state: State
    """Whether it can be shown now."""

    reason: str | None
    """Why it cannot be shown, in English words; None while it can."""

    reason_code: str | None
    """The same, stable and machine-readable (:mod:`streamer.library.verdict`), to translate by."""

    reason_subject: str | None
    """What the reason is about (``HEVC``, ``MPEG-TS``), for the translated sentence."""

    progress: float | None
    """Share of the preparation done, 0-1, while ``preparing``."""

    poster: str | None
    """Path-absolute URL of a picture."""

    language: str | None
    """ISO 639-1 code of the film's language: the sidecar's, else its first sound track's."""

    audio: tuple[Track, ...]
    """Sound tracks in the file."""

    subtitles: tuple[Track, ...]
    """Subtitle tracks in the file."""

    source: MediaFile
    """The file of the folder."""

    renditions: tuple[Rendition, ...]
    """The files that browsers play; none where only the live room shows it, or nothing does."""

    episode: EpisodePlace | None = None
    """Where an episode stands; None for a movie."""


@dataclass(frozen=True, slots=True)
class Series:
    """The episodes of one series. A value, made anew whenever one of them changes."""

    id: UUID
    """That of its ``series.toml``, else one derived from its name."""

    title: str
    """Name for people."""

    year: int | None
    """Year of the first showing."""

    episodes: tuple[Title, ...]
    """In order, at least one."""

    type: Literal["series"] = "series"
    """Kind of title."""

    poster: str | None = None
    """Path-absolute URL of a picture."""

    progress: float | None = None
    """None: each episode is prepared for itself."""

    @property
    def shown(self) -> Title:
        """An episode that can be shown; where none can, the first."""
        ready = (episode for episode in self.episodes if episode.state == "ready")
        return next(ready, self.episodes[0])

    @property
    def state(self) -> State:
        """Whether any episode can be shown now."""
        return self.shown.state

    @property
    def reason(self) -> str | None:
        """Why none can, in English words."""
        return self.shown.reason

    @property
    def reason_code(self) -> str | None:
        """The same, stable and machine-readable."""
        return self.shown.reason_code

    @property
    def reason_subject(self) -> str | None:
        """What the reason is about."""
        return self.shown.reason_subject

    @property
    def duration(self) -> float:
        """Length of all episodes together, as far as it is known, seconds."""
        return sum(episode.duration or 0.0 for episode in self.episodes)
