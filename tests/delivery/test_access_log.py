"""The access log: every request one line, and no line opens a door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamer.delivery.access_log import AccessLog, masked
from tests.delivery.byte_server import PATH, Peer, Way, running

WHEN = 1_800_000_000.25
SERVED = (WHEN, "192.0.2.1", "GET", PATH, 206, 65536, 0.0015)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/media/x/file?exp=1&sig=secret", "/media/x/file"),
        ("/w/secret", "/w/***"),
        ("/w/secret/", "/w/***/"),
        ("/owner/secret", "/owner/***"),
        ("/%77/secret", "/w/***"),
        ("/w//secret", "/w//***"),
        ("/w%2Fsecret", "/w/***"),
        ("/api/invites/secret/accept?x=secret", "/api/invites/***/accept"),
        ("/api/titles", "/api/titles"),
        ("/a b\r\nGET /x", "/a%20b%0D%0AGET%20/x"),
        ("/\x1b[31m", "/%1B%5B31m"),
        ("/media/x/file;exp=1&sig=secret", "/media/x/file"),
        (r"/w%5Cabcdef", "/w%5C***"),
        ("/api/invites/x/abcdef", "/api/invites/***"),
        ("/w/x/abcdef/accept", "/w/***/accept"),
        ("/" + "t" * 32, "/***"),
        ("/static/" + "t" * 32 + "/", "/static/***/"),
        ("/w%09/" + "t" * 32, "/w%09/***"),
        ("/api/calendar/secret.ics", "/api/calendar/***"),
        ("/calendar/" + "t" * 32 + ".ics/", "/calendar/***/"),
        ("/" + "t" * 32 + ".ics", "/***.ics"),
        (PATH, PATH),
    ],
)
def test_what_opens_a_door_is_masked(path: str, shown: str) -> None:
    assert masked(path) == shown


def test_a_line_is_text_or_json() -> None:
    written: list[str] = []
    for log_format in ("text", "json"):
        log = AccessLog(
            written.append,
            clock=lambda: WHEN,
            log_format="json" if log_format == "json" else "text",
        )
        log.add(*SERVED)

    assert written[0] == (f"2027-01-15T08:00:00.250Z 192.0.2.1 GET {PATH} 206 65536 0.001500\n")
    assert json.loads(written[1]) == {
        "when": "2027-01-15T08:00:00.250Z",
        "remote": "192.0.2.1",
        "method": "GET",
        "path": PATH,
        "status": 206,
        "sent": 65536,
        "seconds": 0.0015,
    }


def test_every_request_is_one_line_whichever_way_it_went(film: Path, way: Way) -> None:
    with running(film, way) as cinema, Peer(cinema.address) as peer:
        lines = []
        for target, field in (
            (cinema.url, "Range: bytes=0-9"),
            (cinema.url, "Range: bytes=0-1,4-5"),
            (cinema.url, "Range: bytes=5000-"),
            (f"{cinema.url}&x=1", "Accept: */*"),
            ("/hello?token=secret", "Authorization: Bearer secret"),
            ("/w/secret", "Cookie: passport=secret"),
        ):
            peer.ask(target, field)
            peer.answer()
            lines.append(cinema.lines.get(timeout=30))
        signature = cinema.url.rpartition("=")[2]

    rows = [line.split() for line in lines]
    assert [(row[2], row[3], row[4]) for row in rows] == [
        ("GET", PATH, "206"),
        ("GET", PATH, "206"),
        ("GET", PATH, "416"),
        ("GET", PATH, "403"),
        ("GET", "/hello", "200"),
        ("GET", "/w/***", "404"),
    ]
    assert rows[0][1] == "127.0.0.1"
    assert int(rows[0][5]) > 10
    assert not any("secret" in line or signature in line or "exp=" in line for line in lines)
