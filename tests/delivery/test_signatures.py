"""Addresses of films: what is signed opens, and nothing else does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.delivery.signatures import BadSignature, Expired, Signer
from tests.delivery.byte_server import FILM_ID, ByteServer, exchange

NOW = 1_800_000_000.0
DAY = 86_400.0


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("resource", ["file", "hls/master.m3u8", "subtitles/0.vtt"])
def test_what_was_signed_opens(resource: str) -> None:
    signer = Signer(b"secret", clock=Clock())

    address = signer.verify(signer.sign(FILM_ID, resource, length=60.0))

    assert (address.film_id, address.resource) == (FILM_ID, resource)


def test_one_grant_opens_all_that_is_served_of_a_film() -> None:
    signer = Signer(b"secret", clock=Clock())
    _, _, grant = signer.sign(FILM_ID, "hls/master.m3u8", length=60.0).partition("?")

    assert signer.verify(f"/media/{FILM_ID}/hls/7.m4s?{grant}").resource == "hls/7.m4s"
    with pytest.raises(BadSignature):
        signer.verify(f"/media/{FILM_ID[:-1]}0/hls/7.m4s?{grant}")


@pytest.mark.parametrize(
    "resource", ["", "/file", "file/", ".", "..", "../x", "a/../b", "a//b", "a%20b"]
)
def test_a_resource_has_one_way_to_be_written(resource: str) -> None:
    signer = Signer(b"secret", clock=Clock())
    _, _, grant = signer.sign(FILM_ID, "file", length=60.0).partition("?")

    with pytest.raises(BadSignature):
        signer.verify(f"/media/{FILM_ID}/{resource}?{grant}")


@given(length=st.floats(0.0, 1e6))
def test_an_address_holds_for_the_film_and_a_day(length: float) -> None:
    clock = Clock()
    signer = Signer(b"secret", clock=clock)
    address = signer.sign(FILM_ID, "file", length=length)

    expires = signer.verify(address).expires

    assert length + DAY <= expires - NOW <= length + DAY + 21_600.0
    clock.now = expires - 0.001
    signer.verify(address)
    clock.now = expires
    with pytest.raises(Expired):
        signer.verify(address)


def test_an_address_stays_the_same_for_hours() -> None:
    clock = Clock()
    signer = Signer(b"secret", clock=clock)
    clock.now = NOW - NOW % 21_600 + 1

    first = signer.sign(FILM_ID, "file", length=0.0)
    clock.now += 20_000

    assert signer.sign(FILM_ID, "file", length=0.0) == first


@given(place=st.integers(0, 200), character=st.characters())
def test_no_other_text_opens_anything(place: int, character: str) -> None:
    signer = Signer(b"secret", clock=Clock())
    address = signer.sign(FILM_ID, "file", length=60.0)
    place %= len(address)
    changed = address[:place] + character + address[place + 1 :]

    # The resource alone is not signed: a grant opens all that is served of a film.
    if changed.partition("?")[2] != address.partition("?")[2] or FILM_ID not in changed:
        with pytest.raises(BadSignature):
            signer.verify(changed)


@given(target=st.text())
def test_no_text_at_all_opens_anything(target: str) -> None:
    with pytest.raises(BadSignature):
        Signer(b"secret", clock=Clock()).verify(target)


def test_another_secret_opens_nothing() -> None:
    address = Signer(b"one", clock=Clock()).sign(FILM_ID, "file", length=60.0)

    with pytest.raises(BadSignature):
        Signer(b"another", clock=Clock()).verify(address)


def test_what_is_remembered_is_bounded_and_what_is_forgotten_is_verified_again() -> None:
    signer = Signer(b"secret", clock=Clock(), cache_size=2)
    addresses = [signer.sign(str(n), "file", length=0.0) for n in range(5)]

    for address in addresses * 2:
        signer.verify(address)

    assert len(signer._verified) == 2


def spoilt(url: str) -> dict[str, str]:
    """Return addresses that differ from a good one, by how."""
    path, _, query = url.partition("?")
    expiry, _, signature = query.partition("&")
    last = "A" if url[-1] != "A" else "B"
    return {
        "no query": path,
        "no signature": f"{path}?{expiry}",
        "no expiry": f"{path}?{signature}",
        "another order": f"{path}?{signature}&{expiry}",
        "a parameter more": f"{url}&x=1",
        "a parameter before": f"{path}?x=1&{query}",
        "a parameter between": f"{path}?{expiry}&x=1&{signature}",
        "the signature twice": f"{url}&{signature}",
        "the expiry twice": f"{path}?{expiry}&{query}",
        "a later expiry": url.replace("exp=", "exp=9"),
        "an expiry with a zero": url.replace("exp=", "exp=0"),
        "an escaped letter": url.replace("exp=", "%65xp="),
        "an escaped path": url.replace("/file?", "/fil%65?"),
        "another film": url.replace(path, "/media/00000000-0000-0000-0000-000000000000/file"),
        "no such id": url.replace(path, "/media/nothing/file"),
        "the last letter": url[:-1] + last,
        "a letter less": url[:-1],
        "padding": f"{url}=",
        "capitals": url.replace("sig=", "SIG="),
        "an empty signature": url[: url.index("sig=") + 4],
        "a semicolon": url.replace("&", ";"),
    }


@pytest.mark.parametrize("how", spoilt("/p?exp=1&sig=x"))
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_other_address_is_forbidden(cinema: ByteServer, how: str, method: str) -> None:
    answer = exchange(cinema, "Range: bytes=0-1", target=spoilt(cinema.url)[how], method=method)

    assert answer.status == 403
    assert answer.headers["content-type"].startswith("application/problem+json")
    if method == "GET":
        document = json.loads(answer.body)
        assert document["code"] == "bad_signature"
        assert document["status"] == 403
        assert document["title"]
        assert document["detail"]


def test_an_expired_address_says_so(cinema: ByteServer) -> None:
    secret, long_ago = b"secret of the tests", 1_000_000_000.0
    old = Signer(secret, clock=lambda: long_ago).sign(FILM_ID, "file", length=60.0)

    answer = exchange(cinema, target=old)

    assert (answer.status, json.loads(answer.body)["code"]) == (403, "url_expired")


def test_a_good_address_of_an_unknown_film_is_not_found(cinema: ByteServer) -> None:
    answer = exchange(cinema, target=cinema.signer.sign("unknown", "file", length=60.0))

    assert answer.status == 404


def test_an_address_in_absolute_form_is_the_same_address(cinema: ByteServer) -> None:
    assert exchange(cinema, target=f"http://cinema.test{cinema.url}").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_film_can_only_be_read(cinema: ByteServer, method: str) -> None:
    answer = exchange(cinema, method=method)

    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert json.loads(answer.body)["code"] == "method_not_allowed"


def test_options_tells_what_can_be_done(cinema: ByteServer) -> None:
    answer = exchange(cinema, method="OPTIONS")

    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
