"""Kinds of values that clients send, whatever carries them: UUIDs, lines and texts.

A pattern stands once: the check and the published schema are the same text, written so that
Python and ECMA 262 read it alike.
"""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    BeforeValidator,
    GetJsonSchemaHandler,
    GetPydanticSchema,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

__all__ = [
    "CONTROL_CHARACTERS",
    "UUID_PATTERN",
    "Id",
    "MessageText",
    "line",
    "not_yet",
    "prose",
    "uuid_or_none",
]

UUID_PATTERN = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
"""RFC 9562 section 4: the text form, in either case."""

CONTROL_CHARACTERS = "\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069"
"""What no line of text holds: C0 and C1 controls, line and paragraph separators, and what turns the
direction of the words around it (Unicode Standard Annex 9, explicit formatting)."""

TEXT_CONTROLS = "\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f"
"""What no text holds: the same, less tab and line feed."""

BLANK_CHARACTERS = (
    "\\u0009\\u000a\\u0020\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5"
    "\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufeff\\uffa0"
)
"""What shows nothing: spaces and formatting characters. Something else is needed in any text."""

READABLE = re.compile(f"[^{BLANK_CHARACTERS}]")
"""Anything that shows, once there are no control characters."""


def _text(value: object, controls: re.Pattern[str], shortest: int, longest: int) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Input should be a string")
    if not shortest <= len(value) <= longest:
        raise PydanticCustomError(
            "string_length",
            "Input should have {shortest} to {longest} characters",
            {"shortest": shortest, "longest": longest},
        )
    # Not by the published pattern, which tries each character as the one that is to be read.
    if controls.search(value) or not READABLE.search(value):
        raise PydanticCustomError(
            "string_content",
            "Input should have something to read and no control characters",
        )
    return value.strip()


def _string(controls: str, shortest: int, longest: int) -> Any:  # noqa: ANN401 - a marker for Annotated
    pattern = f"[^{controls}]*[^{controls}{BLANK_CHARACTERS}][^{controls}]*"
    compiled = re.compile(f"[{controls}]")

    def schema(_source: object, _handler: object) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: _text(value, compiled, shortest, longest)
        )

    def published(
        _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "minLength": shortest,
            "maxLength": longest,
            "pattern": f"^{pattern}$",
        }

    return GetPydanticSchema(schema, published)


def line(longest: int) -> Any:  # noqa: ANN401 - a marker for Annotated
    """Return the marker of a string of one line, 1 to ``longest`` characters, not blank."""
    return _string(CONTROL_CHARACTERS, 1, longest)


def prose(longest: int) -> Any:  # noqa: ANN401 - a marker for Annotated
    """Return the marker of a text of 1 to ``longest`` characters, not blank; lines may break."""
    return _string(TEXT_CONTROLS, 1, longest)


def uuid_or_none(text: str) -> str | None:
    """Return ``text`` as a UUID in lower case; None where it is no UUID."""
    return str(UUID(text)) if re.fullmatch(UUID_PATTERN, text) else None


def _id(value: object) -> str:
    found = uuid_or_none(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("uuid", "Input should be a UUID")
    return found


Id = Annotated[
    str,
    BeforeValidator(_id),
    WithJsonSchema({"type": "string", "format": "uuid", "pattern": f"^{UUID_PATTERN}$"}),
]
"""A UUID; in lower case once it is read."""

MessageText = Annotated[str, prose(2000)]
"""What is said in the chat."""


def not_yet(*values: str | None) -> Any:  # noqa: ANN401 - a marker for Annotated
    """Return the marker of a field that the contract also knows by other ``values``.

    They are refused with an error of type ``not_supported``, and no schema names them.
    """

    def check(value: object) -> object:
        if (value is None or isinstance(value, str)) and value in values:
            raise PydanticCustomError("not_supported", "Not supported by this version")
        return value

    return BeforeValidator(check)
