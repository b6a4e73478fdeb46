"""How well a session keeps step, over HTTP, for its host and moderators."""

from __future__ import annotations

from aiohttp import web
from typing_extensions import TypedDict

from sessions.core.errors import NotAllowed, UnknownSession
from sessions.core.roles import may_see_step, require
from sessions.live.step_report import sync_record
from streamer.web.api.passports import Person
from streamer.web.api.sessions import place
from streamer.web.http.app_keys import CLOCK, REGISTRY
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.replies import reply

__all__ = ["endpoints"]

endpoints = Endpoints("sessions")


class Errors(TypedDict):
    """How far pictures were off in the last minute, each viewer weighing the same; seconds."""

    p50: float | None
    p95: float | None
    max: float | None


class ViewerRow(TypedDict):
    """What a viewer's page said last, and how well it has kept step since the start; seconds."""

    user: Person
    state: str
    error: float | None
    bound: float | None
    delay: float | None
    buffered: float | None
    seek_cost: float | None
    start_latency: float | None
    dropped: int | None
    transport: str | None
    reported_at: float | None
    p50: float | None
    p95: float | None
    samples: int


class SyncAnswer(TypedDict):
    """How well a session keeps step: lately in ``error``, since its start in p50 and p95."""

    viewers: int
    in_step: int
    error: Errors
    p50: float | None
    p95: float | None
    samples: int
    rows: list[ViewerRow]


@endpoints.add(
    "GET",
    "/api/sessions/{session_id}/sync",
    "How well everybody keeps step; for host and moderators",
    {200: SyncAnswer},
    refuses=(UnknownSession, NotAllowed),
)
async def read_sync(call: Call) -> web.Response:
    """Answer with what is known of an open session's viewers; of one that is not open: nobody."""
    session, member = await place(call)
    require(may_see_step(member.role))
    live = call.app[REGISTRY].find_session(session)
    return reply(sync_record(live, call.app[CLOCK]()))
