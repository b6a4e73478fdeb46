"""The OpenAPI 3.1 document, made of the endpoints' declarations, and the page that shows it."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from sessions.core.errors import (
    AuthUnavailable,
    Invalid,
    NotAHost,
    Refused,
    StoreUnavailable,
    Unauthenticated,
)
from sessions.fields import UUID_PATTERN
from sessions.services.passports import (
    GuestsOff,
    PassportExpired,
    PassportInvalid,
    PassportMoved,
)
from streamer import __version__
from streamer.problem import PROBLEM_TYPE
from streamer.web.http.app_keys import OPENAPI
from streamer.web.http.endpoints import JSON_TYPE, PARAMETERS, Call, Endpoint, Endpoints
from streamer.web.http.errors import (
    BadHost,
    BadJson,
    ForeignOrigin,
    TooLarge,
    TooSlow,
    UnknownHost,
    UnsupportedMediaType,
    status_of,
)
from streamer.web.http.replies import Reply, text_reply

__all__ = ["document", "endpoints"]

endpoints = Endpoints("openapi")

SCHEMA_PREFIX = "#/components/schemas/"
SECURITY_SCHEMES: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]

DOCS_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Seans: HTTP</title>
<link rel="icon" href="/static/icons/seans.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/vendor/swagger-ui-dist/swagger-ui.css">
<script src="/static/vendor/swagger-ui-dist/swagger-ui-bundle.js" defer></script>
<script src="/static/js/pages/docs.js" defer></script>
</head>
<body>
<div id="docs"></div>
</body>
</html>
"""


class FieldProblem(TypedDict):
    """Where in a request something is wrong, and what."""

    path: str
    message: str


class Problem(TypedDict):
    """Why a request was not carried out (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: NotRequired[list[FieldProblem]]


PROBLEM_ADAPTER = TypeAdapter(Problem)

Schemas = dict[tuple[int, str], dict[str, Any]]

Webhooks = Mapping[Any, tuple[str, TypeAdapter[Any]]]
"""What is told, in words, and what its data are, by their types."""

WEBHOOK = -2
"""Stands in the place of an endpoint's number where a schema is a webhook's."""


@endpoints.add("GET", "/api/openapi.json", "This document", needs="nothing")
async def read_document(call: Call) -> Reply[dict[str, Any]]:
    """Answer with the OpenAPI document."""
    return Reply(
        body=await asyncio.to_thread(call.app[OPENAPI]),
        content_type="application/json",
        headers={"Cache-Control": "no-cache"},
    )


@endpoints.add(
    "GET",
    "/api/docs",
    "The page that shows this document",
    needs="nothing",
    media_type="text/html",
)
async def read_docs(_call: Call) -> Reply[str]:
    """Answer with a page that shows the OpenAPI document."""
    return text_reply(DOCS_PAGE, "text/html")


def document(
    all_endpoints: Iterable[Endpoint],
    others: Mapping[str, Callable[[str], dict[str, Any]]],
    webhooks: Webhooks = MappingProxyType({}),
) -> dict[str, Any]:
    """Return the OpenAPI document of ``all_endpoints``.

    ``others`` are path items that no endpoint declares, by their paths; each is made of the
    reference to the problem's schema. ``webhooks`` are what the server tells another one, by their
    types.
    """
    declared = [endpoint for endpoint in all_endpoints if endpoint.published]
    schemas, definitions = _schemas(declared, webhooks)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for number, endpoint in enumerate(declared):
        operation = _operation(number, endpoint, schemas)
        paths[endpoint.path][endpoint.method.lower()] = operation
    for path, item in others.items():
        paths[path] = item(SCHEMA_PREFIX + "Problem")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Seans",
            "version": __version__,
            "description": "Watch a film together: shows, people, chat and the film itself.",
        },
        "paths": dict(sorted(paths.items())),
        "webhooks": {
            kind: {"post": _webhook(kind, words, schemas[WEBHOOK, kind])}
            for kind, (words, _) in webhooks.items()
        },
        "components": {
            "schemas": dict(sorted(_tidy(definitions).items())),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "passport"},
            },
        },
    }


def _webhook(kind: str, words: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the operation of the other service that is told ``kind``."""
    properties = {
        "type": {"const": kind, "type": "string"},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": data,
    }
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {
        "operationId": f"tell_{kind.replace('.', '_')}",
        "summary": words,
        "tags": ["webhooks"],
        "security": [],
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
            for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        ],
        "requestBody": {"required": True, "content": {JSON_TYPE: {"schema": schema}}},
        "responses": {"2XX": {"description": "Taken; everything else is sent again"}},
    }


