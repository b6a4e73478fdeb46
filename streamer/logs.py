"""The log: text or JSON lines on standard error, written by a thread of its own.

Nobody who serves ever waits for whoever reads the log. What a reader does not take in time is
dropped and counted.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from queue import Full, Queue
from threading import Thread
from typing import Protocol, TextIO

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import PayloadAccessError, RequestPayloadError

from streamer.settings import LogFormat

__all__ = ["Log", "Outlet", "begin_logging"]

WAITING = 1000
"""Texts that may wait for the log's reader."""

LAST_WORDS = 0.5
"""How long the last texts may take at the end, seconds."""


class Log(Protocol):
    """Takes texts without ever making anybody wait."""

    @property
    def dropped(self) -> int:
        """How many texts nobody took in time."""
        ...

    def write(self, text: str) -> None:
        """Write ``text`` soon, or drop it."""
        ...


class Outlet:
    """Writes texts to a stream that may be stuck, without ever waiting for it."""

    def __init__(self, stream: TextIO) -> None:
        self.dropped = 0
        """Texts that nobody took in time."""
        self._stream = stream
        self._queue: Queue[str | None] = Queue(WAITING)
        self._thread = Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        """Write ``text`` soon, or drop it."""
        try:
            self._queue.put_nowait(text)
        except Full:
            self.dropped += 1

    def close(self) -> None:
        """Write what waits, unless the reader is stuck."""
        try:
            self._queue.put_nowait(None)
        except Full:
            self.dropped += 1
            return
        self._thread.join(LAST_WORDS)

    def _run(self) -> None:
        while (text := self._queue.get()) is not None:
            try:
                self._stream.write(_encodable(text, self._stream.encoding))
                self._stream.flush()
            except (OSError, ValueError):
                self.dropped += 1


def _encodable(text: str, encoding: str | None) -> str:
    """Return ``text`` with an escape for what cannot be encoded: a file name may be no text."""
    encoding = encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


class _Handler(logging.Handler):
    """Hands records to an outlet."""

    def __init__(self, outlet: Outlet) -> None:
        super().__init__()
        self._outlet = outlet

    def emit(self, record: logging.LogRecord) -> None:
        """Write ``record`` as one text."""
        self._outlet.write(self.format(record) + "\n")


class _OurFaults(logging.Filter):
    """Drops what aiohttp says of bytes that are no HTTP.

    Anybody can send them, and they may hold somebody's link.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether ``record`` is about the server itself."""
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError | RequestPayloadError | PayloadAccessError)


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        return _iso(record.created)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "when": _iso(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


FORMATTERS: dict[LogFormat, Callable[[], logging.Formatter]] = {"text": _Text, "json": _Json}


def begin_logging(log_format: LogFormat, stream: TextIO | None = None) -> Outlet:
    """Let all loggers write to standard error; return the outlet, for the access log too."""
    outlet = Outlet(stream or sys.stderr)
    handler = _Handler(outlet)
    handler.setFormatter(FORMATTERS[log_format]())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("aiohttp.server").addFilter(_OurFaults())
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    return outlet


def _iso(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
