"""The pages that people see: home, the room behind a link, and what they are made of."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from hmac import compare_digest
from mimetypes import guess_type
from pathlib import Path
from types import MappingProxyType

from aiohttp import hdrs, web

from sessions.core.errors import NotFound, StoreUnavailable
from streamer.auth.sign_in import RETURN_PATH, SIGN_IN_LIFETIME_S, depart, path_kept
from streamer.secret import SecretUnusable
from streamer.web.api.invites import preview
from streamer.web.api.passports import me
from streamer.web.error_pages import language_of, theme_of
from streamer.web.first_view import first_view
from streamer.web.http.app_keys import HOSTS, OWNER_TOKEN, PAGE_FILES, SETTINGS, STATIC
from streamer.web.http.endpoints import library_is_open
from streamer.web.http.identity import sign_in_cookie, visitor_of
from streamer.web.http.replies import encoded
from streamer.web.page_files import BUILT_FOLDER

__all__ = ["routes"]

CACHING = {
    f"{BUILT_FOLDER}/": "public, max-age=31536000, immutable",
    "vendor/": "max-age=3600",
    "icons/": "max-age=3600",
}
"""For how long browsers may keep files, by where they lie. The bundle's names tell their content
(RFC 8246); those of libraries and icons tell no version, so not for long. All else is asked for
again."""

ROBOTS = "User-agent: *\nDisallow: /w/\nDisallow: /owner/\nDisallow: /api/\nDisallow: /media/\n"

ROOT = '<html lang="en">'
HEAD_END = "</head>"
OVERLAY = '<div id="overlay">'
DATA = '<script type="application/json" id="page-data">{}</script>\n  '
"""Data within the page: no script runs in it, so the content policy has nothing against it."""


async def home(request: web.Request) -> web.StreamResponse:
    """Answer with the home page."""
    return _home(request, owner=False)


async def owner(request: web.Request) -> web.StreamResponse:
    """Make an owner of who opens the owner's address; who has no name yet gives it first.

    Raises NotFound, StoreUnavailable.
    """
    hosts, token = request.app[HOSTS], request.match_info["token"].encode()
    try:
        # In a thread: the command that renews it writes to the disk while the server runs.
        right = (await asyncio.to_thread(request.app[OWNER_TOKEN])).encode()
    except SecretUnusable as error:
        raise StoreUnavailable(str(error)) from error
    if hosts.who != "owner" or not compare_digest(token, right):
        raise NotFound
    visitor = await visitor_of(request)
    if visitor is None:
        return _home(request, owner=True)
    await hosts.make_owner(visitor)
    raise web.HTTPSeeOther("/")


def _home(request: web.Request, *, owner: bool) -> web.Response:
    app = request.app
    data = {"owner": owner, "hosts": app[HOSTS].who, "library": library_is_open(app)}
    return _page(request, "home", data)


async def room(request: web.Request) -> web.StreamResponse:
    """Answer with the page behind a link, and all that it shows first.

    What the page would have to ask for costs a far viewer round trips. Raises UnknownInvite,
    InviteGone.
    """
    visitor = await visitor_of(request)
    invitation = await preview(request.app, request.match_info["token"], visitor)
    person = None if visitor is None else await me(request, visitor)
    words = request.app[PAGE_FILES].words(language_of(request))
    sign_in = request.app[SETTINGS].sign_in_url is not None
    first = first_view(invitation, words, nameless=visitor is None, sign_in=sign_in)
    view = OVERLAY + first
    data = {"person": person, "invitation": invitation}
    response = _page(request, "room", data, {OVERLAY: view})
    response.headers["X-Robots-Tag"] = "noindex"
    return response


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Lead to the sign-in of the Auth service; ``to`` is the path to come back to.

    Without it: that of the last time, for who tries again.
    """
    settings = request.app[SETTINGS]
    if settings.sign_in_url is None:
        raise web.HTTPNotFound
    site = settings.public_url or f"{request.scheme}://{request.host}"
    name = sign_in_cookie(request)
    to = request.query.get("to", path_kept(request.cookies.get(name, "")))
    departure = depart(settings.sign_in_url, site, to)
    headers = {hdrs.LOCATION: departure.location, hdrs.CACHE_CONTROL: "no-store"}
    response = web.Response(status=303, headers=headers)
    response.set_cookie(
        name,
        departure.cookie,
        max_age=int(SIGN_IN_LIFETIME_S),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=name.startswith("__Host-"),
    )
    return response


