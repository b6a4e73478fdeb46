"""The film library over HTTP: what there is, and how to get it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

from aiohttp import web
from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from sessions.core.errors import NotSupported, UnknownTitle
from sessions.fields import not_yet
from streamer.library.naming import search_words
from streamer.library.titles import State, Title, TitleType, Track
from streamer.web.http.app_keys import CATALOGUE, LIVE_STREAMS, SIGNER
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.fields import PageQuery
from streamer.web.http.paging import part_of
from streamer.web.http.replies import Page, Reply, page_of, reply

__all__ = ["LIVE_TYPE", "Source", "endpoints", "sources_of"]

LIVE_TYPE = 'video/H264; codecs="avc1.42e01f, opus"'
"""What a live stream is: RTP of H.264, Constrained Baseline, and Opus (RFC 7742, RFC 7874)."""

MAX_QUERY = 200
"""Longest search, characters."""

MAX_QUERY_WORDS = 16
"""Different words of a search: each is looked for in every title, on the event loop."""

endpoints = Endpoints("titles")


class TrackAnswer(TypedDict):
    """One sound or subtitle track."""

    n: int
    language: str | None
    label: str
    url: None


class Source(TypedDict):
    """One way to play a film."""

    kind: Literal["file", "live"]
    url: NotRequired[str]
    """Of ``live`` only where a session is asked for: it is the session's WHEP address."""
    type: str
    width: int | None
    height: int | None
    progress: NotRequired[float]
    """Of ``live`` while it is watched: the share of the film that is made, 0 to 1."""
    behind: NotRequired[bool]
    """Likewise: whether it is made more slowly than it is played."""


class TitleAnswer(TypedDict):
    """One film of the library."""

    id: str
    type: TitleType
    title: str
    year: int | None
    duration: float | None
    poster: str | None
    state: State
    progress: NotRequired[float]
    reason: NotRequired[str]
    reason_code: NotRequired[str]
    reason_subject: NotRequired[str | None]


class FilmAnswer(TitleAnswer):
    """One film with its tracks and sources."""

    language: str | None
    audio: list[TrackAnswer]
    subtitles: list[TrackAnswer]
    storyboard: None
    sources: list[Source]


def _searchable(query: str | None) -> str | None:
    """Refuse what would be looked for in every title for too long."""
    if query is not None and len(query) > MAX_QUERY:
        raise PydanticCustomError(
            "query_too_long", "Should have at most {most} characters", {"most": MAX_QUERY}
        )
    if query is not None and len(search_words(query)) > MAX_QUERY_WORDS:
        raise PydanticCustomError(
            "too_many_words",
            "Should have at most {most} different words",
            {"most": MAX_QUERY_WORDS},
        )
    return query


class TitleQuery(PageQuery):
    """Which titles are wanted."""

    type: Annotated[Literal["movie"] | None, not_yet("series")] = None
    query: Annotated[
        str | None,
        AfterValidator(_searchable),
        WithJsonSchema(
            {
                "type": "string",
                "maxLength": MAX_QUERY,
                "description": f"Words that a title's name holds, at most {MAX_QUERY_WORDS}",
            }
        ),
    ] = None


@endpoints.add(
    "GET",
    "/api/titles",
    "List the library by name, or search in it",
    refuses=(NotSupported,),
    needs="library",
)
async def list_titles(call: Call[Any, TitleQuery]) -> Reply[Page[TitleAnswer]]:
    """Answer with a page of titles."""
    found = call.app[CATALOGUE].titles(call.query.query)
    part, following = part_of(found, call.query)
    return page_of([_title_record(title) for title in part], following)


@endpoints.add(
    "GET",
    "/api/titles/{title_id}",
    "Read a film with its tracks and sources",
    refuses=(UnknownTitle,),
    needs="library",
)
async def read_title(call: Call) -> Reply[FilmAnswer]:
    """Answer with a film."""
    title = call.app[CATALOGUE].get(UUID(call.ids["title_id"]))
    if title is None:
        raise UnknownTitle
    return reply(
        {
            **_title_record(title),
            "language": title.language,
            "audio": [_track_record(track) for track in title.audio],
            "subtitles": [_track_record(track) for track in title.subtitles],
            "storyboard": None,
            "sources": sources_of(call.app, title),
        }
    )


def sources_of(
    app: web.Application, film: Title | None, session_id: str | None = None
) -> list[Source]:
    """Return how ``film`` can be played, in a session or at all; nothing where it is gone."""
    if film is None:
        return []
    signer, length = app[SIGNER], film.duration or 0.0
    sources: list[Source] = [
        {
            "kind": rendition.kind,
            "url": signer.sign(str(film.id), rendition.resource, length=length),
            "type": rendition.file.content_type,
            "width": rendition.file.width,
            "height": rendition.file.height,
        }
        for rendition in film.renditions
    ]
    if film.state == "ready":
        sources.append(_live_source(app, film, session_id))
    return sources


def _live_source(app: web.Application, film: Title, session_id: str | None) -> Source:
    """Return what the server sends live; its size is that of the film, or less."""
    source: Source = {
        "kind": "live",
        "type": LIVE_TYPE,
        "width": film.source.width,
        "height": film.source.height,
    }
    if session_id is not None:
        source["url"] = f"/api/sessions/{session_id}/whep"
        if rendition := app[LIVE_STREAMS].rendition_of(session_id):
            source["progress"] = rendition.progress
            source["behind"] = rendition.behind
    return source


def _title_record(title: Title) -> TitleAnswer:
    record: TitleAnswer = {
        "id": str(title.id),
        "type": title.type,
        "title": title.title,
        "year": title.year,
        "duration": title.duration,
        "poster": title.poster,
        "state": title.state,
    }
    if title.state == "preparing":
        record["progress"] = title.progress or 0.0
    if title.state == "unplayable":
        record["reason"] = title.reason or ""
        record["reason_code"] = title.reason_code or ""
        record["reason_subject"] = title.reason_subject
    return record


def _track_record(track: Track) -> TrackAnswer:
    return {"n": track.n, "language": track.language, "label": track.label, "url": None}
