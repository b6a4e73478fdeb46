"""Shows over HTTP: planning, reading, changing and calling off."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field

from sessions.core.errors import (
    InPast,
    Invalid,
    NotAHost,
    NotAllowed,
    NotPlayable,
    NotSupported,
    RateLimited,
    UnknownShow,
    UnknownTitle,
)
from sessions.core.records import TargetType
from sessions.core.roles import Access, Control, Waiting
from sessions.fields import Id, line, not_yet
from sessions.record_types import SessionRecord, ShowRecord
from sessions.services.planning import MAX_SESSIONS, MAX_TITLE, Plan, PlannedFilm
from sessions.services.shows import Change, ShowView
from sessions.wire import people_record, show_record
from streamer.web.api.film_names import named_session
from streamer.web.http.app_keys import CATALOGUE, HOSTS, MAKER, SESSIONS, SETTINGS, SHOWS
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.fields import Body, Moment, Omittable, PageQuery, example
from streamer.web.http.replies import Page, Reply, no_content, page_of, reply

__all__ = ["base_url", "endpoints", "link_to"]

endpoints = Endpoints("shows")

MAX_SLOW_MODE_S = 3600.0
"""Longest time that guests may be made to wait from one message to the next, seconds."""


class NewSession(Body):
    """A film or an episode, and when it begins."""

    model_config = example(
        target_id="8f3c2a60-5d4e-4c1b-9a7f-2b6d1e0c9a54", movie_time="2026-11-24T21:00:00+03:00"
    )

    target_id: Id
    movie_time: Moment


class NewShow(Body):
    """What to watch, when, and who may do what."""

    model_config = example(
        target_id="8f3c2a60-5d4e-4c1b-9a7f-2b6d1e0c9a54",
        target_type="movie",
        movie_time="2026-11-24T21:00:00+03:00",
        title="Friday at ours",
        control="moderators",
    )

    target_id: Id
    target_type: TargetType
    movie_time: Annotated[Omittable[Moment], not_yet(None)] = None
    sessions: Omittable[
        Annotated[list[NewSession], Field(min_length=1, max_length=MAX_SESSIONS)]
    ] = None
    title: Omittable[Annotated[str, line(MAX_TITLE)]] = None
    access: Access = "link"
    control: Control = "host"
    waiting: Waiting = "never"


class ShowChange(Body):
    """What shall be other."""

    model_config = example(control="everyone")

    title: Omittable[Annotated[str, line(MAX_TITLE)]] = None
    access: Omittable[Access] = None
    control: Omittable[Control] = None
    waiting: Omittable[Waiting] = None
    slow_mode: Omittable[Annotated[float, Field(ge=0, le=MAX_SLOW_MODE_S)]] = None


class ShowsQuery(PageQuery):
    """Which shows are wanted."""

    when: Literal["coming", "past"] = "coming"


@endpoints.add(
    "POST",
    "/api/shows",
    "Schedule a show of a movie, of several in a row, or of a series",
    201,
    refuses=(UnknownTitle, NotPlayable, NotSupported, InPast, RateLimited),
    needs="host",
)
async def create_show(call: Call[NewShow]) -> Reply[ShowRecord]:
    """Plan a show; the asker is its host."""
    view = await call.app[SHOWS].create(call.user, _plan(call.body))
    first, _ = view.sessions[0]
    film = call.app[CATALOGUE].get(UUID(first.target_id))
    if film is not None and not film.renditions:
        # No browser plays its file, so all will watch it live.
        call.app[MAKER].prepare(film.id)
    headers = {"Location": f"/api/shows/{view.show.id}"}
    return reply(_record(call, view), status=201, headers=headers)


def _plan(body: NewShow) -> Plan:
    """Return what a body plans. Raises Invalid."""
    if (body.movie_time is None) == (body.sessions is None):
        raise Invalid("either movie_time is needed or sessions", path="movie_time")
    if body.target_type == "series" and body.sessions is None:
        raise Invalid("a show of a series has a session for each episode", path="sessions")
    films = [PlannedFilm(each.target_id, each.movie_time) for each in body.sessions or ()]
    if body.movie_time is not None:
        films = [PlannedFilm(body.target_id, body.movie_time)]
    return Plan(
        target_id=body.target_id,
        films=films,
        target_type=body.target_type,
        title=body.title,
        access=body.access,
        control=body.control,
        waiting=body.waiting,
    )


@endpoints.add("GET", "/api/shows", "List the asker's shows")
async def list_shows(call: Call[Any, ShowsQuery]) -> Reply[Page[ShowRecord]]:
    """Answer with a page of the shows that the asker belongs to."""
    query = call.query
    found = await call.app[SHOWS].list(call.user.id, query.when, query.limit, query.cursor)
    return page_of([_record(call, view) for view in found.items], found.next)


@endpoints.add(
    "GET",
    "/api/shows/{show_id}",
    "Read a show",
    refuses=(UnknownShow,),
)
async def read_show(call: Call) -> Reply[ShowRecord]:
    """Answer with a show that the asker belongs to."""
    view = await call.app[SHOWS].read(call.ids["show_id"], call.user.id)
    return reply(_record(call, view))


@endpoints.add(
    "PATCH",
    "/api/shows/{show_id}",
    "Change a show's title or rules",
    refuses=(UnknownShow, NotAllowed, NotSupported, RateLimited),
)
async def change_show(call: Call[ShowChange]) -> Reply[ShowRecord]:
    """Change what the body names; its room is told."""
    body = call.body
    change = Change(
        title=body.title,
        access=body.access,
        control=body.control,
        waiting=body.waiting,
        slow_mode=body.slow_mode,
    )
    view = await call.app[SHOWS].change(call.ids["show_id"], call.user.id, change)
    return reply(_record(call, view))


@endpoints.add(
    "DELETE",
    "/api/shows/{show_id}",
    "Call a show off; all that belongs to it is forgotten",
    204,
    refuses=(UnknownShow, NotAllowed),
)
async def delete_show(call: Call) -> Reply[None]:
    """Delete a show; its room says goodbye."""
    await call.app[SHOWS].delete(call.ids["show_id"], call.user.id)
    return no_content()


@endpoints.add(
    "POST",
    "/api/shows/{show_id}/sessions",
    "Add a session: another episode of a series' show, or another film",
    201,
    refuses=(UnknownShow, UnknownTitle, NotAllowed, NotAHost, NotPlayable, InPast, RateLimited),
)
async def create_session(call: Call[NewSession]) -> Reply[SessionRecord]:
    """Add a session; the show's room is told."""
    planned = PlannedFilm(call.body.target_id, call.body.movie_time)
    may_host = await call.app[HOSTS].may_host(call.user)
    session, state = await call.app[SESSIONS].add(
        call.ids["show_id"], call.user.id, planned, may_host=may_host
    )
    headers = {"Location": f"/api/sessions/{session.id}"}
    return reply(named_session(call.app, session, state), status=201, headers=headers)


def link_to(request: web.Request, token: str) -> str:
    """Return the whole address of a link: under ``public_url``, else the address asked."""
    return f"{base_url(request)}/w/{token}"


def base_url(request: web.Request) -> str:
    """Return what whole addresses begin with: ``public_url``, else the address asked."""
    return request.app[SETTINGS].public_url or f"{request.scheme}://{request.host}"


def _record(call: Call[Any, Any], view: ShowView) -> ShowRecord:
    sessions = [named_session(call.app, session, state) for session, state in view.sessions]
    link = None if view.token is None else link_to(call.request, view.token)
    record = show_record(view.show, sessions, view.role, link)
    if view.people is not None:
        record["people"] = people_record(view.people.total, view.people.first)
    if view.entrance is not None:
        # To members who do not see the link it gives nothing to pass on: it makes nobody a member
        # whom the show's access does not let in.
        record["entrance"] = f"/w/{view.entrance}"
    return record
