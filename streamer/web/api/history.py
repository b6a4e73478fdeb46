"""What the asker has watched, over HTTP."""

from __future__ import annotations

from typing import Any, Literal, NotRequired
from uuid import UUID

from aiohttp import web
from typing_extensions import TypedDict

from sessions.core.errors import RateLimited, UnknownView
from sessions.core.records import FilmType, View
from sessions.record_types import FilmName
from sessions.wire import iso
from streamer.web.api.film_names import film_name
from streamer.web.http.app_keys import CATALOGUE, HISTORY
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.fields import PageQuery
from streamer.web.http.replies import Page, Reply, no_content, page_of

__all__ = ["endpoints"]

endpoints = Endpoints("history")


class ViewAnswer(TypedDict):
    """What the asker watched of one session."""

    id: str
    created_at: str
    user_id: str
    type: Literal["view"]
    target_id: str
    target_type: FilmType
    show_id: str
    session_id: str
    title: str
    """What the show was called."""
    film: NotRequired[FilmName]
    """What the film is called, and which episode it is, where the library still has it."""
    position: float
    """Where they stopped, s."""
    duration: float
    """The film's length, s."""
    watched: float
    """How long their page played, s."""
    company: list[str]
    """Names of some who watched with them."""
    updated_at: str


@endpoints.add("GET", "/api/history", "List what the asker has watched, the newest first")
async def list_history(call: Call[Any, PageQuery]) -> Reply[Page[ViewAnswer]]:
    """Answer with a page of history."""
    query = call.query
    page = await call.app[HISTORY].list(call.user.id, query.limit, query.cursor)
    return page_of([_record(call.app, view) for view in page.items], page.next)


@endpoints.add("DELETE", "/api/history", "Forget all of it", 204, refuses=(RateLimited,))
async def clear_history(call: Call) -> Reply[None]:
    """Forget the asker's history."""
    await call.app[HISTORY].clear(call.user.id)
    return no_content()


@endpoints.add(
    "DELETE",
    "/api/history/{view_id}",
    "Forget an entry",
    204,
    refuses=(UnknownView, RateLimited),
)
async def delete_view(call: Call) -> Reply[None]:
    """Forget an entry of the asker's history."""
    await call.app[HISTORY].delete(call.user.id, call.ids["view_id"])
    return no_content()


def _record(app: web.Application, view: View) -> ViewAnswer:
    answer: ViewAnswer = {
        "id": view.id,
        "created_at": iso(view.created_at),
        "user_id": view.user_id,
        "type": "view",
        "target_id": view.target_id,
        "target_type": view.target_type,
        "show_id": view.show_id,
        "session_id": view.session_id,
        "title": view.title,
        "position": round(view.position, 3),
        "duration": view.duration,
        "watched": round(view.watched, 1),
        "company": list(view.company),
        "updated_at": iso(view.updated_at),
    }
    title = app[CATALOGUE].get(UUID(view.target_id))
    if title is not None:
        answer["film"] = film_name(title)
    return answer
