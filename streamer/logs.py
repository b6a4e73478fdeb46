"""The log: text or JSON lines on standard error, written by one thread from one bounded queue.

Logging never blocks the event loop: lines are dropped and counted when the reader is too slow.
"""

from __future__ import annotations

import json
import logging
import sys
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Protocol, TextIO

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import PayloadAccessError, RequestPayloadError

from streamer.log_text import one_line, without_secrets
from streamer.settings import LogFormat

__all__ = ["Log", "LogWriter", "begin_logging"]

MAX_WAITING = 16_384
"""Lines that may wait for the log's reader."""

BATCH = 256
"""Lines that are written at once; so many that wait wake the thread."""

MAX_DELAY_S = 1.0
"""How long a line that is in no hurry waits for others, seconds."""

LAST_WORDS_S = 0.5
"""How long the last lines may take at the end, seconds."""


class Log(Protocol):
    """Takes lines without ever making anybody wait."""

    @property
    def dropped(self) -> int:
        """How many lines nobody took in time."""
        ...

    def add(self, line: str) -> None:
        """Write ``line``, with its end, within a second, or drop it."""
        ...


class LogWriter:
    """Writes lines to a stream that may be stuck, without ever waiting for it."""

    def __init__(self, stream: TextIO, *, max_delay: float = MAX_DELAY_S) -> None:
        self.dropped = 0
        """Lines that nobody took in time."""
        self._stream = stream
        self._max_delay = max_delay
        self._waiting: deque[str] = deque()
        self._due = Event()
        self._closing = False
        self._thread = Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def add(self, line: str) -> None:
        """Write ``line``, with its end, within a second, or drop it."""
        waiting = self._waiting
        if len(waiting) >= MAX_WAITING:
            self.dropped += 1
            return
        waiting.append(line)
        if len(waiting) >= BATCH and not self._due.is_set():
            self._due.set()

    def write(self, line: str) -> None:
        """Write ``line``, with its end, and all before it at once, or drop it."""
        self.add(line)
        self._due.set()

    def close(self) -> None:
        """Write what waits, unless the reader is stuck."""
        self._closing = True
        self._due.set()
        self._thread.join(LAST_WORDS_S)

    def _run(self) -> None:
        waiting = self._waiting
        while waiting or not self._closing:
            self._due.wait(self._max_delay)
            self._due.clear()
            while waiting:
                lines = [waiting.popleft() for _ in range(min(BATCH, len(waiting)))]
                try:
                    self._stream.write(_encodable("".join(lines), self._stream.encoding))
                    self._stream.flush()
                except (OSError, ValueError):
                    self.dropped += len(lines)


def _encodable(text: str, encoding: str | None) -> str:
    """Return ``text`` with an escape for what cannot be encoded: a file name may be no text."""
    encoding = encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


class _Handler(logging.Handler):
    """Hands records to the log."""

    def __init__(self, log: LogWriter) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write ``record`` as one text."""
        self._log.write(self.format(record) + "\n")


class _OurFaults(logging.Filter):
    """Drops what aiohttp says of bytes that are no HTTP.

    Anybody can send them, and they may hold somebody's link.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether ``record`` is about the server itself."""
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError | RequestPayloadError | PayloadAccessError)


class _Formatter(logging.Formatter):
    """What is common to both formats: no text of others forges a line or shows a secret."""

    def message(self, record: logging.LogRecord) -> str:
        """Return what a record says, in one line."""
        return one_line(without_secrets(record.getMessage()))

    def traceback(self, record: logging.LogRecord) -> list[str]:
        """Return the lines of a record's exception; none without one."""
        if not record.exc_info:
            return []
        text = without_secrets(self.formatException(record.exc_info))
        return [one_line(line) for line in text.split("\n")]


class _Text(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        first = f"{_iso(record.created)} {record.levelname} {record.name}: {self.message(record)}"
        # Indented, so that no line of it can be taken for a record.
        return "\n  ".join([first, *self.traceback(record)])


class _Json(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "when": _iso(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.message(record),
        }
        if lines := self.traceback(record):
            line["exception"] = "\n".join(lines)
        return json.dumps(line, ensure_ascii=False)


FORMATTERS: dict[LogFormat, Callable[[], logging.Formatter]] = {"text": _Text, "json": _Json}


def begin_logging(log_format: LogFormat, stream: TextIO | None = None) -> LogWriter:
    """Let all loggers write to standard error; return the log, for the access log too."""
    log = LogWriter(stream or sys.stderr)
    handler = _Handler(log)
    handler.setFormatter(FORMATTERS[log_format]())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("aiohttp.server").addFilter(_OurFaults())
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    # It warns of what anybody may write into a handshake.
    logging.getLogger("aiohttp.websocket").setLevel(logging.ERROR)
    # It tells each step of each viewer's handshake, with their addresses.
    logging.getLogger("aioice").setLevel(logging.WARNING)
    return log


def _iso(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
