"""Answers that say in their type what they hold: the type checker and OpenAPI both read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Generic, TypeVar

from aiohttp import web
from typing_extensions import TypedDict

__all__ = ["Page", "Reply", "encoded", "no_content", "page_of", "reply", "text_reply"]

T = TypeVar("T")


class Reply(web.Response, Generic[T]):
    """An answer whose content is a T."""


class Page(TypedDict, Generic[T]):
    """Some items of a list, and the cursor of the next; null where there are no more."""

    items: list[T]
    next: str | None


def encoded(data: object) -> bytes:
    """Return ``data`` as JSON text; ValueError for a number that JSON cannot say."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def reply(data: T, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply[T]:
    """Return a JSON answer, never kept by caches."""
    return Reply(
        status=status,
        body=encoded(data),
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def text_reply(
    text: str, content_type: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Reply[str]:
    """Return an answer that is text of another media type."""
    return Reply(
        status=status, text=text, content_type=content_type, charset="utf-8", headers=headers
    )


def no_content() -> Reply[None]:
    """Return 204: done, and nothing to say."""
    return Reply(status=204)


def page_of(items: list[T], following: str | None) -> Reply[Page[T]]:
    """Return one page of a list; ``following`` is the cursor of the next."""
    return reply({"items": items, "next": following})
