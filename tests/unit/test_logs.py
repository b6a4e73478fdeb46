"""The log makes nobody wait, and says what was said."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator

import pytest
from aiohttp.http_exceptions import LineTooLong

from streamer.logs import BATCH, MAX_WAITING, LogWriter, begin_logging
from streamer.settings import LogFormat

FORMATS: tuple[LogFormat, ...] = ("text", "json")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Put the root logger back as pytest had it."""
    root, server = logging.getLogger(), logging.getLogger("aiohttp.server")
    quiet = [logging.getLogger(name) for name in ("aiohttp.access", "aiohttp.websocket", "aioice")]
    handlers, level, filters = root.handlers[:], root.level, server.filters[:]
    levels = [logger.level for logger in quiet]
    root.handlers = []
    yield
    root.handlers, server.filters = handlers, filters
    root.setLevel(level)
    for logger, before in zip(quiet, levels, strict=True):
        logger.setLevel(before)


def test_a_record_is_a_line_of_text() -> None:
    stream = io.StringIO()
    log = begin_logging("text", stream)

    logging.getLogger("seans").info("hello %s", "there")
    log.close()

    assert stream.getvalue().endswith("Z INFO seans: hello there\n")


def test_a_record_is_one_json_object_a_line_with_its_exception() -> None:
    stream = io.StringIO()
    log = begin_logging("json", stream)

    try:
        raise ValueError("two\nlines")
    except ValueError:
        logging.getLogger("seans").exception("it broke")
    log.close()

    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert (said["level"], said["logger"], said["message"]) == ("error", "seans", "it broke")
    assert "ValueError: two\nlines" in said["exception"]


def test_bytes_that_are_no_http_are_not_logged() -> None:
    stream = io.StringIO()
    log = begin_logging("text", stream)

    error = LineTooLong(b"/w/a-secret-token", 8190)
    logging.getLogger("aiohttp.server").error("Error handling request", exc_info=error)
    log.close()

    assert stream.getvalue() == ""


class Stuck(io.StringIO):
    """A stream whose reader does not take anything until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def write(self, text: str) -> int:
        self.let_go.wait()
        return super().write(text)


def test_a_reader_that_is_stuck_makes_nobody_wait() -> None:
    stuck = Stuck()
    log = LogWriter(stuck)

    for _ in range(MAX_WAITING + 1000):
        log.add("x")

    # One batch may be in the thread's hands by then.
    assert 1000 - BATCH <= log.dropped <= 1000
    stuck.let_go.set()
    log.close()


@pytest.mark.parametrize(("encoding", "name"), [("utf-8", "é\\udce9"), ("ascii", "\\xe9\\udce9")])
def test_a_name_that_cannot_be_encoded_is_escaped(encoding: str, name: str) -> None:
    written = io.BytesIO()
    log = LogWriter(io.TextIOWrapper(written, encoding=encoding, errors="strict"))

    log.write("é\udce9 cannot be used\n")
    log.close()

    assert log.dropped == 0
    assert written.getvalue().decode() == f"{name} cannot be used\n"


def test_a_stream_that_is_closed_is_counted_and_survived() -> None:
    stream = io.StringIO()
    stream.close()
    log = LogWriter(stream)

    log.write("x")
    log.close()

    assert log.dropped == 1


class Signalling(io.StringIO):
    """A stream that says when something is written, and keeps it by the write."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        self.writes.append(text)
        self.written.set()
        return len(text)


def test_lines_in_no_hurry_are_written_in_batches_of_a_bounded_size() -> None:
    stream = Signalling()
    log = LogWriter(stream, max_delay=60.0)

    for _ in range(2 * BATCH + 3):
        log.add("x")
    log.close()

    assert sum(map(len, stream.writes)) == 2 * BATCH + 3
    assert max(map(len, stream.writes)) <= BATCH


def test_a_line_in_no_hurry_waits_no_longer_than_it_may() -> None:
    stream = Signalling()
    log = LogWriter(stream, max_delay=0.01)

    log.add("x")

    assert stream.written.wait(30.0)
    log.close()


def test_a_record_takes_along_what_waits_before_it_in_its_order() -> None:
    stream = Signalling()
    log = LogWriter(stream, max_delay=60.0)

    log.add("a request\n")
    log.write("a record\n")

    assert stream.written.wait(30.0)
    log.close()
    assert "".join(stream.writes) == "a request\na record\n"


