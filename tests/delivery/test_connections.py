"""Connections as they really are: slow, abandoned, pipelined, in pieces, half closed."""

from __future__ import annotations

import json
import os
import socket
import ssl
import struct
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.delivery.byte_server import Answer, Peer, Way, request, running

RESET = struct.pack("ii", 1, 0)
SMALL_BUFFER = 16 * 1024


def test_the_fast_path_is_taken_where_it_is_on_and_only_there(film: Path, way: Way) -> None:
    with running(film, way) as cinema, Peer(cinema.address) as peer:
        for start in range(5):
            peer.ask(cinema.url, f"Range: bytes={start}-{start + 9}")
            assert peer.answer().status == 206
            cinema.lines.get(timeout=30)
        counters = cinema.films.counters

    fast = way.startswith("fast")
    assert (counters.fast, counters.ordinary) == ((5, 0) if fast else (0, 5))
    assert counters.sent == 50
    assert counters.aborted == 0


def test_both_ways_send_the_same_fields(film: Path) -> None:
    answers = [fields_of(film, way) for way in ("fast on uvloop", "ordinary on uvloop")]

    assert answers[0] == answers[1]


def fields_of(film: Path, way: Way) -> list[dict[str, str]]:
    asked = ("Range: bytes=5-9", "Range: bytes=5-", "Range: bytes=-5", "Accept: */*")
    with running(film, way) as cinema, Peer(cinema.address) as peer:
        found = []
        for line in asked:
            peer.ask(cinema.url, line)
            headers = peer.answer().headers
            del headers["date"]
            found.append(headers)
    return found


def test_requests_for_films_and_others_share_a_connection(
    film: Path, way: Way, content: bytes
) -> None:
    with running(film, way) as cinema, Peer(cinema.address) as peer:
        for _ in range(3):
            peer.ask(cinema.url, "Range: bytes=3-5")
            assert peer.answer().body == content[3:6]
            peer.ask("/hello")
            assert peer.answer().body == b"hello"
            peer.send(request("/echo", "Content-Length: 4", method="POST") + b"\r\n\r\n")
            assert peer.answer("POST").body == b"\r\n\r\n"
            peer.ask(cinema.url, method="HEAD")
            assert peer.answer("HEAD").headers["content-length"] == str(len(content))


def test_a_request_in_pieces_is_answered_wherever_it_is_cut(
    film: Path, way: Way, content: bytes
) -> None:
    with running(film, way) as cinema, Peer(cinema.address) as peer:
        peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        whole = request(cinema.url, "Range: bytes=10-19")
        for cut in range(1, len(whole), 7):
            peer.send(whole[:cut])
            cinema.connections()
            peer.send(whole[cut:])
            assert peer.answer().body == content[10:20]
        peer.send(whole)
        assert peer.answer().body == content[10:20]


def test_pipelined_requests_are_answered_in_their_order(
    film: Path, way: Way, content: bytes
) -> None:
    with running(film, way) as cinema, Peer(cinema.address) as peer:
        requests = [request(cinema.url, f"Range: bytes={n}-{n + 4}") for n in range(40)]
        peer.send(b"".join(requests[:20]) + request("/hello") + b"".join(requests[20:]))

        bodies = [peer.answer().body for _ in range(41)]

    expected = [content[n : n + 5] for n in range(40)]
    assert bodies == [*expected[:20], b"hello", *expected[20:]]


def test_what_is_pipelined_behind_a_long_answer_waits_for_it(big: Path, way: Way) -> None:
    size = big.stat().st_size
    with running(big, way) as cinema, Peer(cinema.address, SMALL_BUFFER) as peer:
        peer.ask(cinema.url, "Range: bytes=0-")
        assert peer.head()[0] == 206
        peer.ask("/hello")
        peer.ask(cinema.url, "Range: bytes=256-259")

        assert peer.exactly(size) == big.read_bytes()
        assert peer.answer().body == b"hello"
        assert peer.answer().body == b"\0\1\2\3"


@pytest.mark.parametrize("lines", [("Connection: close",), ("connection: Close",)])
def test_a_peer_that_wants_no_more_is_closed_after_the_answer(
    film: Path, way: Way, content: bytes, lines: tuple[str, ...]
) -> None:
    with running(film, way) as cinema, Peer(cinema.address) as peer:
        peer.ask(cinema.url, "Range: bytes=0-9", *lines)

        assert peer.answer().body == content[:10]
        assert peer.rest() == b""