async def sign_in_return(request: web.Request) -> web.StreamResponse:
    """Answer with the page that takes over what the Auth service has brought."""
    if request.app[SETTINGS].sign_in_url is None:
        raise web.HTTPNotFound
    response = _page(request, "sign-in")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


async def static(request: web.Request) -> web.StreamResponse:
    """Answer with a file that the pages are made of; never one outside of its folder."""
    folder, name = request.app[STATIC], request.match_info["name"]
    if any(part.startswith(".") for part in name.split("/")):
        raise web.HTTPNotFound
    try:
        path = (folder / name).resolve()
        found = path.is_relative_to(folder) and path.is_file()
    except (OSError, ValueError) as error:
        raise web.HTTPNotFound from error
    if not found:
        raise web.HTTPNotFound
    caching = (kept for folder, kept in CACHING.items() if name.startswith(folder))
    return _file(path, next(caching, "no-cache"))


async def favicon(request: web.Request) -> web.StreamResponse:
    """Answer browsers that ask for an icon without having read the page."""
    return _file(request.app[STATIC] / "icons" / "seans.svg", "max-age=3600")


async def robots(_request: web.Request) -> web.StreamResponse:
    """Tell crawlers what is nobody's business."""
    return web.Response(text=ROBOTS, content_type="text/plain", charset="utf-8")


def _page(
    request: web.Request,
    name: str,
    data: object = None,
    changes: Mapping[str, str] = MappingProxyType({}),
) -> web.Response:
    """Return a page in the visitor's language and theme, with ``data`` in it where there are any.

    ``changes`` say what stands in the place of other markup.

    It is kept by no cache: whose it is and what time it is stand in it.
    """
    language, theme = language_of(request), theme_of(request)
    text = request.app[PAGE_FILES].html(name, language)
    settings = request.app[SETTINGS]
    look = f' data-theme="{theme}"' if theme else ""
    look += " data-sign-in" if settings.sign_in_url else ""
    look += " data-no-guests" if not settings.guests else ""
    text = text.replace(ROOT, f'<html lang="{language}"{look}>', 1)
    for markup, other in changes.items():
        text = text.replace(markup, other, 1)
    if data is not None:
        # A title may say </script>: written so, it ends nothing and reads the same.
        known = encoded(data).decode().replace("<", "\\u003c")
        text = text.replace(HEAD_END, DATA.format(known) + HEAD_END, 1)
    response = web.Response(
        text=text,
        content_type="text/html",
        charset="utf-8",
        headers={hdrs.CACHE_CONTROL: "no-store", hdrs.VARY: "Accept-Encoding"},
    )
    response.enable_compression()
    return response


def _file(path: Path, caching: str) -> web.FileResponse:
    kind = guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    headers = {hdrs.CACHE_CONTROL: caching, hdrs.CONTENT_TYPE: kind}
    return web.FileResponse(path, headers=headers)


routes = (
    web.get("/", home),
    web.get("/w/{token}", room),
    web.get("/owner/{token}", owner, allow_head=False),
    web.get("/sign-in", sign_in),
    web.get(RETURN_PATH, sign_in_return),
    web.get("/static/{name:.+}", static),
    web.get("/favicon.ico", favicon),
    web.get("/robots.txt", robots),
)
"""The pages, and what they are made of."""
