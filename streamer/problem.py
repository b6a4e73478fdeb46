"""A problem document (RFC 9457): how every part of the server says over HTTP what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

__all__ = ["PROBLEM_TYPE", "FieldError", "problem_document"]

PROBLEM_TYPE = "application/problem+json"

FieldError = dict[str, str]
"""``{path, message}``: where in the request, and what is wrong there."""


def problem_document(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
) -> web.Response:
    """Return a refusal that no cache keeps.

    ``code`` and ``title`` are the same each time, ``detail`` is of this one; ``errors`` say which
    fields are wrong.
    """
    document: dict[str, Any] = {
        "type": f"urn:seans:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        document["errors"] = list(errors)
    response = web.Response(
        status=status,
        body=json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(),
        content_type=PROBLEM_TYPE,
        headers={"Cache-Control": "no-store"},
    )
    response.headers.update(headers)
    return response