def test_http_1_0_gets_its_film_and_the_end(film: Path, way: Way, content: bytes) -> None:
    with running(film, way) as cinema, Peer(cinema.address) as peer:
        peer.ask(cinema.url, "Range: bytes=0-9", version="1.0")

        assert peer.answer().body == content[:10]
        assert peer.rest() == b""


def test_a_half_closed_peer_gets_all_that_it_asked_for(big: Path, way: Way) -> None:
    size = big.stat().st_size
    with running(big, way) as cinema, Peer(cinema.address, SMALL_BUFFER) as peer:
        peer.ask(cinema.url, "Range: bytes=0-")
        peer.socket.shutdown(socket.SHUT_WR)

        assert peer.answer().body == big.read_bytes()
        assert peer.rest() == b""
        assert size > 1 << 20


def test_a_half_closed_peer_gets_its_pipelined_answers_too(
    film: Path, way: Way, content: bytes
) -> None:
    with running(film, way) as cinema, Peer(cinema.address) as peer:
        peer.send(request(cinema.url, "Range: bytes=0-4") * 3)
        peer.socket.shutdown(socket.SHUT_WR)

        assert [peer.answer().body for _ in range(3)] == [content[:5]] * 3
        assert peer.rest() == b""


def test_an_idle_half_closed_peer_is_closed(film: Path, way: Way) -> None:
    with running(film, way) as cinema, Peer(cinema.address) as peer:
        peer.ask(cinema.url, "Range: bytes=0-4")
        peer.answer()
        peer.socket.shutdown(socket.SHUT_WR)

        assert peer.rest() == b""


@pytest.mark.parametrize("taken", [0, 1, 200, 70_000])
def test_a_peer_that_leaves_at_any_point_leaves_nothing_behind(
    big: Path, way: Way, taken: int
) -> None:
    with running(big, way) as cinema:
        with Peer(cinema.address, SMALL_BUFFER) as peer:
            peer.ask(cinema.url, "Range: bytes=0-")
            if taken:
                peer.exactly(taken)
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        line = cinema.lines.get(timeout=30)

        assert cinema.films.counters.aborted == 1
        assert int(line.split()[-2]) < big.stat().st_size


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_peer_that_leaves_within_its_request_costs_nothing(
    film: Path, way: Way, cut: int
) -> None:
    with running(film, way) as cinema:
        with Peer(cinema.address) as peer:
            peer.send(request(cinema.url)[:cut])
        with Peer(cinema.address) as peer:
            peer.ask(cinema.url, "Range: bytes=0-4")
            assert peer.answer().status == 206

        assert cinema.films.counters.aborted == 0


def test_a_reader_that_stops_is_dropped_after_its_time(big: Path, way: Way) -> None:
    with running(big, way, stall_timeout=0.4) as cinema, Peer(cinema.address, SMALL_BUFFER) as dead:
        dead.ask(cinema.url, "Range: bytes=0-")
        dead.head()

        line = cinema.lines.get(timeout=30)

        assert int(line.split()[-2]) < big.stat().st_size
        assert len(dead.rest()) < big.stat().st_size
        assert cinema.films.counters.stalled == 1
        assert cinema.films.counters.aborted == 1


def test_a_long_answer_outlives_the_time_for_idle_connections(big: Path, way: Way) -> None:
    with (
        running(big, way, keepalive_timeout=0.2) as cinema,
        Peer(cinema.address, SMALL_BUFFER) as peer,
    ):
        peer.ask(cinema.url, "Range: bytes=0-")
        peer.head()
        with Peer(cinema.address) as idle:
            idle.ask("/hello")
            idle.answer()
            assert idle.rest() == b""

        assert peer.exactly(big.stat().st_size) == big.read_bytes()


def test_a_slow_reader_holds_a_descriptor_and_no_copy_of_the_film(big: Path) -> None:
    with running(big, "fast on uvloop") as cinema:
        peers = [Peer(cinema.address, SMALL_BUFFER) for _ in range(5)]
        for peer in peers:
            peer.ask(cinema.url, "Range: bytes=0-")
            peer.head()

        assert cinema.films.open_descriptors == 1
        for peer in peers:
            peer.socket.close()


