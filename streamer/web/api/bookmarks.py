"""Bookmarks over HTTP, and the friends among them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from sessions.core.errors import Invalid, RateLimited, UnknownBookmark
from sessions.core.records import Bookmark, BookmarkTarget
from sessions.fields import Id
from sessions.services.bookmarks import FriendView
from sessions.wire import iso
from streamer.web.api.shows import link_to
from streamer.web.http.app_keys import BOOKMARKS, STORE
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.fields import Body, PageQuery, example
from streamer.web.http.replies import Page, Reply, no_content, page_of, reply

__all__ = ["endpoints"]

endpoints = Endpoints("people")


class BookmarkAnswer(TypedDict):
    """Something or somebody that the asker wants to find again."""

    id: str
    created_at: str
    user_id: str
    type: Literal["bookmark"]
    target_id: str
    target_type: BookmarkTarget


class Watching(TypedDict):
    """What a friend watches now."""

    show_id: str
    title: str
    link: str
    """Where one joins them."""


class FriendAnswer(TypedDict):
    """Somebody whom the asker has bookmarked."""

    id: str
    """User id."""
    name: str
    """Empty where they were never met in a show."""
    mutual: bool
    """Whether they have bookmarked the asker too."""
    bookmark_id: str
    watching: NotRequired[Watching]
    """Only where the asker could join them."""


class NewBookmark(Body):
    """What to bookmark; a friend is a bookmark of a user."""

    model_config = example(target_id="8f3c2a60-5d4e-4c1b-9a7f-2b6d1e0c9a54", target_type="user")

    target_id: Id
    target_type: BookmarkTarget


@endpoints.add(
    "POST",
    "/api/bookmarks",
    "Bookmark a film, a series or somebody; again is the same (200)",
    201,
    200,
    refuses=(Invalid, RateLimited),
)
async def create_bookmark(call: Call[NewBookmark]) -> Reply[BookmarkAnswer]:
    """Keep a bookmark."""
    body = call.body
    bookmark, is_new = await call.app[BOOKMARKS].add(call.user, body.target_id, body.target_type)
    return reply(_record(bookmark), status=201 if is_new else 200)


@endpoints.add("GET", "/api/bookmarks", "List the asker's bookmarks, the newest first")
async def list_bookmarks(call: Call[Any, PageQuery]) -> Reply[Page[BookmarkAnswer]]:
    """Answer with a page of bookmarks."""
    query = call.query
    page = await call.app[BOOKMARKS].list(call.user.id, query.limit, query.cursor)
    return page_of([_record(bookmark) for bookmark in page.items], page.next)


@endpoints.add(
    "DELETE",
    "/api/bookmarks/{bookmark_id}",
    "Forget a bookmark",
    204,
    refuses=(UnknownBookmark, RateLimited),
)
async def delete_bookmark(call: Call) -> Reply[None]:
    """Forget a bookmark."""
    await call.app[BOOKMARKS].delete(call.user.id, call.ids["bookmark_id"])
    return no_content()


@endpoints.add("GET", "/api/friends", "List whom the asker has bookmarked, the newest first")
async def list_friends(call: Call[Any, PageQuery]) -> Reply[Page[FriendAnswer]]:
    """Answer with a page of friends, and where the asker may join them."""
    query = call.query
    page = await call.app[BOOKMARKS].friends(call.user.id, query.limit, query.cursor)
    return page_of([await _friend(call, view) for view in page.items], page.next)


def _record(bookmark: Bookmark) -> BookmarkAnswer:
    return {
        "id": bookmark.id,
        "created_at": iso(bookmark.created_at),
        "user_id": bookmark.user_id,
        "type": "bookmark",
        "target_id": bookmark.target_id,
        "target_type": bookmark.target_type,
    }


async def _friend(call: Call[Any, Any], view: FriendView) -> FriendAnswer:
    answer: FriendAnswer = {
        "id": view.friend.bookmark.target_id,
        "name": view.friend.name,
        "mutual": view.friend.mutual,
        "bookmark_id": view.friend.bookmark.id,
    }
    show = view.watching
    token = None if show is None else await call.app[STORE].own_token(show.id)
    if show is not None and token is not None:
        link = link_to(call.request, token)
        answer["watching"] = {"show_id": show.id, "title": show.title, "link": link}
    return answer
