"""One line for each request, holding nothing that opens a door.

A line has the time, the peer's address, method, path, status, bytes sent and seconds taken.
Queries (signatures, tokens) are never part of it, and tokens within paths are masked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from logging import Logger
from typing import Literal
from urllib.parse import quote, unquote

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from sessions.fields import uuid_or_none
from streamer.log_text import HIDDEN

__all__ = ["AccessLog", "masked"]

_MASK = re.compile(
    r"([/\\](?:w|invites|owner|calendar)[/\\]+).+?((?:/accept)?/?)$", re.IGNORECASE | re.DOTALL
)
_SEGMENT = re.compile(r"(?<![^/\\])[\w-]{22,64}(?=(?:\.ics)?(?:[/\\]|$))", re.ASCII)
_PATH_CHARACTERS = "/:@!$&'()*+,;=-._~"


def masked(path: str) -> str:
    """Return a path for the log: without query, with masked tokens, and escaped."""
    plain = unquote(re.split("[?#;]", path, maxsplit=1)[0])
    hidden = _SEGMENT.sub(_without_token, _MASK.sub(rf"\1{HIDDEN}\2", plain))
    return quote(hidden, safe=_PATH_CHARACTERS)


def _without_token(segment: re.Match[str]) -> str:
    """Return a segment of a path, masked if it may be a link's token in a wrong place."""
    return HIDDEN if uuid_or_none(segment[0]) is None else segment[0]


class AccessLog:
    """Writes a line for each request."""

    def __init__(
        self,
        write: Callable[[str], object],
        *,
        clock: Callable[[], float],
        log_format: Literal["text", "json"] = "text",
    ) -> None:
        """Pass each line to ``write``, which must not block; ``clock`` gives Unix seconds."""
        self._write = write
        self._line = _text_line if log_format == "text" else _json_line
        self.clock = clock

    def add(
        self,
        when: float,
        remote: str,
        method: str,
        path: str,
        status: int,
        sent: int,
        seconds: float,
    ) -> None:
        """Write one answered request.

        ``when`` the response ended, Unix seconds; ``remote`` is the peer's address or ``-``;
        ``path`` as :func:`masked` returns it; ``sent`` bytes were given to the connection, with the
        head; ``seconds`` passed from the request to the end of its response.
        """
        # Plain arguments, because a record of them would cost as much as the line: each range
        # comes here.
        self._write(self._line(when, remote, method, path, status, sent, seconds))

    def for_aiohttp(self) -> type[AbstractAccessLogger]:
        """Return the class that aiohttp's runner takes as ``access_log_class``."""
        log = self

        class AiohttpAccessLogger(AbstractAccessLogger):
            """Passes aiohttp's requests, including its own refusals, to the log."""

            def __init__(self, logger: Logger, log_format: str) -> None:
                super().__init__(logger, log_format)

            def log(
                self, request: web.BaseRequest, response: web.StreamResponse, time: float
            ) -> None:
                log.add(
                    log.clock(),
                    request.remote or "-",
                    request.method,
                    masked(request.path),
                    response.status,
                    response.body_length,
                    time,
                )

        return AiohttpAccessLogger


@lru_cache(maxsize=4)
def _iso_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _text_line(
    when: float, remote: str, method: str, path: str, status: int, sent: int, seconds: float
) -> str:
    return f"{_iso_time(when)} {remote} {method} {path} {status} {sent} {seconds:.6f}\n"


def _json_line(
    when: float, remote: str, method: str, path: str, status: int, sent: int, seconds: float
) -> str:
    record = {"when": _iso_time(when), "remote": remote, "method": method, "path": path}
    return json.dumps({**record, "status": status, "sent": sent, "seconds": seconds}) + "\n"


def _iso_time(when: float) -> str:
    second = int(when)
    return f"{_iso_second(second)}.{int((when - second) * 1000):03d}Z"
