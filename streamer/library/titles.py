"""What the library offers: one film, playable or not, with all that may be asked about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

__all__ = ["MediaFile", "Rendition", "State", "Title", "TitleType", "Track"]

TitleType = Literal["movie"]
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
class Title:
    """One film of the folder. A value: a changed file makes a new one."""

    id: UUID
    """The sidecar's id, else one derived from the content."""

    type: TitleType
    """Kind of title; episodes are movies until series are built."""

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
