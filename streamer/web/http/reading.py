"""From bytes to values: a body's size, its JSON or text, its fields, and a query's."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from aiohttp import web
from multidict import MultiMapping
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json

from sessions.core.errors import Invalid, NotSupported
from streamer.problem import FieldError
from streamer.web.http.errors import BadJson, InvalidFields, TooLarge, TooSlow, UnsupportedMediaType

__all__ = ["MAX_BODY", "read_body", "validated_body", "validated_query", "validated_text"]

T = TypeVar("T")

MAX_BODY = 64 * 1024
"""Longest body, bytes, after any content coding is undone."""

BODY_TIMEOUT = 20.0
"""How long a body may take to arrive, seconds."""

MAX_ERRORS = 20
"""How many errors a problem document lists."""

MAX_PATH = 200
"""Longest path of an error, characters: field names are the client's."""


async def read_body(request: web.Request, *, wanted: bool) -> bytes:
    """Return the body; nothing where none is ``wanted``.

    Raises TooLarge, TooSlow, or BadJson where its content coding is broken.
    """
    if (request.content_length or 0) > MAX_BODY:
        raise TooLarge(f"a body has at most {MAX_BODY} bytes")
    if not wanted or not request.body_exists:
        if request.content.exception() is not None:
            # Nobody wants it, and still aiohttp would fail over it after the answer.
            raise BadJson("the body can't be read")
        return b""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MAX_BODY:
                    raise TooLarge(f"a body has at most {MAX_BODY} bytes")
    except TimeoutError as error:
        raise TooSlow from error
    except web.RequestPayloadError as error:
        raise BadJson("the body can't be read") from error
    return bytes(body)


def validated_body(adapter: TypeAdapter[T], raw: bytes, *, expected: bool) -> T:
    """Return the value that the JSON text ``raw`` says. Raises BadJson or InvalidFields.

    Where no body is expected, none and an empty object are the same.
    """
    if not raw and not expected:
        raw = b"{}"
    try:
        from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise BadJson(str(error)) from error
    try:
        return adapter.validate_json(raw)
    except ValidationError as error:
        raise _refusal(error) from error


def validated_text(raw: bytes, *, content_type: str, expected: str) -> str:
    """Return the text ``raw`` of a body that is no JSON.

    Raises UnsupportedMediaType unless it is of the media type ``expected``, and Invalid where it
    is not UTF-8.
    """
    if content_type != expected:
        raise UnsupportedMediaType(f"this takes {expected}")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Invalid("the body is not UTF-8") from error


def validated_query(adapter: TypeAdapter[T], query: MultiMapping[str]) -> T:
    """Return the value that a query says. Raises InvalidFields."""
    twice = [name for name in dict.fromkeys(query) if len(query.getall(name)) > 1]
    if twice:
        raise InvalidFields([_error((name,), "Input should be given once") for name in twice])
    try:
        return adapter.validate_python(dict(query))
    except ValidationError as error:
        raise _refusal(error) from error


def _refusal(error: ValidationError) -> InvalidFields | NotSupported:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    for item in found:
        if item["type"] == "not_supported":
            return NotSupported(item["msg"], path=_path(item["loc"]))
    return InvalidFields([_described(item) for item in found[:MAX_ERRORS]])


def _described(item: ErrorDetails) -> FieldError:
    message = "Unknown field" if item["type"] == "extra_forbidden" else item["msg"]
    return _error(item["loc"], message)


def _error(loc: tuple[int | str, ...], message: str) -> FieldError:
    return {"path": _path(loc), "message": message}


def _path(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc)[:MAX_PATH]
