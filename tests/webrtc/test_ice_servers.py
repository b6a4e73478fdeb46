"""The setting for STUN and TURN servers, and what viewers are told."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from streamer.webrtc.ice_servers import for_viewer, link_field, parse


def test_servers_are_read_with_ports_and_credentials() -> None:
    stun, turn, secure = parse(
        "stun:stun.example, turn:me:pass%40word@turn.example:3479?transport=tcp,"
        "turns:secret@[2001:db8::1]"
    )

    assert (stun.url, stun.host, stun.port) == ("stun:stun.example:3478", "stun.example", 3478)
    assert not stun.relays
    assert turn.url == "turn:turn.example:3479?transport=tcp"
    assert (turn.username, turn.credential) == ("me", "pass@word")
    assert (secure.url, secure.host) == ("turns:[2001:db8::1]:5349", "2001:db8::1")
    assert (secure.username, secure.credential) == ("", "secret")


def test_nothing_is_no_server() -> None:
    assert parse("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "stun.example",
        "http://stun.example",
        "stun:name:word@stun.example",
        "turn:turn.example",
        "stun:stun.example?transport=tcp",
        "stun:stun.example:99999",
        'turn:a:b@turn.example">',
    ],
)
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|has a port"):
        parse(text)


def test_a_shared_secret_makes_credentials_for_a_day() -> None:
    (server,) = for_viewer(parse("turn:secret@turn.example"), "user", 1000.0)

    made = hmac.digest(b"secret", b"87400:user", hashlib.sha1)
    assert server.username == "87400:user"
    assert server.credential == base64.b64encode(made).decode()


def test_fixed_credentials_are_passed_on() -> None:
    (server,) = for_viewer(parse("turn:me:word@turn.example"), "user", 0.0)

    assert (server.username, server.credential) == ("me", "word")


def test_a_link_field_tells_of_a_server() -> None:
    stun, turn = for_viewer(parse("stun:s.example,turn:m%22e:w@t.example"), "user", 0.0)

    assert link_field(stun) == '<stun:s.example:3478>; rel="ice-server"'
    assert link_field(turn) == (
        '<turn:t.example:3478>; rel="ice-server"; username="m\\"e"; credential="w"; '
        'credential-type="password"'
    )