@pytest.mark.parametrize("change", ["truncated", "rewritten"])
def test_a_film_that_changes_under_a_viewer_ends_the_connection(
    big: Path, way: Way, change: str
) -> None:
    size = big.stat().st_size
    with running(big, way) as cinema, Peer(cinema.address, SMALL_BUFFER) as peer:
        peer.ask(cinema.url, "Range: bytes=0-")
        etag = peer.head()[1]["etag"]
        if change == "truncated":
            os.truncate(big, size // 2)
        else:
            with big.open("r+b") as file:
                file.seek(size - 1)
                file.write(b"X")

        assert len(peer.rest()) < size
        assert cinema.films.counters.changed == 1
        with Peer(cinema.address) as again:
            again.ask(cinema.url, "Range: bytes=0-9", f"If-Range: {etag}")
            status, headers = again.head()

    assert status == 200
    assert headers["etag"] != etag


def test_a_film_replaced_under_a_viewer_stays_what_it_was_for_them(big: Path, way: Way) -> None:
    was = big.read_bytes()
    with running(big, way) as cinema, Peer(cinema.address, SMALL_BUFFER) as peer:
        peer.ask(cinema.url, "Range: bytes=0-")
        etag = peer.head()[1]["etag"]
        better = big.with_suffix(".new")
        better.write_bytes(b"better")
        better.replace(big)
        with Peer(cinema.address) as other:
            other.ask(cinema.url, "Range: bytes=0-")
            new = other.answer()

        assert peer.exactly(len(was)) == was
        assert new.body == b"better"
        assert new.headers["etag"] != etag
        peer.ask(cinema.url, "Range: bytes=0-1")
        assert peer.answer().body == b"be"


def test_a_film_that_vanished_is_unknown(tmp_path: Path, way: Way) -> None:
    film = tmp_path / "gone.mp4"
    film.write_bytes(b"film")
    with running(film, way) as cinema, Peer(cinema.address) as peer:
        peer.ask(cinema.url, "Range: bytes=0-1")
        assert peer.answer().status == 206
        film.unlink()
        cinema.films.films.close()
        peer.ask(cinema.url, "Range: bytes=0-1")
        answer = peer.answer()

    assert (answer.status, code_of(answer)) == (404, "unknown_title")


def test_an_empty_film_is_sent_whole_and_has_no_ranges(tmp_path: Path, way: Way) -> None:
    film = tmp_path / "empty.mp4"
    film.touch()
    with running(film, way) as cinema, Peer(cinema.address) as peer:
        answers = []
        for line in ("Accept: */*", "Range: bytes=0-", "Range: bytes=-5", "Range: bytes=-0"):
            peer.ask(cinema.url, line)
            answers.append(peer.answer())

    assert [answer.status for answer in answers] == [200, 416, 200, 416]
    assert answers[0].headers["content-length"] == "0"
    assert answers[1].headers["content-range"] == "bytes */0"


def test_a_transfer_may_end_while_the_server_stops(big: Path, way: Way) -> None:
    with running(big, way) as cinema, Peer(cinema.address, SMALL_BUFFER) as peer:
        peer.ask(cinema.url, "Range: bytes=0-")
        peer.head()
        stopping = threading.Thread(target=cinema.stop)
        stopping.start()

        assert peer.exactly(big.stat().st_size) == big.read_bytes()
        assert peer.rest() == b""
        stopping.join(5)
        assert not stopping.is_alive()


def test_a_server_that_stops_does_not_wait_for_the_dead(big: Path, way: Way) -> None:
    with (
        running(big, way, shutdown_timeout=0.2) as cinema,
        Peer(cinema.address, SMALL_BUFFER) as peer,
    ):
        peer.ask(cinema.url, "Range: bytes=0-")
        peer.head()

        cinema.stop()

        assert len(peer.rest()) < big.stat().st_size


def test_tls_never_takes_the_fast_path(film: Path, content: bytes, tmp_path: Path) -> None:
    server, client = certificates(tmp_path)
    with running(film, "fast on uvloop", tls=server) as cinema, Peer(cinema.address) as peer:
        peer.socket = client.wrap_socket(peer.socket, server_hostname="localhost")
        for _ in range(3):
            peer.ask(cinema.url, "Range: bytes=0-9")
            assert peer.answer().body == content[:10]
        counters = cinema.films.counters

    assert (counters.fast, counters.ordinary) == (0, 3)


def certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return contexts for a server at localhost and a client that trusts it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    own_key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, own_key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(own_key, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(Encoding.PEM))
    key.write_bytes(
        own_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return server, ssl.create_default_context(cafile=str(certificate))


def code_of(answer: Answer) -> str:
    code: str = json.loads(answer.body)["code"]
    return code
