"""The pages that say in words why there is nothing else to see, and the language of any page."""

from __future__ import annotations

from html import escape
from http import HTTPStatus

from aiohttp import hdrs, web

__all__ = ["LANGUAGES", "language_of", "theme_of", "words"]

LANGUAGES = ("en", "ru")
THEMES = ("dark", "light")

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
<html lang="{language}"{look}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="dark light">
<title>{title} · Seans</title>
<link rel="icon" href="/static/icons/seans.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/vendor/inter/inter.css">
<link rel="stylesheet" href="/static/app.css">
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
    """Return the language of a page: ``?lang``, else the one chosen, else the browser's.

    What was chosen comes as the cookie ``lang``, the browser's wish as ``Accept-Language``.
    """
    for asked in (request.query.get("lang"), request.cookies.get("lang")):
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


def theme_of(request: web.BaseRequest) -> str | None:
    """Return whether the visitor chose dark or light, by a cookie; None: as their system has it."""
    chosen = request.cookies.get("theme")
    return chosen if chosen in THEMES else None


def words(request: web.BaseRequest, status: int) -> web.Response:
    """Return a page that says in words why there is nothing else to see."""
    language, theme = language_of(request), theme_of(request)
    texts = WORDS[language]
    title, text = texts.get(status, (HTTPStatus(status).phrase, texts[500][1]))
    return web.Response(
        status=status,
        text=PAGE.format(
            language=language,
            look=f' data-theme="{theme}"' if theme else "",
            title=escape(title),
            text=escape(text),
            home=HOME[language],
        ),
        content_type="text/html",
        charset="utf-8",
        headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"},
    )
