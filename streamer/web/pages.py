"""The pages that people see: home, the room behind a link, and a few words where neither fits."""

from __future__ import annotations

from html import escape
from http import HTTPStatus
from mimetypes import guess_type
from pathlib import Path

from aiohttp import hdrs, web

from streamer.web.http.app_keys import INVITES, STATIC
from streamer.web.http.identity import visitor_of

__all__ = ["language_of", "routes", "words"]

LANGUAGES = ("en", "ru")

VENDOR = "vendor/"
"""Libraries may be kept for an hour; their addresses tell no version, so not for longer."""

ROBOTS = "User-agent: *\nDisallow: /w/\nDisallow: /api/\nDisallow: /media/\n"

WORDS: dict[str, dict[int, tuple[str, str]]] = {
    "en": {
        403: ("Not from here", "This page can't be opened from another site."),
        404: ("Nothing here", "There is no page at this address. Was the link copied whole?"),
        405: ("Not like that", "This address does not know that kind of request."),
        410: (
            "This link has ended",
            "It was taken back, or its time is over. Ask whoever invited you for a new one.",
        ),
        421: (
            "Another name, please",
            "The server does not answer to this name. Its owner can allow it: --allow-host.",
        ),
        503: ("Just a moment", "Nothing can be saved right now. Please try again in a minute."),
        500: ("Something broke", "It is not your fault. Please try again in a minute."),
    },
    "ru": {
        403: ("Не отсюда", "Эту страницу нельзя открыть с другого сайта."),
        404: ("Здесь ничего нет", "Такой страницы нет. Ссылка скопирована целиком?"),
        405: ("Так нельзя", "По этому адресу такие запросы не понимают."),
        410: (
            "Ссылка больше не действует",
            "Её отозвали, или её время вышло. Попросите новую у того, кто вас звал.",
        ),
        421: (
            "Другое имя",
            "Сервер не отвечает по этому имени. Владелец может его разрешить: --allow-host.",
        ),
        503: ("Минутку", "Сейчас ничего нельзя сохранить. Попробуйте ещё раз через минуту."),
        500: ("Что-то сломалось", "Вы тут ни при чём. Попробуйте ещё раз через минуту."),
    },
}
HOME = {"en": "To the home page", "ru": "На главную"}

PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="dark light">
<title>{title} · Seans</title>
<link rel="icon" href="/static/icons/seans.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/vendor/inter/inter.css">
<link rel="stylesheet" href="/static/app.css">
<script src="/static/js/pages/theme.js"></script>
</head>
<body class="words">
<header class="top">
<a class="mark" href="/"><img src="/static/icons/seans.svg" alt="">Seans</a>
</header>
<main>
<h1>{title}</h1>
<p>{text}</p>
<a class="button main" href="/">{home}</a>
</main>
</body>
</html>
"""


def language_of(request: web.BaseRequest) -> str:
    """Return the language of a page: ``?lang``, else what ``Accept-Language`` likes best."""
    asked = request.query.get("lang")
    if asked in LANGUAGES:
        return asked
    liked: list[tuple[float, str]] = []
    for item in request.headers.get(hdrs.ACCEPT_LANGUAGE, "").split(",")[:20]:
        tag, _, weight = item.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES:
            liked.append((_quality(weight), language))
    return max(liked, key=lambda pair: pair[0], default=(0.0, "en"))[1]


def _quality(weight: str) -> float:
    """Return the number in ``q=0.8`` (RFC 9110 section 12.4.2), 1 where there is none."""
    name, _, value = weight.strip().partition("=")
    try:
        return float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0


def words(request: web.BaseRequest, status: int) -> web.Response:
    """Return a page that says in words why there is nothing else to see."""
    language = language_of(request)
    texts = WORDS[language]
    title, text = texts.get(status, (HTTPStatus(status).phrase, texts[500][1]))
    return web.Response(
        status=status,
        text=PAGE.format(
            language=language, title=escape(title), text=escape(text), home=HOME[language]
        ),
        content_type="text/html",
        charset="utf-8",
        headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"},
    )


async def home(request: web.Request) -> web.StreamResponse:
    """Answer with the home page."""
    return _file(request.app[STATIC] / "index.html", "no-cache")


async def room(request: web.Request) -> web.StreamResponse:
    """Answer with the page behind a link. Raises UnknownInvite, InviteGone."""
    visitor = visitor_of(request)
    await request.app[INVITES].look(request.match_info["token"], visitor.id if visitor else None)
    response = _file(request.app[STATIC] / "room.html", "no-cache")
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
    return _file(path, "max-age=3600" if name.startswith(VENDOR) else "no-cache")


async def favicon(request: web.Request) -> web.StreamResponse:
    """Answer browsers that ask for an icon without having read the page."""
    return _file(request.app[STATIC] / "icons" / "seans.svg", "max-age=3600")


async def robots(_request: web.Request) -> web.StreamResponse:
    """Tell crawlers what is nobody's business."""
    return web.Response(text=ROBOTS, content_type="text/plain", charset="utf-8")


def _file(path: Path, caching: str) -> web.FileResponse:
    kind = guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    headers = {hdrs.CACHE_CONTROL: caching, hdrs.CONTENT_TYPE: kind}
    return web.FileResponse(path, headers=headers)


routes = (
    web.get("/", home),
    web.get("/w/{token}", room),
    web.get("/static/{name:.+}", static),
    web.get("/favicon.ico", favicon),
    web.get("/robots.txt", robots),
)
"""The pages, and what they are made of."""
