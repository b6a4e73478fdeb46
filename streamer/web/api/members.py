"""The members of a show over HTTP: who they are, their roles, keeping out and pardoning."""

from __future__ import annotations

from typing import Any

from sessions.core.errors import NeedsHost, NotAllowed, RateLimited, UnknownMember, UnknownShow
from sessions.core.roles import Role
from sessions.record_types import MemberRecord
from sessions.wire import member_row
from streamer.web.http.app_keys import MEMBERS
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.fields import Body, Omittable, PageQuery, example
from streamer.web.http.replies import Page, Reply, no_content, page_of, reply

__all__ = ["endpoints"]

endpoints = Endpoints("people")


class MemberChange(Body):
    """What shall be other; a role pardons who was removed."""

    model_config = example(role="moderator")

    role: Omittable[Role] = None
    muted: Omittable[bool] = None


@endpoints.add(
    "GET",
    "/api/shows/{show_id}/members",
    "List a show's members, the oldest first",
    refuses=(UnknownShow,),
)
async def list_members(call: Call[Any, PageQuery]) -> Reply[Page[MemberRecord]]:
    """Answer with a page of members."""
    query = call.query
    rows, following = await call.app[MEMBERS].list(
        call.ids["show_id"], call.user.id, query.limit, query.cursor
    )
    return page_of([member_row(member, presence) for member, presence in rows], following)


@endpoints.add(
    "PATCH",
    "/api/shows/{show_id}/members/{user_id}",
    "Give a role (host: the old host becomes a moderator), mute, or pardon",
    refuses=(UnknownShow, UnknownMember, NotAllowed, NeedsHost, RateLimited),
)
async def change_member(call: Call[MemberChange]) -> Reply[MemberRecord]:
    """Change a member; the room is told."""
    ids, body = call.ids, call.body
    member, presence = await call.app[MEMBERS].change(
        ids["show_id"], call.user.id, ids["user_id"], body.role, body.muted
    )
    return reply(member_row(member, presence))


@endpoints.add(
    "DELETE",
    "/api/shows/{show_id}/members/{user_id}",
    "Remove a member and keep them out until pardoned",
    204,
    refuses=(UnknownShow, UnknownMember, NotAllowed, RateLimited),
)
async def remove_member(call: Call) -> Reply[None]:
    """Remove a member; the room is told, and their links close."""
    ids = call.ids
    await call.app[MEMBERS].remove(ids["show_id"], call.user.id, ids["user_id"])
    return no_content()
