"""Kinds of values that requests carry: what is accepted, and how OpenAPI says it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    GetPydanticSchema,
    JsonValue,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

__all__ = [
    "DEFAULT_LIMIT",
    "MAX_LIMIT",
    "Body",
    "Count",
    "Cursor",
    "Limit",
    "Moment",
    "Nothing",
    "Omittable",
    "PageQuery",
    "Query",
    "example",
]

RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
TIME_LIMIT = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
"""Moments from here on are refused: dates with their zone need four digits for the year."""

DEFAULT_LIMIT = 50
"""Length of a page where none is asked for."""

MAX_LIMIT = 200
"""Longest page."""


T = TypeVar("T")


class Body(BaseModel):
    """A JSON body: types as they are written, no unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def example(**fields: JsonValue) -> ConfigDict:
    """Return the configuration that shows these ``fields`` as a body's example."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


class Nothing(Body):
    """A body that has nothing to say."""


class Query(BaseModel):
    """What stands behind the question mark; parameters that mean nothing here are let be."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _given(value: object) -> object:
    if value is None:
        raise PydanticCustomError("null", "Input should not be null")
    return value


def _without_null(schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
    found = handler(schema)
    (kind,) = (kind for kind in found["anyOf"] if kind != {"type": "null"})
    return dict(kind)


Omittable = Annotated[
    T | None,
    BeforeValidator(_given),
    GetPydanticSchema(get_pydantic_json_schema=_without_null),
]
"""A field that may be left out, and is None then; written as null it is refused."""


def _moment(value: object) -> float:
    message = "Input should be a date and time with its zone (RFC 3339)"
    if not isinstance(value, str) or not RFC3339.fullmatch(value):
        raise PydanticCustomError("moment", message)
    try:
        seconds = datetime.fromisoformat(value.upper()).timestamp()
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("moment", message) from error
    if not 0.0 <= seconds < TIME_LIMIT:
        raise PydanticCustomError("moment_range", "Input should lie in the years 1970 to 9998")
    return seconds


Moment = Annotated[
    float,
    BeforeValidator(_moment),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2026-11-24T21:00:00+03:00"]}
    ),
]
"""A moment as RFC 3339 writes it; Unix seconds once it is read."""


def _integer(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,19}", value, re.ASCII):
        return int(value)
    return value if not isinstance(value, str) else None


def _bounded(lowest: int, highest: int) -> Any:  # noqa: ANN401 - a marker for Annotated
    def check(value: object) -> int:
        number = _integer(value)
        if not isinstance(number, int) or not lowest <= number <= highest:
            raise PydanticCustomError(
                "integer_range",
                "Input should be a whole number from {lowest} to {highest}",
                {"lowest": lowest, "highest": highest},
            )
        return number

    return BeforeValidator(check)


Limit = Annotated[
    int,
    _bounded(1, MAX_LIMIT),
    WithJsonSchema(
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    ),
]
"""How many items a page has at most."""

Count = Annotated[
    int,
    _bounded(0, 2**53),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 2**53}),
]
"""A number in a query that counts something, such as ``seq``."""

Cursor = Annotated[str, WithJsonSchema({"type": "string", "maxLength": 1000})]
"""Where the next page begins; only what an answer gave makes sense."""


class PageQuery(Query):
    """Which part of a list is wanted."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor | None = None