def logged(message: str, log_format: LogFormat = "text") -> str:
    stream = io.StringIO()
    log = begin_logging(log_format, stream)
    logging.getLogger("seans").warning("%s", message)
    log.close()
    return stream.getvalue()


FORGED = "x\n2026-01-01T00:00:00.000Z INFO seans: forged \x1b[2J\x9b2J\u2028\u202e\ud800\r\x7f.mp4"


def test_a_name_can_neither_forge_a_line_nor_steer_a_terminal() -> None:
    line = logged(FORGED)

    assert line.endswith(
        r"seans: x\n2026-01-01T00:00:00.000Z INFO seans: forged"
        r" \x1b[2J\x9b2J\u2028\u202e\ud800\r\x7f.mp4"
        "\n"
    )
    assert line[:-1].isprintable()


def test_a_name_can_not_forge_a_line_of_json_either() -> None:
    line = logged(FORGED, "json")

    assert line[:-1].isprintable()
    assert json.loads(line)["message"].isprintable()


def test_words_in_other_alphabets_stay_as_they_are() -> None:
    assert logged("Сеанс: «Кино» 電影 é").endswith("seans: Сеанс: «Кино» 電影 é\n")


def test_the_lines_of_a_traceback_can_not_be_taken_for_records() -> None:
    stream = io.StringIO()
    log = begin_logging("text", stream)
    try:
        raise ValueError("two\n2026-01-01T00:00:00.000Z INFO seans: forged \x1b[2J")
    except ValueError:
        logging.getLogger("seans").exception("it broke")
    log.close()

    first, *rest = stream.getvalue().splitlines()
    assert first.endswith("ERROR seans: it broke")
    assert all(line.startswith("  ") and line.isprintable() for line in rest)
    assert r"forged \x1b[2J" in rest[-1]


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("GET /x?token=SECRET&a=1", "GET /x?token=***&a=1"),
        ("TOKEN=SECRET", "TOKEN=***"),
        ("Bearer a/b+c~SECRET==", "Bearer ***"),
        ("http://seans.example/w/SECRET?lang=en", "http://seans.example/w/***?lang=en"),
        ("access_token=SECRET", "access_token=***"),
        ("/media/x/file?exp=1&sig=SECRET HTTP", "/media/x/file?exp=1&sig=*** HTTP"),
        ("next=%2Fx%3Fsig%3DSECRET", "next=%2Fx%3Fsig%3D***"),
        ("Authorization: Bearer SECRET", "Authorization: Bearer ***"),
        ("{'authorization': 'bearer SECRET'}", "{'authorization': 'bearer ***'}"),
        ("Cookie: passport=SECRET; lang=en", "Cookie: passport=***; lang=en"),
        ('{"type":"hello","token":"SECRET"}', '{"type":"hello","token":"***"}'),
        ("http://seans.example/w/SECRET was opened", "http://seans.example/w/*** was opened"),
        ("POST /api/invites/SECRET/accept", "POST /api/invites/***/accept"),
        ("it was eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.SECRET", "it was ***"),
        ("POST /api/invites/{token}/accept failed", "POST /api/invites/{token}/accept failed"),
        ("two tokens of a show", "two tokens of a show"),
    ],
)
def test_what_opens_a_door_is_masked_wherever_it_stands(message: str, shown: str) -> None:
    for log_format in FORMATS:
        line = logged(message, log_format)
        assert "SECRET" not in line
        said = json.loads(line)["message"] if log_format == "json" else line.split("seans: ", 1)[1]
        assert said.rstrip("\n") == shown


def test_what_opens_a_door_is_masked_in_tracebacks_too() -> None:
    stream = io.StringIO()
    log = begin_logging("text", stream)
    secret = "sig=" + "SECRET"
    try:
        raise ValueError(f"/media/x/file?{secret}")
    except ValueError:
        logging.getLogger("seans").exception("it broke")
    log.close()

    assert "/media/x/file?sig=***" in stream.getvalue()


def test_the_steps_of_a_viewer_s_handshake_are_not_logged() -> None:
    stream = io.StringIO()
    log = begin_logging("text", stream)

    logging.getLogger("aioice.ice").info("Connection(2) Discovered a candidate 192.0.2.7")
    log.close()

    assert stream.getvalue() == ""


def test_what_clients_write_into_handshakes_is_not_logged() -> None:
    stream = io.StringIO()
    log = begin_logging("text", stream)

    logging.getLogger("aiohttp.websocket").warning("Client protocols %r don't overlap", ["x"])
    log.close()

    assert stream.getvalue() == ""
