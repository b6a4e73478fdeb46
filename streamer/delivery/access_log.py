"""One line for each request, written in batches and holding nothing that opens a door.

A line has the time, the peer's address, method, path, status, bytes sent and seconds taken.
Queries (signatures, tokens) are never part of it, and tokens within paths are masked.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from logging import Logger
from typing import Literal, NamedTuple, Self
from urllib.parse import quote, unquote

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

__all__ = ["AccessLog", "Served", "masked"]

_MASK = re.compile(r"([/\\](?:w|invites)[/\\]+).+?((?:/accept)?/?)$", re.IGNORECASE | re.DOTALL)
_MASKED_TOKEN = "***"  # noqa: S105 - it stands where a token stood
_PATH_CHARACTERS = "/:@!$&'()*+,;=-._~"


def masked(path: str) -> str:
    """Return a path fit for a log: no query, the tokens of links masked, nothing unprintable."""
    plain = unquote(re.split("[?#;]", path, maxsplit=1)[0])
    return quote(_MASK.sub(rf"\1{_MASKED_TOKEN}\2", plain), safe=_PATH_CHARACTERS)


class Served(NamedTuple):
    """One request as the log remembers it until it is written."""

    when: float
    """When the answer ended, Unix seconds."""

    remote: str
    """Address of the peer, or ``-``."""

    method: str
    """Method of the request."""

    path: str
    """Path as :func:`masked` returns it."""

    status: int
    """Status of the answer."""

    sent: int
    """Bytes handed to the connection, the head's among them."""

    seconds: float
    """From the request to the end of its answer, seconds."""


class AccessLog:
    """Takes what was served and writes lines, a batch at a time."""

    def __init__(
        self,
        write: Callable[[str], object],
        *,
        clock: Callable[[], float],
        log_format: Literal["text", "json"] = "text",
        batch: int = 256,
        delay: float = 1.0,
    ) -> None:
        """Write through ``write``, at latest ``delay`` seconds or ``batch`` requests later.

        ``clock`` gives Unix seconds. Outside a running event loop only the batch counts.
        """
        self._write = write
        self._line = _text_line if log_format == "text" else _json_line
        self._batch = batch
        self._delay = delay
        self._waiting: list[Served] = []
        self._flush_later: asyncio.TimerHandle | None = None
        self.clock = clock

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.flush()

    def add(self, served: Served) -> None:
        """Remember one request."""
        waiting = self._waiting
        waiting.append(served)
        if len(waiting) >= self._batch:
            self.flush()
        elif self._flush_later is None:
            self._schedule()

    def flush(self) -> None:
        """Write everything remembered."""
        if self._flush_later is not None:
            self._flush_later.cancel()
            self._flush_later = None
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._write("".join(map(self._line, waiting)))

    def for_aiohttp(self) -> type[AbstractAccessLogger]:
        """Return the class that aiohttp's runner takes as ``access_log_class``."""
        log = self

        class AiohttpAccessLogger(AbstractAccessLogger):
            """Hands aiohttp's requests, its own refusals included, to the log."""

            def __init__(self, logger: Logger, log_format: str) -> None:
                super().__init__(logger, log_format)

            def log(
                self, request: web.BaseRequest, response: web.StreamResponse, time: float
            ) -> None:
                log.add(
                    Served(
                        log.clock(),
                        request.remote or "-",
                        request.method,
                        masked(request.path),
                        response.status,
                        response.body_length,
                        time,
                    )
                )

        return AiohttpAccessLogger

    def _schedule(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._flush_later = loop.call_later(self._delay, self.flush)


@lru_cache(maxsize=4)
def _iso_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _text_line(served: Served) -> str:
    when, remote, method, path, status, sent, seconds = served
    second = int(when)
    return (
        f"{_iso_second(second)}.{int((when - second) * 1000):03d}Z"
        f" {remote} {method} {path} {status} {sent} {seconds:.6f}\n"
    )


def _json_line(served: Served) -> str:
    second = int(served.when)
    when = f"{_iso_second(second)}.{int((served.when - second) * 1000):03d}Z"
    return json.dumps({**served._asdict(), "when": when}) + "\n"
