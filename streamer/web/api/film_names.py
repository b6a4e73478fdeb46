"""Says in a session's record what its film is called: the room itself knows only ids."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from sessions.core.records import Session
from sessions.core.room import SessionState
from sessions.record_types import FilmName, SessionRecord
from sessions.wire import session_record
from streamer.library.titles import Title
from streamer.web.http.app_keys import CATALOGUE

__all__ = ["film_name", "named_session"]


def named_session(app: web.Application, session: Session, state: SessionState) -> SessionRecord:
    """Return a session's record with the name of its film, where the library still has it."""
    record = session_record(session, state)
    title = app[CATALOGUE].get(UUID(session.target_id))
    if title is not None:
        record["film"] = film_name(title)
    return record


def film_name(title: Title) -> FilmName:
    """Return what a film is called, and which episode it is."""
    place = title.episode
    if place is None:
        return {"title": title.title}
    name: FilmName = {
        "title": place.title or title.title,
        "series": place.series_title,
        "season": place.season,
        "number": place.number,
    }
    if place.number_to is not None:
        name["number_to"] = place.number_to
    return name
