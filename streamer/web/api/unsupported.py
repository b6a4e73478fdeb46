"""Calls that the contract knows and this version does not build: 422 ``not_supported``."""

from __future__ import annotations

from aiohttp import web

from sessions.core.errors import NotSupported

__all__ = ["routes"]

UNSUPPORTED_CALLS = (("PATCH", "/api/shows/{show_id}/messages/{message_id}"),)


async def _refuse(request: web.Request) -> web.StreamResponse:
    raise NotSupported(f"{request.method} {request.rel_url.path} comes in a later version")


routes = [web.route(method, path, _refuse) for method, path in UNSUPPORTED_CALLS]
