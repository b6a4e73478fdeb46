"""An endpoint is declared once: its route, its checks and its OpenAPI operation come from that.

A handler takes a :class:`Call`; what it is annotated with (``Call[NewShow]``, ``Call[Nothing,
PageQuery]``) says which body and query it accepts, and ``Reply[ShowRecord]`` what it answers.
Before it runs, in this order: the origin, the passport, the names in the path, the body, its JSON,
the query. None of these changes anything, and who may not call is refused before a byte of their
body is waited for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, NoReturn, get_args, get_origin, get_type_hints

from aiohttp import hdrs, web
from pydantic import TypeAdapter
from typing_extensions import TypeVar

from sessions.core.errors import (
    NotFound,
    Refused,
    Unauthenticated,
    UnknownBookmark,
    UnknownCalendar,
    UnknownInvite,
    UnknownMember,
    UnknownMessage,
    UnknownSession,
    UnknownShow,
    UnknownTitle,
    UnknownView,
)
from sessions.core.records import User
from sessions.fields import uuid_or_none
from streamer.delivery.connection import Connection
from streamer.web.http.app_keys import HOSTS, SETTINGS
from streamer.web.http.fields import Nothing
from streamer.web.http.identity import visitor_of
from streamer.web.http.origin import check_origin
from streamer.web.http.reading import read_body, validated_body, validated_query, validated_text
from streamer.web.http.replies import Reply
from streamer.webrtc.errors import UnknownStream

__all__ = [
    "JSON_TYPE",
    "PARAMETERS",
    "Call",
    "Endpoint",
    "Endpoints",
    "Needs",
    "Parameter",
    "library_is_open",
]

B = TypeVar("B", default=Nothing)
Q = TypeVar("Q", default=Nothing)

JSON_TYPE = "application/json"

Needs = Literal["passport", "host", "library", "nothing"]
"""Who may call: somebody known; who may host; the same, and anybody where everyone may and guests
are on; anybody."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of a path that names something."""

    refusal: type[NotFound]
    """What is said where it cannot name anything."""

    description: str
    """For the OpenAPI page."""

    uuid: bool = True
    """Whether it is a UUID; lower case once it is read."""


PARAMETERS: dict[str, Parameter] = {
    "title_id": Parameter(UnknownTitle, "The film's id"),
    "show_id": Parameter(UnknownShow, "The show's id"),
    "session_id": Parameter(UnknownSession, "The session's id"),
    "user_id": Parameter(UnknownMember, "The member's user id"),
    "message_id": Parameter(UnknownMessage, "The message's id"),
    "bookmark_id": Parameter(UnknownBookmark, "The bookmark's id"),
    "view_id": Parameter(UnknownView, "The id of the entry of history"),
    "invite_id": Parameter(UnknownInvite, "The invite's id"),
    "stream_id": Parameter(UnknownStream, "The live stream's id", uuid=False),
    "calendar_token": Parameter(
        UnknownCalendar, "What the address of a calendar holds", uuid=False
    ),
    "token": Parameter(UnknownInvite, "What stands behind /w/ in a link", uuid=False),
}
"""Every name that stands in braces in a path."""


@dataclass(frozen=True, slots=True)
class Call(Generic[B, Q]):
    """A request that has passed all checks."""

    request: web.Request
    """The request itself, for its headers."""

    visitor: User | None
    """Who asks, where known."""

    ids: Mapping[str, str]
    """The path's parameters; UUIDs in lower case."""

    body: B
    """What the body says."""

    query: Q
    """What the query says."""

    @property
    def user(self) -> User:
        """Return who asks. Raises Unauthenticated where nobody is known."""
        if self.visitor is None:
            raise Unauthenticated
        return self.visitor

    @property
    def app(self) -> web.Application:
        """Return the application, which carries what streamer.web.http.app_keys names."""
        return self.request.app


