"""Sessions over HTTP: reading, rescheduling, the timeline and the commands that move it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from sessions.core.commands import MAX_RATE, MIN_RATE, Action
from sessions.core.errors import (
    AlreadyBegun,
    InPast,
    Invalid,
    NoNextSession,
    NotAllowed,
    NotSupported,
    OnlySession,
    RateLimited,
    StaleRevision,
    StoreUnavailable,
    UnknownSession,
)
from sessions.core.records import Member, Session
from sessions.core.roles import may_edit_show, require
from sessions.fields import Id
from sessions.protocol import command_of
from sessions.record_types import SessionRecord, TimelineRecord, TimelinesRecord
from sessions.wire import timeline_record, timelines_record
from streamer.web.api.film_names import named_session
from streamer.web.api.titles import Source, sources_of
from streamer.web.http.app_keys import CATALOGUE, MEMBERSHIP, REGISTRY, SESSIONS, STORE
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.fields import Body, Moment, Omittable, example
from streamer.web.http.replies import Reply, no_content, reply

__all__ = ["endpoints", "session_and_member"]

endpoints = Endpoints("sessions")


class CommandAnswer(TypedDict):
    """What a command made, or what stands."""

    revision: int
    timeline: TimelineRecord


class SessionAnswer(SessionRecord):
    """One run of one film."""

    title: str
    """The show's."""
    sources: list[Source]


class NewTime(Body):
    """Another time for a session; its film can't be another."""

    model_config = example(movie_time="2026-11-24T22:00:00+03:00")

    movie_time: Omittable[Moment] = None
    target_id: Omittable[Id] = None


class NewCommand(Body):
    """What is asked of the film."""

    model_config = example(action="seek", position=60.0)

    action: Action
    position: Omittable[Annotated[float, Field(ge=0.0)]] = None
    rate: Omittable[Annotated[float, Field(ge=MIN_RATE, le=MAX_RATE)]] = None
    revision: Omittable[int] = None


@endpoints.add(
    "GET",
    "/api/sessions/{session_id}",
    "Read a session with its film's sources",
    refuses=(UnknownSession,),
)
async def read_session(call: Call) -> Reply[SessionAnswer]:
    """Answer with a session."""
    session, _ = await session_and_member(call)
    return reply(await _record(call, session))


@endpoints.add(
    "PATCH",
    "/api/sessions/{session_id}",
    "Let a session begin at another time; only before it has begun",
    refuses=(
        UnknownSession,
        NotAllowed,
        InPast,
        AlreadyBegun,
        NotSupported,
        RateLimited,
        StoreUnavailable,
    ),
)
async def reschedule(call: Call[NewTime]) -> Reply[SessionAnswer]:
    """Reschedule and tell the room."""
    session, member = await session_and_member(call)
    require(may_edit_show(member.role))
    if call.body.target_id not in (None, session.target_id):
        raise NotSupported("the film of a movie's show can't be another")
    if call.body.movie_time is None:
        raise Invalid("movie_time is needed", path="movie_time")
    session = await call.app[REGISTRY].reschedule(session, call.body.movie_time, member)
    return reply(await _record(call, session))


@endpoints.add(
    "DELETE",
    "/api/sessions/{session_id}",
    "Delete a session that does not run; a show's only one stays",
    204,
    refuses=(UnknownSession, NotAllowed, OnlySession, AlreadyBegun, RateLimited),
)
async def delete_session(call: Call) -> Reply[None]:
    """Delete a session; the show's room is told."""
    await call.app[SESSIONS].delete(call.ids["session_id"], call.user.id)
    return no_content()


@endpoints.add(
    "GET",
    "/api/sessions/{session_id}/timeline",
    "Where the film stands, and what is ordered",
    refuses=(UnknownSession,),
)
async def read_timeline(call: Call) -> Reply[TimelinesRecord]:
    """Answer with the timeline in force and the one ahead."""
    session, _ = await session_and_member(call)
    return reply(timelines_record(*call.app[REGISTRY].timeline(session)))


@endpoints.add(
    "POST",
    "/api/sessions/{session_id}/commands",
    "Move the film for everybody, or everybody on to the next session",
    202,
    refuses=(
        UnknownSession,
        NotAllowed,
        StaleRevision,
        NoNextSession,
        RateLimited,
        StoreUnavailable,
    ),
)
async def command(call: Call[NewCommand]) -> Reply[CommandAnswer]:
    """Carry a command out and answer with the timeline that it made, or that stands."""
    session, member = await session_and_member(call)
    body = call.body
    wanted = command_of(body.action, body.position, body.rate)
    timeline = await call.app[REGISTRY].command(session, member.user_id, wanted, body.revision)
    answer: CommandAnswer = {"revision": timeline.revision, "timeline": timeline_record(timeline)}
    return reply(answer, status=202)


async def session_and_member(call: Call[Any, Any]) -> tuple[Session, Member]:
    """Return the session that the path names and the asker's place in its show."""
    return await call.app[MEMBERSHIP].with_session(call.ids["session_id"], call.user.id)


async def _record(call: Call[Any, Any], session: Session) -> SessionAnswer:
    show = await call.app[STORE].show(session.show_id)
    if show is None:
        raise UnknownSession
    (state,) = call.app[REGISTRY].states([session])
    film = call.app[CATALOGUE].get(UUID(session.target_id))
    return {
        **named_session(call.app, session, state),
        "title": show.title,
        "sources": sources_of(call.app, film, session.id),
    }
