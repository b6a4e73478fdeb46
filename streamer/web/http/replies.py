"""JSON answers: compact UTF-8, never kept by caches."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

__all__ = ["encoded", "no_content", "page_of", "reply"]


def encoded(data: object) -> bytes:
    """Return ``data`` as JSON text; ValueError for a number that JSON cannot say."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def reply(
    data: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a JSON answer."""
    return web.Response(
        status=status,
        body=encoded(data),
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def no_content() -> web.Response:
    """Return 204: done, and nothing to say."""
    return web.Response(status=204)


def page_of(items: list[dict[str, Any]], following: str | None) -> web.Response:
    """Return one page of a list; ``following`` is the cursor of the next."""
    return reply({"items": items, "next": following})
