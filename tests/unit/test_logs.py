"""The log makes nobody wait, and says what was said."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator

import pytest
from aiohttp.http_exceptions import LineTooLong

from streamer.logs import WAITING, Outlet, begin_logging


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Put the root logger back as pytest had it."""
    root, server = logging.getLogger(), logging.getLogger("aiohttp.server")
    handlers, level, filters = root.handlers[:], root.level, server.filters[:]
    root.handlers = []
    yield
    root.handlers, server.filters = handlers, filters
    root.setLevel(level)


def test_a_record_is_a_line_of_text() -> None:
    stream = io.StringIO()
    outlet = begin_logging("text", stream)

    logging.getLogger("seans").info("hello %s", "there")
    outlet.close()

    assert stream.getvalue().endswith("Z INFO seans: hello there\n")


def test_a_record_is_one_json_object_a_line_with_its_exception() -> None:
    stream = io.StringIO()
    outlet = begin_logging("json", stream)

    try:
        raise ValueError("two\nlines")
    except ValueError:
        logging.getLogger("seans").exception("it broke")
    outlet.close()

    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert (said["level"], said["logger"], said["message"]) == ("error", "seans", "it broke")
    assert "ValueError: two\nlines" in said["exception"]


def test_bytes_that_are_no_http_are_not_logged() -> None:
    stream = io.StringIO()
    outlet = begin_logging("text", stream)

    error = LineTooLong(b"/w/a-secret-token", 8190)
    logging.getLogger("aiohttp.server").error("Error handling request", exc_info=error)
    outlet.close()

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
    outlet = Outlet(stuck)

    for _ in range(WAITING + 100):
        outlet.write("x")

    assert 99 <= outlet.dropped <= 100
    stuck.let_go.set()
    outlet.close()


@pytest.mark.parametrize(("encoding", "name"), [("utf-8", "é\\udce9"), ("ascii", "\\xe9\\udce9")])
def test_a_name_that_cannot_be_encoded_is_escaped(encoding: str, name: str) -> None:
    written = io.BytesIO()
    outlet = Outlet(io.TextIOWrapper(written, encoding=encoding, errors="strict"))

    outlet.write("é\udce9 cannot be used\n")
    outlet.close()

    assert outlet.dropped == 0
    assert written.getvalue().decode() == f"{name} cannot be used\n"


def test_a_stream_that_is_closed_is_counted_and_survived() -> None:
    stream = io.StringIO()
    stream.close()
    outlet = Outlet(stream)

    outlet.write("x")
    outlet.close()

    assert outlet.dropped == 1