Handler = Callable[[Call[Any, Any]], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call of the contract."""

    method: str
    """HTTP method; GET answers HEAD too."""

    path: str
    """Path with its parameters in braces."""

    summary: str
    """What it does, in a few words."""

    tag: str
    """The noun it belongs to."""

    handler: Handler
    """What does it."""

    statuses: tuple[int, ...]
    """What it answers with where it refuses nothing."""

    answer: Any
    """Type of what it answers with; None where there is no content, NoReturn: it only refuses."""

    refuses: tuple[type[Refused], ...]
    """What it may refuse besides what the checks before it do."""

    needs: Needs
    """Who may call."""

    body: TypeAdapter[Any]
    """What its body is read with."""

    query: TypeAdapter[Any]
    """What its query is read with."""

    has_body: bool
    """Whether a body is expected."""

    has_query: bool
    """Whether the query means something."""

    accepts: str
    """Media type of its body; JSON is read whatever the request calls it."""

    media_type: str
    """What its answers are."""

    published: bool
    """Whether OpenAPI tells of it: what can't be done yet is refused in words, not announced."""

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Check ``request``, then let the handler answer it."""
        check_origin(request)
        visitor = await visitor_of(request)
        await self._admit(request, visitor)
        if visitor is not None and isinstance(request.protocol, Connection):
            request.protocol.forbid_eviction()
        ids = _ids(request)
        raw = await read_body(request, wanted=self.method != hdrs.METH_GET)
        body = self._body(request, raw)
        query = validated_query(self.query, request.query) if self.has_query else Nothing()
        return await self.handler(Call(request, visitor, ids, body, query))

    def _body(self, request: web.Request, raw: bytes) -> object:
        if self.accepts == JSON_TYPE:
            return validated_body(self.body, raw, expected=self.has_body)
        return validated_text(raw, content_type=request.content_type, expected=self.accepts)

    async def _admit(self, request: web.Request, visitor: User | None) -> None:
        """Raise Unauthenticated or NotAHost for who may not call."""
        match self.needs:
            case "passport" if visitor is None:
                raise Unauthenticated
            case "host":
                await request.app[HOSTS].require(visitor)
            case "library" if visitor is not None or not library_is_open(request.app):
                await request.app[HOSTS].require(visitor)


def library_is_open(app: web.Application) -> bool:
    """Tell whether who has no passport sees the films: they could make themselves one."""
    guests: bool = app[SETTINGS].guests
    return guests and app[HOSTS].who == "everyone"


def _ids(request: web.Request) -> dict[str, str]:
    ids = {}
    for name, value in request.match_info.items():
        parameter = PARAMETERS[name]
        found = uuid_or_none(value) if parameter.uuid else value
        if found is None:
            raise parameter.refusal
        ids[name] = found
    return ids


@dataclass(slots=True)
class Endpoints:
    """The endpoints of one noun, in the order in which they are declared."""

    tag: str
    """The noun."""

    items: list[Endpoint] = field(default_factory=list)
    """What was declared so far."""

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self.items)

    def add(
        self,
        method: str,
        path: str,
        summary: str,
        *statuses: int,
        refuses: tuple[type[Refused], ...] = (),
        needs: Needs = "passport",
        accepts: str = JSON_TYPE,
        media_type: str = JSON_TYPE,
        published: bool = True,
    ) -> Callable[[Handler], Handler]:
        """Declare the decorated handler as what answers ``method`` on ``path``.

        It answers with ``statuses``, 200 where none is named. A body that it ``accepts`` as another
        media type than JSON is text: ``Call[str]``.
        """

        def declare(handler: Handler) -> Handler:
            body, query, answer = _annotated(handler)
            self.items.append(
                Endpoint(
                    method=method,
                    path=path,
                    summary=summary,
                    tag=self.tag,
                    handler=handler,
                    statuses=() if answer is NoReturn else statuses or (200,),
                    answer=answer,
                    refuses=refuses,
                    needs=needs,
                    body=TypeAdapter(body),
                    query=TypeAdapter(query),
                    has_body=body is not Nothing,
                    has_query=query is not Nothing,
                    accepts=accepts,
                    media_type=media_type,
                    published=published,
                )
            )
            return handler

        return declare

    def routes(self) -> Iterator[web.RouteDef]:
        """Return the aiohttp routes of all."""
        for endpoint in self.items:
            # Braces too may stand in what a client sends; the check of the name refuses them.
            path = endpoint.path.replace("}", ":[^/]+}")
            if endpoint.method == hdrs.METH_GET:
                yield web.get(path, endpoint.__call__)
            else:
                yield web.route(endpoint.method, path, endpoint.__call__)


def _annotated(handler: Handler) -> tuple[Any, Any, Any]:
    """Return the types that ``handler`` takes as body and query, and that of its Reply."""
    hints = get_type_hints(handler)
    returned = hints.pop("return")
    (call,) = hints.values()
    body, query = (*get_args(call), Nothing, Nothing)[:2]
    if get_origin(returned) is Reply:
        (returned,) = get_args(returned)
    elif returned is not NoReturn:
        returned = None
    return (
        Nothing if body is Any else body,
        Nothing if query is Any else query,
        None if returned is type(None) else returned,
    )
