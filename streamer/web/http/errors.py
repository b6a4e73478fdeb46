"""What a refusal is over HTTP: a status, and a problem document (RFC 9457)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from math import ceil

from aiohttp import web

from sessions.core.errors import (
    AuthUnavailable,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    RateLimited,
    Refused,
    StoreUnavailable,
    Unauthenticated,
)
from streamer.problem import FieldError, problem_document
from streamer.webrtc.errors import NoCommonCodec, ServerFull

__all__ = [
    "BadHandshake",
    "BadHost",
    "BadJson",
    "ForeignOrigin",
    "InvalidFields",
    "MethodNotAllowed",
    "NotReady",
    "PreconditionFailed",
    "PreconditionRequired",
    "TooLarge",
    "TooSlow",
    "Unexpected",
    "UnknownHost",
    "UnsupportedMediaType",
    "plain_problem",
    "problem",
    "status_of",
]

RETRY_STORE = 5.0
"""When a client may try again after the store could not write, seconds."""


class BadJson(Refused):
    """The body is no JSON (RFC 8259)."""

    code = "bad_json"
    title = "The body is not JSON"


class BadHost(Refused):
    """The ``Host`` field is no authority (RFC 9112 section 3.2)."""

    code = "bad_host"
    title = "The Host field is not valid"


class UnknownHost(Refused):
    """The ``Host`` field is none of this server's names (RFC 9110 section 15.5.20)."""

    code = "unknown_host"
    title = "This server does not answer to that name"


class BadHandshake(Refused):
    """A WebSocket can't be opened by what the request says (RFC 6455 section 4.2.1)."""

    code = "bad_handshake"
    title = "The WebSocket handshake is not valid"


class UnsupportedMediaType(Refused):
    """The body is of another media type than the call takes (RFC 9110 section 15.5.16)."""

    code = "unsupported_media_type"
    title = "The body is of another media type"


class TooLarge(Refused):
    """The body is longer than any call needs."""

    code = "too_large"
    title = "The body is too large"


class TooSlow(Refused):
    """The body did not come in time."""

    code = "timeout"
    title = "The body took too long to arrive"


class MethodNotAllowed(Refused):
    """The address exists and does not know the method."""

    code = "method_not_allowed"
    title = "This address does not know that method"


class PreconditionRequired(Refused):
    """A request must say which state of a resource it means (RFC 6585 section 3)."""

    code = "precondition_required"
    title = "An If-Match field is needed"


class PreconditionFailed(Refused):
    """The resource is not in the state that the request means (RFC 9110 section 15.5.13)."""

    code = "precondition_failed"
    title = "The resource has changed"


class ForeignOrigin(Forbidden):
    """Another site's page asks in the name of somebody who is known here."""

    code = "foreign_origin"
    title = "Requests from other sites are not accepted"


class NotReady(Refused):
    """The server is up and can't do its work yet, or not now."""

    code = "not_ready"
    title = "Not ready"


class Unexpected(Refused):
    """Something here is broken; the log says what."""

    code = "internal_error"
    title = "Something went wrong here"


class InvalidFields(Invalid):
    """Fields of a body or a query are missing, unknown, of a wrong type or out of range."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{e['path'] or 'body'}: {e['message']}" for e in errors[:3]))
        self.errors = list(errors)


STATUS_OF: dict[type[Refused], HTTPStatus] = {
    BadHost: HTTPStatus.BAD_REQUEST,
    BadHandshake: HTTPStatus.BAD_REQUEST,
    BadJson: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    Conflict: HTTPStatus.CONFLICT,
    Gone: HTTPStatus.GONE,
    UnknownHost: HTTPStatus.MISDIRECTED_REQUEST,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    AuthUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    NoCommonCodec: HTTPStatus.NOT_ACCEPTABLE,
    ServerFull: HTTPStatus.SERVICE_UNAVAILABLE,
    PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    Refused: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The status of each branch of the tree; a class has that of its nearest ancestor here."""


def status_of(refusal: type[Refused]) -> int:
    """Return the HTTP status of a kind of refusal."""
    return next(int(STATUS_OF[kind]) for kind in refusal.__mro__ if kind in STATUS_OF)


def problem(refusal: Refused) -> web.Response:
    """Return the problem document that says ``refusal``."""
    errors = _errors(refusal)
    return problem_document(
        status_of(type(refusal)),
        refusal.code,
        refusal.title,
        refusal.detail,
        errors=errors,
        headers=_headers(refusal),
    )


def plain_problem(status: int, headers: dict[str, str]) -> web.Response:
    """Return the problem document of a status that no refusal stands for."""
    phrase = HTTPStatus(status).phrase
    code = phrase.lower().replace(" ", "_").replace("-", "_")
    return problem_document(status, code, phrase, phrase, headers=headers)


def _errors(refusal: Refused) -> list[FieldError]:
    if isinstance(refusal, InvalidFields):
        return refusal.errors
    if isinstance(refusal, Invalid) and refusal.path:
        return [{"path": refusal.path, "message": refusal.detail}]
    return []


def _headers(refusal: Refused) -> dict[str, str]:
    if isinstance(refusal, RateLimited):
        return {"Retry-After": str(max(1, ceil(refusal.retry_after)))}
    if isinstance(refusal, StoreUnavailable | AuthUnavailable | NotReady | ServerFull):
        return {"Retry-After": str(ceil(RETRY_STORE))}
    if isinstance(refusal, Unauthenticated):
        return {"WWW-Authenticate": 'Bearer realm="seans"'}
    return {}
