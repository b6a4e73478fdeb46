"""The pages that people see, and the headers that keep them safe."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from typing import Any

import pytest
from yarl import URL

from tests.web.app_harness import Answer, AppHarness, Person, token_of


def is_page(answer: Answer) -> bool:
    return answer.headers["Content-Type"] == "text/html; charset=utf-8"


DATA = re.compile(r'<script type="application/json" id="page-data">(.*?)</script>', re.DOTALL)


def data_of(page: Answer) -> Any:  # noqa: ANN401 -- JSON
    (data,) = DATA.findall(page.text)
    return json.loads(data)


async def test_the_home_page_is_kept_by_no_cache(cinema: AppHarness) -> None:
    home = await cinema.anybody.get("/")

    assert home.status == 200
    assert is_page(home)
    assert '<div id="page"></div>' in home.text
    assert home.headers["Cache-Control"] == "no-store"


async def test_a_link_opens_the_room_page_for_anybody(
    cinema: AppHarness, show: dict[str, Any]
) -> None:
    page = await cinema.anybody.get(f"/w/{token_of(show)}")

    assert page.status == 200
    assert '<aside id="sidebar"' in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Cache-Control"] == "no-store"


async def test_a_link_brings_what_the_page_would_ask_for(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    link, preview = f"/w/{token_of(show)}", f"/api/invites/{token_of(show)}"

    known, stranger = data_of(await host.get(link)), data_of(await cinema.anybody.get(link))

    assert known == {
        "person": (await host.get("/api/me")).json,
        "invitation": (await host.get(preview)).json,
    }
    assert stranger == {"person": None, "invitation": (await cinema.anybody.get(preview)).json}


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["Countdown", "The film begins by itself"]), ("ru", ["Обратный отсчёт"])],
)
async def test_a_link_shows_its_countdown_before_any_script(
    cinema: AppHarness, show: dict[str, Any], language: str, words: list[str]
) -> None:
    page = await cinema.anybody.get(f"/w/{token_of(show)}?lang={language}")

    now, begins = data_of(page)["invitation"]["now"], datetime.fromisoformat(show["movie_time"])
    minutes, seconds = divmod(math.ceil(begins.timestamp() - now), 60)
    assert minutes < 60
    assert f'role="timer">{minutes}:{seconds:02}</p>' in page.text
    assert all(some in page.text for some in words)


async def test_a_title_ends_no_script_of_the_page(cinema: AppHarness, host: Person) -> None:
    title = "</script><script>alert(1)</script>"
    show = await cinema.show(host, title=title)

    page = await cinema.anybody.get(f"/w/{token_of(show)}")

    assert "<script>alert" not in page.text
    assert data_of(page)["invitation"]["title"] == title


@pytest.mark.parametrize(
    ("cookies", "root"),
    [
        ("", '<html lang="en">'),
        ("theme=dark", '<html lang="en" data-theme="dark">'),
        ("theme=light; lang=ru", '<html lang="ru" data-theme="light">'),
        ('theme="><script>; lang=xx', '<html lang="en">'),
    ],
)
async def test_pages_are_drawn_as_chosen_from_the_first_byte(
    cinema: AppHarness, show: dict[str, Any], cookies: str, root: str
) -> None:
    for path in ("/", f"/w/{token_of(show)}", "/nowhere"):
        assert root in (await cinema.anybody.get(path, Cookie=cookies)).text


async def test_pages_come_compressed(cinema: AppHarness) -> None:
    page = await cinema.anybody.get("/", **{"Accept-Encoding": "gzip"})

    assert page.headers["Content-Encoding"] == "gzip"
    assert page.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("token", ["x", "a" * 32, "%00", "%ff", "a/b", ""])
async def test_a_link_that_never_was_is_a_page_in_words(cinema: AppHarness, token: str) -> None:
    page = await cinema.anybody.get(f"/w/{token}")

    assert page.status == 404
    assert is_page(page)
    assert "Was the link copied whole?" in page.text


async def test_a_revoked_link_is_a_page_in_words(
    cinema: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    invites = f"/api/shows/{show['id']}/invites"
    (own,) = (await host.get(invites)).json["items"]
    await host.delete(f"{invites}/{own['id']}")

    page = await cinema.anybody.get(f"/w/{token_of(show)}")

    assert page.status == 410
    assert is_page(page)
    assert "taken back" in page.text


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "ru", "ru"),
        ("", "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("", "en;q=0.9, ru;q=0.3", "en"),
        ("", "de, ru;q=0.5", "ru"),
        ("", "de", "en"),
        ("", "ru;q=x, en;q=0.1", "en"),
        ("?lang=ru", "en", "ru"),
        ("?lang=en", "ru", "en"),
        ("?lang=xx", "ru", "ru"),
    ],
)
async def test_pages_in_words_speak_the_readers_language(
    cinema: AppHarness, query: str, accepted: str, language: str
) -> None:
    page = await cinema.anybody.get(f"/nowhere{query}", **{"Accept-Language": accepted})

    assert page.status == 404
    assert f'<html lang="{language}">' in page.text


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/api/titles", "/api/nowhere", "/static/app.css", "/healthz"]
)
async def test_every_answer_carries_the_security_headers(cinema: AppHarness, path: str) -> None:
    headers = (await cinema.anybody.get(path)).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"].split("; ")
    authority = cinema.client.make_url("/").authority
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert f"connect-src 'self' ws://{authority} wss://{authority}" in policy
    assert "Python" not in headers["Server"]


async def test_static_files_are_asked_for_again_and_not_sent_twice(cinema: AppHarness) -> None:
    sheet = await cinema.anybody.get("/static/app.css")
    again = await cinema.anybody.get("/static/app.css", **{"If-None-Match": sheet.headers["Etag"]})

    assert sheet.headers["Content-Type"] == "text/css; charset=utf-8"
    assert sheet.headers["Cache-Control"] == "no-cache"
    assert (again.status, again.text) == (304, "")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "js",
        "js/",
        ".",
        "%2e%2e/pyproject.toml",
        "..%2fpyproject.toml",
        "%2fetc%2fpasswd",
        "js/%2e%2e/%2e%2e/pyproject.toml",
        "%00",
        "a" * 300,
        "no/such/file",
        "%ff",
    ],
)
async def test_nothing_outside_the_static_folder_is_served(cinema: AppHarness, name: str) -> None:
    async with cinema.client.session.get(
        URL(f"{cinema.client.make_url('/')}static/{name}", encoded=True)
    ) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(("path", "kind"), [("/favicon.ico", "image/svg+xml")])
async def test_browsers_find_the_icon(cinema: AppHarness, path: str, kind: str) -> None:
    assert (await cinema.anybody.get(path)).headers["Content-Type"] == kind


async def test_crawlers_stay_out_of_the_halls(cinema: AppHarness) -> None:
    assert "Disallow: /w/" in (await cinema.anybody.get("/robots.txt")).text


async def test_an_address_that_is_none_says_so_to_programs(cinema: AppHarness) -> None:
    assert (await cinema.anybody.get("/api/nowhere")).said == (404, "not_found")
    assert (await cinema.anybody.get("/media/nowhere")).said == (404, "not_found")


async def test_a_method_that_an_address_does_not_know_is_refused(cinema: AppHarness) -> None:
    refused = await cinema.anybody.ask("PUT", "/api/shows")

    assert refused.said == (405, "method_not_allowed")
    assert refused.headers["Allow"] == "GET, HEAD, POST"
    assert (await cinema.anybody.ask("DELETE", "/")).status == 405


async def test_head_is_get_without_the_body(cinema: AppHarness) -> None:
    for path in ("/", "/api/titles", "/healthz"):
        head, get = await cinema.anybody.ask("HEAD", path), await cinema.anybody.get(path)
        assert (head.status, head.text) == (200, "")
        assert head.headers["Content-Length"] == get.headers["Content-Length"]