def _schemas(declared: list[Endpoint], webhooks: Webhooks) -> tuple[Schemas, dict[str, Any]]:
    """Return the schema of each endpoint's body, query and answers, and all definitions."""
    inputs: list[tuple[tuple[int, str], Any, TypeAdapter[Any]]] = []
    for number, endpoint in enumerate(declared):
        if endpoint.has_body:
            inputs.append(((number, "body"), "validation", endpoint.body))
        if endpoint.has_query:
            inputs.append(((number, "query"), "validation", endpoint.query))
        if endpoint.statuses and endpoint.answer is not None:
            inputs.append(((number, "answer"), "serialization", TypeAdapter(endpoint.answer)))
    for kind, (_, adapter) in webhooks.items():
        inputs.append(((WEBHOOK, kind), "serialization", adapter))
    inputs.append(((-1, "problem"), "serialization", PROBLEM_ADAPTER))
    made, definitions = TypeAdapter.json_schemas(inputs, ref_template=SCHEMA_PREFIX + "{model}")
    return {key: schema for (key, _), schema in made.items()}, definitions["$defs"]


def _operation(number: int, endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.handler.__name__,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "security": [] if endpoint.needs == "nothing" else list(SECURITY_SCHEMES),
        "responses": _responses(number, endpoint, schemas),
    }
    if endpoint.needs == "library":
        operation["security"].append({})
    if parameters := [*_path_parameters(endpoint), *_query_parameters(number, endpoint, schemas)]:
        operation["parameters"] = parameters
    if endpoint.has_body:
        schema = schemas[number, "body"]
        operation["requestBody"] = {
            "required": True,
            "content": {endpoint.accepts: {"schema": schema}},
        }
    return operation


def _names(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    found = []
    for name in _names(endpoint.path):
        parameter = PARAMETERS[name]
        schema = {"type": "string"}
        if parameter.uuid:
            schema |= {"format": "uuid", "pattern": f"^{UUID_PATTERN}$"}
        found.append(
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": parameter.description,
                "schema": schema,
            }
        )
    return found


def _query_parameters(number: int, endpoint: Endpoint, schemas: Schemas) -> list[dict[str, Any]]:
    if not endpoint.has_query:
        return []
    schema = endpoint.query.json_schema(ref_template=SCHEMA_PREFIX + "{model}")
    return [
        {"name": name, "in": "query", "required": False, "schema": _tidy(_not_null(described))}
        for name, described in schema["properties"].items()
    ]


def _responses(number: int, endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status in endpoint.statuses:
        response: dict[str, Any] = {"description": HTTPStatus(status).phrase}
        if endpoint.answer is not None:
            response["content"] = {endpoint.media_type: {"schema": schemas[number, "answer"]}}
        responses[str(status)] = response
    refusals: dict[int, list[str]] = defaultdict(list)
    for refusal in dict.fromkeys(_refusals(endpoint)):
        refusals[status_of(refusal)].append(f"`{refusal.code}`: {refusal.title}")
    for status, codes in refusals.items():
        responses[str(status)] = {
            "description": "; ".join(codes),
            "content": {PROBLEM_TYPE: {"schema": {"$ref": SCHEMA_PREFIX + "Problem"}}},
        }
    return dict(sorted(responses.items()))


def _refusals(endpoint: Endpoint) -> Iterable[type[Refused]]:
    """Return all that an endpoint may refuse, the checks before its handler included."""
    yield from (BadHost, UnknownHost, TooLarge)
    yield from (PassportInvalid, PassportExpired, PassportMoved, GuestsOff, AuthUnavailable)
    if endpoint.needs != "nothing":
        yield Unauthenticated
    if endpoint.needs in ("host", "library"):
        yield NotAHost
    if endpoint.method != "GET":
        yield from (BadJson, TooSlow, Invalid, ForeignOrigin)
    if endpoint.accepts != JSON_TYPE:
        yield UnsupportedMediaType
    if endpoint.has_query:
        yield Invalid
    for name in _names(endpoint.path):
        yield PARAMETERS[name].refusal
    yield from endpoint.refuses
    yield StoreUnavailable


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a query parameter: one that is left out is not sent as null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**kinds[0], **rest}


def _tidy(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Return ``schema`` without titles made from names and defaults that only mean "left out"."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _tidy(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str))
        and not (name == "default" and value is None)
    }
