"""The pages that people see, and the headers that keep them safe."""

from __future__ import annotations

from typing import Any

import pytest
from yarl import URL

from streamer.app import static_folder
from tests.web.app_harness import Answer, Cinema, Person, token_of


def is_page(answer: Answer) -> bool:
    return answer.headers["Content-Type"] == "text/html; charset=utf-8"


async def test_the_home_page_is_the_one_of_the_static_folder(cinema: Cinema) -> None:
    home = await cinema.anybody.get("/")

    assert home.status == 200
    assert is_page(home)
    assert home.text == (static_folder() / "index.html").read_text()
    assert home.headers["Cache-Control"] == "no-cache"


async def test_a_link_opens_the_room_page_for_anybody(cinema: Cinema, show: dict[str, Any]) -> None:
    page = await cinema.anybody.get(f"/w/{token_of(show)}?lang=ru")

    assert page.status == 200
    assert page.text == (static_folder() / "room.html").read_text()
    assert page.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("token", ["x", "a" * 32, "%00", "%ff", "a/b", ""])
async def test_a_link_that_never_was_is_a_page_in_words(cinema: Cinema, token: str) -> None:
    page = await cinema.anybody.get(f"/w/{token}")

    assert page.status == 404
    assert is_page(page)
    assert "Was the link copied whole?" in page.text


async def test_a_revoked_link_is_a_page_in_words(
    cinema: Cinema, host: Person, show: dict[str, Any]
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
    cinema: Cinema, query: str, accepted: str, language: str
) -> None:
    page = await cinema.anybody.get(f"/nowhere{query}", **{"Accept-Language": accepted})

    assert page.status == 404
    assert f'<html lang="{language}">' in page.text


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/api/titles", "/api/nowhere", "/static/app.css", "/healthz"]
)
async def test_every_answer_carries_the_security_headers(cinema: Cinema, path: str) -> None:
    headers = (await cinema.anybody.get(path)).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"].split("; ")
    authority = cinema.client.make_url("/").authority
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert f"connect-src 'self' ws://{authority} wss://{authority}" in policy
    assert "Python" not in headers["Server"]


async def test_static_files_are_asked_for_again_and_not_sent_twice(cinema: Cinema) -> None:
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
async def test_nothing_outside_the_static_folder_is_served(cinema: Cinema, name: str) -> None:
    async with cinema.client.session.get(
        URL(f"{cinema.client.make_url('/')}static/{name}", encoded=True)
    ) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(("path", "kind"), [("/favicon.ico", "image/svg+xml")])
async def test_browsers_find_the_icon(cinema: Cinema, path: str, kind: str) -> None:
    assert (await cinema.anybody.get(path)).headers["Content-Type"] == kind


async def test_crawlers_stay_out_of_the_halls(cinema: Cinema) -> None:
    assert "Disallow: /w/" in (await cinema.anybody.get("/robots.txt")).text


async def test_an_address_that_is_none_says_so_to_programs(cinema: Cinema) -> None:
    assert (await cinema.anybody.get("/api/nowhere")).said == (404, "not_found")
    assert (await cinema.anybody.get("/media/nowhere")).said == (404, "not_found")


async def test_a_method_that_an_address_does_not_know_is_refused(cinema: Cinema) -> None:
    refused = await cinema.anybody.ask("PUT", "/api/shows")

    assert refused.said == (405, "method_not_allowed")
    assert refused.headers["Allow"] == "GET, HEAD, POST"
    assert (await cinema.anybody.ask("DELETE", "/")).status == 405


async def test_head_is_get_without_the_body(cinema: Cinema) -> None:
    for path in ("/", "/api/titles", "/healthz"):
        head, get = await cinema.anybody.ask("HEAD", path), await cinema.anybody.get(path)
        assert (head.status, head.text) == (200, "")
        assert head.headers["Content-Length"] == get.headers["Content-Length"]
