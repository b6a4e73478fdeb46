"""The way to the sign-in and back leads nowhere else, and only whoever began it comes back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from streamer.auth.sign_in import depart, path_of_return, safe_path

SITE = "https://watch.example"
TEMPLATE = "https://auth.example/login?back={return}"
OPENID = "https://auth.example/auth?redirect_uri={return}&state={state}&nonce={state}"


def state_of(address: str) -> str:
    """Return the state that a sign-in brings back."""
    query = parse_qs(urlsplit(address).query)
    if "state" in query:
        return query["state"][0]
    return parse_qs(urlsplit(query["back"][0]).query)["state"][0]


@pytest.mark.parametrize(
    "path", ["/", "/w/abc", "/w/abc?lang=ru", "/w/abc?a=b#c", "/фильм", "/@a:1"]
)
def test_a_path_of_this_site_is_come_back_to(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "w/abc",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/w/\\..\\..",
        "/w/a b",
        "/w/a\u00a0b",
        "/w/a\x00",
        "/w/a\x7f",
        "/" + "a" * 1024,
        "/sign-in",
        "/sign-in?to=/",
        "/sign-in/return",
        "/api/docs",
        "/media/x",
    ],
)
def test_any_other_leads_home(path: str) -> None:
    assert safe_path(path) == "/"


def test_the_sign_in_is_told_where_to_lead_back() -> None:
    departure = depart(TEMPLATE, SITE, "/w/abc")

    (back,) = parse_qs(urlsplit(departure.location).query)["back"]
    assert back == f"{SITE}/sign-in/return?state={state_of(departure.location)}"
    assert "abc" not in departure.location


def test_a_service_with_a_state_of_its_own_leads_back_to_one_address() -> None:
    departure = depart(OPENID, SITE, "/w/abc")

    query = parse_qs(urlsplit(departure.location).query)
    assert query["redirect_uri"] == [f"{SITE}/sign-in/return"]
    assert query["state"] == query["nonce"]


@pytest.mark.parametrize("template", [TEMPLATE, OPENID])
def test_who_began_comes_back_to_where_they_were(template: str) -> None:
    departure = depart(template, SITE, "/w/abc?lang=ru")

    assert path_of_return(departure.cookie, state_of(departure.location)) == "/w/abc?lang=ru"


def test_who_did_not_begin_does_not_come_back() -> None:
    mine, other = depart(TEMPLATE, SITE, "/w/abc"), depart(TEMPLATE, SITE, "/w/abc")

    for cookie, state in [
        (mine.cookie, state_of(other.location)),
        (mine.cookie, ""),
        (mine.cookie, "é"),
        ("", ""),
        (".", ""),
        (".L3cvYWJj", ""),
        ("\udcff\udcfe.L3c", "abc"),
    ]:
        assert path_of_return(cookie, state) is None


@pytest.mark.parametrize("path", ["Ly9ldmlsLmV4YW1wbGU", "_w", "%%%", "é", ""])
def test_a_cookie_that_was_changed_leads_home(path: str) -> None:
    state = state_of(depart(TEMPLATE, SITE, "/").location)

    assert path_of_return(f"{state}.{path}", state) == "/"


def test_no_two_ways_have_the_same_state() -> None:
    states = {state_of(depart(TEMPLATE, SITE, "/").location) for _ in range(100)}

    assert len(states) == 100
    assert min(map(len, states)) >= 32
