"""More connections than there is room for, and those that do not say what they want."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from streamer.delivery.descriptors import shares_of
from tests.delivery.byte_server import MUCH, ByteServer, Peer, Way, exchange, request, running

SMALL_BUFFER = 16 * 1024


@contextmanager
def peers(cinema: ByteServer, count: int) -> Iterator[list[Peer]]:
    """Open ``count`` connections."""
    with ExitStack() as stack:
        yield [stack.enter_context(Peer(cinema.address)) for _ in range(count)]


@pytest.mark.parametrize("said", [b"", b"G", b"GET /hello HTTP/1.1\r\nHost: cinema.test\r\nX-"])
def test_who_does_not_finish_a_head_in_time_is_closed(film: Path, way: Way, said: bytes) -> None:
    with running(film, way, head_timeout=0.1) as cinema, Peer(cinema.address) as peer:
        peer.send(said)

        assert peer.rest() == b""
        assert cinema.films.counters.head_timeouts == 1
        assert cinema.connections() == 0


def test_a_head_that_never_ends_is_not_kept_alive_by_each_further_byte(
    film: Path, way: Way
) -> None:
    with running(film, way, head_timeout=0.2) as cinema, Peer(cinema.address) as peer:
        peer.send(request("/hello", "X: y")[:-4])
        peer.socket.settimeout(0.05)
        for _ in range(200):
            peer.send(b"y")
            with suppress(TimeoutError):
                assert peer.rest() == b""
                break

        assert cinema.films.counters.head_timeouts == 1


@pytest.mark.parametrize("first", ["/hello", "film", "body"])
def test_between_requests_there_is_more_time_and_within_the_next_head_there_is_not(
    film: Path, way: Way, first: str
) -> None:
    with running(film, way, head_timeout=0.25) as cinema, Peer(cinema.address) as peer:
        with Peer(cinema.address) as silent:
            if first == "body":
                peer.send(request("/echo", "Content-Length: 4", method="POST") + b"body")
            else:
                peer.ask(cinema.url if first == "film" else first)
            peer.answer()
            assert silent.rest() == b""

        peer.ask("/hello")
        assert peer.answer().body == b"hello"
        peer.send(b"GET /hello HTTP/1.1\r\nHo")
        assert peer.rest() == b""
        assert cinema.films.counters.head_timeouts == 2


def test_a_body_may_take_longer_than_a_head(film: Path, way: Way) -> None:
    with running(film, way, head_timeout=0.25) as cinema, Peer(cinema.address) as peer:
        peer.send(request("/echo", "Content-Length: 4", method="POST") + b"bo")
        with Peer(cinema.address) as silent:
            assert silent.rest() == b""
        peer.send(b"dy")

        assert peer.answer().body == b"body"


def test_a_film_may_take_longer_than_a_head(big: Path, way: Way) -> None:
    with (
        running(big, way, head_timeout=0.25) as cinema,
        Peer(cinema.address, SMALL_BUFFER) as peer,
    ):
        peer.ask(cinema.url)
        peer.head()
        with Peer(cinema.address) as silent:
            assert silent.rest() == b""

        assert peer.exactly(big.stat().st_size) == big.read_bytes()


def test_who_is_quiet_gives_way_to_who_comes(film: Path, way: Way) -> None:
    with running(film, way, most_connections=4) as cinema, peers(cinema, 4) as quiet:
        for peer in quiet:
            peer.ask("/hello")
            peer.answer()

        assert exchange(cinema, "Range: bytes=0-9").status == 206

        assert quiet[0].rest() == b""
        assert cinema.films.counters.evicted == 1
        quiet[1].ask("/hello")
        assert quiet[1].answer().body == b"hello"


def test_who_owes_a_body_and_is_not_known_gives_way_to_who_comes(film: Path, way: Way) -> None:
    half = request("/echo", "Content-Length: 100", method="POST") + b"x"
    with running(film, way, most_connections=4) as cinema, peers(cinema, 4) as owing:
        for peer in owing:
            peer.send(half)
            cinema.connections()

        assert exchange(cinema, "Range: bytes=0-9").status == 206

        assert owing[0].rest() == b""
        assert cinema.films.counters.evicted == 1
        owing[3].send(bytes(99))
        assert owing[3].answer("POST").body == b"x" + bytes(99)


def test_who_was_refused_and_still_owes_a_body_gives_way_too(film: Path, way: Way) -> None:
    half = request("/nothing", "Content-Length: 100", method="POST") + b"x"
    with running(film, way, most_connections=4) as cinema, peers(cinema, 4) as owing:
        for peer in owing:
            peer.send(half)
            assert peer.answer("POST").status == 404

        assert exchange(cinema, "Range: bytes=0-9").status == 206


def test_who_takes_nothing_of_a_page_is_dropped_as_well(film: Path, way: Way) -> None:
    with (
        running(film, way, stall_timeout=0.2) as cinema,
        Peer(cinema.address, SMALL_BUFFER) as peer,
    ):
        peer.ask("/much")

        peer.head()
        waits = time.monotonic() + 20.0
        while cinema.connections() and time.monotonic() < waits:
            time.sleep(0.05)

        assert cinema.connections() == 0
        assert len(peer.rest()) < MUCH


def test_the_silent_never_keep_others_out(film: Path, way: Way) -> None:
    with running(film, way, most_connections=20) as cinema, peers(cinema, 100):
        for _ in range(5):
            assert exchange(cinema, "Range: bytes=0-9").status == 206
            assert cinema.connections() <= 20


def test_who_is_being_answered_gives_way_to_nobody(big: Path, way: Way) -> None:
    with running(big, way, most_connections=2) as cinema, ExitStack() as stack:
        busy = [stack.enter_context(Peer(cinema.address, SMALL_BUFFER)) for _ in range(2)]
        for peer in busy:
            peer.ask(cinema.url)
            peer.head()

        with Peer(cinema.address) as more:
            assert more.rest() == b""

        assert cinema.films.counters.refused == 1
        for peer in busy:
            assert peer.exactly(big.stat().st_size) == big.read_bytes()
        assert exchange(cinema, "Range: bytes=0-9").status == 206


@pytest.mark.parametrize("limit", [100, 256, 300, 1024, 65_536, 1 << 30])
def test_films_and_connections_never_need_more_descriptors_than_there_are(limit: int) -> None:
    shares = shares_of(limit)

    assert shares.films >= 1
    assert shares.connections >= 4
    assert shares.films + 2 * shares.connections < limit
