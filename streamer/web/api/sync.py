"""How well a session keeps step, over HTTP, for its host and moderators."""

from __future__ import annotations

from sessions.core.errors import NotAllowed, UnknownSession
from sessions.core.roles import may_see_step, require
from sessions.live.step_report import sync_record
from sessions.record_types import SyncRecord
from streamer.web.api.sessions import session_and_member
from streamer.web.http.app_keys import CLOCK, REGISTRY
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.replies import Reply, reply

__all__ = ["endpoints"]

endpoints = Endpoints("sessions")


@endpoints.add(
    "GET",
    "/api/sessions/{session_id}/sync",
    "How well everybody keeps step; for host and moderators",
    refuses=(UnknownSession, NotAllowed),
)
async def read_sync(call: Call) -> Reply[SyncRecord]:
    """Answer with what is known of an open session's viewers; of one that is not open: nobody."""
    session, member = await session_and_member(call)
    require(may_see_step(member.role))
    live = call.app[REGISTRY].find_session(session)
    return reply(sync_record(live, call.app[CLOCK]()))
