"""Links into a show over HTTP: making, listing, revoking, looking behind and accepting them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from sessions.core.errors import (
    InviteGone,
    NotAFriend,
    NotAllowed,
    NotInvited,
    RateLimited,
    Removed,
    UnknownInvite,
    UnknownShow,
)
from sessions.core.records import Invite, User
from sessions.core.roles import Role
from sessions.record_types import FilmName, MayRecord, TimelinesRecord
from sessions.services.invites import InviteRequest
from sessions.wire import iso, may_record, timelines_record
from streamer.web.api.film_names import film_name
from streamer.web.api.shows import link_to
from streamer.web.api.titles import Source, sources_of
from streamer.web.http.app_keys import CATALOGUE, INVITES, PEOPLE, SETTINGS
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.fields import Body, Moment, Omittable, PageQuery, example
from streamer.web.http.paging import part_of
from streamer.web.http.replies import Page, Reply, no_content, page_of, reply

__all__ = ["Preview", "endpoints", "preview"]

endpoints = Endpoints("invites")

MOST_USES = 1_000_000
"""Most that an invite may be used; without a number it is not counted."""


class InviteAnswer(TypedDict):
    """A link into a show."""

    id: str
    created_at: str
    link: str
    role: Role
    uses: int | None
    used: int
    expires: str | None
    own: bool


class Entrance(TypedDict):
    """Where an accepted invite leads."""

    show_id: str
    session_id: str
    role: Role


class Preview(TimelinesRecord):
    """What stands behind a link, before one joins."""

    show_id: str
    session_id: str
    title: str
    movie_time: str
    target_id: str
    duration: float
    guests: bool
    sources: list[Source]
    film: NotRequired[FilmName]
    """Which episode it is, of an episode."""
    member: bool
    role: NotRequired[Role]
    may: NotRequired[MayRecord]


class NewInvite(Body):
    """What a link shall make of whom, how often and how long."""

    model_config = example(role="moderator", uses=1, expires="2027-01-01T00:00:00Z")

    role: Literal["guest", "moderator"] = "guest"
    uses: Omittable[Annotated[int, Field(ge=1, le=MOST_USES)]] = None
    expires: Omittable[Moment] = None


@endpoints.add(
    "POST",
    "/api/shows/{show_id}/invites",
    "Make a further link; one that makes moderators by the host alone",
    201,
    refuses=(UnknownShow, NotAllowed, RateLimited),
)
async def make_invite(call: Call[NewInvite]) -> Reply[InviteAnswer]:
    """Make an invite."""
    body = call.body
    request = InviteRequest(role=body.role, uses=body.uses, expires=body.expires)
    invite = await call.app[INVITES].make(call.ids["show_id"], call.user, request)
    return reply(_record(call, invite), status=201)


@endpoints.add(
    "GET",
    "/api/shows/{show_id}/invites",
    "List a show's links, its own included, the oldest first",
    refuses=(UnknownShow, NotAllowed),
)
async def list_invites(call: Call[Any, PageQuery]) -> Reply[Page[InviteAnswer]]:
    """Answer with a page of invites."""
    found = await call.app[INVITES].list(call.ids["show_id"], call.user.id)
    part, following = part_of(found, call.query)
    return page_of([_record(call, invite) for invite in part], following)


@endpoints.add(
    "DELETE",
    "/api/shows/{show_id}/invites/{invite_id}",
    "Revoke a link; the show's own is replaced by a new one, and members stay",
    204,
    refuses=(UnknownShow, UnknownInvite, NotAllowed, RateLimited),
)
async def revoke_invite(call: Call) -> Reply[None]:
    """Revoke an invite."""
    ids = call.ids
    await call.app[INVITES].revoke(ids["show_id"], call.user.id, ids["invite_id"])
    return no_content()


@endpoints.add(
    "GET",
    "/api/invites/{token}",
    "Look behind a link before joining",
    refuses=(UnknownInvite, InviteGone),
    needs="nothing",
)
async def look_behind(call: Call) -> Reply[Preview]:
    """Answer with what a link leads to; the film only for who could come in."""
    return reply(await preview(call.app, call.ids["token"], call.visitor))


async def preview(app: web.Application, token: str, visitor: User | None) -> Preview:
    """Return what stands behind a link for ``visitor``. Raises UnknownInvite, InviteGone."""
    guests = app[SETTINGS].guests
    found = await app[INVITES].look(token, visitor.id if visitor else None)
    film = app[CATALOGUE].get(UUID(found.session.target_id))
    # The film only for who could come in: its address needs no passport.
    may_enter = found.may_join and (guests or visitor is not None)
    timelines = timelines_record(found.now, found.timeline, found.coming)
    answer: Preview = {
        "show_id": found.show.id,
        "session_id": found.session.id,
        "title": found.show.title,
        "movie_time": iso(found.session.movie_time),
        "target_id": found.session.target_id,
        "duration": found.session.duration,
        "now": timelines["now"],
        "timeline": timelines["timeline"],
        "next": timelines["next"],
        "guests": guests,
        "sources": sources_of(app, film, found.session.id) if may_enter else [],
        "member": found.role is not None,
    }
    if film is not None and film.episode is not None:
        answer["film"] = film_name(film)
    if found.role is not None:
        answer["role"] = found.role
        answer["may"] = may_record(found.role, found.show.control)
    return answer


@endpoints.add(
    "POST",
    "/api/invites/{token}/accept",
    "Become a member by a link; again is the same and uses nothing up",
    refuses=(UnknownInvite, InviteGone, Removed, NotInvited, NotAFriend, RateLimited),
)
async def accept_invite(call: Call) -> Reply[Entrance]:
    """Make the asker a member."""
    session, role = await call.app[INVITES].accept(call.ids["token"], call.user)
    await call.app[PEOPLE].follow_name(call.user)
    return reply({"show_id": session.show_id, "session_id": session.id, "role": role})


def _record(call: Call[Any, Any], invite: Invite) -> InviteAnswer:
    return {
        "id": invite.id,
        "created_at": iso(invite.created_at),
        "link": link_to(call.request, invite.token),
        "role": invite.role,
        "uses": invite.uses,
        "used": invite.used,
        "expires": None if invite.expires is None else iso(invite.expires),
        "own": invite.own,
    }
